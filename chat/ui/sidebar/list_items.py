"""The items of the sidebar: rooms, people and headings."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.events import OnlinePeople
from chat.model.people import NO_STATUS, Person, PersonId, Status
from chat.model.preferences import SidebarSection
from chat.model.rooms import Membership, NotificationLevel, RoomKind
from chat.ui.presence import PresenceState, presence_of
from chat.ui.room_titles import membership_title
from chat.ui.theme import theme, widgets
from chat.ui.theme.density import DensityMetrics
from chat.ui.theme.widgets import UnreadBadge, presence_avatar
from chat.ui.viewer import ViewerContext

# The number of people that are listed; the others are counted. Each change is sent to everyone.
MAX_PEOPLE = 50

_MORE_PADDING = ft.Padding.only(left=10)

_STATUS_STYLE = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)
# The face of a direct conversation and its dot, in pixels.
_AVATAR_SIZE, _DOT_SIZE = 20, 9

_ICONS = {
    RoomKind.PUBLIC: ft.Icons.TAG,
    RoomKind.PRIVATE: ft.Icons.LOCK_OUTLINE_ROUNDED,
    RoomKind.THREAD: ft.Icons.FORUM_OUTLINED,
}

SECTION_TITLES = {
    SidebarSection.UNREAD: gettext_noop("Unread"),
    SidebarSection.FAVOURITES: gettext_noop("Favourites"),
    SidebarSection.THREADS: gettext_noop("Threads"),
    SidebarSection.DIRECT: gettext_noop("Direct messages"),
    SidebarSection.ROOMS: gettext_noop("Rooms"),
    SidebarSection.PEOPLE: gettext_noop("People"),
}

# What the button of a heading begins.
_ADD_LABELS = {
    SidebarSection.DIRECT: gettext_noop("New conversation"),
    SidebarSection.ROOMS: gettext_noop("Browse rooms, or make one"),
}

# The row part (`data`) of the button of a heading.
ADD_BUTTON = 1

_RADIUS = 10
_RING = ft.BoxDecoration(border=theme.FOCUS_RING, border_radius=_RADIUS)

# In pixels.
_HEADING_HEIGHT, _ADD_BUTTON_SIZE, _CHEVRON_SIZE = 30, 26, 16
_HEADING_MARGIN = ft.Margin.only(top=6)
_HEADING_GAP = 4
_HEADING_PADDING = ft.Padding.only(left=8)
_UNFOLDABLE_PADDING = ft.Padding.only(left=8 + _CHEVRON_SIZE + _HEADING_GAP)


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

    presence: PresenceState | None = None
    # What the pencil of a draft is called; empty without a draft.
    draft_label: str = ""
    is_chosen: bool = False
    # The language of the mark of a bot; None for a room and for a person.
    mark_language: Language | None = None


def item_state(
    membership: Membership,
    viewer: ViewerContext,
    online: OnlinePeople,
    *,
    is_current: bool,
    is_chosen: bool,
    get_status: Callable[[PersonId], Status],
) -> ListItemState:
    """The state of a membership's item; `is_current` is whether its room is on the screen,
    `is_chosen` whether it has the ring of the keyboard.

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
        None if other is None else presence_of(other, online.ids, online.away),
        viewer.t("Draft") if membership.has_draft and not is_current else "",
        is_chosen,
        viewer.t if other is not None and other.is_bot else None,
    )


def more_people(online: OnlinePeople, t: Language) -> ft.Container | None:
    """A line with the number of online people that are not listed; None if all are."""
    remaining = len(online.people) - MAX_PEOPLE
    if remaining <= 0:
        return None
    return ft.Container(
        widgets.secondary_text(t("and {count} more", count=remaining)), padding=_MORE_PADDING
    )


@dataclass(frozen=True, slots=True)
class HeadingState:
    """All that a heading depends on; `hidden_count` is the number of lines that it hides.

    A heading that nothing follows in a filtered list `is_empty`, and invisible.
    """

    section: SidebarSection
    is_folded: bool
    hidden_count: int
    t: Language
    is_empty: bool = False


def no_match(t: Language) -> ft.Container:
    """A line that says that the filter finds nothing."""
    text = widgets.secondary_text(t("No room and nobody is called so."), 14)
    return ft.Container(text, padding=_MORE_PADDING)


