"""Favourites: whether a member has a room among their favourites."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column(
        "member", sa.Column("favourite", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
