"""Everything that was said can be searched."""

import structlog
from alembic import op

from chat.store import search

revision = "0004"
down_revision = "0003"

log = structlog.get_logger(__name__)


def upgrade() -> None:
    op.execute(search.TABLE)
    connection = op.get_bind()
    if connection.exec_driver_sql("SELECT 1 FROM message").first() is not None:
        # A minute or two for a million messages: whoever waits for the start should know why.
        log.info("reading all that was said, so that it can be searched")
    search.fill(connection)
