"""The scorecard: a run's checks as Markdown that reads well in a terminal too."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from evals.gate import Check, SuiteResult
from evals.metrics import Measure, by_category


def checks_table(checks: Sequence[Check]) -> str:
    rows = [
        (
            check.suite,
            check.name,
            check.said if check.measure is None else _number(check.measure.value),
            _interval(check.measure),
            "" if check.floor is None else _number(check.floor),
            {True: "passed", False: "FAILED", None: ""}[check.passed],
        )
        for check in checks
    ]
    return table(("suite", "measure", "value", "95% interval", "floor", ""), rows)


def category_table(result: SuiteResult) -> str:
    rows = [
        (
            score.category,
            str(score.cases),
            _number(score.precision.value),
            _number(score.recall.value),
            _interval(score.recall),
            _number(score.f1),
        )
        for score in by_category(result.outcomes)
    ]
    return table(("category", "cases", "precision", "recall", "recall, 95%", "F1"), rows)


def misjudged_table(result: SuiteResult) -> str:
    """List every case that came out wrong: numbers alone do not say what to mend."""
    rows = [
        (
            case.id,
            case.outcome.expected or "none",
            case.outcome.got or "none",
            case.reply.replace("|", "\\|"),
        )
        for case in result.misjudged
    ]
    return table(("case", "should be", "was", "reply"), rows)


def verdict(checks: Sequence[Check]) -> str:
    passed = sum(check.passed is True for check in checks)
    failed = sum(check.passed is False for check in checks)
    return f"{passed} passed, {failed} failed"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a Markdown table with its columns padded to the same width."""
    widths = [max(map(len, column)) for column in zip(heads, *rows)]
    lines = [heads, ["-" * width for width in widths], *rows]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths))} |"
        for line in lines
    )


def _number(value: float) -> str:
    return "–" if isnan(value) else f"{value:.3f}"


def _interval(measure: Measure | None) -> str:
    if measure is None or measure.low is None or measure.high is None or isnan(measure.low):
        return ""
    return f"{measure.low:.3f} to {measure.high:.3f}"
