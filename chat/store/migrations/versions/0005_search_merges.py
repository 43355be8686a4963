"""The search index merges when the store is idle, not within a commit."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("INSERT INTO search (search, rank) VALUES ('automerge', 0)")
