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
    # The root message of a thread.
    Column("parent_room", Integer),
    Column("parent_number", Integer),
    Column("made_by", Integer),
    Column("archived_at", BigInteger),
    # The seconds between two messages of a person; 0 without slow mode.
    Column("slow_seconds", Integer, nullable=False, server_default=text("0")),
    Index("room_by_parent", "parent_room", "parent_number", unique=True),
)

# Memberships: `last_read` is the read position, `heed` the notification level.
member = Table(
    "member",
    metadata,
    Column("room", ForeignKey("room.id"), primary_key=True),
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("last_read", Integer, nullable=False, server_default=text("0")),
    Column("heed", String(16), nullable=False, server_default="all"),
    # A direct conversation is not listed until a message has a later number.
    Column("closed_at_number", Integer),
    Column("favourite", Integer, nullable=False, server_default=text("0")),
    Index("member_by_person", "person"),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(128), nullable=False),
    Column("came_at", BigInteger, nullable=False),
    # The hash of the avatar, or an empty string.
    Column("avatar", String(64), nullable=False, server_default=text("''")),
    # "person" or "bot".
    Column("account_kind", String(16), nullable=False, server_default="person"),
    # The person whose bot it is.
    Column("owner", Integer),
    # When the person was online last, to some minutes; nobody is told.
    Column("seen_at", BigInteger),
    Index("person_by_owner", "owner"),
)

# The roles that are not that of a member. `room` is 0 for a role in the whole chat.
role = Table(
    "role",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("room", Integer, primary_key=True, autoincrement=False),
    Column("role", String(16), nullable=False),
)

# People who are muted or banned, until a time as in `message`; NULL is until it is lifted.
sanction = Table(
    "sanction",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("until", BigInteger),
    Column("reason", Text, nullable=False),
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
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("act", String(32), nullable=False),
    Column("actor", Integer),
    Column("person", Integer),
    Column("room", Integer),
    Column("number", Integer),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("audit_by_time", "at"),
)

