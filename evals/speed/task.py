"""The speed suite: one turn after another, and how long each step took. Its times hold no floor.

Not in the default order by chance: it runs last and alone. What the times are on one machine under
load and at rest is for `make bench` (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from companion.core import Companion
from evals.metrics import Measure, Measures, percentile, share
from evals.playing import play
from evals.results import Case, Row, Suite, Table
from evals.rows import read_rows

DATA = Path(__file__).parents[1] / "respond" / "data" / "cases.jsonl"
EVERY = 4
STEPS = ("triage", "classify", "recall", "respond", "offer", "first", "total")


def speed(companion: Companion) -> Suite:
    """Give the suite around a companion."""

    def answer(row: Row) -> dict[str, Any]:
        turn = next(play(companion, [row["message"]]))
        return {"seconds": dict(turn.seconds), "trace": turn.trace}

    rows = [{"id": f"spd-{row['id']}", "message": row["message"]} for row in read_rows(DATA)]
    return Suite(
        "speed",
        "How long does each step of a turn take, one turn after another?",
        rows[::EVERY],
        answer,
        score,
        measures,
        figures,
    )


def score(row: Row, found: dict[str, Any]) -> Case:
    """Right when it was answered at all; the times are what they are."""
    seconds = found["seconds"]
    total = f"{seconds['total'] * 1000:.0f} ms"
    return Case(row["id"], "first" in seconds, row["message"], "a reply", total, seconds, found)


def measures(cases: Sequence[Case]) -> Measures:
    found: dict[str, Measure] = {"answered": share(case.right for case in cases)}
    for name in ("first", "total"):
        for share_ in (50, 95):
            value = percentile(_of(cases, name), share_ / 100) * 1000
            found[f"{name}_p{share_}"] = Measure(value, unit="ms")
    return found


def _of(cases: Sequence[Case], step: str) -> list[float]:
    return [case.facts[step] for case in cases if step in case.facts]


def figures(cases: Sequence[Case]) -> Sequence[Table]:
    rows = tuple(
        (step, f"{percentile(took, 0.5) * 1000:.1f}", f"{percentile(took, 0.95) * 1000:.1f}")
        for step in STEPS
        if (took := _of(cases, step))
    )
    return (Table("Milliseconds by step", ("step", "p50", "p95"), rows),)
