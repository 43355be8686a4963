"""Rooms of every kind, memberships and read positions; quotes, reactions, pins, mentions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    none = sa.text("0")
    for column in (
        sa.Column("kind", sa.String(16), nullable=False, server_default="public"),
        sa.Column("parent_room", sa.Integer),
        sa.Column("parent_number", sa.Integer),
        sa.Column("made_by", sa.Integer),
        sa.Column("archived_at", sa.BigInteger),
    ):
        op.add_column("room", column)
    op.create_index("room_by_parent", "room", ["parent_room", "parent_number"], unique=True)
    for column in (
        sa.Column("quoted", sa.Integer),
        sa.Column("pinned_at", sa.BigInteger),
        sa.Column("leaves_trace", sa.Integer, nullable=False, server_default=none),
        sa.Column("replies", sa.Integer, nullable=False, server_default=none),
        sa.Column("last_reply_at", sa.BigInteger),
    ):
        op.add_column("message", column)
    # Before this migration, every deleted message kept a visible row.
    op.execute("UPDATE message SET leaves_trace = 1 WHERE deleted_at IS NOT NULL")
    quotes = sa.text("quoted IS NOT NULL")
    op.create_index("message_by_quoted", "message", ["room", "quoted"], sqlite_where=quotes)
    pinned = sa.text("pinned_at IS NOT NULL")
    op.create_index("message_by_pin", "message", ["room", "pinned_at"], sqlite_where=pinned)
    op.create_index("message_by_time", "message", ["room", "at"])
    member = op.create_table(
        "member",
        sa.Column("room", sa.Integer, sa.ForeignKey("room.id"), primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("last_read", sa.Integer, nullable=False, server_default=none),
        sa.Column("heed", sa.String(16), nullable=False, server_default="all"),
    )
    op.create_index("member_by_person", "member", ["person"])
    op.create_table(
        "reaction",
        sa.Column("message", sa.Integer, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("emoji", sa.String(64), nullable=False),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.UniqueConstraint("message", "emoji", "person"),
    )
    op.create_table(
        "mention",
        sa.Column("message", sa.Integer, sa.ForeignKey("message.id"), primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
    )
    op.create_index("mention_by_person", "mention", ["person", "message"])
    # Every person with a token was a member of the only room, and had read it.
    token, room = (
        sa.table("token", sa.column("person")),
        sa.table("room", sa.column("id"), sa.column("last_number")),
    )
    people = (
        sa.select(room.c.id, token.c.person, room.c.last_number)
        .select_from(room.join(token, sa.true()))
        .where(token.c.person.is_not(None))
        .distinct()
    )
    op.execute(member.insert().from_select(["room", "person", "last_read"], people))
