"""The header above the room pane: title and topic of the room, and who of it is online."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import flet as ft

from chat.languages import Language
from chat.model.events import OnlinePeople
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.ui.button_action import ButtonAction
from chat.ui.client.connection import ClientConnection
from chat.ui.packing.control_ids import HEADER_ID
from chat.ui.packing.shared_view import HandlerOf, SharedView
from chat.ui.theme import theme, widgets
from chat.ui.theme.widgets import ROOM_ICONS

# The members of a conversation of two.
_PAIR = 2

_TIGHT_LINE_STYLE = ft.TextStyle(height=1.2)
_SUBTITLE_PADDING = ft.Padding.only(left=10)
_SUBTITLE_BORDER = ft.Border(left=theme.BORDER_SIDE)
# With a line of text at least 24 pixels high, as WCAG 2.5.8 asks of what is clicked. On a phone it
# begins below the title.
_ONLINE_PADDING = ft.Padding.symmetric(horizontal=6, vertical=3.5)
_PHONE_ONLINE_PADDING = ft.Padding.only(right=6, top=3.5, bottom=3.5)
# In pixels.
_ROW_PADDING = 6
_ROW_HEIGHT = theme.HEADER_HEIGHT - 2 * _ROW_PADDING - theme.BORDER_WIDTH

_PHONE_PADDING, _WIDE_PADDING = (
    ft.Padding.only(left=left, right=8, top=_ROW_PADDING, bottom=_ROW_PADDING) for left in (4, 20)
)


@dataclass(frozen=True, slots=True)
class HeaderContent:
    """The values of a room that the header shows."""

    title: str
    kind: RoomKind
    subtitle: str


@dataclass(frozen=True, slots=True)
class _Appearance:
    """The state of the header, except how many people are online.

    `unread_count` is the number on the menu button of a phone, at most 100.
    """

    content: HeaderContent
    is_phone: bool
    unread_count: int
    t: Language


class Header(ft.Container):
    """The header.

    On a phone it has the menu button, with the unread messages of the other rooms, and the second
    line has the number of people.
    """

    def __init__(self, t: Language, *, perform: Callable[[ButtonAction], Awaitable[None]]) -> None:
        self._t = t
        self._content: HeaderContent | None = None
        self._is_phone = False
        self._unread_count = 0
        self._online_text = ""
        self._shared_view = SharedView(HEADER_ID, perform=perform)
        self.handler = self._shared_view.handler
        super().__init__(border=theme.BOTTOM_BORDER)

    def fit(self, is_phone: bool) -> None:
        """Arrange for a phone or a wide screen; the caller updates, then draws."""
        self._is_phone = is_phone
        self.padding = _PHONE_PADDING if is_phone else _WIDE_PADDING

    def show(self, content: HeaderContent, connection: ClientConnection | None) -> None:
        """Show another room, or other texts of the same room."""
        if content != self._content:
            self._content = content
            self.draw(connection)

    def draw(self, connection: ClientConnection | None) -> None:
        """Draw the header, once the room is known."""
        if self._content is not None:
            unread_count = self._unread_count if self._is_phone else 0
            appearance = _Appearance(self._content, self._is_phone, unread_count, self._t)
            self._shared_view.draw(self, _header_row, appearance, connection)
            self._shared_view.set_text("here", self._online_text, connection)

    def show_unread_elsewhere(self, count: int, connection: ClientConnection | None) -> None:
        """Show how many messages of other rooms are unread: on a phone their list is hidden."""
        count = min(count, widgets.UNREAD_LIMIT)
        if count != self._unread_count:
            self._unread_count = count
            if self._is_phone:
                self.draw(connection)

    def show_online(self, text: str, connection: ClientConnection | None) -> None:
        """Show who of the room is online."""
        if text != self._online_text:
            self._online_text = text
            self._shared_view.set_text("here", text, connection)


def online_text(room: Room, me: Person, online: OnlinePeople, t: Language) -> str:
    """How many people of a room are online; in a conversation of two whether the other one is."""
    members = (room.parent or room).members
    if room.info.kind is RoomKind.DIRECT and len(members) <= _PAIR:
        others = [each for each in members.values() if each.id != me.id]
        if not others:
            return ""
        if others[0].is_bot:
            return t("bot")
        if not any(each.id == others[0].id for each in online.people):
            return t("not here")
        return t("away") if others[0].id in online.away else t("here")
    return t("{count} here", count=sum(each.id in members for each in online.people))


def _header_row(handler_of: HandlerOf, appearance: _Appearance) -> ft.Row:
    content, is_phone = appearance.content, appearance.is_phone
    title = widgets.one_line_text(
        content.title, 16, weight=ft.FontWeight.BOLD, style=_TIGHT_LINE_STYLE
    )
    subtitle = widgets.one_line_text(content.subtitle, 13, color=ft.Colors.ON_SURFACE_VARIANT)
    buttons = _buttons(handler_of, appearance)
    online_text = ft.Container(
        widgets.secondary_text("", 12 if is_phone else 13, data="here"),
        padding=_PHONE_ONLINE_PADDING if is_phone else _ONLINE_PADDING,
        border_radius=6,
        ink=True,
        tooltip=appearance.t("People in this room"),
        on_click=handler_of(ButtonAction.MEMBERS),
    )
    is_thread = content.kind is RoomKind.THREAD
    back_button = widgets.icon_button(
        ft.Icons.ARROW_BACK_ROUNDED,
        appearance.t("Back to the room"),
        on_click=handler_of(ButtonAction.OPEN_PARENT),
    )
    if is_phone:
        subtitle.size, subtitle.expand = 12, True
        second_line = ft.Row([online_text, widgets.own_node(subtitle)], spacing=8)
        texts = ft.Column(
            [widgets.heading(title, 1), second_line], spacing=0, tight=True, expand=True
        )
        left_button = back_button if is_thread else _menu_button(handler_of, appearance)
        controls: list[ft.Control] = [left_button, texts, *buttons]
    else:
        icon = ft.Icon(ROOM_ICONS[content.kind], size=20, color=ft.Colors.ON_SURFACE_VARIANT)
        subtitle_box = ft.Container(
            widgets.own_node(subtitle),
            padding=_SUBTITLE_PADDING,
            border=_SUBTITLE_BORDER if content.subtitle else None,
            expand=True,
        )
        # A long title shares the line with the topic.
        title.expand = len(content.title) > theme.LONG_TITLE_LENGTH
        controls = [
            *([back_button] if is_thread else []),
            icon,
            widgets.heading(title, 1),
            subtitle_box,
            online_text,
            *buttons,
        ]
    return ft.Row(controls, spacing=10, height=_ROW_HEIGHT)


def _menu_button(handler_of: HandlerOf, appearance: _Appearance) -> ft.IconButton:
    """The button that opens the list of rooms, with the unread messages there."""
    t, count = appearance.t, appearance.unread_count
    label = t("Rooms and people")
    if count:
        label = t.plural(
            "Rooms and people: {count} unread message",
            "Rooms and people: {count} unread messages",
            count,
        )
    button = widgets.icon_button(
        ft.Icons.MENU, label, on_click=handler_of(ButtonAction.OPEN_SIDEBAR)
    )
    if count and isinstance(button.icon, ft.Icon):
        # At the icon, not at the corner of the button, which is much larger.
        button.icon.badge = ft.Badge(
            label=widgets.unread_label(count),
            bgcolor=ft.Colors.PRIMARY,
            text_color=ft.Colors.ON_PRIMARY,
        )
    return button


def _buttons(handler_of: HandlerOf, appearance: _Appearance) -> list[ft.Control]:
    t = appearance.t
    pins = widgets.icon_button(
        ft.Icons.PUSH_PIN_OUTLINED, t("Pinned messages"), on_click=handler_of(ButtonAction.PINS)
    )
    files = widgets.icon_button(
        ft.Icons.PERM_MEDIA_OUTLINED,
        t("Files and pictures"),
        on_click=handler_of(ButtonAction.FILES),
    )
    search = widgets.icon_button(
        ft.Icons.SEARCH_ROUNDED, t("Search messages"), on_click=handler_of(ButtonAction.SEARCH)
    )
    more = widgets.icon_button(
        ft.Icons.MORE_VERT_ROUNDED,
        t("About this room"),
        on_click=handler_of(ButtonAction.ROOM_DETAILS),
    )
    # On a phone the files are in the dialog about the room.
    return [search, pins, more] if appearance.is_phone else [files, pins, more]
