"""A turn beside the same steps without the graph, and beside the graph without its steps.

All three answer the same messages. The two that speak have a conversation each on one journal, and
a Companion each, so that neither finds what the other has just worked out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from companion.build import build, speaking_through
from companion.connection import EMBEDDED
from companion.core import Companion
from companion.events import Crisis
from companion.workflow import Workflow
from evals.bench.pairs import alternate
from evals.bench.results import Engine, messages
from evals.bench.steps import Plain, bare_graph
from evals.bench.turns import CONVERSATION, know_only, settings

ROUNDS = 2


def without_graph(companion: Companion) -> Companion:
    """Give the same Companion with its steps called one after another."""
    return replace(companion, workflow=Workflow(companion.workflow.use, Plain()))


@dataclass
class Talk:
    """One side's conversations; a new one begins every so many messages."""

    companion: Companion
    conversation: str = ""
    said: list[str] = field(default_factory=list)

    def answer(self, message: str) -> float | None:
        """Give the seconds a turn took, None for vetted text, which skips most steps."""
        journal = self.companion.journal
        person = journal.person().id
        if not self.conversation or len(self.said) == CONVERSATION:
            now = self.companion.workflow.use.clock()
            self.conversation, self.said = journal.start_conversation(person, now), []
        know_only(self.said)
        began = time.perf_counter()
        events = list(self.companion.reply(person, self.conversation, message))
        took = time.perf_counter() - began
        self.said.append(message)
        if any(isinstance(event, Crisis) for event in events):
            self.conversation = ""
            return None
        return took


def measure(folder: Path, quick: bool = False) -> Engine:
    """Measure with the reflections of a settled folder."""
    chosen = settings(folder)
    first = build(chosen)
    turn = Talk(first)
    plain = Talk(without_graph(speaking_through(first, chosen, EMBEDDED)))
    graph, use = bare_graph(), first.workflow.use

    def empty(message: str) -> float:
        began = time.perf_counter()
        given = {"turn": message}
        list(graph.stream(given, context=use, stream_mode="custom", config={"callbacks": []}))
        return time.perf_counter() - began

    said = messages()
    conversations = len(said) // CONVERSATION
    mixed = [one for start in range(conversations) for one in said[start::conversations]]
    sides = {"turn": turn.answer, "plain": plain.answer, "graph": empty}
    alternate(sides, mixed[:CONVERSATION])
    measured = alternate(sides, mixed[: 4 if quick else None], 1 if quick else ROUNDS)
    first.journal.close()
    return Engine(measured)
