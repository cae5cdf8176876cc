"""Numbers and tables as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from evals.metrics import Measure


def number(value: float) -> str:
    return "–" if isnan(value) else f"{value:.3f}"


def value(measure: Measure) -> str:
    return number(measure.value) if measure.unit == "share" else f"{measure.value:.1f} ms"


def interval(measure: Measure | None) -> str:
    if measure is None or measure.low is None or measure.high is None or isnan(measure.low):
        return ""
    digits = 3 if measure.unit == "share" else 1
    return f"{measure.low:.{digits}f} to {measure.high:.{digits}f}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a Markdown table with its columns padded to the same width."""
    widths = [max(map(len, column)) for column in zip(heads, *rows)]
    lines = [heads, ["-" * width for width in widths], *rows]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths))} |"
        for line in lines
    )
