"""The benchmark's tables of two things side by side: from what was measured to Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from evals.bench.pairs import ratio
from evals.bench.results import Engine, Recall, Sentences, Series, Start
from evals.bench.tables import milliseconds
from evals.said import table


def engine(measured: Engine) -> str:
    sides = measured.sides
    rows = [
        ("the turn", _ms(median(sides["turn"])), ""),
        ("its steps without the graph", *_beside(sides, "turn", "plain", _ms)),
        ("the graph without its steps", *_beside(sides, "turn", "graph", _ms)),
    ]
    return table((_pairs(sides), "", "the turn takes, times as long"), rows)


def searches(recall: Recall) -> str:
    rows = [
        (
            f"{at.size:,}",
            _ms(median(at.warm["ours"])),
            *_beside(at.warm, "ours", "same", _ms),
            *_beside(at.warm, "ours", "plain", _ms),
        )
        for at in recall.sizes
    ]
    pairs = _pairs(recall.sizes[0].warm)
    heads = (
        f"reflections; {pairs}",
        "recall",
        "bare, the same 1,000",
        "times",
        "bare, 20",
        "times",
    )
    return table(heads, rows)


def changes(recall: Recall) -> str:
    rows = [
        (f"{at.size:,}", title, _ms(median(sides["ours"])), *_beside(sides, "ours", "same", _ms))
        for at in recall.sizes
        for title, sides in (
            ("opened anew", at.opened),
            ("keep one more", at.kept),
            ("recall after it", at.after),
        )
    ]
    heads = ("reflections", _pairs(recall.sizes[0].opened), "Companion", "bare Chroma", "times")
    return table(heads, rows)


def making(recall: Recall) -> str:
    rows = [(f"{at.size:,}", f"{at.filled:.1f} s", f"{at.indexed:.1f} s") for at in recall.sizes]
    return table(("reflections", "written at once", "index made"), rows)


def sentences(measured: Sentences) -> str:
    rows = [
        (
            title,
            _ms(median(sides["ours"])),
            *_beside(sides, "ours", "bare", _ms),
        )
        for title, sides in (
            ("first sentence", measured.first),
            ("whole reply", measured.total),
        )
    ]
    return table((_pairs(measured.first), "Companion", "bare client", "times"), rows)


def start(measured: Start) -> str:
    if measured.missing:
        return f"not measured: {measured.missing}"
    each: Sequence[tuple[str, Series, Callable[[float], str]]] = (
        ("until the box can be typed in", measured.seconds, lambda seconds: f"{seconds:.1f} s"),
        ("memory, the page open", measured.opened_mb, _mb),
        ("memory, one message answered", measured.answered_mb, _mb),
    )
    rows = [
        (title, said(median(sides["companion"])), *_beside(sides, "companion", "hello", said))
        for title, sides, said in each
    ]
    return table((_pairs(measured.seconds), "Companion", "hello world", "times"), rows)


def _beside(sides: Series, ours: str, bare: str, said: Callable[[float], str]) -> tuple[str, str]:
    """Give the median of the bare side, and how many times as much ours is."""
    return said(median(sides[bare])), str(ratio(sides[ours], sides[bare]))


def _pairs(sides: Series) -> str:
    count = len(next(iter(sides.values())))
    return f"{count} pairs, medians" if count > 1 else "one pair"


def _mb(megabytes: float) -> str:
    return f"{megabytes:.0f} MB"


def _ms(seconds: float) -> str:
    return f"{milliseconds(seconds)} ms"
