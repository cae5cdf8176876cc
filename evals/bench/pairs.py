"""The arithmetic of comparing in pairs: what is measured alternates, and each pair is a ratio.

A computer that slows down for a while slows both sides of a pair, so ratios hold where times do
not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from evals.metrics import percentile

RESAMPLES = 2_000

Item = TypeVar("Item")
Measured = TypeVar("Measured")


@dataclass(frozen=True)
class Ratio:
    """The median of the pairs' ratios, with the ends of its 95% bootstrap interval."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{_times(self.middle)} ({_times(self.low)} to {_times(self.high)})"


def alternate(
    sides: Mapping[str, Callable[[Item], Measured | None]], items: Sequence[Item], rounds: int = 1
) -> dict[str, list[Measured]]:
    """Measure every side with every item, the order turned round from one item to the next.

    Each item has both orders within two rounds. An item that any side gives None for is left out
    of all, so that the lists stay pairs.
    """
    measured: dict[str, list[Measured]] = {name: [] for name in sides}
    for turn in range(rounds):
        for place, item in enumerate(items):
            order = list(sides)[:: 1 if (turn + place) % 2 == 0 else -1]
            found = {name: sides[name](item) for name in order}
            for name, value in found.items():
                if value is not None and None not in found.values():
                    measured[name].append(value)
    return measured


def part(measured: Mapping[str, Sequence[Sequence[float]]], which: int) -> dict[str, list[float]]:
    """Give one of several values that were measured together."""
    return {name: [values[which] for values in each] for name, each in measured.items()}


def ratio(ours: Sequence[float], bare: Sequence[float]) -> Ratio:
    """Give how many times as much ours is. Both hold the pairs in the same order, none empty."""
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    chance = random.Random(20261126)  # noqa: S311
    spread = sorted(median(chance.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return Ratio(median(ratios), percentile(spread, 0.025), percentile(spread, 0.975))


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"
