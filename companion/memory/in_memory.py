"""A journal and an index that live and die with the process: batch commands, evals, `serve`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import numpy as np

from companion.domain import Reflection, Situation
from companion.errors import JournalError
from companion.memory.corrected import Note, corrected
from companion.memory.forgetting import unquoted
from companion.ports import Correction, Entry, Hit, Person, Turn, Vectors

GONE = "That conversation is no longer in the journal. Start a new one."


class InMemoryJournal:
    """A Journal in dictionaries. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._people: dict[str, Person] = {}
        self._owners: dict[str, str] = {}
        self._used: dict[str, datetime] = {}
        self._turns: dict[str, Turn] = {}
        self._reflections: dict[str, dict[str, Reflection]] = {}
        self._revisions: dict[str, str] = {}
        self._corrections: dict[str, Note] = {}

    def person(self) -> Person:
        with self._lock:
            if not self._people:
                self.save_person(Person(uuid4().hex))
            return next(iter(self._people.values()))

    def save_person(self, person: Person) -> None:
        with self._lock:
            self._people[person.id] = person

    def start_conversation(self, person: str, at: datetime) -> str:
        with self._lock:
            self._people.setdefault(person, Person(person))
            conversation = uuid4().hex
            self._owners[conversation], self._used[conversation] = person, at
            return conversation

    def conversations(self, person: str) -> tuple[tuple[str, datetime], ...]:
        with self._lock:
            mine = [(key, self._used[key]) for key, who in self._owners.items() if who == person]
        mine.reverse()
        return tuple(sorted(mine, key=lambda item: item[1], reverse=True))

    def forget_conversation(self, person: str, conversation: str) -> None:
        with self._lock:
            if self._owners.get(conversation) != person:
                return
            del self._owners[conversation], self._used[conversation]
            gone = {key for key, turn in self._turns.items() if turn.conversation == conversation}
            for key in gone:
                del self._turns[key]
                self._corrections.pop(key, None)

    def ask(self, conversation: str, message: str, at: datetime) -> str:
        with self._lock:
            if conversation not in self._owners:
                raise JournalError(GONE)
            turn = Turn(uuid4().hex, conversation, message, at)
            self._turns[turn.id] = turn
            self._used[conversation] = at
            return turn.id

    def answer(self, turn: Turn) -> None:
        with self._lock:
            asked = self._known(turn.id)
            self._turns[turn.id] = replace(
                asked,
                reply=turn.reply,
                answered_at=turn.answered_at,
                crisis=turn.crisis,
                situation=turn.situation,
                trace=dict(turn.trace),
            )

    def turns(self, conversation: str) -> tuple[Turn, ...]:
        with self._lock:
            return tuple(t for t in self._turns.values() if t.conversation == conversation)

    def keep(self, person: str, reflection: Reflection) -> None:
        with self._lock:
            self._people.setdefault(person, Person(person))
            mine = self._reflections.setdefault(person, {})
            if reflection.id in mine:
                raise JournalError("A reflection with this id is already kept. Edit it instead.")
            mine[reflection.id] = reflection
            self._revisions[person] = uuid4().hex

    def edit(self, person: str, reflection: Reflection) -> None:
        with self._lock:
            mine = self._reflections.get(person, {})
            if reflection.id not in mine:
                raise JournalError("There is no such reflection any more, so it was not changed.")
            old = mine[reflection.id]
            mine[reflection.id] = replace(reflection, kept_at=old.kept_at)
            self._revisions[person] = uuid4().hex

    def forget(self, person: str, ids: Sequence[str]) -> None:
        with self._lock:
            mine = self._reflections.get(person, {})
            gone = [mine.pop(key) for key in dict.fromkeys(ids) if key in mine]
            if not gone:
                return
            self._revisions[person] = uuid4().hex
            for key, turn in self._turns.items():
                if self._owners[turn.conversation] == person:
                    self._turns[key] = unquoted(turn, gone)

    def reflections(self, person: str) -> tuple[Reflection, ...]:
        with self._lock:
            mine = list(self._reflections.get(person, {}).values())
        return tuple(sorted(mine, key=lambda reflection: reflection.kept_at))

    def revision(self, person: str) -> str:
        with self._lock:
            return self._revisions.get(person, "")

    def correct(self, turn: str, situation: Situation, at: datetime) -> None:
        with self._lock:
            self._known(turn)
            self._corrections[turn] = (situation, at)

    def corrections(self, person: str) -> tuple[Correction, ...]:
        with self._lock:
            mine = [t for t in self._turns.values() if self._owners[t.conversation] == person]
            return corrected(mine, self._corrections)

    def close(self) -> None:
        """Nothing to close; what was written stays readable."""

    def _known(self, turn: str) -> Turn:
        if turn not in self._turns:
            raise JournalError(GONE)
        return self._turns[turn]


class InMemoryIndex:
    """An Index by exact cosine. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._entries: dict[str, dict[str, Entry]] = {}
        self._stacked: dict[str, tuple[tuple[str, ...], Vectors]] = {}
        self._marks: dict[str, str] = {}

    def ids(self, person: str) -> frozenset[str]:
        with self._lock:
            return frozenset(self._entries.get(person, ()))

    def put(self, person: str, entries: Sequence[Entry]) -> None:
        with self._lock:
            self._changed(person)
            self._entries.setdefault(person, {}).update({entry.id: entry for entry in entries})

    def search(self, person: str, vector: Vectors, limit: int) -> tuple[Hit, ...]:
        with self._lock:
            mine = self._entries.get(person)
            if not mine or limit <= 0:
                return ()
            if person not in self._stacked:
                vectors = np.stack([entry.vector for entry in mine.values()])
                self._stacked[person] = (tuple(mine), vectors)
            ids, stacked = self._stacked[person]
        similar = stacked @ vector
        best = np.argsort(-similar, kind="stable")[:limit]
        return tuple(Hit(ids[i], float(similar[i])) for i in best)

    def erase(self, person: str, ids: Sequence[str]) -> None:
        with self._lock:
            mine = self._entries.get(person, {})
            for key in ids:
                if mine.pop(key, None) is not None:
                    self._changed(person)

    def marked(self, person: str) -> str | None:
        with self._lock:
            return self._marks.get(person)

    def mark(self, person: str, of: str) -> None:
        with self._lock:
            self._marks[person] = of

    def close(self) -> None:
        """Nothing to close."""

    def _changed(self, person: str) -> None:
        self._stacked.pop(person, None)
        self._marks.pop(person, None)
