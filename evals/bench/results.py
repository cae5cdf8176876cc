"""What the parts of the benchmark give. Seconds, unless a name says otherwise.

Imports nothing of ours: the process that measures a start must not have begun it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

MESSAGES = Path(__file__).parents[1] / "bench_messages.jsonl"

Series = dict[str, list[float]]
"""What was measured, by name; where the names are sides, the places of the lists are pairs."""


@dataclass(frozen=True)
class Turns:
    """Turns of the embedded voice; `steps` has a list for each step and for whole turns."""

    started: float
    first_turn: float
    kept: int
    index_in_use: bool
    messages: int
    rounds: int
    crises: int
    peak_mb: float
    steps: Series


@dataclass(frozen=True)
class Alone:
    """The reader alone."""

    load: float
    read_p50: float
    read_p95: float
    judge_p50: float
    messages_a_second: float
    memory_mb: float


@dataclass(frozen=True)
class Engine:
    """Sides: `turn` as it is, `plain` its steps without the graph, `graph` without its steps."""

    sides: Series


@dataclass(frozen=True)
class RecallAt:
    """Recall with so many reflections. Sides: `ours`; `same`, `plain` of bare Chroma.

    `same` is asked for as many neighbours as ours asks for, `plain` for 20 with what Chroma does
    by itself. `filled` is writing them into the journal, `indexed` making the index of it.
    """

    size: int
    filled: float
    indexed: float
    warm: Series
    opened: Series
    kept: Series
    after: Series


@dataclass(frozen=True)
class Recall:
    """Recall at each size, and how long the vector of one message takes, which is in none."""

    sizes: list[RecallAt]
    embedding: float


@dataclass(frozen=True)
class Sentences:
    """Sides: `ours` and `bare`; until the first sentence, and until the end."""

    first: Series
    total: Series


@dataclass(frozen=True)
class Start:
    """Sides: `companion` and `hello`. `missing` says why it was not measured, if it was not."""

    missing: str
    browser: str
    seconds: Series
    opened_mb: Series
    answered_mb: Series


@dataclass(frozen=True)
class Results:
    """All that one run measured."""

    turns: Turns
    reader: Alone
    engine: Engine
    recall: Recall
    sentence: Sentences
    start: Start


def messages() -> list[str]:
    """Give the messages of the benchmark, neighbours of one situation."""
    return [json.loads(line)["message"] for line in MESSAGES.read_text("utf-8").splitlines()]
