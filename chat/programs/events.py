"""The events that programs receive: what was posted and changed, who is typing, who is online."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chat.model.events import OnlinePeople
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.model.rooms import RoomId, RoomInfo
from chat.model.sequence import SequencedChange


class EventType(StrEnum):
    """The type of an event. None is ever renamed."""

    MESSAGE_POSTED = "message_posted"
    MESSAGE_CHANGED = "message_changed"
    """Edited, reacted to, pinned, voted in, replied to in a thread, or restored."""
    MESSAGE_DELETED = "message_deleted"
    ROOM_CREATED = "room_created"
    ROOM_RENAMED = "room_renamed"
    ROOM_TOPIC_CHANGED = "room_topic_changed"
    ROOM_ARCHIVED = "room_archived"
    ROOM_REOPENED = "room_reopened"
    MEMBER_JOINED = "member_joined"
    MEMBER_LEFT = "member_left"
    MEMBERS_INVITED = "members_invited"
    MEMBER_REMOVED = "member_removed"
    PERSON_RENAMED = "person_renamed"
    ACTION = "action"
    """A person used a control of a message of the program itself."""
    TYPING = "typing"
    PRESENCE = "presence"


# They are not stored and have no place in the sequence: whoever is not connected misses them.
EPHEMERAL_TYPES = frozenset({EventType.ACTION, EventType.TYPING, EventType.PRESENCE})

# What a program gets that names no types.
STORED_TYPES = frozenset(EventType) - EPHEMERAL_TYPES

_TYPES_OF_KINDS = {
    MessageKind.TEXT: EventType.MESSAGE_POSTED,
    MessageKind.DICE_ROLLED: EventType.MESSAGE_POSTED,
    MessageKind.ROOM_CREATED: EventType.ROOM_CREATED,
    MessageKind.ROOM_RENAMED: EventType.ROOM_RENAMED,
    MessageKind.TOPIC_CHANGED: EventType.ROOM_TOPIC_CHANGED,
    MessageKind.ARCHIVED: EventType.ROOM_ARCHIVED,
    MessageKind.REOPENED: EventType.ROOM_REOPENED,
    MessageKind.JOINED: EventType.MEMBER_JOINED,
    MessageKind.LEFT: EventType.MEMBER_LEFT,
    MessageKind.INVITED: EventType.MEMBERS_INVITED,
    MessageKind.REMOVED: EventType.MEMBER_REMOVED,
    MessageKind.PERSON_RENAMED: EventType.PERSON_RENAMED,
}


# An event is one object for all readers, which is compared by identity: it is encoded once.
@dataclass(frozen=True, slots=True, eq=False)
class StoredEvent:
    """A message that was posted or changed, or something that happened to a room."""

    type: EventType
    change: SequencedChange

    @property
    def room(self) -> RoomInfo:
        """The room where it happened."""
        return self.change.room


@dataclass(frozen=True, slots=True, eq=False)
class TypingEvent:
    """The people who are typing in a room; nobody, once they stop."""

    room: RoomInfo
    people: tuple[Person, ...]
    type: EventType = EventType.TYPING


@dataclass(frozen=True, slots=True, eq=False)
class PresenceEvent:
    """The people who are online."""

    online: OnlinePeople
    room: None = None
    type: EventType = EventType.PRESENCE


@dataclass(frozen=True, slots=True, eq=False)
class ActionEvent:
    """A person used a control of `message`, which shows a view of the program that is told.

    `id` names the action in its answer. `action` is the program's function that the control calls,
    and `data` what the control carries for it; `value` is that of the control itself, `values` are
    those of all fields with a name.
    """

    id: str
    room: RoomInfo
    message: Message
    person: Person
    action: str
    data: Any
    value: Any
    values: Mapping[str, Any]
    type: EventType = EventType.ACTION


EphemeralEvent = TypingEvent | PresenceEvent | ActionEvent
ProgramEvent = StoredEvent | EphemeralEvent


@dataclass(frozen=True, slots=True)
class EventFilter:
    """The events that a program asks for.

    `rooms` are rooms or threads; a room stands for its threads, too. None stands for all that the
    program may read.
    """

    types: frozenset[EventType] = STORED_TYPES
    rooms: frozenset[RoomId] | None = None

    def accepts_room(self, info: RoomInfo) -> bool:
        """Whether events of this room are asked for."""
        return self.rooms is None or info.id in self.rooms or info.parent_id in self.rooms


def stored_event(change: SequencedChange) -> StoredEvent:
    """The event of a post or a change."""
    message = change.message
    if change.is_new:
        return StoredEvent(_TYPES_OF_KINDS[message.kind], change)
    is_deleted = message.deleted
    type_ = EventType.MESSAGE_DELETED if is_deleted else EventType.MESSAGE_CHANGED
    return StoredEvent(type_, change)
