"""Saved messages: the messages that a person keeps for later."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "saved",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("message", sa.Integer, sa.ForeignKey("message.id"), nullable=False),
        sa.UniqueConstraint("person", "message"),
    )
