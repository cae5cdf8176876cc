"""The tables of what a model costs in time: pure functions over what was measured."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from evals.said import table

RESAMPLES = 2_000


@dataclass(frozen=True)
class Pair:
    """One prompt both ways; seconds until the first sentence (or first piece), and in all."""

    ours_first: float
    bare_first: float
    ours_total: float = 0.0
    bare_total: float = 0.0


def interval(values: Sequence[float], of: Callable[[Sequence[float]], float] = median) -> str:
    """Give a statistic with its 95% bootstrap interval, as a percentage of change."""
    chance = random.Random(20261126)  # noqa: S311
    spread = sorted(
        of(chance.choices(values, k=len(values))) for _ in range(RESAMPLES if values else 0)
    )
    low, high = spread[int(0.025 * len(spread))], spread[int(0.975 * len(spread)) - 1]
    return f"{of(values):+.1%} ({low:+.1%} to {high:+.1%})"


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def of_overhead(pairs: Sequence[Pair], *, totals: bool = True) -> str:
    """Give what the Companion adds to the bare client, in pairs; without totals, the first word."""
    measured = [("first sentence" if totals else "first word", _firsts(pairs))]
    if totals:
        measured.append(("whole reply", [(pair.ours_total, pair.bare_total) for pair in pairs]))
    rows = [
        (
            title,
            _milliseconds(median(bare for _, bare in both)),
            _milliseconds(median(ours for ours, _ in both)),
            interval([ours / bare - 1 for ours, bare in both]),
        )
        for title, both in measured
    ]
    return table((f"{len(pairs)} pairs, medians", "bare client", "Companion", "more"), rows)


def _firsts(pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    return [(pair.ours_first, pair.bare_first) for pair in pairs]


def of_cache(by_kind: Mapping[str, Sequence[tuple[int, int]]]) -> str:
    """Give the share of each turn's prompt that had been read before."""
    turns = max(map(len, by_kind.values()))
    rows = [
        (kind, *(_share(counted[turn]) if turn < len(counted) else "" for turn in range(turns)))
        for kind, counted in by_kind.items()
    ]
    return table(("", *(f"turn {turn + 1}" for turn in range(turns))), rows)


def _share(counted: tuple[int, int]) -> str:
    cached, prompt = counted
    return f"{cached} of {prompt}" if prompt else ""


def of_together(by_count: Mapping[int, Sequence[tuple[float, float]]]) -> str:
    """Give how long each of several conversations waited."""
    rows = [
        (
            str(count),
            f"{median(first for first, _ in timed):.1f} s",
            f"{max(first for first, _ in timed):.1f} s",
            f"{max(total for _, total in timed):.1f} s",
        )
        for count, timed in by_count.items()
    ]
    return table(("at once", "first word, median", "the last first word", "all done"), rows)
