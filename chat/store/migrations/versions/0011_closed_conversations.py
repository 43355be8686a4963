"""Closed conversations: the last message of the room when a member took it off their list."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("member", sa.Column("closed_at_number", sa.Integer))
