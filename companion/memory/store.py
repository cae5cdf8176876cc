"""The database under the journal: opened with care, and every failure said in one sentence."""

from __future__ import annotations

import errno
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from companion.errors import JournalError
from companion.memory import migrations
from companion.memory.keys import sync_folder

BUSY_MILLISECONDS = 5_000


class Store:
    """A database at the newest schema. `reading` and `writing` give connections; thread-safe."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine, self.place = engine, place
        self._lock = threading.RLock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with said_plainly(self.place), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction that is on the disk once the block ends, or leaves nothing."""
        writes = self._engine.execution_options(writes=True)
        with said_plainly(self.place), self._lock, writes.begin() as connection:
            yield connection

    def scrub(self) -> None:
        """Leave no byte of what was deleted in the database's files.

        Raises JournalError when that has to wait for the next start; the deletion itself stands.
        """
        if self._engine.dialect.name != "sqlite":
            return
        try:
            with said_plainly(self.place), self._lock:
                raw = self._engine.raw_connection()
                try:
                    cursor = raw.cursor()
                    _truncate_log(cursor)
                    cursor.execute("VACUUM")
                    _truncate_log(cursor)
                finally:
                    raw.close()
        except JournalError as error:
            raise JournalError(
                "It is forgotten, but its encrypted bytes could not be wiped from the disk yet; "
                f"that is done at the next start. ({error})"
            ) from error

    def wipe_log(self) -> None:
        """Move SQLite's log into the database, where what was deleted is zeros, and empty it."""
        with said_plainly(self.place), self._lock:
            raw = self._engine.raw_connection()
            try:
                _truncate_log(raw.cursor())
            finally:
                raw.close()

    def close(self) -> None:
        self._engine.dispose()


def open_sqlite(path: Path) -> Store:
    """Open the journal at `path`, made whole on the first start, migrated on later ones.

    Raises JournalError with what is wrong and what to do. A damaged file is never written to.
    """
    with said_plainly(str(path)):
        _prepare(path)
        engine = _engine(path)
        try:
            with engine.connect() as connection:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
                if found != "ok":
                    raise _damaged(path)
                behind = migrations.current(connection) != migrations.HEAD
            if behind:
                with engine.execution_options(writes=True).begin() as connection:
                    migrations.upgrade(connection)
        except BaseException:
            engine.dispose()
            raise
        store = Store(engine, str(path))
        # Finishes what an interrupted forgetting left in the log; another open journal may go on.
        with suppress(JournalError):
            store.wipe_log()
        return store


def open_url(url: str) -> Store:
    """Open a journal in any database SQLAlchemy knows, migrated."""
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
    place = engine.url.render_as_string(hide_password=True)
    with said_plainly(place), engine.begin() as connection:
        migrations.upgrade(connection)
    return Store(engine, place)


def _prepare(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _close_to_others(path.parent, 0o700)
    if not path.exists():
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise JournalError(
                f"The journal {path} is missing, though its log {log.name} is there. Put the "
                "journal back, or move the log aside to start a new one."
            )
        _make(path)
    # SQLite takes an empty file for a new database; here it can only be one that lost its content.
    elif path.stat().st_size == 0:
        raise _damaged(path)
    else:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\x00":
                raise _damaged(path)
    _close_to_others(path, 0o600)
    if not os.access(path.parent, os.W_OK) or not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _close_to_others(place: Path, mode: int) -> None:
    if os.name == "posix" and place.stat().st_mode & 0o077:
        try:
            place.chmod(mode)
        except PermissionError as error:
            raise JournalError(
                f"Others can read {place}, which holds the journal. Run: chmod {mode:o} '{place}'"
            ) from error


def _make(path: Path) -> None:
    """Make the first database beside its place and link it there whole, so none is half made."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        engine = _engine(fresh, journal_mode="DELETE")
        try:
            with engine.execution_options(writes=True).begin() as connection:
                migrations.upgrade(connection)
        finally:
            engine.dispose()
        with closing(sqlite3.connect(fresh)) as connection_to_switch:
            connection_to_switch.execute("PRAGMA journal_mode=WAL")
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        for left in path.parent.glob(fresh.name + "*"):
            left.unlink(missing_ok=True)
    sync_folder(path.parent)


def _engine(path: Path, journal_mode: str = "WAL") -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        # pysqlite's own transactions begin too late and never for reads; ours begin below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_MILLISECONDS}",
            "secure_delete=ON",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            f"journal_mode={journal_mode}",
            "synchronous=FULL",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _truncate_log(cursor: Any) -> None:
    (busy, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("database is locked")


def _damaged(path: Path | str) -> JournalError:
    return JournalError(
        f"The journal {path} is damaged. Nothing was written to it: put back a copy, or move it "
        "aside to start a new one."
    )


@contextmanager
def said_plainly(place: str) -> Iterator[None]:
    """Turn what a database or a disk raises into a JournalError of one sentence."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise _sentence(error, place) from error


def _sentence(error: Exception, place: str) -> JournalError:
    original = getattr(error, "orig", None) or error
    said, number = str(original).casefold(), getattr(original, "errno", None)
    if "is full" in said or number in {errno.ENOSPC, errno.EDQUOT}:
        return JournalError(
            f"The disk that holds the journal {place} is full, so nothing was saved. Free some "
            "space and try again."
        )
    if "malformed" in said or "not a database" in said:
        return _damaged(place)
    if "locked" in said or "busy" in said:
        return JournalError(
            f"The journal {place} is in use by another program. Close that program and try again."
        )
    if "readonly" in said or "unable to open" in said or isinstance(original, OSError):
        return JournalError(
            f"The journal {place} cannot be opened for writing. Check that its folder exists and "
            "that you may write there."
        )
    return JournalError(
        f"The journal {place} could not be read or written ({type(original).__name__}). Check the "
        "disk, then start again."
    )
