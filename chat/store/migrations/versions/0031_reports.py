"""Messages of the moderators' room that report other messages."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("message", sa.Column("report", sa.Text))
