"""A Companion with a script for a mind: the app's tests need its events, not its understanding."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from companion.contacts import Contacts
from companion.core import Companion
from companion.domain import (
    POLICY,
    CrisisLevel,
    CrisisState,
    OldRule,
    Reflection,
    ReflectionKind,
    Situation,
    Span,
    TurnInput,
)
from companion.events import (
    Crisis,
    Event,
    Finished,
    Offer,
    Reading,
    Recalled,
    Replaced,
    Sentence,
)
from companion.memory.in_memory import InMemoryJournal


class Memory:
    """Reflections straight from a journal; whatever there is bears on everything."""

    def __init__(self, journal: InMemoryJournal) -> None:
        self.journal = journal
        self.keep, self.edit, self.forget = journal.keep, journal.edit, journal.forget

    def reflections(self, person: str) -> tuple[Reflection, ...]:
        return self.journal.reflections(person)


@dataclass
class Clock:
    """A clock the test turns."""

    at: datetime = datetime(2025, 11, 4, 21, 14, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class ScriptedWorkflow:
    """Answers by what a message holds: "pills" is an emergency, "break" fails, "!" is shouted back.

    `gate` is held closed by a test that wants to look while a reply is arriving.
    """

    memory: Memory
    use: Any
    gate: threading.Event = field(default_factory=threading.Event)

    def run(self, turn: TurnInput) -> Iterator[Event]:
        if "break" in turn.message:
            raise RuntimeError(turn.message)
        if "pills" in turn.message:
            yield from self._crisis(turn)
        else:
            yield from self._ordinary(turn)
        yield Finished("embedded", {"triage": 0.01, "first": 0.02, "total": 0.05})

    def _crisis(self, turn: TurnInput) -> Iterator[Event]:
        state = CrisisState(CrisisLevel.EMERGENCY)
        contacts = Contacts().of(turn.country, state.kind)
        yield Crisis(state, "That comes first.\n\nAre you safe now?", contacts, contacts_first=True)

    def _ordinary(self, turn: TurnInput) -> Iterator[Event]:
        situation = turn.correction or Situation.MEANING_ATTACKED
        policy = POLICY[situation]
        yield Reading(
            situation=situation,
            mode=policy.mode,
            variant=policy.variant,
            also=Situation.SAFETY_MISSING,
            old_rule=OldRule.LOVE_CAN_BE_REVOKED,
            probabilities={situation: 1.0},
            words=(Span(0, min(12, len(turn.message))),),
        )
        yield Recalled(self.memory.reflections(turn.person))
        yield Sentence("No. That reading is not allowed in.")
        self.gate.wait(20)
        yield Replaced("You let this happen.", "It put the blame on you.")
        yield Sentence(f"You wrote: {turn.message}")
        yield Offer("Rest is not laziness.", ReflectionKind.AUTHORSHIP)


def scripted(clock: Clock) -> Companion:
    journal = InMemoryJournal()
    memory = Memory(journal)
    use = SimpleNamespace(clock=clock, voice=SimpleNamespace(name="embedded", host=None))
    workflow = ScriptedWorkflow(memory, use)
    workflow.gate.set()
    parts: Any = (workflow, journal, memory)
    return Companion(*parts)
