"""The live controls of a message."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("message", sa.Column("view", sa.Text))
