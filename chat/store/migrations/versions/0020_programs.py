"""Programs: bots, tokens, webhooks, and how a program sent a message."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column(
        "person",
        sa.Column("account_kind", sa.String(16), nullable=False, server_default="person"),
    )
    op.add_column("person", sa.Column("owner", sa.Integer))
    op.create_index("person_by_owner", "person", ["owner"])
    op.add_column(
        "token", sa.Column("label", sa.String(100), nullable=False, server_default=sa.text("''"))
    )
    op.add_column("token", sa.Column("made_at", sa.BigInteger))
    op.add_column("token", sa.Column("used_at", sa.BigInteger))
    op.add_column("message", sa.Column("via", sa.Text))
    op.add_column("message", sa.Column("state", sa.String(16)))
    op.create_index(
        "message_by_state", "message", ["state"], sqlite_where=sa.text("state IS NOT NULL")
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("scopes", sa.String(100), nullable=False),
        sa.Column("rooms", sa.Text),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_index("api_token_by_person", "api_token", ["person"])
    op.create_table(
        "hook",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("room", sa.Integer, sa.ForeignKey("room.id"), nullable=False),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("paused", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("may_call", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_index("hook_by_room", "hook", ["room"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hook", sa.Integer, sa.ForeignKey("hook.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("number", sa.Integer),
    )
    op.create_index("delivery_by_hook", "delivery", ["hook", "id"])
