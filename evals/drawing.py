"""What the scorecard's page draws: SVG without a style of its own, and shades of a table.

Colours come from the page's classes. Each drawing has its numbers in words beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isnan, sqrt

from markupsafe import Markup

from evals.metrics import Bin, Measure, wilson

SHADES = 5
_WIDE, _EDGE = 200, 4
"""Width of a bar and the room at its ends, in units of the drawing."""
_SIDE, _LEFT, _TOP = 240, 52, 14
"""The square of a calibration plot and where it begins."""


def bar(measure: Measure, floor: float | None) -> Markup:
    """Draw a share as a bar, its interval as a line on it and its floor as a tall mark.

    Gives nothing for what has no scale (milliseconds) or no value.
    """
    if measure.unit != "share" or isnan(measure.value):
        return Markup()
    start, end = _across(0), _across(measure.value)
    parts = [
        _rect("track", start, _across(1), 4, 12),
        _rect("value", start, end, 4, 12),
    ]
    if measure.low is not None and measure.high is not None and not isnan(measure.low):
        low, high = _across(measure.low), _across(measure.high)
        path = f"M{low:.1f} 10H{high:.1f}M{low:.1f} 7v6M{high:.1f} 7v6"
        parts.append(Markup('<path class="span" d="{}"/>').format(path))
    if floor is not None:
        at = _across(floor)
        parts.append(_rect("floor", at - 1, at + 1, 0, 20))
    return Markup(
        '<svg class="bar" viewBox="0 0 {} 20" width="{}" height="20" preserveAspectRatio="none" '
        'aria-hidden="true">{}</svg>'
    ).format(_WIDE, _WIDE, Markup().join(parts))


def _across(share: float) -> float:
    return _EDGE + min(1.0, max(0.0, share)) * (_WIDE - 2 * _EDGE)


def _rect(name: str, left: float, right: float, top: float, height: float) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>').format(
        name, left, top, right - left, height
    )


def calibration(title: str, bins: Sequence[Bin]) -> Markup:
    """Draw how often readings were right by how sure they were, a dot's area being their number.

    The line through a dot is its 95% interval; on the diagonal, sureness is deserved.
    """
    most = max((one.cases for one in bins), default=1)
    ticks = Markup().join(_ticks(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    dots = Markup().join(_dot(one, most) for one in bins)
    right, bottom = _LEFT + _SIDE, _TOP + _SIDE
    return Markup(
        '<svg class="plot" viewBox="0 0 {w} {h}" role="img" aria-label="{title}: a plot of the '
        'numbers in the table beside it">{ticks}<path class="even" d="M{l} {b}L{r} {t}"/>{dots}'
        '<text x="{x}" y="{under}" class="middle">how sure it was</text>'
        '<text class="middle" transform="translate(13 {y}) rotate(-90)">how often it was right'
        "</text></svg>"
    ).format(
        w=right + 16,
        h=bottom + 42,
        title=title,
        ticks=ticks,
        dots=dots,
        l=_LEFT,
        r=right,
        t=_TOP,
        b=bottom,
        x=_LEFT + _SIDE / 2,
        y=_TOP + _SIDE / 2,
        under=bottom + 36,
    )


def _place(sure: float, right: float) -> tuple[float, float]:
    return _LEFT + sure * _SIDE, _TOP + (1 - right) * _SIDE


def _ticks(share: float) -> Markup:
    x, y = _place(share, share)
    return Markup(
        '<path class="grid" d="M{x:.1f} {t}V{b}M{l} {y:.1f}H{r}"/>'
        '<text class="middle" x="{x:.1f}" y="{under}">{share:g}</text>'
        '<text class="end" x="{before}" y="{at:.1f}">{share:g}</text>'
    ).format(
        x=x,
        y=y,
        t=_TOP,
        b=_TOP + _SIDE,
        l=_LEFT,
        r=_LEFT + _SIDE,
        under=_TOP + _SIDE + 17,
        before=_LEFT - 6,
        at=y + 4,
        share=share,
    )


def _dot(one: Bin, most: int) -> Markup:
    x, y = _place(one.sure, one.right)
    low, high = (
        _place(one.sure, end)[1] for end in wilson(round(one.right * one.cases), one.cases)
    )
    return Markup(
        '<path class="span" d="M{x:.1f} {low:.1f}V{high:.1f}"/>'
        '<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"/>'
    ).format(x=x, y=y, low=low, high=high, r=2 + 10 * sqrt(one.cases / most))


def shade(count: int, row: Sequence[int]) -> int:
    """Give how deep a cell of a confusion table is shaded, 0 to SHADES, by its part of the row."""
    return ceil(SHADES * count / sum(row)) if count else 0
