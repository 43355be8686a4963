"""What is said and by whom: frozen values without I/O, whole enough to be drawn as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

RoomId = int
PersonId = int


class Kind(StrEnum):
    """What a numbered entry of a room is."""

    TEXT = "text"
    JOINED = "joined"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who came in under a name."""

    id: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class Room:
    """A place where messages are numbered 1, 2, 3 …; `slug` is its part of an address."""

    id: RoomId
    slug: str
    title: str
    topic: str


@dataclass(frozen=True, slots=True)
class Message:
    """One numbered entry of a room as it is now; times are in UTC.

    `text` is empty unless it is talk that is not deleted. `event` is the number of what happened
    to it last: each room counts all that happens there, of which new messages are a part.
    """

    room: RoomId
    number: int
    author: Person
    kind: Kind
    text: str
    sent_at: datetime
    event: int
    edited_at: datetime | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is not stored yet; a repeated `client_id` of its author is the same one."""

    room: RoomId
    author: Person
    kind: Kind
    text: str
    client_id: str


@dataclass(frozen=True, slots=True)
class History:
    """A page of a room in number order.

    `previous` is the message just before the page, so that its first row can be drawn as a
    following one; None where the room begins. `event` is the room's last event when it was read.
    """

    messages: tuple[Message, ...] = ()
    previous: Message | None = None
    has_older: bool = False
    has_newer: bool = False
    event: int = 0

    def pairs(self) -> Iterator[tuple[Message | None, Message]]:
        """Each message with the one before it."""
        before = self.previous
        for message in self.messages:
            yield before, message
            before = message


@dataclass(frozen=True, slots=True)
class Fresh:
    """What was just said in a room: at least one message, in number order without a gap."""

    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """Something happened to a message that was said before; `previous` stands before it."""

    message: Message
    previous: Message | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a message said before it was edited, and since when."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Here:
    """Everybody who is connected now, in order of name."""

    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A person left on purpose: every session of theirs goes back to the start screen."""

    person: Person
