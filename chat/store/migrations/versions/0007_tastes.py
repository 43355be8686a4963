"""The emoji that each person used last, and their skin tone."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "taste",
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("recent", sa.Text, nullable=False),
        sa.Column("tone", sa.Integer, nullable=False),
    )
