"""Files that hang on messages, and pictures of people."""

import sqlalchemy as sa
import structlog
from alembic import op

from chat.store import search

revision = "0006"
down_revision = "0005"

log = structlog.get_logger(__name__)


def upgrade() -> None:
    none = sa.text("0")
    empty = sa.text("''")
    op.add_column(
        "person", sa.Column("avatar", sa.String(64), nullable=False, server_default=empty)
    )
    op.add_column("message", sa.Column("files", sa.Integer, nullable=False, server_default=none))
    op.create_table(
        "file",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("unused_since", sa.BigInteger),
    )
    unused = sa.text("unused_since IS NOT NULL")
    op.create_index("file_unused", "file", ["unused_since"], sqlite_where=unused)
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("message", sa.Integer, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("file", sa.String(64), sa.ForeignKey("file.hash"), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.UniqueConstraint("message", "position"),
    )
    op.create_index("attachment_by_file", "attachment", ["file"])
    op.create_index("attachment_by_person", "attachment", ["person"])
    _fill_the_search(op.get_bind())


def _fill_the_search(connection: sa.Connection) -> None:
    """For a chat from before there was one (0004): what a message is found by is known by now."""
    if connection.exec_driver_sql("SELECT 1 FROM search LIMIT 1").first() is not None:
        return
    if connection.exec_driver_sql("SELECT 1 FROM message LIMIT 1").first() is not None:
        # A minute or two for a million messages: whoever waits for the start should know why.
        log.info("reading all that was said, so that it can be searched")
    search.fill(connection)
