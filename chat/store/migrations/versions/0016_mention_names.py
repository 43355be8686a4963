"""The names in the texts that mention people. Stored mentions get the current names."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_IS_IN_TEXT = (
    "SELECT person.name FROM person, message WHERE person.id = mention.person"
    " AND message.id = mention.message AND instr(lower(message.text), '@' || lower(person.name))"
)


def upgrade() -> None:
    op.add_column("mention", sa.Column("name", sa.String(128)))
    op.execute(f"UPDATE mention SET name = ({_IS_IN_TEXT})")
