"""`make bench`: time turns of the embedded voice with 1,000 kept reflections, on real storage.

One process keeps the reflections; a fresh one imports, builds and answers, so that its start and
its memory are those of the app. `docs/performance.md` is written by this script alone.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evals.bench_report import machine, write

if TYPE_CHECKING:
    from companion.core import Companion
    from companion.settings import Settings

MESSAGES = Path(__file__).parent / "bench_messages.jsonl"
DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
CONVERSATION = 6
"""Messages a conversation: enough for a history, few enough that several begin."""
ROUNDS = 2
WARM_UP = 6


@dataclass
class Run:
    """All that one run measured, in seconds unless its name says otherwise."""

    started: float = 0.0
    first_turn: float = 0.0
    kept: int = 0
    index_in_use: bool = False
    messages: int = 0
    crises: int = 0
    peak_mb: float = 0.0
    load: float = 0.0
    reader: dict[str, float] = field(default_factory=dict)
    steps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def settle(folder: Path) -> None:
    """Keep the reflections in the journal and bring the index in step; no voice is needed yet."""
    from companion.build import shared_embedder
    from companion.memory.index import ChromaIndex
    from companion.memory.journal import open_journal
    from companion.memory.recollection import Recollection
    from evals.bench_reflections import reflections

    settings = _settings(folder)
    journal, index = (
        open_journal(settings.data, settings.keys),
        ChromaIndex(settings.data / "index"),
    )
    person = journal.person().id
    for reflection in reflections():
        journal.keep(person, reflection)
    Recollection(journal, index, shared_embedder()).check(person)
    index.close()
    journal.close()


def measure(folder: Path) -> Run:
    """Build in this process, which has imported nothing yet, and answer every message."""
    run = Run(load=os.getloadavg()[0])
    began = time.perf_counter()
    from companion.build import build

    companion = build(_settings(folder))
    run.started = time.perf_counter() - began
    messages = [json.loads(line)["message"] for line in MESSAGES.read_text("utf-8").splitlines()]
    person = companion.journal.person().id
    run.kept, run.messages = len(companion.memory.reflections(person)), len(messages)

    began = time.perf_counter()
    _turns(companion, person, messages[:1], Run())
    run.first_turn = time.perf_counter() - began
    _turns(companion, person, messages[1 : 1 + WARM_UP], Run())
    for _ in range(ROUNDS):
        conversations = len(messages) // CONVERSATION
        for first in range(conversations):
            # Neighbours in the file are of one situation; a stride mixes them in a conversation.
            _turns(companion, person, messages[first::conversations], run)
    run.index_in_use = getattr(companion.memory, "trouble", "unknown") is None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run.peak_mb = peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
    companion.journal.close()
    return run


def _turns(companion: Companion, person: str, messages: list[str], run: Run) -> None:
    """Answer the messages in one new conversation and note what each turn took."""
    from companion.events import Crisis, Finished

    conversation = companion.journal.start_conversation(person, companion.workflow.use.clock())
    for message in messages:
        began = time.perf_counter()
        events = list(companion.reply(person, conversation, message))
        took = time.perf_counter() - began
        if any(isinstance(event, Crisis) for event in events):
            # Vetted text skips most steps and would flatter the numbers.
            run.crises += 1
            continue
        run.steps["turn"].append(took)
        for event in events:
            if isinstance(event, Finished):
                for step, seconds in event.seconds.items():
                    run.steps[step].append(seconds)


def _settings(folder: Path) -> Settings:
    from companion.settings import Settings

    return Settings(
        data=folder / "data", keys=folder / "keys", base_url=None, model=None, gguf=None
    )


def main(argv: list[str]) -> int:
    if argv[:1] == ["--settle"]:
        settle(Path(argv[1]))
        return 0
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="companion-bench-") as name:
        print("keeping 1,000 reflections …", flush=True)
        subprocess.run([sys.executable, "-m", "evals.bench", "--settle", name], check=True)
        settled = time.perf_counter() - began
        print(f"{settled:.1f} s; answering …", flush=True)
        alone = subprocess.run(
            [sys.executable, "-m", "evals.bench_reader"], check=True, capture_output=True, text=True
        )
        run = measure(Path(name))
        run.reader = json.loads(alone.stdout)
    if run.kept < 1000 or not run.index_in_use or not run.steps["turn"]:
        print(f"Nothing was written: {run.kept} kept, index in use: {run.index_in_use}.")
        return 1
    print(write(DOCUMENT, run, machine(run.load)))
    print(f"{time.perf_counter() - began:.1f} s in all; written to {DOCUMENT}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
