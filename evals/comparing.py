"""Two runs of a suite on the same cases: what was gained, and which cases came out otherwise.

Pure but for `read_run`. A case whose expected answer was changed in between is another case, and
is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from evals.metrics import Measure, Measures, differences
from evals.results import Case, SuiteResult, from_json
from evals.said import interval, number, table, value

Measured = Callable[[Sequence[Case]], Measures]
LONGEST = 160
"""Characters of a text in a line of the Markdown; the page has the whole text."""
GAIN_HEADS = ("measure", "before", "after", "gain", "95% interval", "what can be said")
_MARKS = re.compile(r"([\\`\[<|])")


@dataclass(frozen=True)
class Flip:
    """A case that is right in one run and wrong in the other, with what it got in each."""

    id: str
    shown: str
    before: str
    after: str
    expected: str


@dataclass(frozen=True)
class Comparison:
    """What a suite gained from one run to the next, over the `cases` that both have.

    The measures of both sides are of these cases only. `relabelled` have another expected answer
    now; they, `only_before` and `only_after` are the ids that were left out.
    """

    suite: str
    cases: int
    before: Measures
    after: Measures
    gains: Measures
    flipped_right: tuple[Flip, ...]
    flipped_wrong: tuple[Flip, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    relabelled: tuple[str, ...] = ()


def compare(before: SuiteResult, after: SuiteResult, measured: Measured) -> Comparison:
    """Pair the cases by id and measure both sides. Raises ValueError when no case is in both."""
    old, new = ({case.id: case for case in one.cases} for one in (before, after))
    both = [id for id in new if id in old]
    same = [id for id in both if old[id].expected == new[id].expected]
    if not same:
        raise ValueError(
            f"The two runs of {after.name} have no case in common, so there is nothing to compare. "
            "Choose an earlier run of the same suite and the same cases."
        )
    lefts, rights = [old[id] for id in same], [new[id] for id in same]
    return Comparison(
        after.name,
        len(same),
        measured(lefts),
        measured(rights),
        differences(
            lambda units: measured([case for unit in units for case in unit]),
            _units(lefts),
            _units(rights),
        ),
        tuple(_flip(old[id], new[id]) for id in same if new[id].right > old[id].right),
        tuple(_flip(old[id], new[id]) for id in same if new[id].right < old[id].right),
        tuple(id for id in old if id not in new),
        tuple(id for id in new if id not in old),
        tuple(id for id in both if id not in set(same)),
    )


def read_run(path: Path) -> Mapping[str, SuiteResult]:
    """Give the suites of a kept run by name; a folder means the `run.json` in it.

    Raises ValueError with a sentence for a file that is not there or is not a run.
    """
    file = path / "run.json" if path.is_dir() else path
    try:
        kept = [from_json(one) for one in json.loads(file.read_text("utf-8"))["suites"]]
    except OSError as error:
        raise ValueError(
            f"{file} cannot be read ({error.strerror}). Name the folder or run.json of a run."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(
            f"{file} is not a run of `companion eval`. Name the run.json that one wrote."
        ) from None
    return {result.name: result for result in kept}


def seen(gain: Measure) -> str:
    """Say in words what the interval of a gain allows to say."""
    if gain.low is None or gain.high is None or isnan(gain.value) or isnan(gain.low):
        return "too little to tell"
    if gain.low <= 0 <= gain.high:
        return "no difference can be seen"
    more, less = ("better", "worse") if gain.unit == "share" else ("slower", "faster")
    return more if gain.low > 0 else less


def gained(gain: Measure) -> str:
    """Give a gain with its sign."""
    if isnan(gain.value):
        return number(gain.value)
    # Adding 0 makes of a rounded -0.0 a plain 0.
    if gain.unit == "share":
        return f"{round(gain.value, 3) + 0:+.3f}"
    return f"{round(gain.value, 1) + 0:+.1f} ms"


def gain_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Give the cells under GAIN_HEADS, a row for each measure that both runs have."""
    return [
        (
            name,
            value(comparison.before[name]),
            value(comparison.after[name]),
            gained(gain),
            interval(gain),
            seen(gain),
        )
        for name, gain in comparison.gains.items()
    ]


def summary(comparison: Comparison) -> str:
    """Say in a sentence or two what was compared and what was left out."""
    left_out = [
        f"{len(ids)} {which}"
        for ids, which in (
            (comparison.only_before, "only in the earlier run"),
            (comparison.only_after, "only in this one"),
            (comparison.relabelled, "with another expected answer now"),
        )
        if ids
    ]
    return (
        f"Cases in both runs: {comparison.cases}. {len(comparison.flipped_right)} became right, "
        f"{len(comparison.flipped_wrong)} became wrong."
        + (f" Left out: {', '.join(left_out)}." if left_out else "")
    )


def markdown(comparisons: Sequence[Comparison]) -> str:
    """Give the comparisons as Markdown; what a case says cannot become a link, a tag or a row."""
    return "\n\n".join(map(_section, comparisons))


def _section(comparison: Comparison) -> str:
    parts = [
        f"## {comparison.suite}: compared with the earlier run",
        summary(comparison),
        table(GAIN_HEADS, gain_rows(comparison)),
    ]
    for title, flips in (
        ("Became wrong", comparison.flipped_wrong),
        ("Became right", comparison.flipped_right),
    ):
        if flips:
            parts += [f"### {title}", "\n".join(map(_line, flips))]
    return "\n\n".join(parts)


def _line(flip: Flip) -> str:
    id, expected, was, now, shown = map(
        _plain, (flip.id, flip.expected, flip.before, flip.after, flip.shown)
    )
    return f"- {id}: should be {expected}, was {was}, is now {now}. {shown}"


def _plain(text: str) -> str:
    """Put a text on one line, not too long, and take their meaning from Markdown's marks."""
    line = " ".join(text.split())
    return _MARKS.sub(r"\\\1", line if len(line) <= LONGEST else f"{line[:LONGEST].rstrip()}…")


def _flip(old: Case, new: Case) -> Flip:
    return Flip(new.id, new.shown, old.got, new.got, new.expected)


def _units(cases: Sequence[Case]) -> list[list[Case]]:
    """Put the cases of a pair together: drawn apart, a measure of pairs would find only halves."""
    units: dict[str, list[Case]] = {}
    for case in cases:
        pair = case.facts.get("pair")
        units.setdefault(f"case {case.id}" if pair is None else f"pair {pair}", []).append(case)
    return list(units.values())
