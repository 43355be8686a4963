"""Outgoing webhooks, and their last requests."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "outgoing_hook",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("room", sa.Integer, sa.ForeignKey("room.id"), nullable=False),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("events", sa.String(64), nullable=False),
        sa.Column("words", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("pause", sa.String(16), nullable=False, server_default=sa.text("''")),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_index("outgoing_hook_by_room", "outgoing_hook", ["room"])
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hook", sa.Integer, sa.ForeignKey("outgoing_hook.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("webhook_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("problem", sa.String(16), nullable=False, server_default=sa.text("''")),
        sa.Column("details", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("count", sa.Integer, nullable=False, server_default=sa.text("1")),
    )
    op.create_index("attempt_by_hook", "attempt", ["hook", "id"])
