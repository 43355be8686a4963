"""The first schema: one room, people and their tokens, messages, drafts."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    house = op.create_table(
        "house",
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    room = op.create_table(
        "room",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.String(60), nullable=False, unique=True),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("topic", sa.String(200), nullable=False),
        sa.Column("last_number", sa.Integer, nullable=False),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("came_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "token",
        sa.Column("hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), index=True),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("room", sa.Integer, sa.ForeignKey("room.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("author", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("room", "number"),
        sa.UniqueConstraint("author", "client_id"),
    )
    op.create_index("message_by_author", "message", ["author", "room", "number"])
    op.create_table(
        "words",
        sa.Column("room", sa.Integer, sa.ForeignKey("room.id"), primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.bulk_insert(house, [{"key": "id", "value": secrets.token_hex(8)}])
    op.bulk_insert(
        room,
        [
            {
                "id": 1,
                "slug": "lobby",
                "title": "Lobby",
                "topic": "Everything that has no room of its own",
                "last_number": 0,
            }
        ],
    )
