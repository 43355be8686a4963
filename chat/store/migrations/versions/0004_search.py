"""A table for all that can be searched; the step that came last of those it is made of fills it."""

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
