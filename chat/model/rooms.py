"""Rooms and memberships: frozen values without I/O."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chat.model.people import Person, PersonId

RoomId = int


class RoomKind(StrEnum):
    """The kind of a room: it decides who may read there."""

    PUBLIC = "public"
    """Listed; any person may join."""
    PRIVATE = "private"
    """By invitation; the room is hidden from all others."""
    DIRECT = "direct"
    """A conversation between people who never change."""
    THREAD = "thread"
    """The replies to one message, readable like the room of the message."""


class NotificationLevel(StrEnum):
    """The messages of a room that are counted for a person, and those that notify them."""

    EVERYTHING = "everything"
    """Each message notifies."""
    ALL = "all"
    """All are counted. Mentions notify; in direct conversations and threads each message does."""
    MENTIONS = "mentions"
    """Mentions are counted and notify. In a direct conversation all are counted."""
    NOTHING = "nothing"


# The address of the moderators' room. People cannot give it to a room: its beginning is reserved.
MODERATORS_SLUG = "dm-moderators"


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """A room as a value; `slug` is its part of a path.

    `thread_root` is the room and number of the message that a thread is about, else None. A direct
    conversation has no title of its own: it is shown by the names of its members. `slow_seconds` is
    the time between two messages of a person; 0 without slow mode.
    """

    id: RoomId
    slug: str
    title: str
    topic: str
    kind: RoomKind = RoomKind.PUBLIC
    thread_root: "tuple[RoomId, int] | None" = None
    created_by: PersonId | None = None
    archived: bool = False
    slow_seconds: int = 0

    @property
    def is_of_moderators(self) -> bool:
        """Whether it is the room of owner and moderators, where reports arrive."""
        return self.slug == MODERATORS_SLUG

    @property
    def parent_id(self) -> RoomId | None:
        """The id of the room that a thread belongs to."""
        return None if self.thread_root is None else self.thread_root[0]


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """A public room as it is browsed. `last_at` is the time of its last message, if it has one."""

    room: RoomInfo
    member_count: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewRoom:
    """A room to store, with its first members."""

    slug: str
    title: str
    topic: str
    kind: RoomKind
    creator: Person
    member_ids: tuple[PersonId, ...]
    thread_root: "tuple[RoomId, int] | None" = None


@dataclass(frozen=True, slots=True)
class Membership:
    """The state of one person in one room; a change makes a new value.

    `unread` counts messages of others after `last_read`, up to 100; `unread_mentions` counts those
    of them that mention the person. `others` are the other members of a direct conversation. If it
    `is_closed`, it is not listed until there is a new message in it. `has_draft` is whether the
    person has a draft in the room. `last_at` is when the last message of a thread was sent.
    """

    room: RoomInfo
    last_read: int
    notification_level: NotificationLevel
    unread: int = 0
    unread_mentions: int = 0
    last_number: int = 0
    others: tuple[Person, ...] = ()
    is_closed: bool = False
    is_favourite: bool = False
    has_draft: bool = False
    last_at: datetime | None = None

    @property
    def title(self) -> str:
        """The title that this person sees."""
        if self.room.kind is not RoomKind.DIRECT:
            return self.room.title
        return ", ".join(each.name for each in self.others) or "Notes to myself"

    @property
    def notifying_count(self) -> int:
        """The number of unread messages that are for the person: mentions, and direct messages.

        0 if the room is muted, and each message if each notifies.
        """
        if self.notification_level is NotificationLevel.NOTHING:
            return 0
        # Every message of a direct conversation is meant for its members.
        if self.room.kind is RoomKind.DIRECT:
            return self.unread
        is_every = self.notification_level is NotificationLevel.EVERYTHING
        return self.unread if is_every else self.unread_mentions

    @property
    def badge_count(self) -> int:
        """The unread count that the sidebar shows at the person's notification level."""
        return (
            self.unread
            if self.notification_level in {NotificationLevel.ALL, NotificationLevel.EVERYTHING}
            else self.notifying_count
        )
