"""How far a second, blind reading agrees with the labels of the cases.

Each suite's `readings.jsonl` holds what the author of a case said of it, what a second reader who
saw no label said, and a third one's word where the two differed; two of three decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from evals.metrics import Pairs, accuracy, kappa
from evals.results import Row
from evals.rows import read_rows
from evals.said import interval, number, table

EVALS = Path(__file__).parent
Pair = tuple[Any, Any]


def _label(name: str) -> Callable[[Row], Iterator[Pair]]:
    def pairs(row: Row) -> Iterator[Pair]:
        if name in row["first"] and name in row["second"]:
            yield row["first"][name], row["second"][name]

    return pairs


def _levels(row: Row) -> Iterator[Pair]:
    yield from zip(row["first"].get("levels", ()), row["second"].get("levels", ()))


def _fits(row: Row) -> Iterator[Pair]:
    """Give whether anything fits at all, as each reader saw it."""
    yield bool(row["first"]["should"]), bool(row["second"]["should"])


READ: tuple[tuple[str, str, Callable[[Row], Iterator[Pair]]], ...] = (
    ("triage", "level of a message", _label("level")),
    ("triage", "whose danger", _label("kind")),
    ("triage", "level after each turn", _levels),
    ("classify", "situation", _label("situation")),
    ("classify", "second situation", _label("also")),
    ("classify", "old rule", _label("old_rule")),
    ("recall", "whether anything fits", _fits),
    ("shaming", "category", _label("category")),
    ("respond", "situation", _label("situation")),
    ("respond", "length", _label("length")),
    ("respond", "advice wanted", _label("advice_wanted")),
    ("conduct", "kind", _label("kind")),
)


def pairs_of(suite: str, read: Callable[[Row], Iterator[Pair]]) -> Pairs:
    """Give the two labels of each case that was read twice."""
    rows = read_rows(EVALS / suite / "data" / "readings.jsonl")
    return [(str(a), str(b)) for row in rows for a, b in read(row)]


def agreement() -> str:
    """Give the table of how far two readers agree."""
    rows = []
    for suite, about, read in READ:
        pairs = pairs_of(suite, read)
        agreed = accuracy(pairs)
        rows.append(
            (
                suite,
                about,
                str(len(pairs)),
                number(agreed.value),
                interval(agreed),
                number(kappa(pairs)),
            )
        )
    return table(("suite", "label", "read twice", "agree", "95% interval", "kappa"), rows)


def looked_over() -> str:
    """Give what a second reader, who saw the labels, found in the cases that are conversations."""
    rows = []
    for suite in ("grounding", "pressure"):
        second = [row["second"] for row in read_rows(EVALS / suite / "data" / "readings.jsonl")]
        sound = sum(one["ok"] for one in second)
        rows.append((suite, str(len(second)), str(sound), str(len(second) - sound)))
    return table(("suite", "conversations", "left as they were", "mended"), rows)
