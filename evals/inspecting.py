"""The only module that runs Inspect: one suite in, one SuiteResult out, nothing left behind."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from evals.metrics import with_intervals
from evals.results import Case, Row, Suite, SuiteResult

Tick = Callable[[], None]


def evaluate(
    suite: Suite,
    *,
    limit: int | None = None,
    logs: Path | None = None,
    tick: Tick = lambda: None,
) -> SuiteResult:
    """Run one suite without a model of Inspect's; `tick` is called after each case.

    Inspect's log goes to `logs`, or away when that is None.
    """
    expected = len(suite.rows) if limit is None else min(limit, len(suite.rows))
    # Resolved here: inside, a relative path would be one of the folder that is thrown away.
    kept = logs.resolve() if logs else None
    began = time.perf_counter()
    with _clean_surroundings() as folder:
        log = inspect_eval(
            task_of(suite, tick),
            model="none",
            limit=limit,
            max_samples=1,
            display="none",
            log_dir=str(kept or folder / "logs"),
            log_level="error",
            log_realtime=False,
            acp_server=False,
            ctl_server=False,
            notification=False,
            score_display=False,
        )[0]
        # Inside: the log reads its samples from the folder when they are first asked for.
        cases = tuple(map(_case, (sample for sample in log.samples or () if sample.scores)))
    return SuiteResult(
        suite.name,
        suite.asks,
        log.status,
        expected,
        cases,
        with_intervals(suite.measures, cases),
        tuple(suite.figures(cases)),
        log.error.message if log.error else "",
        time.perf_counter() - began,
    )


def task_of(suite: Suite, tick: Tick = lambda: None) -> Task:
    """Give a suite as Inspect knows it: dataset, solver, scorer."""
    dataset = MemoryDataset([_sample(row) for row in suite.rows], name=suite.name)
    return Task(
        dataset=dataset, solver=answered(suite, tick), scorer=scored(suite), name=suite.name
    )


def _sample(row: Row) -> Sample:
    return Sample(id=row["id"], input=json.dumps(row, ensure_ascii=False))


@solver
def answered(suite: Suite, tick: Tick) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        said = suite.answer(json.loads(state.input_text))
        state.output = ModelOutput.from_content("companion", json.dumps(said, ensure_ascii=False))
        tick()
        return state

    return solve


@scorer(metrics=[accuracy()])
def scored(suite: Suite) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        case = suite.score(json.loads(state.input_text), json.loads(state.output.completion))
        return Score(value=int(case.right), answer=case.got, metadata=asdict(case))

    return score


def _case(sample: Any) -> Case:
    return Case(**next(iter(sample.scores.values())).metadata)


@contextmanager
def _clean_surroundings() -> Iterator[Path]:
    """Work in an empty folder, so that the result depends on nothing of this computer's.

    Inspect takes the nearest `.env` of the working folder or any parent, and an empty one of our
    own ends that search; its settings in the environment are set aside, and its traces come here.
    """
    before = dict(os.environ)
    try:
        with tempfile.TemporaryDirectory(prefix="companion-eval-") as name, chdir(name):
            for setting in [key for key in os.environ if key.startswith("INSPECT_")]:
                del os.environ[setting]
            os.environ["XDG_DATA_HOME"] = name
            (Path(name) / ".env").touch()
            yield Path(name)
    finally:
        os.environ.clear()
        os.environ.update(before)
