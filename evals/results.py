"""What a suite is, and what a run of it leaves behind. Nothing here knows of Inspect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evals.metrics import Bin, Measure, Measures

Row = Mapping[str, Any]
"""A line of a suite's data."""


@dataclass(frozen=True)
class Case:
    """One case, judged. `facts` is what the measures are made of and `trace` all that happened.

    Both hold plain JSON values.
    """

    id: str
    right: bool
    shown: str
    expected: str
    got: str
    facts: Row
    trace: Any = None


@dataclass(frozen=True)
class Confusion:
    """Counts: a row for each label that a case should have, a column for each it got."""

    title: str
    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Calibration:
    """How often a reading was right, by how sure it was."""

    title: str
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Table:
    """A breakdown of the measures."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Figure = Confusion | Calibration | Table


def no_figures(cases: Sequence[Case]) -> Sequence[Figure]:
    return ()


@dataclass(frozen=True)
class Suite:
    """Rows, what the companion makes of one, and what that is worth.

    `answer` gives JSON values; `score` and `measures` are pure. `asks` is the suite's question.
    """

    name: str
    asks: str
    rows: Sequence[Row]
    answer: Callable[[Row], Any]
    score: Callable[[Row, Any], Case]
    measures: Callable[[Sequence[Case]], Measures]
    figures: Callable[[Sequence[Case]], Sequence[Figure]] = no_figures


@dataclass(frozen=True)
class SuiteResult:
    """What a run of a suite left behind. `expected` counts the cases it should have judged."""

    name: str
    asks: str
    status: str
    expected: int
    cases: tuple[Case, ...]
    measures: Mapping[str, Measure]
    figures: tuple[Figure, ...] = ()
    error: str = ""
    seconds: float = 0.0


def judged(suite: Suite, rows: Sequence[Row] | None = None) -> tuple[Case, ...]:
    """Run a suite in plain Python, without Inspect: for tests and for trying."""
    return tuple(
        suite.score(row, suite.answer(row)) for row in (suite.rows if rows is None else rows)
    )


def as_json(result: SuiteResult) -> dict[str, Any]:
    """Give a result as JSON values. `run.json` is made of these."""
    kept = asdict(result)
    kept["figures"] = [{"is": type(one).__name__, **asdict(one)} for one in result.figures]
    return kept


def from_json(kept: Mapping[str, Any]) -> SuiteResult:
    """Read what `as_json` gave. Raises KeyError and TypeError for what it did not give."""
    return SuiteResult(
        **{
            **kept,
            "cases": tuple(Case(**one) for one in kept["cases"]),
            "measures": {name: Measure(**one) for name, one in kept["measures"].items()},
            "figures": tuple(map(_figure, kept["figures"])),
        }
    )


def _figure(kept: Mapping[str, Any]) -> Figure:
    if kept["is"] == "Calibration":
        return Calibration(kept["title"], tuple(Bin(**one) for one in kept["bins"]))
    if kept["is"] == "Confusion":
        return Confusion(
            kept["title"], tuple(kept["names"]), tuple(tuple(row) for row in kept["counts"])
        )
    return Table(kept["title"], tuple(kept["heads"]), tuple(tuple(row) for row in kept["rows"]))
