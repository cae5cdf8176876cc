"""The scorecard: a run's checks as Markdown that reads well in a terminal too."""

from __future__ import annotations

from collections.abc import Sequence

from evals.gate import Check
from evals.results import Calibration, Confusion, Figure, SuiteResult
from evals.said import interval, number, table, value


def checks_table(checks: Sequence[Check]) -> str:
    rows = [
        (
            check.suite,
            check.name,
            check.said if check.measure is None else value(check.measure),
            interval(check.measure),
            "" if check.floor is None else number(check.floor),
            {True: "passed", False: "FAILED", None: ""}[check.passed],
        )
        for check in checks
    ]
    return table(("suite", "measure", "value", "95% interval", "floor", ""), rows)


def figure(one: Figure) -> str:
    """Give a figure as a table under its title."""
    if isinstance(one, Confusion):
        heads = (one.title, *(f"read {name}" for name in one.names))
        rows = [(name, *map(str, counts)) for name, counts in zip(one.names, one.counts)]
        return table(heads, rows)
    if isinstance(one, Calibration):
        rows = [(number(b.sure), number(b.right), str(b.cases)) for b in one.bins]
        return f"{one.title}\n\n{table(('how sure', 'share right', 'cases'), rows)}"
    return f"{one.title}\n\n{table(one.heads, one.rows)}"


def wrong_table(result: SuiteResult) -> str:
    """List every case that came out wrong: numbers alone do not say what to mend."""
    rows = [
        (case.id, case.expected, case.got, case.shown) for case in result.cases if not case.right
    ]
    return table(
        ("case", "should be", "was", "shown"),
        [tuple(cell.replace("|", "\\|").replace("\n", " ") for cell in row) for row in rows],
    )


def verdict(checks: Sequence[Check]) -> str:
    passed = sum(check.passed is True for check in checks)
    failed = sum(check.passed is False for check in checks)
    return f"{passed} passed, {failed} failed"
