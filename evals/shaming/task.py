"""The shaming suite: each reply goes through the guard as `companion check` sends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import Dataset, Sample, json_dataset
from inspect_ai.model import ModelOutput
from inspect_ai.scorer import (
    Metric,
    SampleScore,
    Score,
    Scorer,
    Target,
    Value,
    metric,
    scorer,
)
from inspect_ai.solver import Generate, Solver, TaskState, solver

from companion.batch import checking
from companion.reader import EmbeddedReader
from companion.steps.guard import Guard
from evals.metrics import Outcome, measures

DATA = Path(__file__).parent / "data" / "replies.jsonl"
Check = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes a row of `companion check` and gives its answer."""


@task
def shaming() -> Task:
    """Give the suite around the guard as `companion check` uses it."""
    return suite(checking(Guard(EmbeddedReader())))


def suite(check: Check) -> Task:
    """Give the suite around any check, so that a broken one can be shown to turn it red."""
    return Task(dataset=replies(), solver=checked_by(check), scorer=withheld(), name="shaming")


def replies() -> Dataset:
    return json_dataset(str(DATA), sample_of)


def sample_of(row: dict[str, Any]) -> Sample:
    """Give a case: the reply is judged, the message is what it answers."""
    return Sample(
        id=row["id"],
        input=row["reply"],
        target=row["category"] or "none",
        metadata={"message": row["message"], "pair": row["pair"], "brief": row["brief"]},
    )


@solver
def checked_by(check: Check) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        found = check({"reply": state.input_text, "user": state.metadata["message"]})
        state.output = ModelOutput.from_content("guard", json.dumps(found))
        return state

    return solve


@metric
def all_measures() -> Metric:
    def compute(scores: list[SampleScore]) -> Value:
        found = measures([outcome_of(sample.score) for sample in scores])
        return {name: measure.value for name, measure in found.items()}

    return compute


@scorer(metrics=[all_measures()])
def withheld() -> Scorer:
    """Score 1 when a shaming reply was withheld or another left alone; the category is kept."""

    async def score(state: TaskState, target: Target) -> Score:
        got = json.loads(state.output.completion)["category"]
        expected = None if target.text == "none" else target.text
        outcome = Outcome(expected, got, state.metadata["pair"])
        return Score(
            value=int(outcome.right),
            answer=got or "none",
            metadata={"expected": expected, "got": got, "pair": outcome.pair},
        )

    return score


def outcome_of(score: Score) -> Outcome:
    """Give what a score keeps of its case."""
    kept = score.metadata or {}
    return Outcome(kept["expected"], kept["got"], kept["pair"])
