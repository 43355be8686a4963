"""The requests of the sidebar to the screen."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from chat.model.people import PersonId
from chat.model.preferences import SidebarSection
from chat.model.rooms import RoomId
from chat.ui.theme.popover import Point


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Show a room."""

    room_id: RoomId


@dataclass(frozen=True, slots=True)
class ShowPerson:
    """Show the card of a person."""

    person_id: PersonId


@dataclass(frozen=True, slots=True)
class ShowRoomMenu:
    """Show the menu of a room, at a point of the window; `by_key` if a key asks for it."""

    room_id: RoomId
    point: Point
    by_key: bool = False


@dataclass(frozen=True, slots=True)
class StoreFolds:
    """Store which sections are folded."""

    sections: frozenset[SidebarSection]


@dataclass(frozen=True, slots=True)
class AddToSection:
    """Begin what a section lists: a direct conversation, or a room."""

    section: SidebarSection


@dataclass(frozen=True, slots=True)
class MarkRead:
    """Mark a room as read."""

    room_id: RoomId


@dataclass(frozen=True, slots=True)
class SetFavourite:
    """Make a room a favourite, or end that."""

    room_id: RoomId
    favourite: bool


@dataclass(frozen=True, slots=True)
class SetMuted:
    """Mute a room, or count everything there."""

    room_id: RoomId
    muted: bool


@dataclass(frozen=True, slots=True)
class ShowRoomWebhooks:
    """Show the webhooks of a room."""

    room_id: RoomId


@dataclass(frozen=True, slots=True)
class LeaveRoom:
    """Leave a room, or stop following a thread."""

    room_id: RoomId


@dataclass(frozen=True, slots=True)
class CloseDirect:
    """Take a direct conversation off the list until something new is said in it."""

    room_id: RoomId


SidebarRequest: TypeAlias = (
    OpenRoom
    | ShowPerson
    | ShowRoomMenu
    | StoreFolds
    | AddToSection
    | MarkRead
    | SetFavourite
    | SetMuted
    | LeaveRoom
    | CloseDirect
    | ShowRoomWebhooks
)

# Runs a request of the sidebar.
PerformRequest = Callable[[SidebarRequest], Awaitable[None]]
