"""Everything that was said can be searched."""

import structlog
from alembic import op

from chat.store import search

revision = "0004"
down_revision = "0003"

log = structlog.get_logger(__name__)


def upgrade() -> None:
    op.execute(search.TABLE)
    # A minute for a million messages: whoever waits for the start should know why.
    log.info("reading all that was said, so that it can be searched")
    search.fill(op.get_bind())
