"""Reflections that never leave this computer."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "reflections", sa.Column("stays", sa.Boolean, nullable=False, server_default=sa.false())
    )
