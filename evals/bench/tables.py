"""The benchmark's tables of what stands alone: from what was measured to Markdown."""

from __future__ import annotations

from evals.bench.results import Alone, Turns
from evals.metrics import percentile
from evals.said import table

STEPS = {
    "triage": "triage: read the message, look for danger",
    "classify": "classify: name the situation and the mode",
    "recall": "recall: search the reflections by meaning and by words",
    "respond": "respond: speak, every sentence through the guard",
    "offer": "offer: find a wording to keep",
    "first": "until the first sentence may be shown",
    "total": "the workflow",
    "turn": "**the whole turn, journal included**",
}


def steps(turns: Turns) -> str:
    rows = [
        (said, milliseconds(percentile(taken, 0.5)), milliseconds(percentile(taken, 0.95)))
        for name, said in STEPS.items()
        if (taken := turns.steps.get(name))
    ]
    return table(("step", "p50", "p95"), rows)


def process(turns: Turns) -> str:
    rows = [
        ("import and build", f"{turns.started:.2f} s"),
        ("first turn", f"{turns.first_turn:.2f} s"),
        ("peak memory", f"{turns.peak_mb:.0f} MB"),
    ]
    return table(("", ""), rows)


def reader(alone: Alone) -> str:
    rows = [
        ("import and load", f"{alone.load:.2f} s"),
        ("read one message, p50", f"{milliseconds(alone.read_p50)} ms"),
        ("read one message, p95", f"{milliseconds(alone.read_p95)} ms"),
        ("judge one sentence, p50", f"{milliseconds(alone.judge_p50)} ms"),
        ("a batch", f"{alone.messages_a_second:.0f} messages a second"),
        ("memory of the process", f"{alone.memory_mb:.0f} MB"),
    ]
    return table(("", ""), rows)


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:,.1f}" if seconds < 0.1 else f"{1000 * seconds:,.0f}"
