"""Rebuilds a conversation from what the client tells of it, in a memory that dies with the request.

The past stays as the client tells it: its replies are seeded as the journal's answered turns. What
the journal would know besides is read again: the situation of each message, where a crisis stood
(see `standing`), and which reflections a reply was given. Nothing is spoken again, and only the
embedded reader reads, about ten milliseconds a message; a model that also reads is asked about the
last message alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from companion.core import Companion
from companion.domain import CrisisLevel, PastTurn
from companion.events import Reading
from companion.ports import Reader, Turn
from companion.serving.messages import Conversation, Exchange
from companion.serving.standing import Standing, StillUnmet
from companion.serving.vetted import lines_in
from companion.steps.classify import classify
from companion.steps.recall import recall
from companion.text import sounds_under_18


class Past:
    """One conversation as it is told, seeded turn by turn into an empty Companion's journal."""

    def __init__(self, companion: Companion, reader: Reader, conversation: str) -> None:
        self._companion, self._reader, self._conversation = companion, reader, conversation
        self._person = companion.journal.person().id
        self._standing = Standing(companion.workflow.use.triager)
        self._history: list[PastTurn] = []
        self._under_18 = False

    def tell(self, said: Conversation) -> Companion:
        """Seed all that came before the last message; give the Companion that answers it."""
        turns = [turn for one in said.past if (turn := self._turn(one))]
        read = self._reader.read(said.message, self._spoken())
        companion = self._companion
        if self._standing.opens(said.message, read):
            unmet, last = self._standing.state, turns[-1]
            turns[-1] = replace(last, crisis=replace(unmet, level=CrisisLevel.NONE))
            use = companion.workflow.use
            use = replace(use, reader=StillUnmet(use.reader, unmet))
            companion = replace(companion, workflow=replace(companion.workflow, use=use))
        self._seed(turns)
        return companion

    def _spoken(self) -> list[PastTurn]:
        return [turn for turn in self._history if turn.situation is not None]

    def _turn(self, one: Exchange) -> Turn | None:
        if not one.message:
            # How it began was left out. A greeting answers nothing, but a crisis must be known.
            told = lines_in(one.reply)
            if not told:
                return None
            self._standing.hear_reply(told)
            return self._noted(one, None)
        read = self._reader.read(one.message, self._spoken())
        self._under_18 |= sounds_under_18(one.message)
        in_a_mode = self._standing.hear(one.message, read, one.reply, self._under_18)
        reading = classify(read, message=one.message, history=self._history)
        return self._noted(one, reading if in_a_mode else None)

    def _noted(self, one: Exchange, reading: Reading | None) -> Turn:
        now = self._companion.workflow.use.clock()
        situation = reading.situation if reading else None
        self._history.append(PastTurn(one.message, one.reply, situation))
        words = [[span.start, span.end] for span in reading.words] if reading else []
        recalled = self._recalled(one.message, reading) if reading else []
        return Turn(
            "",
            self._conversation,
            one.message,
            now,
            one.reply,
            now,
            self._standing.state,
            situation,
            {"reading": {"words": words}, "recalled": recalled},
        )

    def _recalled(self, message: str, reading: Reading) -> list[str]:
        """Give the ids that a reply was given: what it told of them must not leave either."""
        memory = self._companion.memory
        if not any(one.stays for one in memory.reflections(self._person)):
            return []
        candidates = memory.candidates(self._person, message)
        return [one.id for one in recall(message, reading.situation, reading.mode, candidates)]

    def _seed(self, turns: Iterable[Turn]) -> None:
        journal = self._companion.journal
        for turn in turns:
            key = journal.ask(self._conversation, turn.message, turn.asked_at)
            journal.answer(replace(turn, id=key))
