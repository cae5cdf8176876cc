"""The only module that runs Inspect: one task in, one SuiteResult out, nothing left lying about."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai import eval as inspect_eval

from evals.gate import Misjudged, SuiteResult
from evals.shaming.task import outcome_of, shaming

SUITES = {"shaming": shaming}


def evaluate(task: Task, *, limit: int | None = None, logs: Path | None = None) -> SuiteResult:
    """Run one task without a model. Inspect's log goes to `logs`, or away when that is None."""
    expected = len(task.dataset) if limit is None else min(limit, len(task.dataset))
    # Resolved here: inside, a relative path would be one of the folder that is thrown away.
    kept = logs.resolve() if logs else None
    with _clean_surroundings() as folder:
        log = inspect_eval(
            task,
            model="none",
            limit=limit,
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
        return _result(task.name, log, expected)


def _result(name: str, log: Any, expected: int) -> SuiteResult:
    judged = [sample for sample in log.samples or () if sample.scores]
    outcomes = [outcome_of(next(iter(sample.scores.values()))) for sample in judged]
    return SuiteResult(
        name,
        log.status,
        expected,
        tuple(outcomes),
        tuple(
            Misjudged(str(sample.id), str(sample.input), outcome)
            for sample, outcome in zip(judged, outcomes)
            if outcome.expected != outcome.got
        ),
        log.error.message if log.error else "",
    )


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
