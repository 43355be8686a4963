"""Rooms and memberships: frozen values without I/O."""

from dataclasses import dataclass
from enum import StrEnum

from chat.model.people import Person, PersonId

RoomId = int


class RoomKind(StrEnum):
    """Who may read a room, and what it is for."""

    PUBLIC = "public"
    """Listed; anyone joins."""
    PRIVATE = "private"
    """By invitation; nobody else knows that it is there."""
    DIRECT = "direct"
    """Two or more people, who are always the same."""
    THREAD = "thread"
    """The replies to one message; whoever may read that may read these."""


class NotificationLevel(StrEnum):
    """What of a room calls a person."""

    ALL = "all"
    MENTIONS = "mentions"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """A place where messages are numbered 1, 2, 3 …; `slug` is its part of an address.

    `parent` is of a thread: the room and the number of the message that it is about. A direct
    conversation has no title: it is called by those who are in it.
    """

    id: RoomId
    slug: str
    title: str
    topic: str
    kind: RoomKind = RoomKind.PUBLIC
    thread_root: "tuple[RoomId, int] | None" = None
    created_by: PersonId | None = None
    archived: bool = False

    @property
    def parent_id(self) -> RoomId | None:
        """The room that a thread is in."""
        return None if self.thread_root is None else self.thread_root[0]


@dataclass(frozen=True, slots=True)
class NewRoom:
    """A room that is not stored yet; `members` are in it from the beginning."""

    slug: str
    title: str
    topic: str
    kind: RoomKind
    creator: Person
    member_ids: tuple[PersonId, ...]
    thread_root: "tuple[RoomId, int] | None" = None


@dataclass(frozen=True, slots=True)
class Membership:
    """One person's place in one room, as it is now.

    `unread` counts what others said after `last_read`, up to 100; `mentions` counts those of them
    that call this person. `others` are those who are in it besides, of a direct conversation.
    """

    room: RoomInfo
    last_read: int
    notification_level: NotificationLevel
    unread: int = 0
    unread_mentions: int = 0
    last_number: int = 0
    others: tuple[Person, ...] = ()

    @property
    def title(self) -> str:
        """What the room is called for this person."""
        if self.room.kind is not RoomKind.DIRECT:
            return self.room.title
        return ", ".join(each.name for each in self.others) or "Notes to myself"

    @property
    def notifying_count(self) -> int:
        """How many unread messages call this person, as far as they heed it."""
        if self.notification_level is NotificationLevel.NOTHING:
            return 0
        # Whoever writes to somebody directly means them.
        return self.unread if self.room.kind is RoomKind.DIRECT else self.unread_mentions

    @property
    def badge_count(self) -> int:
        """How many unread messages count, by what of the room this person heeds."""
        return (
            self.unread
            if self.notification_level is NotificationLevel.ALL
            else self.notifying_count
        )
