"""The keys of names, and when each person was seen.

The keys are added when the chat starts: `store/queries/names.py`. The names of those who have not
left count as seen now.
"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "name_key",
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("place", sa.Integer),
    )
    op.create_index("name_key_by_key", "name_key", ["key", "place"], unique=True)
    op.add_column("person", sa.Column("seen_at", sa.BigInteger))
    op.execute(
        "UPDATE person SET seen_at = coalesce("
        "(SELECT max(at) FROM message WHERE author = person.id), came_at)"
    )
    op.execute(
        sa.text(
            "UPDATE person SET seen_at = :now WHERE id IN (SELECT member.person FROM member "
            "JOIN room ON room.id = member.room WHERE room.slug = 'lobby')"
        ).bindparams(now=time.time_ns() // 1000)
    )
