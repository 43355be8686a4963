"""What the chat answers, as frozen values. Fields that a newer chat adds are left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """A person or a bot; `is_online` is known in the list of people only."""

    id: int
    name: str
    is_bot: bool
    is_online: bool | None = None

    @classmethod
    def read(cls, values: Values) -> "Person":
        """The person in an answer."""
        return cls(values["id"], values["name"], values["is_bot"], values.get("is_online"))


@dataclass(frozen=True, slots=True)
class Token:
    """What a token allows. `rooms` are the addresses of its rooms, None for all."""

    label: str
    scopes: tuple[str, ...]
    rooms: tuple[str, ...] | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Profile:
    """The bot that this program is, its owner, and its token."""

    bot: Person
    owner: Person | None
    token: Token

    @classmethod
    def read(cls, values: Values) -> "Profile":
        """The profile in an answer."""
        owner, token = values["owner"], values["token"]
        rooms = token["rooms"]
        return cls(
            Person.read(values["bot"]),
            None if owner is None else Person.read(owner),
            Token(
                token["label"],
                tuple(token["scopes"]),
                None if rooms is None else tuple(rooms),
                _time(token["expires_at"]),
            ),
        )


@dataclass(frozen=True, slots=True)
class ThreadRoot:
    """The message that a thread is about: the address of its room, and its number there."""

    room: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room; `slug` is its address.

    `member_count`, `last_number`, and of a thread `thread_of`, are known if one room was asked for.
    """

    slug: str
    title: str
    topic: str
    kind: str
    archived: bool
    is_member: bool
    member_count: int | None = None
    last_number: int | None = None
    thread_of: ThreadRoot | None = None

    @classmethod
    def read(cls, values: Values) -> "Room":
        """The room in an answer."""
        return cls(
            slug=values["slug"],
            title=values["title"],
            topic=values["topic"],
            kind=values["kind"],
            archived=values["archived"],
            is_member=values["is_member"],
            member_count=values.get("member_count"),
            last_number=values.get("last_number"),
            thread_of=_thread_root(values.get("thread_of")),
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """The quoted message, and the beginning of its text."""

    number: int
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji below a message, and who reacted with it."""

    emoji: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message. `size` is in bytes; width and height of a picture are in pixels."""

    id: str
    name: str
    media_type: str
    size: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PollOption:
    """An option of a poll, and its voters."""

    text: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Poll:
    """The options of a poll; its question is the text of the message."""

    options: tuple[PollOption, ...]
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message: with the address of its room, its number is its identity.

    `mentions` are ids of people. `stream_state` is `streaming` or `interrupted` for a message that
    is being written piece by piece, or was.
    """

    room: str
    number: int
    author: Person
    kind: str
    text: str
    sent_at: datetime
    edited_at: datetime | None
    deleted: bool
    pinned: bool
    quote: Quote | None
    reactions: tuple[Reaction, ...]
    mentions: tuple[int, ...]
    replies: int
    last_reply_at: datetime | None
    files: tuple[Attachment, ...]
    poll: Poll | None
    sender: str | None
    stream_state: str | None

    @classmethod
    def read(cls, values: Values) -> "Message":
        """The message in an answer."""
        sent_at = _time(values["sent_at"])
        assert sent_at is not None, "each message has a time"
        return cls(
            room=values["room"],
            number=values["number"],
            author=Person.read(values["author"]),
            kind=values["kind"],
            text=values["text"],
            sent_at=sent_at,
            edited_at=_time(values["edited_at"]),
            deleted=values["deleted"],
            pinned=values["pinned"],
            quote=_quote(values["quote"]),
            reactions=tuple(
                Reaction(each["emoji"], _people(each["people"])) for each in values["reactions"]
            ),
            mentions=tuple(values["mentions"]),
            replies=values["replies"],
            last_reply_at=_time(values["last_reply_at"]),
            files=tuple(_attachment(each) for each in values["files"]),
            poll=_poll(values["poll"]),
            sender=values["sender"],
            stream_state=values["stream_state"],
        )


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _thread_root(values: Values | None) -> ThreadRoot | None:
    return None if values is None else ThreadRoot(values["room"], values["number"])


def _people(people: list[Values]) -> tuple[Person, ...]:
    return tuple(Person.read(each) for each in people)


def _quote(values: Values | None) -> Quote | None:
    return None if values is None else Quote(values["number"], values["author"], values["text"])


def _attachment(values: Values) -> Attachment:
    return Attachment(
        values["id"],
        values["name"],
        values["media_type"],
        values["size"],
        values["width"],
        values["height"],
    )


def _poll(values: Values | None) -> Poll | None:
    if values is None:
        return None
    options = (PollOption(each["text"], _people(each["people"])) for each in values["options"])
    return Poll(tuple(options), values["closed"])
