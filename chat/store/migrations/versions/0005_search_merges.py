"""The lists of the search are merged when nothing else is written, not within a commit."""

from alembic import op

from chat.store.queries import search

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(search.DISABLE_AUTOMERGE)
