"""The messages of the screen's parts to `ChatScreen`: events, and requests."""

from dataclasses import dataclass
from typing import Protocol

import flet as ft

from chat.model.people import Person, PersonId
from chat.ui.theme.popover import Point


@dataclass(frozen=True, slots=True)
class RoomShown:
    """Another room is on the screen, or the title, the topic or the state of this one changed."""


@dataclass(frozen=True, slots=True)
class MembersShown:
    """People have joined or left the room on the screen."""


@dataclass(frozen=True, slots=True)
class AtEndChanged:
    """The timeline was scrolled to the end of its room, or away from there."""


@dataclass(frozen=True, slots=True)
class OwnMessagePosted:
    """A message of the person was stored."""


@dataclass(frozen=True, slots=True)
class MarkedUnread:
    """The person marked a message of the room on the screen as unread."""


@dataclass(frozen=True, slots=True)
class PathShown:
    """The room that an address leads to is on the screen."""


@dataclass(frozen=True, slots=True)
class WritingRequested:
    """The person wants to write in a pane whose field is not on the screen."""


@dataclass(frozen=True, slots=True)
class SidePaneChanged:
    """`pane` is to be shown at the right of the room, or nothing any more."""

    pane: ft.LayoutControl | None


@dataclass(frozen=True, slots=True)
class PanelAddressChanged:
    """The panel beside the room has another address: the person searches for other words."""


@dataclass(frozen=True, slots=True)
class TargetFaded:
    """The mark of the message that the page's address names has gone."""


@dataclass(frozen=True, slots=True)
class LaterShown:
    """The person has opened the lists of what is kept for later."""


@dataclass(frozen=True, slots=True)
class OpenPath:
    """Show the room of an address, and make it the page's address."""

    path: str
    # The words that a search found in the message that the address names.
    marked_words: tuple[str, ...] = ()
    # One of several messages in a list, which a person looks at in turn: it takes the place of the
    # one before in the page's history, and the focus stays in the list.
    is_step: bool = False


@dataclass(frozen=True, slots=True)
class ClosePanel:
    """Close the panel beside the room."""


@dataclass(frozen=True, slots=True)
class CloseDrawer:
    """Close the drawer of a phone, which covers what was chosen in it."""


@dataclass(frozen=True, slots=True)
class ClickPart:
    """Run the action of a click on a part of a message row (`ui/row_parts.py`)."""

    number: int
    part: int


@dataclass(frozen=True, slots=True)
class SignOut:
    """Sign the person out, in all their sessions. They have confirmed it."""


@dataclass(frozen=True, slots=True)
class ShowProfile:
    """Show the card of a person, beside the place of the click if that is known."""

    person: Person
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class ShowModeration:
    """Show what the person may do to another one as a moderator. `name` is that of the other."""

    person_id: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class ToggleBlock:
    """Ask whether to block a person; unblock one who is blocked."""

    person: Person


ScreenEvent = (
    RoomShown
    | MembersShown
    | AtEndChanged
    | OwnMessagePosted
    | MarkedUnread
    | PathShown
    | WritingRequested
    | TargetFaded
    | SidePaneChanged
    | PanelAddressChanged
    | LaterShown
)


ScreenRequest = (
    OpenPath
    | ClosePanel
    | CloseDrawer
    | ClickPart
    | SignOut
    | ShowProfile
    | ShowModeration
    | ToggleBlock
)


class Screen(Protocol):
    """The screen as its parts see it."""

    def handle(self, event: ScreenEvent) -> None:
        """Report an event. The screen has handled it when this returns."""

    async def perform(self, request: ScreenRequest) -> None:
        """Run a request that only the screen can fulfil, and wait for its end."""
