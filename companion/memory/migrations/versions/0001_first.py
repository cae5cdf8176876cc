"""People, conversations, turns, reflections, corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("revision", sa.String(32), nullable=False),
        sa.Column("details", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_people"),
        sa.UniqueConstraint("id", name="uq_people_id"),
    )
    op.create_table(
        "conversations",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("used_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_conversations"),
        sa.UniqueConstraint("id", name="uq_conversations_id"),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name="fk_conversations_person", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_conversations_person", "conversations", ["person"])
    op.create_table(
        "turns",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("conversation", sa.String(32), nullable=False),
        sa.Column("asked_at", sa.String(40), nullable=False),
        sa.Column("answered_at", sa.String(40)),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("reply", sa.LargeBinary),
        sa.Column("crisis", sa.LargeBinary),
        sa.Column("situation", sa.LargeBinary),
        sa.Column("trace", sa.LargeBinary),
        sa.PrimaryKeyConstraint("number", name="pk_turns"),
        sa.UniqueConstraint("id", name="uq_turns_id"),
        sa.ForeignKeyConstraint(
            ["conversation"], ["conversations.id"], name="fk_turns_conversation", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_turns_conversation", "turns", ["conversation"])
    op.create_table(
        "reflections",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("kept_at", sa.String(40), nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_reflections"),
        sa.UniqueConstraint("person", "id", name="uq_reflections_person"),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name="fk_reflections_person", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("turn", sa.String(32), nullable=False),
        sa.Column("noted_at", sa.String(40), nullable=False),
        sa.Column("situation", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
        sa.ForeignKeyConstraint(
            ["turn"], ["turns.id"], name="fk_corrections_turn", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_corrections_turn", "corrections", ["turn"])
