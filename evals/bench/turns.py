"""Turns of the embedded voice with kept reflections, on real storage.

One process keeps the reflections; a fresh one imports, builds and answers, so that its start and
its memory are those of the app.
"""

from __future__ import annotations

import resource
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evals.bench.results import Series, Turns, messages

if TYPE_CHECKING:
    from companion.core import Companion
    from companion.settings import Settings

KEPT, KEPT_QUICK = 1_000, 25
CONVERSATION = 6
"""Messages a conversation: enough for a history, few enough that several begin."""
ROUNDS = 2
WARM_UP = 6


def settle(folder: Path, quick: bool = False) -> None:
    """Keep the reflections in the journal and bring the index in step; no voice is needed yet."""
    from companion.build import shared_embedder
    from companion.memory.index import ChromaIndex
    from companion.memory.journal import open_journal
    from companion.memory.recollection import Recollection
    from evals.bench.reflections import reflections

    chosen = settings(folder)
    journal = open_journal(chosen.data, chosen.keys)
    index = ChromaIndex(chosen.data / "index")
    person = journal.person().id
    for reflection in reflections(KEPT_QUICK if quick else KEPT):
        journal.keep(person, reflection)
    Recollection(journal, index, shared_embedder()).check(person)
    index.close()
    journal.close()


def measure(folder: Path, quick: bool = False) -> Turns:
    """Build in this process, which has imported nothing yet, and answer every message.

    `folder` is a settled one.
    """
    began = time.perf_counter()
    from companion.build import build

    companion = build(settings(folder))
    started = time.perf_counter() - began
    said = messages()[: 2 * CONVERSATION if quick else None]
    rounds = 1 if quick else ROUNDS
    person = companion.journal.person().id
    steps: Series = defaultdict(list)

    began = time.perf_counter()
    _turns(companion, person, said[:1], defaultdict(list))
    first_turn = time.perf_counter() - began
    _turns(companion, person, said[1 : 1 + WARM_UP], defaultdict(list))
    crises = 0
    for _ in range(rounds):
        conversations = len(said) // CONVERSATION
        for first in range(conversations):
            # Neighbours in the file are of one situation; a stride mixes them in a conversation.
            crises += _turns(companion, person, said[first::conversations], steps)
    in_use = getattr(companion.memory, "trouble", "unknown") is None
    kept = len(companion.memory.reflections(person))
    companion.journal.close()
    return Turns(
        started, first_turn, kept, in_use, len(said), rounds, crises, peak_megabytes(), dict(steps)
    )


def _turns(companion: Companion, person: str, said: list[str], steps: Series) -> int:
    """Answer the messages in one new conversation and note what each took; give the crises."""
    from companion.events import Crisis, Finished

    crises = 0
    conversation = companion.journal.start_conversation(person, companion.workflow.use.clock())
    for message in said:
        began = time.perf_counter()
        events = list(companion.reply(person, conversation, message))
        took = time.perf_counter() - began
        if any(isinstance(event, Crisis) for event in events):
            # Vetted text skips most steps and would flatter the numbers.
            crises += 1
            continue
        steps["turn"].append(took)
        for event in events:
            if isinstance(event, Finished):
                for step, seconds in event.seconds.items():
                    steps[step].append(seconds)
    return crises


def settings(folder: Path) -> Settings:
    """Give settings of the embedded voice, with all of a person's data below a folder."""
    from companion.settings import Settings

    return Settings(
        data=folder / "data", keys=folder / "keys", base_url=None, model=None, gguf=None
    )


def know_only(said: Sequence[str]) -> None:
    """Have the encoder hold the vectors of these texts alone, as when the next message is new."""
    from companion.build import shared_embedder
    from companion.embedder import RECENT

    shared_embedder().embed([f"number {n}" for n in range(RECENT)])
    shared_embedder().embed(said)


def peak_megabytes() -> float:
    """Give the most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