# The keys of names (`queries/names.py`). `place` is 1; NULL for a person who has left.
name_key = Table(
    "name_key",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("key", String(300), primary_key=True),
    Column("place", Integer),
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
    Column("label", String(100), nullable=False, server_default=text("''")),
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
    Column("id", Integer, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("use_limit", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("role", String(16), nullable=False),
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
    Column("id", Integer, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("label", String(100), nullable=False),
    Column("scopes", String(100), nullable=False),
    Column("rooms", Text),
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
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("paused", Integer, nullable=False, server_default=text("0")),
    Column("may_call", Integer, nullable=False, server_default=text("0")),
    Column("used_at", BigInteger),
    Index("hook_by_room", "room"),
)

# The last requests to each hook.
delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hook", ForeignKey("hook.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("number", Integer),
    Index("delivery_by_hook", "hook", "id"),
)

# The outgoing webhooks; `person` is the bot that posts the answers, `made_by` who is responsible.
# The secret signs each request, so that it is stored as it is. All up to `position`, a number of
# the sequence, was delivered.
outgoing_hook = Table(
    "outgoing_hook",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", String(64), nullable=False),
    Column("events", String(64), nullable=False),
    Column("words", Text, nullable=False, server_default=text("''")),
    Column("pause", String(16), nullable=False, server_default=text("''")),
    Column("position", Integer, nullable=False),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("next_at", BigInteger),
    Column("used_at", BigInteger),
    Index("outgoing_hook_by_room", "room"),
)

# The last requests of each outgoing webhook.
attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hook", ForeignKey("outgoing_hook.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("webhook_id", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("problem", String(16), nullable=False, server_default=text("''")),
    Column("details", Text, nullable=False, server_default=text("''")),
    Column("count", Integer, nullable=False, server_default=text("1")),
    Index("attempt_by_hook", "hook", "id"),
)

# The preferences of a person; `chat/model/preferences.py` has the names and the values.
preference = Table(
    "preference",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("value", String(32), nullable=False),
)

# What others see of a person besides name and picture. The last-seen time is NULL unless the person
# allows it.
profile = Table(
    "profile",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("status_emoji", String(64), nullable=False, server_default=text("''")),
    Column("status", Text, nullable=False, server_default=text("''")),
    Column("status_ends_at", BigInteger),
    Column("time_zone", String(64), nullable=False, server_default=text("''")),
    Column("last_seen_at", BigInteger),
)

# `at` is in microseconds since 1970, UTC. `id` is the number of the post in the sequence of the
# store, `sequence` that of the last change (`queries/sequence.py`).
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
    # The number of the quoted message, in the same room.
    Column("quoted", Integer),
    Column("pinned_at", BigInteger),
    # A deleted message with replies or quotes keeps a visible row.
    Column("leaves_trace", Integer, nullable=False, server_default=text("0")),
    # The number of replies in its thread, and the time of the last one.
    Column("replies", Integer, nullable=False, server_default=text("0")),
    Column("last_reply_at", BigInteger),
    # The number of files, so that most messages need no query for them.
    Column("files", Integer, nullable=False, server_default=text("0")),
    # The number of poll options, 0 if the message is not a poll; and the time when it was closed.
    Column("options", Integer, nullable=False, server_default=text("0")),
    Column("closed_at", BigInteger),
    # How a program sent it, as JSON (`Via`), and the state of a streamed message (`StreamState`).
    Column("via", Text),
    Column("state", String(16)),
    Column("sequence", Integer),
    # The live controls of a program's message, as JSON (`View`).
    Column("view", Text),
    # Only in the moderators' room: which message it reports, as JSON (`Report`).
    Column("report", Text),
    UniqueConstraint("room", "number"),
    UniqueConstraint("author", "client_id"),
    Index("message_by_author", "author", "room", "number"),
    Index("message_by_event", "room", "event", unique=True),
    Index("message_by_quoted", "room", "quoted", sqlite_where=text("quoted IS NOT NULL")),
    Index("message_by_pin", "room", "pinned_at", sqlite_where=text("pinned_at IS NOT NULL")),
    Index("message_by_files", "room", "number", sqlite_where=text("files > 0")),
    Index("message_by_time", "room", "at"),
    Index("message_by_state", "state", sqlite_where=text("state IS NOT NULL")),
    Index(
        "message_by_sequence",
        "sequence",
        unique=True,
        sqlite_where=text("sequence IS NOT NULL"),
    ),
)

# By `id`, the first reaction comes first.
reaction = Table(
    "reaction",
    metadata,
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("emoji", String(64), nullable=False),
    Column("id", Integer, primary_key=True),
    UniqueConstraint("message", "emoji", "person"),
)

# The options of a poll; `position` counts from 0.
option = Table(
    "option",
    metadata,
    Column("message", ForeignKey("message.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("text", Text, nullable=False),
)

# By `id`, the first vote comes first.
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
    # The name in the text that mentions the person; none if `@everyone` or `@here` does.
    Column("name", String(128)),
    Index("mention_by_person", "person", "message"),
)

# The earlier texts of a message; `at` is the time since which it had this text.
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

# The messages that a person keeps for later. By `id`, the first saved comes first.
saved = Table(
    "saved",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("message", ForeignKey("message.id"), nullable=False),
    UniqueConstraint("person", "message"),
)

# Texts that are sent at `due_at`. One that was refused then stays, with the sentence.
scheduled = Table(
    "scheduled",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("client_id", String(64), nullable=False),
    Column("quoted", Integer),
    Column("due_at", BigInteger, nullable=False),
    Column("problem", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("person", "client_id"),
    Index("scheduled_by_due", "due_at"),
)

# Reminders of messages. One that `is_due` stays until the person removes it.
reminder = Table(
    "reminder",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("message", ForeignKey("message.id"), nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("is_due", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("person", "message"),
    Index("reminder_by_due", "is_due", "due_at"),
)

# The blobs in the storage; `kind` is the media type of the thumbnails of a picture. A blob without
# references is unused, and deleted unless an upload is about to use it.
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

# The files of a message, by `position`.
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

# The emoji that a person used last, newest first, separated by spaces; and their skin tone.
emoji_preferences = Table(
    "taste",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("recent", Text, nullable=False),
    Column("tone", Integer, nullable=False),
)

# What notifies a person besides the levels of their rooms. `keywords` has one on each line, and
# `paused_until` is a time as in `message`.
notification_settings = Table(
    "notification_settings",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("has_sound", Integer, nullable=False),
    Column("keywords", Text, nullable=False),
    Column("paused_until", BigInteger),
)

# How people sign in on another device. Who leaves the chat has none.
password = Table(
    "password",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    # In the format of Argon2 (PHC string).
    Column("hash", Text, nullable=False),
    Column("set_at", BigInteger, nullable=False),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    # The attested credential data: WebAuthn, 6.5.1.
    Column("credential", LargeBinary, nullable=False),
    Column("rp_id", String(253), nullable=False),
    Column("label", String(100), nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("passkey_by_person", "person"),
)

provider_account = Table(
    "provider_account",
    metadata,
    Column("person", ForeignKey("person.id"), primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", String(255), nullable=False),
    Column("mail", String(320), nullable=False),
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
