"""Polls: the options of a message, and who voted for which."""

import sqlalchemy as sa
import structlog
from alembic import op

from chat.store.queries import search

revision = "0009"
down_revision = "0008"

log = structlog.get_logger(__name__)


def upgrade() -> None:
    none = sa.text("0")
    op.add_column("message", sa.Column("options", sa.Integer, nullable=False, server_default=none))
    op.add_column("message", sa.Column("closed_at", sa.BigInteger))
    op.create_table(
        "option",
        sa.Column("message", sa.Integer, sa.ForeignKey("message.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "vote",
        sa.Column("message", sa.Integer, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("option", sa.Integer, nullable=False),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.UniqueConstraint("message", "option", "person"),
    )
    _build_search_index(op.get_bind())


def _build_search_index(connection: sa.Connection) -> None:
    """For a chat from before there was one (0004): what a message is found by is known by now."""
    if connection.exec_driver_sql("SELECT 1 FROM search LIMIT 1").first() is not None:
        return
    if connection.exec_driver_sql("SELECT 1 FROM message LIMIT 1").first() is not None:
        # A minute or two for a million messages: whoever waits for the start should know why.
        log.info("reading all that was said, so that it can be searched")
    search.build_index(connection)
