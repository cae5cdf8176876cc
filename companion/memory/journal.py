"""The journal in SQL: the source of truth, every text sealed before it reaches the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from companion.domain import Reflection, Situation
from companion.errors import JournalError
from companion.memory.corrected import corrected
from companion.memory.forgetting import unquoted
from companion.memory.keys import Cipher, load_cipher
from companion.memory.rows import Rows, moment, written
from companion.memory.schema import conversations, corrections, people, reflections, turns
from companion.memory.store import Store, open_sqlite, said_plainly
from companion.ports import Correction, Person, Turn

JOURNAL_FILE = "journal.db"
GONE = "That conversation is no longer in the journal. Start a new one."


def open_journal(data: Path, keys: Path) -> SqlJournal:
    """Open the journal in the folder `data` with the key in the folder `keys`, making both if new.

    Raises JournalError with what is wrong and what to do.
    """
    path = data / JOURNAL_FILE
    with said_plainly(str(path)):
        exists = path.exists() or path.with_name(path.name + "-wal").exists()
    cipher = load_cipher(keys, data_exists=exists)
    return SqlJournal(open_sqlite(path), cipher)


class SqlJournal:
    """A Journal in SQL. Thread-safe; a write is on the disk when its method returns."""

    def __init__(self, store: Store, cipher: Cipher) -> None:
        self._store, self._rows = store, Rows(cipher)
        try:
            with store.reading() as connection:
                # Opening one sealed text tells a wrong key at once rather than in mid-conversation.
                row = connection.execute(select(people).limit(1)).first()
                if row:
                    self._rows.person(row)
        except JournalError:
            store.close()
            raise

    def person(self) -> Person:
        with self._store.reading() as connection:
            row = connection.execute(select(people).order_by(people.c.number).limit(1)).first()
        if row:
            return self._rows.person(row)
        with self._store.writing() as connection:
            row = connection.execute(select(people).order_by(people.c.number).limit(1)).first()
            if row is None:
                self._ensure(connection, uuid4().hex)
                row = connection.execute(select(people).limit(1)).one()
        return self._rows.person(row)

    def save_person(self, person: Person) -> None:
        values = self._rows.sealed_person(person)
        with self._store.writing() as connection:
            self._ensure(connection, person.id)
            connection.execute(update(people).where(people.c.id == person.id).values(values))

    def start_conversation(self, person: str, at: datetime) -> str:
        conversation = uuid4().hex
        with self._store.writing() as connection:
            self._ensure(connection, person)
            connection.execute(
                insert(conversations).values(id=conversation, person=person, used_at=written(at))
            )
        return conversation

    def conversations(self, person: str) -> tuple[tuple[str, datetime], ...]:
        query = (
            select(conversations.c.id, conversations.c.used_at)
            .where(conversations.c.person == person)
            .order_by(conversations.c.number.desc())
        )
        with self._store.reading() as connection:
            found = [(row.id, moment(row.used_at)) for row in connection.execute(query)]
        return tuple(sorted(found, key=lambda item: item[1], reverse=True))

    def forget_conversation(self, person: str, conversation: str) -> None:
        mine = (conversations.c.id == conversation) & (conversations.c.person == person)
        with self._store.writing() as connection:
            gone = connection.execute(delete(conversations).where(mine)).rowcount
        if gone:
            self._store.scrub()

    def ask(self, conversation: str, message: str, at: datetime) -> str:
        turn = uuid4().hex
        values = self._rows.sealed_message(conversation, turn, message)
        with self._store.writing() as connection:
            used = connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation)
                .values(used_at=written(at))
            )
            if not used.rowcount:
                raise JournalError(GONE)
            connection.execute(insert(turns).values(asked_at=written(at), **values))
        return turn

    def answer(self, turn: Turn) -> None:
        """Write the answer. Raises JournalError when the turn was forgotten meanwhile."""
        with self._store.writing() as connection:
            self._answer(connection, turn)

    def _answer(self, connection: Connection, turn: Turn) -> None:
        done = connection.execute(
            update(turns).where(turns.c.id == turn.id).values(self._rows.sealed_answer(turn))
        )
        if not done.rowcount:
            raise JournalError(GONE)

    def turns(self, conversation: str) -> tuple[Turn, ...]:
        query = select(turns).where(turns.c.conversation == conversation).order_by(turns.c.number)
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(map(self._rows.turn, rows))

    def keep(self, person: str, reflection: Reflection) -> None:
        """Write the reflection. Raises JournalError when its id is already kept."""
        values = self._rows.sealed_reflection(person, reflection)
        with self._store.writing() as connection:
            self._ensure(connection, person)
            known = connection.execute(
                select(reflections.c.id).where(_is(person, reflection.id))
            ).first()
            if known:
                raise JournalError("A reflection with this id is already kept. Edit it instead.")
            connection.execute(insert(reflections).values(values))
            self._revise(connection, person)

    def edit(self, person: str, reflection: Reflection) -> None:
        values = self._rows.sealed_reflection(person, reflection)
        with self._store.writing() as connection:
            done = connection.execute(
                update(reflections)
                .where(_is(person, reflection.id))
                .values(kind=values["kind"], text=values["text"], stays=values["stays"])
            )
            if not done.rowcount:
                raise JournalError("There is no such reflection any more, so it was not changed.")
            self._revise(connection, person)

    def forget(self, person: str, ids: Sequence[str]) -> None:
        with self._store.writing() as connection:
            gone = [one for one in self._reflections(connection, person) if one.id in set(ids)]
            if not gone:
                return
            for one in gone:
                connection.execute(delete(reflections).where(_is(person, one.id)))
            self._unquote(connection, person, gone)
            self._revise(connection, person)
        self._store.scrub()

    def reflections(self, person: str) -> tuple[Reflection, ...]:
        with self._store.reading() as connection:
            found = self._reflections(connection, person)
        return tuple(sorted(found, key=lambda reflection: reflection.kept_at))

    def revision(self, person: str) -> str:
        with self._store.reading() as connection:
            query = select(people.c.revision).where(people.c.id == person)
            return connection.execute(query).scalar() or ""

    def correct(self, turn: str, situation: Situation, at: datetime) -> None:
        """Note the correction. Raises JournalError when the turn was forgotten."""
        values = self._rows.sealed_correction(uuid4().hex, turn, situation)
        with self._store.writing() as connection:
            if not connection.execute(select(turns.c.id).where(turns.c.id == turn)).first():
                raise JournalError(GONE)
            # Replaced, since of two notes of one moment nobody could tell which was the last.
            connection.execute(delete(corrections).where(corrections.c.turn == turn))
            connection.execute(insert(corrections).values(noted_at=written(at), **values))

    def corrections(self, person: str) -> tuple[Correction, ...]:
        mine = select(conversations.c.id).where(conversations.c.person == person)
        noted = select(corrections, turns.c.conversation).join(turns)
        noted = noted.where(turns.c.conversation.in_(mine))
        with self._store.reading() as connection:
            found = connection.execute(noted).all()
            talks = {row.conversation for row in found}
            query = select(turns).where(turns.c.conversation.in_(talks)).order_by(turns.c.number)
            rows = connection.execute(query).all()
        notes = [(row.turn, self._rows.correction(row)) for row in found]
        # Older journals hold every note of a turn; sorted, the last one stays.
        notes.sort(key=lambda note: note[1][1])
        return corrected([self._rows.turn(row) for row in rows], dict(notes))

    def close(self) -> None:
        self._store.close()

    def _ensure(self, connection: Connection, person: str) -> None:
        if connection.execute(select(people.c.id).where(people.c.id == person)).first():
            return
        values = self._rows.sealed_person(Person(person))
        connection.execute(insert(people).values(revision="", **values))

    def _revise(self, connection: Connection, person: str) -> None:
        # Random rather than counted: a journal put back from a copy must not repeat a number.
        values = {"revision": uuid4().hex}
        connection.execute(update(people).where(people.c.id == person).values(values))

    def _reflections(self, connection: Connection, person: str) -> list[Reflection]:
        mine = select(reflections).where(reflections.c.person == person)
        mine = mine.order_by(reflections.c.number)
        return [self._rows.reflection(row) for row in connection.execute(mine).all()]

    def _unquote(self, connection: Connection, person: str, gone: Sequence[Reflection]) -> None:
        mine = select(conversations.c.id).where(conversations.c.person == person)
        for row in connection.execute(select(turns).where(turns.c.conversation.in_(mine))).all():
            turn = self._rows.turn(row)
            left = unquoted(turn, gone)
            if left != turn:
                self._answer(connection, left)


def _is(person: str, reflection: str) -> ColumnElement[bool]:
    return (reflections.c.person == person) & (reflections.c.id == reflection)
