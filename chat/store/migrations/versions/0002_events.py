"""Change numbers, and the earlier texts of edited messages."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Before this migration, messages never changed.
    op.add_column(
        "room", sa.Column("last_event", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
    op.execute("UPDATE room SET last_event = last_number")
    op.add_column(
        "message", sa.Column("event", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
    op.execute("UPDATE message SET event = number")
    op.add_column("message", sa.Column("edited_at", sa.BigInteger))
    op.add_column("message", sa.Column("deleted_at", sa.BigInteger))
    op.create_index("message_by_event", "message", ["room", "event"], unique=True)
    op.create_table(
        "earlier",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("message", sa.Integer, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("earlier_by_message", "earlier", ["message"])
