"""The number of the last change of a message among those of all rooms."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("message", sa.Column("sequence", sa.Integer))
    op.create_index(
        "message_by_sequence",
        "message",
        ["sequence"],
        unique=True,
        sqlite_where=sa.text("sequence IS NOT NULL"),
    )
