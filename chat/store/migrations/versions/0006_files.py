"""Blobs, attachments of messages, and avatars."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    none = sa.text("0")
    empty = sa.text("''")
    op.add_column(
        "person", sa.Column("avatar", sa.String(64), nullable=False, server_default=empty)
    )
    op.add_column("message", sa.Column("files", sa.Integer, nullable=False, server_default=none))
    op.create_table(
        "file",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("unused_since", sa.BigInteger),
    )
    unused = sa.text("unused_since IS NOT NULL")
    op.create_index("file_unused", "file", ["unused_since"], sqlite_where=unused)
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("message", sa.Integer, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("file", sa.String(64), sa.ForeignKey("file.hash"), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.UniqueConstraint("message", "position"),
    )
    op.create_index("attachment_by_file", "attachment", ["file"])
    op.create_index("attachment_by_person", "attachment", ["person"])
