"""Texts that are sent later, and reminders of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "scheduled",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("room", sa.Integer, sa.ForeignKey("room.id"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("quoted", sa.Integer),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("problem", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("person", "client_id"),
    )
    op.create_index("scheduled_by_due", "scheduled", ["due_at"])
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("message", sa.Integer, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("is_due", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("person", "message"),
    )
    op.create_index("reminder_by_due", "reminder", ["is_due", "due_at"])
