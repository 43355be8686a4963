"""The items of the sidebar: rooms, people and headings."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.events import OnlinePeople
from chat.model.people import NO_STATUS, Person, PersonId, Status
from chat.model.rooms import Membership, NotificationLevel, RoomKind
from chat.ui.room_titles import membership_title
from chat.ui.theme import widgets
from chat.ui.theme.density import DensityMetrics
from chat.ui.theme.widgets import UnreadBadge, presence_avatar
from chat.ui.viewer import ViewerContext

# The number of people that are listed; the others are counted. Each change is sent to everyone.
MAX_PEOPLE = 50

_HEADING_PADDING = ft.Padding.only(left=10, right=10, top=14, bottom=4)
_MORE_PADDING = ft.Padding.only(left=10)

_STATUS_STYLE = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)

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
class ListItemState:
    """All that an item depends on: items of equal state are the same bytes."""

    title: str
    kind: RoomKind
    other_count: int
    unread_count: int
    notifying_count: int
    is_muted: bool
    is_current: bool
    metrics: DensityMetrics
    avatar_url: str | None = None
    status_emoji: str = ""


def item_state(
    membership: Membership,
    viewer: ViewerContext,
    *,
    is_current: bool,
    get_status: Callable[[PersonId], Status],
) -> ListItemState:
    """The state of a membership's item; `is_current` is whether its room is on the screen.

    The other one of a conversation of two may have a status.
    """
    other = membership.others[0] if len(membership.others) == 1 else None
    return ListItemState(
        membership_title(membership, viewer.t),
        membership.room.kind,
        len(membership.others),
        0 if is_current else membership.badge_count,
        0 if is_current else membership.notifying_count,
        membership.notification_level is NotificationLevel.NOTHING,
        is_current,
        viewer.metrics,
        None if other is None else viewer.avatar_url(other),
        "" if other is None else get_status(other.id).emoji,
    )


def section(membership: Membership, *, is_current: bool) -> str | None:
    """The section of a membership; None if it is not listed."""
    if membership.room.kind is RoomKind.THREAD:
        # A thread is listed only while it has unread messages, or is on the screen.
        return (
            THREADS
            if is_current
            or (
                membership.unread and membership.notification_level is not NotificationLevel.NOTHING
            )
            else None
        )
    if (membership.room.archived or membership.is_closed) and not is_current:
        return None
    return DIRECT if membership.room.kind is RoomKind.DIRECT else ROOMS


def more_people(online: OnlinePeople, t: Language) -> ft.Container | None:
    """A line with the number of online people that are not listed; None if all are."""
    remaining = len(online.people) - MAX_PEOPLE
    if remaining <= 0:
        return None
    return ft.Container(
        widgets.secondary_text(t("and {count} more", count=remaining)), padding=_MORE_PADDING
    )


def section_heading(title: str) -> ft.Container:
    """The heading of a section."""
    return ft.Container(
        widgets.secondary_text(title, weight=ft.FontWeight.W_600), padding=_HEADING_PADDING
    )


class RoomItem(ft.Container):
    """A room: bold while it has unread messages, with a badge for notifications."""

    def __init__(
        self,
        state: ListItemState,
        *,
        on_click: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(border_radius=10, on_click=on_click)
        self.show(state)

    def show(self, state: ListItemState) -> None:
        """Draw another state; the caller updates.

        A click that is on its way stays valid: the control is the same.
        """
        is_bold = state.is_current or state.unread_count or state.notifying_count
        color = ft.Colors.PRIMARY if state.is_current else ft.Colors.ON_SURFACE_VARIANT
        title = widgets.one_line_text(
            state.title,
            14,
            weight=ft.FontWeight.W_600 if is_bold else None,
            color=ft.Colors.ON_SURFACE_VARIANT if state.is_muted else None,
            expand=True,
        )
        if state.status_emoji:
            title.spans = [ft.TextSpan(f"  {state.status_emoji}")]
        if state.kind is RoomKind.DIRECT:
            leading: ft.Control = (
                widgets.avatar(state.title, 20, state.avatar_url)
                if state.other_count < 2
                else ft.Icon(ft.Icons.GROUP_OUTLINED, size=17, color=color)
            )
        else:
            leading = ft.Icon(_ICONS[state.kind], size=17, color=color)
        controls: list[ft.Control] = [leading, title]
        if state.notifying_count:
            controls.append(UnreadBadge(state.notifying_count, notifies=True))
        elif state.unread_count:
            controls.append(UnreadBadge(state.unread_count, notifies=False))
        elif state.is_muted:
            controls.append(ft.Icon(ft.Icons.NOTIFICATIONS_OFF_OUTLINED, size=15, color=color))
        self.content = ft.Row(controls, spacing=10)
        self.padding = state.metrics.room_item_padding
        self.bgcolor = ft.Colors.SECONDARY_CONTAINER if state.is_current else None


def _ignore_tap() -> None:
    """Placeholder: the session gets the place of the tap by the control's id."""


class PersonItem(ft.Container):
    """A person who is online."""

    def __init__(
        self,
        person: Person,
        is_away: bool,
        viewer: ViewerContext,
        *,
        status: Status = NO_STATUS,
        on_click: Callable[[], Awaitable[None]],
    ) -> None:
        name = widgets.one_line_text(person.name, 14, expand=True)
        if status.label:
            name.spans = [ft.TextSpan(f"  {status.label}", _STATUS_STYLE)]
            name.max_lines = 1
        super().__init__(
            content=ft.Row(
                [
                    presence_avatar(person.name, 22, viewer.avatar_url(person), is_away=is_away),
                    name,
                ],
                spacing=10,
            ),
            padding=viewer.metrics.person_item_padding,
            border_radius=10,
            on_click=on_click,
            # Where the card of the person appears.
            on_tap_down=_ignore_tap,
            tooltip=viewer.t("away") if is_away else None,
        )
