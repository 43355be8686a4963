"""The table of the search index. Migration 0009 fills it, the last that adds to its content."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        """
CREATE VIRTUAL TABLE search USING fts5(
    words, content='', tokenize="ascii tokenchars '_='"
)
"""
    )
