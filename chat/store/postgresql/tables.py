"""The tables of the store on PostgreSQL: made in one step, and changed by the common migrations.

A fresh database gets the tables of `schema.metadata` and the number of the last migration. A
database of an earlier version gets the migrations that it lacks, from 0033 on: those before were
made for SQLite alone.
"""

import secrets

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from chat.store import migrations, schema

_own_metadata = MetaData()

# The search index: the tokens of a message as a set, and in order with a space around each.
search = Table(
    "search",
    _own_metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("tokens", TSVECTOR, nullable=False),
    Column("words", Text(collation="C"), nullable=False),
    # New rows wait in a list that `TsvectorSearchIndex.maintain` puts into the index. A search
    # reads all of the list, so that it has to stay short. In KiB.
    Index(
        "search_by_tokens",
        "tokens",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "on", "gin_pending_list_limit": 256},
    ),
)

_LOBBY_TOPIC = "Everything that has no room of its own"


def upgrade(connection: Connection) -> None:
    """Make the tables, or bring them up to date, inside the connection's transaction."""
    if not inspect(connection).has_table("alembic_version"):
        _create(connection)
    else:
        migrations.upgrade(connection)


def _create(connection: Connection) -> None:
    schema.metadata.create_all(connection, checkfirst=False)
    _own_metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(schema.workspace).values(key="id", value=secrets.token_hex(8)))
    lobby = {"slug": "lobby", "title": "Lobby", "topic": _LOBBY_TOPIC, "last_number": 0}
    connection.execute(insert(schema.room).values(**lobby))
    migrations.stamp(connection)