class SectionHeading(ft.Container):
    """The heading of a section: a click folds it. Unread rooms are never folded."""

    def __init__(
        self,
        state: HeadingState,
        *,
        on_click: Callable[[], object],
        on_add: Callable[[], Awaitable[None]],
    ) -> None:
        t, section = state.t, state.section
        title = t(SECTION_TITLES[section])
        can_fold = section is not SidebarSection.UNREAD
        controls: list[ft.Control] = [
            widgets.one_line_text(
                title,
                12,
                weight=ft.FontWeight.W_600,
                color=ft.Colors.ON_SURFACE_VARIANT,
                # The label of the chevron names the section.
                semantics_label="" if can_fold else None,
            )
        ]
        if can_fold:
            icon = ft.Icons.CHEVRON_RIGHT if state.is_folded else ft.Icons.EXPAND_MORE
            label = t("Show {section}" if state.is_folded else "Hide {section}", section=title)
            color = ft.Colors.ON_SURFACE_VARIANT
            chevron = ft.Icon(icon, size=_CHEVRON_SIZE, color=color, semantics_label=label)
            controls.insert(0, chevron)
        if state.hidden_count:
            controls.append(widgets.secondary_text(str(state.hidden_count)))
        if section in _ADD_LABELS:
            button = widgets.icon_button(
                ft.Icons.ADD_ROUNDED,
                t(_ADD_LABELS[section]),
                data=ADD_BUTTON,
                width=_ADD_BUTTON_SIZE,
                height=_ADD_BUTTON_SIZE,
                padding=0,
                on_click=on_add,
            )
            button.icon_size = 18
            # A node of its own: else its tooltip would be a part of the heading's name.
            controls += [
                ft.Container(expand=True),
                ft.Semantics(content=button, container=True),
            ]
        super().__init__(
            ft.Row(controls, spacing=_HEADING_GAP),
            height=_HEADING_HEIGHT,
            margin=_HEADING_MARGIN,
            padding=_HEADING_PADDING if can_fold else _UNFOLDABLE_PADDING,
            border_radius=10,
            ink=can_fold,
            on_click=on_click if can_fold else None,
            visible=not state.is_empty,
        )


class RoomItem(ft.GestureDetector):
    """A room: bold while it has unread messages, with a badge for notifications.

    A right click, or a long press, opens its menu.
    """

    def __init__(
        self,
        state: ListItemState,
        *,
        on_click: Callable[[], Awaitable[None]],
        on_menu: Callable[[ft.Event[Any]], Awaitable[None]],
    ) -> None:
        # (Flutter gives no tooltip and no position to a long press of the container.)
        super().__init__(
            ft.Container(border_radius=_RADIUS, ink=True, on_click=on_click),
            exclude_from_semantics=True,
            on_secondary_tap_down=on_menu,
            on_long_press_start=on_menu,
        )
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
        named: ft.Control = title
        if state.mark_language is not None:
            named = widgets.with_bot_mark(title, state.mark_language)
            named.expand = True
        controls: list[ft.Control] = [_leading(state, color), named]
        if state.draft_label:
            pencil = ft.Icons.EDIT_OUTLINED
            controls.append(
                ft.Icon(pencil, size=15, color=color, semantics_label=state.draft_label)
            )
        if state.notifying_count:
            controls.append(UnreadBadge(state.notifying_count, notifies=True))
        elif state.unread_count:
            controls.append(UnreadBadge(state.unread_count, notifies=False))
        elif state.is_muted:
            controls.append(ft.Icon(ft.Icons.NOTIFICATIONS_OFF_OUTLINED, size=15, color=color))
        container = self.content
        assert isinstance(container, ft.Container)
        container.content = ft.Row(controls, spacing=10)
        container.padding = state.metrics.room_item_padding
        container.bgcolor = ft.Colors.SECONDARY_CONTAINER if state.is_current else None
        container.foreground_decoration = _RING if state.is_chosen else None


def _leading(state: ListItemState, color: ft.ColorValue) -> ft.Control:
    """The icon of a room, or the face of a person with their presence."""
    if state.kind is not RoomKind.DIRECT:
        return ft.Icon(_ICONS[state.kind], size=17, width=_AVATAR_SIZE, color=color)
    if state.other_count > 1:
        return ft.Icon(ft.Icons.GROUP_OUTLINED, size=17, width=_AVATAR_SIZE, color=color)
    if state.presence not in {PresenceState.HERE, PresenceState.AWAY}:
        return widgets.avatar(state.title, _AVATAR_SIZE, state.avatar_url)
    is_away = state.presence is PresenceState.AWAY
    return presence_avatar(
        state.title, _AVATAR_SIZE, state.avatar_url, is_away=is_away, dot_size=_DOT_SIZE
    )


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
