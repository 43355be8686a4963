"""The tables for SQLAlchemy Core; `migrations/` creates them."""

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
from sqlalchemy.types import TypeEngine

metadata = MetaData()

# Integers have 64 bits with every engine. PostgreSQL stores a text of any length as TEXT, and
# compares texts by their bytes as SQLite does: the program has checked the lengths.
_INTEGER = Integer().with_variant(BigInteger(), "postgresql")
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _string(length: int) -> TypeEngine[str]:
    return String(length).with_variant(Text(collation="C"), "postgresql")


def _partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows for which the condition is true."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


workspace = Table(
    "house",
    metadata,
    Column("key", _string(40), primary_key=True),
    Column("value", _TEXT, nullable=False),
)

room = Table(
    "room",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("slug", _string(60), nullable=False, unique=True),
    Column("title", _string(60), nullable=False),
    Column("topic", _string(200), nullable=False),
    Column("last_number", _INTEGER, nullable=False),
    Column("last_event", _INTEGER, nullable=False, server_default=text("0")),
    Column("kind", _string(16), nullable=False, server_default="public"),
    # The root message of a thread.
    Column("parent_room", _INTEGER),
    Column("parent_number", _INTEGER),
    Column("made_by", _INTEGER),
    Column("archived_at", BigInteger),
    # The seconds between two messages of a person; 0 without slow mode.
    Column("slow_seconds", _INTEGER, nullable=False, server_default=text("0")),
    Index("room_by_parent", "parent_room", "parent_number", unique=True),
)

