"""A table for all that can be searched; the step that came last of those it is made of fills it."""

from alembic import op

from chat.store.queries import search

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(search.CREATE_TABLE)
