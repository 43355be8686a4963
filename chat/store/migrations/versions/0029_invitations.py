"""Invitations, their rooms, and who used them."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("made_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("use_limit", sa.Integer, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_table(
        "invitation_room",
        sa.Column("invitation", sa.Integer, sa.ForeignKey("invitation.id"), primary_key=True),
        sa.Column("room", sa.Integer, sa.ForeignKey("room.id"), primary_key=True),
    )
    op.create_table(
        "invitation_use",
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("invitation", sa.Integer, sa.ForeignKey("invitation.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("invitation_use_by_invitation", "invitation_use", ["invitation", "at"])
