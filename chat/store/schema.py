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

workspace = Table(
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
    Column("kind", String(16), nullable=False, server_default="public"),
    # Of a thread: the message that it is about.
    Column("parent_room", Integer),
    Column("parent_number", Integer),
    Column("made_by", Integer),
    Column("archived_at", BigInteger),
    Index("room_by_parent", "parent_room", "parent_number", unique=True),
)

# Who is in a room, up to which number they have read it, and what of it is to call them.
member = Table(
    "member",
    metadata,
    Column("room", ForeignKey("room.id"), primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("last_read", Integer, nullable=False, server_default=text("0")),
    Column("heed", String(16), nullable=False, server_default="all"),
    Index("member_by_person", "person"),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(128), nullable=False),
    Column("came_at", BigInteger, nullable=False),
    # The file that is their picture, or nothing.
    Column("avatar", String(64), nullable=False, server_default=text("''")),
)

token = Table(
    "token",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    # NULL once the person has left: a spent token is known, so that it is never given again.
    Column("person", ForeignKey("person.id"), index=True),
)

# What a person chose for themselves: `chat/model/preferences.py` knows the names and the values.
preference = Table(
    "preference",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("value", String(32), nullable=False),
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
    # The number in the same room that it answers with a quote.
    Column("quoted", Integer),
    Column("pinned_at", BigInteger),
    # Deleted, and its place stays visible, since something hangs on it.
    Column("leaves_trace", Integer, nullable=False, server_default=text("0")),
    # How many replies are in its thread, and when the last was sent.
    Column("replies", Integer, nullable=False, server_default=text("0")),
    Column("last_reply_at", BigInteger),
    # How many files it has: of most none have to be looked for.
    Column("files", Integer, nullable=False, server_default=text("0")),
    # How many options it has as a poll, none of most; and since when nobody votes any more.
    Column("options", Integer, nullable=False, server_default=text("0")),
    Column("closed_at", BigInteger),
    UniqueConstraint("room", "number"),
    UniqueConstraint("author", "client_id"),
    Index("message_by_author", "author", "room", "number"),
    Index("message_by_event", "room", "event", unique=True),
    Index("message_by_quoted", "room", "quoted", sqlite_where=text("quoted IS NOT NULL")),
    Index("message_by_pin", "room", "pinned_at", sqlite_where=text("pinned_at IS NOT NULL")),
    Index("message_by_time", "room", "at"),
)

# In order of `id`: who joined first.
reaction = Table(
    "reaction",
    metadata,
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("emoji", String(64), nullable=False),
    Column("id", Integer, primary_key=True),
    UniqueConstraint("message", "emoji", "person"),
)

# What a poll can be answered with; `position` counts from 0.
option = Table(
    "option",
    metadata,
    Column("message", ForeignKey("message.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("text", Text, nullable=False),
)

# In order of `id`: who voted first.
vote = Table(
    "vote",
    metadata,
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("option", Integer, nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("id", Integer, primary_key=True),
    UniqueConstraint("message", "option", "person"),
)

mention = Table(
    "mention",
    metadata,
    Column("message", ForeignKey("message.id"), primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Index("mention_by_person", "person", "message"),
)

# What a message said before it was edited; `at` is since when it did.
revision = Table(
    "earlier",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("earlier_by_message", "message"),
)

draft = Table(
    "words",
    metadata,
    Column("room", ForeignKey("room.id"), primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("text", Text, nullable=False),
)

# What lies in the storage; `kind` is the media type of a picture's views. What nothing refers to
# is unused, and taken away when nobody is about to use it.
file = Table(
    "file",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("unused_since", BigInteger),
    Index("file_unused", "unused_since", sqlite_where=text("unused_since IS NOT NULL")),
)

# In order of `position`.
attachment = Table(
    "attachment",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("file", ForeignKey("file.hash"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("kind", String(100), nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    UniqueConstraint("message", "position"),
    Index("attachment_by_file", "file"),
    Index("attachment_by_person", "person"),
)

# Which emoji a person used last, the newest first, with spaces between; and their skin tone.
emoji_preferences = Table(
    "taste",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("recent", Text, nullable=False),
    Column("tone", Integer, nullable=False),
)
