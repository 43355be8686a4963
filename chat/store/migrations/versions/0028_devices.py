"""When the cookie of a device was set last, and the key in the storage of its page."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("token", sa.Column("renewed_at", sa.BigInteger))
    op.add_column("token", sa.Column("key_hash", sa.LargeBinary(32)))
    op.add_column("token", sa.Column("next_key_hash", sa.LargeBinary(32)))
    op.add_column("token", sa.Column("next_key_at", sa.BigInteger))
