"""People whom a person has blocked for themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "block",
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("blocked", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
