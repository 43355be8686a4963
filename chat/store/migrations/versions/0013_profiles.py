"""What others see of a person besides name and picture: status, time zone, last-seen time."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("status_emoji", sa.String(64), nullable=False, server_default=sa.text("''")),
        sa.Column("status", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("status_ends_at", sa.BigInteger),
        sa.Column("time_zone", sa.String(64), nullable=False, server_default=sa.text("''")),
        sa.Column("last_seen_at", sa.BigInteger),
    )
