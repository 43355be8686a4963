"""The index of the messages by author. The first databases of step 0001 were made without it."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    columns = ["author", "room", "number"]
    op.create_index("message_by_author", "message", columns, if_not_exists=True)
