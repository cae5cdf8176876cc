"""The arithmetic of the evaluations: pure functions from outcomes to numbers, nothing else.

A ratio without a denominator is NaN, never 0 or 1, and the gate fails on NaN.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan, sqrt

Z = 1.96
"""Standard deviations of a 95% interval."""


@dataclass(frozen=True)
class Outcome:
    """One case: the category it should get and the one it got, None where nothing shames."""

    expected: str | None
    got: str | None
    pair: str | None = None

    @property
    def right(self) -> bool:
        """Whether it was withheld or left alone as it should be, whatever the category said."""
        return (self.expected is None) == (self.got is None)


@dataclass(frozen=True)
class Measure:
    """A number from 0 to 1; `low` and `high` are its 95% interval, None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None


def wilson(hits: int, of: int, z: float = Z) -> tuple[float, float]:
    """Give the Wilson score interval of hits/of; NaN twice when there are no cases."""
    if of == 0:
        return nan, nan
    share, spread = hits / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def proportion(hits: int, of: int) -> Measure:
    """Give hits/of with its Wilson interval."""
    return Measure(hits / of if of else nan, *wilson(hits, of))


def share(kept: Iterable[bool]) -> Measure:
    """Give how many of these are true."""
    flags = list(kept)
    return proportion(sum(flags), len(flags))


def precision(outcomes: Iterable[Outcome]) -> Measure:
    """Of what was withheld, how much shames."""
    return share(o.expected is not None for o in outcomes if o.got is not None)


def recall(outcomes: Iterable[Outcome]) -> Measure:
    """Of what shames, how much was withheld, under any category."""
    return share(o.got is not None for o in outcomes if o.expected is not None)


def left_alone(outcomes: Iterable[Outcome]) -> Measure:
    """Of what does not shame, how much was let through."""
    return share(o.got is None for o in outcomes if o.expected is None)


def pair_accuracy(outcomes: Iterable[Outcome]) -> Measure:
    """Of the pairs, how many have every member right; half a pair counts as wrong."""
    pairs: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.pair is not None:
            pairs[outcome.pair].append(outcome)
    return share(len(pair) > 1 and all(o.right for o in pair) for pair in pairs.values())


@dataclass(frozen=True)
class CategoryScore:
    """How one category fares against all others and none; `cases` is how many truly are of it."""

    category: str
    cases: int
    precision: Measure
    recall: Measure
    f1: float


def by_category(outcomes: Sequence[Outcome]) -> tuple[CategoryScore, ...]:
    """Give a score for each category that some case should get, in alphabetical order."""
    scores = []
    for name in sorted({o.expected for o in outcomes if o.expected is not None}):
        cases = sum(o.expected == name for o in outcomes)
        named = sum(o.got == name for o in outcomes)
        hits = sum(o.expected == o.got == name for o in outcomes)
        f1 = 2 * hits / (cases + named)
        scores.append(
            CategoryScore(name, cases, proportion(hits, named), proportion(hits, cases), f1)
        )
    return tuple(scores)


def macro_f1(outcomes: Sequence[Outcome]) -> float:
    """Give the mean F1 over the categories, each weighing the same."""
    scores = by_category(outcomes)
    return sum(score.f1 for score in scores) / len(scores) if scores else nan


def measures(outcomes: Sequence[Outcome]) -> dict[str, Measure]:
    """Give every measure of a suite by the name that `floors.toml` uses."""
    return {
        "recall": recall(outcomes),
        "precision": precision(outcomes),
        "left_alone": left_alone(outcomes),
        "pair_accuracy": pair_accuracy(outcomes),
        "macro_f1": Measure(macro_f1(outcomes)),
    }
