"""Programs: bots, their tokens, and incoming webhooks. Frozen values without I/O."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId

HookId = int
ApiTokenId = int


class Scope(StrEnum):
    """What a token of a program may do. `WRITE` posts, and edits and deletes own messages;
    `MANAGE` pins messages, and makes and changes rooms."""

    READ = "read"
    WRITE = "write"
    REACT = "react"
    MANAGE = "manage"


class StreamState(StrEnum):
    """The state of a message that is written piece by piece, until it is complete."""

    STREAMING = "streaming"
    # Its writer is gone.
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Bar:
    """A coloured bar beside a part of a text: from `start` to `end`, in characters.

    `colour` is `#rrggbb`.
    """

    start: int
    end: int
    colour: str


@dataclass(frozen=True, slots=True)
class Via:
    """How a program sent a message.

    `hook_name` is the name of the webhook, empty without one. `sender` and `icon` are what the
    sender calls itself, which nobody has checked: its name, and an emoji. `summary` is the line of
    the notification, empty if it is the text. `count` is how often the same was sent, `folded` how
    many further requests came too fast and are counted here. `chain` is how many answers of
    outgoing webhooks led to this message, one to the other, itself included.
    `body_hash` is that of the request, so that a repeated key with another body is found out.
    """

    hook_name: str = ""
    sender: str = ""
    icon: str = ""
    summary: str = ""
    bars: tuple[Bar, ...] = ()
    count: int = 1
    body_hash: str = ""
    folded: int = 0
    chain: int = 0

    def to_json(self) -> str:
        """The stored form: an object without the values that are the default."""
        values: dict[str, object] = {
            name: value
            for name in ("hook_name", "sender", "icon", "summary", "body_hash")
            if (value := getattr(self, name))
        }
        if self.bars:
            values["bars"] = [[each.start, each.end, each.colour] for each in self.bars]
        if self.count != 1:
            values["count"] = self.count
        for name in ("folded", "chain"):
            if getattr(self, name):
                values[name] = getattr(self, name)
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, stored: str) -> "Via":
        """The value of a stored form."""
        values = json.loads(stored)
        bars = tuple(Bar(*each) for each in values.pop("bars", ()))
        return cls(**values, bars=bars)


@dataclass(frozen=True, slots=True)
class View:
    """The live part of a program's message: controls, and what they were drawn from.

    `name` is that of the program's function that drew it, `state` its argument, as JSON, and
    `drawing` the document of controls (`chat.drawings`), as JSON.
    """

    name: str
    state: str
    drawing: str

    def to_json(self) -> str:
        """The stored form."""
        return json.dumps([self.name, self.state, self.drawing], ensure_ascii=False)

    @classmethod
    def from_json(cls, stored: str) -> "View":
        """The value of a stored form."""
        return cls(*json.loads(stored))


@dataclass(frozen=True, slots=True)
class Bot:
    """A program as a person, and the person whose program it is."""

    person: Person
    owner_id: PersonId


class FileState(StrEnum):
    """The state of a bot file. `BROKEN` is one of which no version could be loaded."""

    RUNNING = "running"
    PAUSED = "paused"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class BotFileState:
    """A bot file by its name, and why it does not run, or why its newest version does not."""

    file: str
    state: FileState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of a bot. The token itself is not stored, only its hash.

    `rooms` are those in which it is valid, None for all that the bot may read. Times are in UTC;
    `expires_at` is None for a token that does not expire.
    """

    id: ApiTokenId
    bot: Person
    owner_id: PersonId
    label: str
    scopes: frozenset[Scope]
    rooms: frozenset[RoomId] | None
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class NewApiToken:
    """A token to store; `token_hash` is its SHA-256, 32 bytes. The rest is as in `ApiToken`."""

    bot_id: PersonId
    token_hash: bytes = field(repr=False)
    label: str
    scopes: frozenset[Scope]
    rooms: frozenset[RoomId] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """An incoming webhook: whoever knows its `key` posts to its room as `bot`.

    `may_call` is whether its messages may call everybody. Times are in UTC.
    """

    id: HookId
    key: str = field(repr=False)
    room_id: RoomId
    bot: Person
    created_by: PersonId
    created_at: datetime
    is_paused: bool = False
    may_call: bool = False
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to a hook: its size in bytes, the answer, and the message it became, if any."""

    at: datetime
    size: int
    status: int
    answer: str
    message_number: int | None = None
