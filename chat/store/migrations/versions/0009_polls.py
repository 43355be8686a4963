"""Polls: the options of a message, and the votes for them. It also fills the search index."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from alembic import op

from chat.store.migrations.tokens_0009 import message_tokens

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
    """Fill the search index of a chat that is older than migration 0004.

    All columns that the index needs exist from this migration on.
    """
    if connection.exec_driver_sql("SELECT 1 FROM search LIMIT 1").first() is not None:
        return
    if connection.exec_driver_sql("SELECT 1 FROM message LIMIT 1").first() is not None:
        # It takes a minute or two for a million messages, and delays the start.
        log.info("reading all that was said, so that it can be searched")
    last_id = 0
    while rows := connection.exec_driver_sql(_SELECT_MESSAGES, (last_id, _BATCH_SIZE)).all():
        last_id = rows[-1].id
        connection.exec_driver_sql(_INSERT, _index_rows(connection, rows))
    connection.exec_driver_sql("INSERT INTO search (search) VALUES ('optimize')")


def _index_rows(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[tuple[int, str]]:
    """The ids of these messages, each with its tokens. No message has poll options yet."""
    id_range = (rows[0].id, rows[-1].id)
    mentions, files = defaultdict[int, list[int]](list), defaultdict[int, list[Any]](list)
    for message, person in connection.exec_driver_sql(_SELECT_MENTIONS, id_range):
        mentions[message].append(person)
    for message, name, thumbnail_type in connection.exec_driver_sql(_SELECT_FILES, id_range):
        files[message].append((name, bool(thumbnail_type)))
    return [
        (
            row.id,
            message_tokens(
                row.text,
                author=row.author,
                room=row.base,
                is_public=row.kind == "public",
                is_pinned=bool(row.pinned),
                mentions=mentions[row.id],
                files=files[row.id],
            ),
        )
        for row in rows
    ]


_BATCH_SIZE = 1000
_INSERT = "INSERT INTO search (rowid, words) VALUES (?, ?)"
# A message of a thread has the facts of the parent room.
_SELECT_MESSAGES = """
SELECT m.id, m.text, m.author, m.pinned_at IS NOT NULL AS pinned, base.id AS base, base.kind
FROM message AS m
JOIN room ON room.id = m.room
JOIN room AS base ON base.id = coalesce(room.parent_room, room.id)
WHERE m.kind = 'text' AND m.deleted_at IS NULL AND m.id > ? ORDER BY m.id LIMIT ?
"""
_SELECT_MENTIONS = "SELECT message, person FROM mention WHERE message BETWEEN ? AND ?"
_SELECT_FILES = """
SELECT a.message, a.name, file.kind FROM attachment AS a JOIN file ON file.hash = a.file
WHERE a.message BETWEEN ? AND ? ORDER BY a.message, a.position
"""
