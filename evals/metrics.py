"""The arithmetic of the evaluations: pure functions from labels to numbers, nothing else.

A ratio without a denominator is NaN, never 0 or 1, and the gate fails on NaN.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, isnan, nan, sqrt
from random import Random
from typing import Literal, TypeVar

Z = 1.96
"""Standard deviations of a 95% interval."""
SEED = 20261126
Unit = Literal["share", "ms"]
Label = Hashable
T = TypeVar("T")


@dataclass(frozen=True)
class Measure:
    """A number; `low` and `high` are its 95% interval, None where there is none.

    A "share" runs from 0 to 1, more being better; "ms" are milliseconds and hold no floor.
    """

    value: float
    low: float | None = None
    high: float | None = None
    unit: Unit = "share"


Measures = Mapping[str, Measure]


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
    """Give how many of these are true, with its Wilson interval: for cases that stand alone."""
    flags = list(kept)
    return proportion(sum(flags), len(flags))


def mean(values: Iterable[float]) -> Measure:
    """Give the mean; its interval is for `with_intervals` to find."""
    found = list(values)
    return Measure(sum(found) / len(found) if found else nan)


@dataclass(frozen=True)
class LabelScore:
    """How one label fares against all others; `cases` is how many truly have it."""

    label: Label
    cases: int
    precision: Measure
    recall: Measure
    f1: float


Pairs = Sequence[tuple[Label, Label]]
"""Of each case the label it should have and the one it got."""


def by_label(pairs: Pairs, besides: Label = ...) -> tuple[LabelScore, ...]:
    """Give a score for each label that some case should have, `besides` excepted, in order."""
    wanted, got = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    hits = Counter(a for a, b in pairs if a == b)
    return tuple(
        LabelScore(
            name,
            wanted[name],
            proportion(hits[name], got[name]),
            proportion(hits[name], wanted[name]),
            2 * hits[name] / (wanted[name] + got[name]),
        )
        for name in sorted(wanted, key=str)
        if name != besides
    )


def macro_f1(pairs: Pairs, besides: Label = ...) -> Measure:
    """Give the mean F1 over the labels, each weighing the same."""
    return mean(score.f1 for score in by_label(pairs, besides))


def accuracy(pairs: Pairs) -> Measure:
    return share(a == b for a, b in pairs)


def confusion(pairs: Pairs, names: Sequence[Label]) -> tuple[tuple[int, ...], ...]:
    """Give counts: a row for each label a case should have, a column for each it got."""
    counts = Counter(pairs)
    return tuple(tuple(counts[wanted, got] for got in names) for wanted in names)


@dataclass(frozen=True)
class Bin:
    """The cases whose reading was about so sure: mean sureness, share right, how many."""

    sure: float
    right: float
    cases: int


def bins(read: Sequence[tuple[float, bool]], count: int = 10) -> tuple[Bin, ...]:
    """Sort (sureness, right) into equal widths from 0 to 1; empty ones are left out."""
    filled: dict[int, list[tuple[float, bool]]] = {}
    for sure, right in read:
        filled.setdefault(min(int(sure * count), count - 1), []).append((sure, right))
    return tuple(
        Bin(sum(s for s, _ in some) / len(some), sum(r for _, r in some) / len(some), len(some))
        for _, some in sorted(filled.items())
    )


def calibration_error(read: Sequence[tuple[float, bool]]) -> float:
    """Give the expected calibration error: how far sureness is from being right, on average."""
    if not read:
        return nan
    return sum(abs(one.sure - one.right) * one.cases for one in bins(read)) / len(read)


def recall_at(wanted: Sequence[Label], ranked: Sequence[Label], most: int) -> float:
    """Give how many of those wanted stand among the first `most`, of as many as could."""
    if not wanted:
        return nan
    return len(set(wanted) & set(ranked[:most])) / min(len(set(wanted)), most)


def reciprocal_rank(wanted: Sequence[Label], ranked: Sequence[Label]) -> float:
    """Give 1 over the place of the first that is wanted; 0 when none is there."""
    return next((1 / place for place, one in enumerate(ranked, 1) if one in wanted), 0.0)


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else nan


def kappa(pairs: Pairs) -> float:
    """Give Cohen's kappa: agreement beyond what two with these habits reach by chance."""
    if not pairs:
        return nan
    agreed = sum(a == b for a, b in pairs) / len(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(first[name] * second[name] for name in first) / len(pairs) ** 2
    return (agreed - chance) / (1 - chance) if chance < 1 else 1.0


def with_intervals(
    measured: Callable[[Sequence[T]], Measures], cases: Sequence[T], times: int = 300
) -> dict[str, Measure]:
    """Measure, and find by bootstrap over whole cases the intervals that are not known yet."""
    found = dict(measured(cases))
    bare = [name for name, one in found.items() if one.low is None and not isnan(one.value)]
    if not bare or len(cases) < 2:
        return found
    drawn: dict[str, list[float]] = {name: [] for name in bare}
    chance = Random(SEED)  # noqa: S311
    for _ in range(times):
        again = measured(chance.choices(cases, k=len(cases)))
        for name in bare:
            if name in again and not isnan(again[name].value):
                drawn[name].append(again[name].value)
    for name, values in drawn.items():
        low, high = percentile(values, 0.025), percentile(values, 0.975)
        found[name] = replace(found[name], low=low, high=high)
    return found


def differences(
    measured: Callable[[Sequence[T]], Measures],
    before: Sequence[T],
    after: Sequence[T],
    times: int = 300,
) -> dict[str, Measure]:
    """Give what each measure gained, the cases being the same in the same order.

    The interval is a paired bootstrap: the same cases are drawn for both, so that what a case has
    of its own weighs on neither side. Raises ValueError for a different number of cases.
    """
    if len(before) != len(after):
        raise ValueError("A comparison needs the same cases on both sides.")
    one, other = measured(before), measured(after)
    drawn: dict[str, list[float]] = {name: [] for name in one if name in other}
    chance = Random(SEED)  # noqa: S311
    for _ in range(times if len(before) > 1 else 0):
        places = chance.choices(range(len(before)), k=len(before))
        left = measured([before[place] for place in places])
        right = measured([after[place] for place in places])
        for name, values in drawn.items():
            if name in left and name in right:
                gained = right[name].value - left[name].value
                values += [] if isnan(gained) else [gained]
    return {
        name: Measure(
            other[name].value - one[name].value,
            percentile(values, 0.025),
            percentile(values, 0.975),
            one[name].unit,
        )
        for name, values in drawn.items()
    }
