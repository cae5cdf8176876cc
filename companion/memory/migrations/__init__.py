"""The journal's schema through time, by Alembic, run in code; people need no alembic.ini."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from companion.errors import JournalError

HEAD = "0002"
"""The newest revision in `versions`."""
KNOWN = frozenset({"0001", "0002"})


def current(connection: Connection) -> str | None:
    """Give the revision a database is at, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection) -> None:
    """Bring a database to HEAD within the caller's transaction.

    Raises JournalError when a newer Companion wrote it.
    """
    found = current(connection)
    if found == HEAD:
        return
    if found is not None and found not in KNOWN:
        raise JournalError(
            "The journal was written by a newer Companion. Update this one; nothing was changed."
        )
    # Alembic is slow to import, and nearly every start finds the schema up to date.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