# Memberships: `last_read` is the read position, `heed` the notification level.
member = Table(
    "member",
    metadata,
    Column("room", ForeignKey("room.id"), primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("last_read", _INTEGER, nullable=False, server_default=text("0")),
    Column("heed", _string(16), nullable=False, server_default="all"),
    # A direct conversation is not listed until a message has a later number.
    Column("closed_at_number", _INTEGER),
    Column("favourite", _INTEGER, nullable=False, server_default=text("0")),
    Index("member_by_person", "person"),
)

person = Table(
    "person",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("name", _string(128), nullable=False),
    Column("came_at", BigInteger, nullable=False),
    # The hash of the avatar, or an empty string.
    Column("avatar", _string(64), nullable=False, server_default=text("''")),
    # "person" or "bot".
    Column("account_kind", _string(16), nullable=False, server_default="person"),
    # The person whose bot it is.
    Column("owner", _INTEGER),
    # When the person was online last, to some minutes; nobody is told.
    Column("seen_at", BigInteger),
    Index("person_by_owner", "owner"),
)

# The roles that are not that of a member. `room` is 0 for a role in the whole chat.
role = Table(
    "role",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("room", _INTEGER, primary_key=True, autoincrement=False),
    Column("role", _string(16), nullable=False),
)

# People who are muted or banned, until a time as in `message`; NULL is until it is lifted.
sanction = Table(
    "sanction",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("kind", _string(16), primary_key=True),
    Column("until", BigInteger),
    Column("reason", _TEXT, nullable=False),
)

# The people whom a person has blocked for themselves, and since when.
block = Table(
    "block",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("blocked", ForeignKey("person.id"), primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# One row for each act of a moderator. Rows are appended; only the oldest are deleted.
audit = Table(
    "audit",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("act", _string(32), nullable=False),
    Column("actor", _INTEGER),
    Column("person", _INTEGER),
    Column("room", _INTEGER),
    Column("number", _INTEGER),
    Column("reason", _TEXT, nullable=False),
    Column("detail", _TEXT, nullable=False),
    Index("audit_by_time", "at"),
)

# The keys of names (`queries/names.py`). `place` is 1; NULL for a person who has left.
name_key = Table(
    "name_key",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("key", _string(300), primary_key=True),
    Column("place", _INTEGER),
    Index("name_key_by_key", "key", "place", unique=True),
)

token = Table(
    "token",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    # NULL once the token is revoked. The row stays, so that the token never becomes valid again.
    Column("person", ForeignKey("person.id"), index=True),
    # What the device is called, when it was added, when it was used last (a revoked one: when it
    # was signed out), and when its cookie was set last.
    Column("label", _string(100), nullable=False, server_default=text("''")),
    Column("made_at", BigInteger),
    Column("used_at", BigInteger),
    Column("renewed_at", BigInteger),
    # The hash of the key in the storage of its page, and of another one that its page has shown
    # since a time.
    Column("key_hash", LargeBinary(32)),
    Column("next_key_hash", LargeBinary(32)),
    Column("next_key_at", BigInteger),
)

# The invitations. `hash` is that of the code in the link, which nobody can learn any more.
invitation = Table(
    "invitation",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("use_limit", _INTEGER, nullable=False),
    Column("used", _INTEGER, nullable=False),
    Column("role", _string(16), nullable=False),
    Column("revoked_at", BigInteger),
)

# The rooms that an invitation adds people to.
invitation_room = Table(
    "invitation_room",
    metadata,
    Column("invitation", ForeignKey("invitation.id"), primary_key=True),
    Column("room", ForeignKey("room.id"), primary_key=True),
)

# Who came in with which invitation.
invitation_use = Table(
    "invitation_use",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("invitation", ForeignKey("invitation.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("invitation_use_by_invitation", "invitation", "at"),
)

# The tokens of bots. `scopes` and `rooms` are separated by spaces; NULL stands for all rooms.
api_token = Table(
    "api_token",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("label", _string(100), nullable=False),
    Column("scopes", _string(100), nullable=False),
    Column("rooms", _TEXT),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index("api_token_by_person", "person"),
)

# The incoming webhooks; `person` is the bot that posts. The key is shown again to those who may
# change the hook, so that it is stored as it is.
hook = Table(
    "hook",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("key", _string(64), nullable=False, unique=True),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("paused", _INTEGER, nullable=False, server_default=text("0")),
    Column("may_call", _INTEGER, nullable=False, server_default=text("0")),
    Column("used_at", BigInteger),
    Index("hook_by_room", "room"),
)

# The last requests to each hook.
delivery = Table(
    "delivery",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("hook", ForeignKey("hook.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("size", _INTEGER, nullable=False),
    Column("status", _INTEGER, nullable=False),
    Column("answer", _TEXT, nullable=False),
    Column("number", _INTEGER),
    Index("delivery_by_hook", "hook", "id"),
)

# The outgoing webhooks; `person` is the bot that posts the answers, `made_by` who is responsible.
# The secret signs each request, so that it is stored as it is. All up to `position`, a number of
# the sequence, was delivered.
outgoing_hook = Table(
    "outgoing_hook",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("url", _TEXT, nullable=False),
    Column("secret", _string(64), nullable=False),
    Column("events", _string(64), nullable=False),
    Column("words", _TEXT, nullable=False, server_default=text("''")),
    Column("pause", _string(16), nullable=False, server_default=text("''")),
    Column("position", _INTEGER, nullable=False),
    Column("failures", _INTEGER, nullable=False, server_default=text("0")),
    Column("next_at", BigInteger),
    Column("used_at", BigInteger),
    Index("outgoing_hook_by_room", "room"),
)

# The last requests of each outgoing webhook.
attempt = Table(
    "attempt",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("hook", ForeignKey("outgoing_hook.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("webhook_id", _string(64), nullable=False),
    Column("sequence", _INTEGER, nullable=False),
    Column("number", _INTEGER, nullable=False),
    Column("status", _INTEGER, nullable=False),
    Column("milliseconds", _INTEGER, nullable=False),
    Column("problem", _string(16), nullable=False, server_default=text("''")),
    Column("details", _TEXT, nullable=False, server_default=text("''")),
    Column("count", _INTEGER, nullable=False, server_default=text("1")),
    Index("attempt_by_hook", "hook", "id"),
)

# The preferences of a person; `chat/model/preferences.py` has the names and the values.
preference = Table(
    "preference",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("name", _string(32), primary_key=True),
    Column("value", _string(32), nullable=False),
)

# What others see of a person besides name and picture. The last-seen time is NULL unless the person
# allows it.
profile = Table(
    "profile",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("status_emoji", _string(64), nullable=False, server_default=text("''")),
    Column("status", _TEXT, nullable=False, server_default=text("''")),
    Column("status_ends_at", BigInteger),
    Column("time_zone", _string(64), nullable=False, server_default=text("''")),
    Column("last_seen_at", BigInteger),
)

# `at` is in microseconds since 1970, UTC. `id` is the number of the post in the sequence of the
# store, `sequence` that of the last change (`queries/sequence.py`).
message = Table(
    "message",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("number", _INTEGER, nullable=False),
    Column("author", ForeignKey("person.id"), nullable=False),
    Column("client_id", _string(64), nullable=False),
    Column("kind", _string(16), nullable=False),
    Column("text", _TEXT, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("event", _INTEGER, nullable=False, server_default=text("0")),
    Column("edited_at", BigInteger),
    Column("deleted_at", BigInteger),
    # The number of the quoted message, in the same room.
    Column("quoted", _INTEGER),
    Column("pinned_at", BigInteger),
    # A deleted message with replies or quotes keeps a visible row.
    Column("leaves_trace", _INTEGER, nullable=False, server_default=text("0")),
    # The number of replies in its thread, and the time of the last one.
    Column("replies", _INTEGER, nullable=False, server_default=text("0")),
    Column("last_reply_at", BigInteger),
    # The number of files, so that most messages need no query for them.
    Column("files", _INTEGER, nullable=False, server_default=text("0")),
    # The number of poll options, 0 if the message is not a poll; and the time when it was closed.
    Column("options", _INTEGER, nullable=False, server_default=text("0")),
    Column("closed_at", BigInteger),
    # How a program sent it, as JSON (`Via`), and the state of a streamed message (`StreamState`).
    Column("via", _TEXT),
    Column("state", _string(16)),
    Column("sequence", _INTEGER),
    # The live controls of a program's message, as JSON (`View`).
    Column("view", _TEXT),
    # Only in the moderators' room: which message it reports, as JSON (`Report`).
    Column("report", _TEXT),
    UniqueConstraint("room", "number"),
    UniqueConstraint("author", "client_id"),
    Index("message_by_author", "author", "room", "number"),
    Index("message_by_event", "room", "event", unique=True),
    _partial_index("message_by_quoted", "room", "quoted", where="quoted IS NOT NULL"),
    _partial_index("message_by_pin", "room", "pinned_at", where="pinned_at IS NOT NULL"),
    _partial_index("message_by_files", "room", "number", where="files > 0"),
    Index("message_by_time", "room", "at"),
    _partial_index("message_by_state", "state", where="state IS NOT NULL"),
    _partial_index("message_by_sequence", "sequence", unique=True, where="sequence IS NOT NULL"),
)

# By `id`, the first reaction comes first.
reaction = Table(
    "reaction",
    metadata,
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("emoji", _string(64), nullable=False),
    Column("id", _INTEGER, primary_key=True),
    UniqueConstraint("message", "emoji", "person"),
)

# The options of a poll; `position` counts from 0.
option = Table(
    "option",
    metadata,
    Column("message", ForeignKey("message.id"), primary_key=True),
    Column("position", _INTEGER, primary_key=True),
    Column("text", _TEXT, nullable=False),
)

# By `id`, the first vote comes first.
vote = Table(
    "vote",
    metadata,
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("option", _INTEGER, nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("id", _INTEGER, primary_key=True),
    UniqueConstraint("message", "option", "person"),
)

mention = Table(
    "mention",
    metadata,
    Column("message", ForeignKey("message.id"), primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    # The name in the text that mentions the person; none if `@everyone` or `@here` does.
    Column("name", _string(128)),
    Index("mention_by_person", "person", "message"),
)

# The earlier texts of a message; `at` is the time since which it had this text.
revision = Table(
    "earlier",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("text", _TEXT, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("earlier_by_message", "message"),
)

draft = Table(
    "words",
    metadata,
    Column("room", ForeignKey("room.id"), primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("text", _TEXT, nullable=False),
)

# The messages that a person keeps for later. By `id`, the first saved comes first.
saved = Table(
    "saved",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("message", ForeignKey("message.id"), nullable=False),
    UniqueConstraint("person", "message"),
)

# Texts that are sent at `due_at`. One that was refused then stays, with the sentence.
scheduled = Table(
    "scheduled",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("text", _TEXT, nullable=False),
    Column("client_id", _string(64), nullable=False),
    Column("quoted", _INTEGER),
    Column("due_at", BigInteger, nullable=False),
    Column("problem", _TEXT, nullable=False, server_default=text("''")),
    UniqueConstraint("person", "client_id"),
    Index("scheduled_by_due", "due_at"),
)

# Reminders of messages. One that `is_due` stays until the person removes it.
reminder = Table(
    "reminder",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("is_due", _INTEGER, nullable=False, server_default=text("0")),
    UniqueConstraint("person", "message"),
    Index("reminder_by_due", "is_due", "due_at"),
)

# The blobs in the storage; `kind` is the media type of the thumbnails of a picture. A blob without
# references is unused, and deleted unless an upload is about to use it.
file = Table(
    "file",
    metadata,
    Column("hash", _string(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("kind", _string(32), nullable=False),
    Column("width", _INTEGER, nullable=False),
    Column("height", _INTEGER, nullable=False),
    Column("unused_since", BigInteger),
    _partial_index("file_unused", "unused_since", where="unused_since IS NOT NULL"),
)

# The files of a message, by `position`.
attachment = Table(
    "attachment",
    metadata,
    Column("id", _string(32), primary_key=True),
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("position", _INTEGER, nullable=False),
    Column("file", ForeignKey("file.hash"), nullable=False),
    Column("name", _string(255), nullable=False),
    Column("kind", _string(100), nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    UniqueConstraint("message", "position"),
    Index("attachment_by_file", "file"),
    Index("attachment_by_person", "person"),
)

# The emoji that a person used last, newest first, separated by spaces; and their skin tone.
emoji_preferences = Table(
    "taste",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("recent", _TEXT, nullable=False),
    Column("tone", _INTEGER, nullable=False),
)

# What notifies a person besides the levels of their rooms. `keywords` has one on each line, and
# `paused_until` is a time as in `message`.
notification_settings = Table(
    "notification_settings",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("has_sound", _INTEGER, nullable=False),
    Column("keywords", _TEXT, nullable=False),
    Column("paused_until", BigInteger),
)

# How people sign in on another device. Who leaves the chat has none.
password = Table(
    "password",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    # In the format of Argon2 (PHC string).
    Column("hash", _TEXT, nullable=False),
    Column("set_at", BigInteger, nullable=False),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", _INTEGER, primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    # The attested credential data: WebAuthn, 6.5.1.
    Column("credential", LargeBinary, nullable=False),
    Column("rp_id", _string(253), nullable=False),
    Column("label", _string(100), nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("passkey_by_person", "person"),
)

provider_account = Table(
    "provider_account",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("issuer", _TEXT, nullable=False),
    Column("subject", _string(255), nullable=False),
    Column("mail", _string(320), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Index("provider_account_by_subject", "issuer", "subject", unique=True),
)

# The link with which a person sets a new password, by the hash of its secret.
password_link = Table(
    "password_link",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("expires_at", BigInteger, nullable=False),
)
