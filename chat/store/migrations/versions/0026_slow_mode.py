"""The slow mode of a room, in seconds."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column(
        "room", sa.Column("slow_seconds", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
