"""The scorecard as one page of HTML that asks nothing of any network and works from a file.

What cases say is always escaped, and the page's policy runs no script and takes no style but its
own two, by their hashes: an injection in a case stays a text.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from math import isnan
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from evals import drawing
from evals.comparing import GAIN_HEADS, Comparison, gain_rows, summary
from evals.gate import Check
from evals.results import SuiteResult
from evals.said import interval, number, value

LARGEST = 5_000_000
"""Bytes of a page; a larger one leaves out the traces of the cases that were right."""


def page(
    results: Sequence[SuiteResult],
    checks: Sequence[Check],
    about: Mapping[str, str],
    compared: Sequence[Comparison] = (),
) -> str:
    """Give the page. `about` says what was run: a name and a value a row."""
    made = _page(results, checks, about, compared, traced=True)
    if len(made.encode()) <= LARGEST:
        return made
    return _page(results, checks, about, compared, traced=False)


def verdict(checks: Sequence[Check]) -> str:
    """Give the headline. Nothing held is never said of a run that holds nothing."""
    failed = sum(check.passed is False for check in checks)
    passed = sum(check.passed is True for check in checks)
    if not checks:
        return "Nothing was run, so nothing was held"
    if failed:
        return f"{failed} of {failed + passed} checks failed"
    if all(check.floor is None for check in checks):
        return "Every case was judged; no floor was held in this run"
    return f"Everything held: {passed} of {passed} checks passed"


def said(check: Check) -> str:
    """Give the word for how a check came out, which needs no colour."""
    return {True: "Passed", False: "Failed", None: "Shown"}[check.passed]


def why(check: Check) -> str:
    """Say what that word rests on."""
    if check.measure is None:
        return check.said
    if check.floor is None:
        return "no floor"
    if isnan(check.measure.value):
        return f"not measured; its floor is {number(check.floor)}"
    return f"{'floor' if check.passed else 'below its floor of'} {number(check.floor)}"


def _page(
    results: Sequence[SuiteResult],
    checks: Sequence[Check],
    about: Mapping[str, str],
    compared: Sequence[Comparison],
    *,
    traced: bool,
) -> str:
    made = _template().render(
        results=results,
        checks=checks,
        about=about,
        compared=compared,
        traced=traced,
        verdict=verdict(checks),
        failed=[check for check in checks if check.passed is False],
    )
    # Half a surrogate pair, which JSON may carry, could not be written to a file.
    return made.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "anchor": _anchor,
        "breakable": _breakable,
        "hash": _hash,
        "interval": interval,
        "kind": lambda one: type(one).__name__,
        "line": _line,
        "number": number,
        "pretty": _pretty,
        "said": said,
        "value": value,
        "why": why,
    }
    environment.globals |= {
        "bar": drawing.bar,
        "calibration": drawing.calibration,
        "gain_heads": GAIN_HEADS,
        "gain_rows": gain_rows,
        "shade": drawing.shade,
        "summary": summary,
    }
    return environment.get_template("card.html.j2")


def _anchor(*names: str) -> str:
    return "/".join(quote(name, safe="", errors="replace") for name in names)


def _breakable(name: str) -> Markup:
    """Let a long name of a measure break after its underscores."""
    return escape(name).replace("_", Markup("_<wbr>"))


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _line(text: str, most: int) -> str:
    """Put a text on one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _pretty(trace: Any) -> str:
    return json.dumps(trace, ensure_ascii=False, indent=2, default=str)
