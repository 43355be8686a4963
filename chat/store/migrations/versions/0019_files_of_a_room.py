"""The index of the messages of a room that have files."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_index(
        "message_by_files", "message", ["room", "number"], sqlite_where=sa.text("files > 0")
    )
