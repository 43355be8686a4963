"""The tables, as SQLAlchemy Core knows them; `migrations/` makes them."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

house = Table(
    "house",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

room = Table(
    "room",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String(60), nullable=False, unique=True),
    Column("title", String(60), nullable=False),
    Column("topic", String(200), nullable=False),
    Column("last_number", Integer, nullable=False),
    Column("last_event", Integer, nullable=False, server_default=text("0")),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(128), nullable=False),
    Column("came_at", BigInteger, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    # NULL once the person has left: a spent token is known, so that it is never given again.
    Column("person", ForeignKey("person.id"), index=True),
)

# `at` is in microseconds since 1970, UTC.
message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("author", ForeignKey("person.id"), nullable=False),
    Column("client_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("event", Integer, nullable=False, server_default=text("0")),
    Column("edited_at", BigInteger),
    Column("deleted_at", BigInteger),
    UniqueConstraint("room", "number"),
    UniqueConstraint("author", "client_id"),
    Index("message_by_author", "author", "room", "number"),
    Index("message_by_event", "room", "event", unique=True),
)

# What a message said before it was edited; `at` is since when it did.
earlier = Table(
    "earlier",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("earlier_by_message", "message"),
)

words = Table(
    "words",
    metadata,
    Column("room", ForeignKey("room.id"), primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("text", Text, nullable=False),
)
