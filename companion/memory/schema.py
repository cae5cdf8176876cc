"""The journal's tables. A column that could carry a person's words holds sealed bytes only.

Ids, dates, a reflection's kind and whether it stays here are readable in the file;
`docs/privacy.md` says so. Dates are ISO 8601 text with their offset, so that "earlier today" stays
the person's own day.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

people = Table(
    "people",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("revision", String(32), nullable=False),
    Column("details", LargeBinary, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("person", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("used_at", String(40), nullable=False),
    Index(None, "person"),
)

turns = Table(
    "turns",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("conversation", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("asked_at", String(40), nullable=False),
    Column("answered_at", String(40)),
    Column("message", LargeBinary, nullable=False),
    Column("reply", LargeBinary),
    Column("crisis", LargeBinary),
    Column("situation", LargeBinary),
    Column("trace", LargeBinary),
    Index(None, "conversation"),
)

reflections = Table(
    "reflections",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("person", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("kept_at", String(40), nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("stays", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("person", "id"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("turn", ForeignKey("turns.id", ondelete="CASCADE"), nullable=False),
    Column("noted_at", String(40), nullable=False),
    Column("situation", LargeBinary, nullable=False),
    Index(None, "turn"),
)
