"""The lines of the list on the left: a room and what waits in it, a person, a heading."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.events import OnlinePeople
from chat.model.people import Person
from chat.model.rooms import Membership, NotificationLevel, RoomKind
from chat.ui.theme import widgets
from chat.ui.theme.density import DensityMetrics
from chat.ui.theme.widgets import Count, here_avatar
from chat.ui.viewer import Clock

# More names than this are a number: each change is sent to everyone.
NAMES = 50

_HEADING = ft.Padding.only(left=10, right=10, top=14, bottom=4)
_MORE = ft.Padding.only(left=10)

_ICONS = {
    RoomKind.PUBLIC: ft.Icons.TAG,
    RoomKind.PRIVATE: ft.Icons.LOCK_OUTLINE_ROUNDED,
    RoomKind.THREAD: ft.Icons.FORUM_OUTLINED,
}

ROOMS, THREADS, DIRECT = (
    gettext_noop("Rooms"),
    gettext_noop("Threads"),
    gettext_noop("Direct messages"),
)
SECTIONS = (ROOMS, THREADS, DIRECT)
PEOPLE = gettext_noop("People")


@dataclass(frozen=True, slots=True)
class Sight:
    """How a line looks: two that look alike are the same bytes."""

    title: str
    kind: RoomKind
    people: int
    unread: int
    mentions: int
    muted: bool
    here: bool
    rhythm: DensityMetrics
    face: str | None = None


def sight(seat: Membership, viewer: Clock, *, here: bool) -> Sight:
    """How the line of a place looks; `here` is whether its room is the one on the screen."""
    return Sight(
        seat.title,
        seat.room.kind,
        len(seat.others),
        0 if here else seat.badge_count,
        0 if here else seat.notifying_count,
        seat.notification_level is NotificationLevel.NOTHING,
        here,
        viewer.rhythm,
        viewer.face(seat.others[0]) if len(seat.others) == 1 else None,
    )


def section(seat: Membership, *, here: bool) -> str | None:
    """Under which heading a place stands; None if it is not listed."""
    if seat.room.kind is RoomKind.THREAD:
        # A thread is found in its room; here it stands only while something new is in it.
        return (
            THREADS
            if here or (seat.unread and seat.notification_level is not NotificationLevel.NOTHING)
            else None
        )
    if seat.room.archived and not here:
        return None
    return DIRECT if seat.room.kind is RoomKind.DIRECT else ROOMS


def more_people(here: OnlinePeople, t: Language) -> ft.Container | None:
    """How many more people there are than lines."""
    more = len(here.people) - NAMES
    if more <= 0:
        return None
    return ft.Container(widgets.secondary_text(t("and {count} more", count=more)), padding=_MORE)


def heading(words: str) -> ft.Container:
    """What stands above some lines."""
    return ft.Container(widgets.secondary_text(words, weight=ft.FontWeight.W_600), padding=_HEADING)


class RoomLine(ft.Container):
    """A room: bold while something is unread, with a number where somebody is called."""

    def __init__(self, seen: Sight, on_click: Callable[[], Awaitable[None]]) -> None:
        strong = seen.here or seen.unread or seen.mentions
        color = ft.Colors.PRIMARY if seen.here else ft.Colors.ON_SURFACE_VARIANT
        title = widgets.one_line_text(
            seen.title,
            14,
            weight=ft.FontWeight.W_600 if strong else None,
            color=ft.Colors.ON_SURFACE_VARIANT if seen.muted else None,
            expand=True,
        )
        if seen.kind is RoomKind.DIRECT:
            mark: ft.Control = (
                widgets.avatar(seen.title, 20, seen.face)
                if seen.people < 2
                else ft.Icon(ft.Icons.GROUP_OUTLINED, size=17, color=color)
            )
        else:
            mark = ft.Icon(_ICONS[seen.kind], size=17, color=color)
        line: list[ft.Control] = [mark, title]
        if seen.mentions:
            line.append(Count(seen.mentions, loud=True))
        elif seen.unread:
            line.append(Count(seen.unread, loud=False))
        elif seen.muted:
            line.append(ft.Icon(ft.Icons.NOTIFICATIONS_OFF_OUTLINED, size=15, color=color))
        super().__init__(
            content=ft.Row(line, spacing=10),
            padding=seen.rhythm.room_item_padding,
            border_radius=10,
            bgcolor=ft.Colors.SECONDARY_CONTAINER if seen.here else None,
            on_click=on_click,
        )


class PersonLine(ft.Container):
    """Somebody who is here."""

    def __init__(
        self,
        person: Person,
        away: bool,
        viewer: Clock,
        on_click: Callable[[], Awaitable[None]],
    ) -> None:
        name = widgets.one_line_text(person.name, 14, expand=True)
        super().__init__(
            content=ft.Row(
                [here_avatar(person.name, 22, viewer.face(person), away=away), name], spacing=10
            ),
            padding=viewer.rhythm.person_item_padding,
            border_radius=10,
            on_click=on_click,
            tooltip=viewer.t("away") if away else None,
        )
