"""The sidebar: the chat's title, buttons, rooms and people, and the person's own row."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.people import Person
from chat.ui.button_action import ButtonAction
from chat.ui.client.connection import ClientConnection
from chat.ui.packing.control_ids import SIDEBAR_ID
from chat.ui.packing.shared_view import Handler, HandlerOf, SharedView
from chat.ui.sidebar.room_list import FILTER_LIMIT, RoomList
from chat.ui.sidebar.unread_pills import LINE_SPACING, UnreadPills, with_pills
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import stretched_column
from chat.ui.theme.popup_menu import menu_button
from chat.ui.theme.widgets import Landmark, landmark, presence_avatar

SIDEBAR_WIDTH = 272

# The number of rooms, conversations and threads from which on the list has a filter.
FILTER_FROM = 15

# What is above and below the list of rooms, and the filter, in pixels.
_SURROUNDING_HEIGHT, _FILTER_HEIGHT = 164, 48

# The height of a button with words, that of a row of icons, and of the lowest page with words.
_TOOL_HEIGHT, _ICONS_HEIGHT, _WORDS_HEIGHT = 34, 40, 720

_TOOLS = (
    (ft.Icons.SEARCH_ROUNDED, gettext_noop("Search messages"), ButtonAction.SEARCH),
    (ft.Icons.ALTERNATE_EMAIL_ROUNDED, gettext_noop("Mentions"), ButtonAction.MENTIONS),
    (ft.Icons.BOOKMARK_BORDER_ROUNDED, gettext_noop("Saved and later"), ButtonAction.SAVED),
    (ft.Icons.BOLT_ROUNDED, gettext_noop("Jump to (Ctrl+K)"), ButtonAction.QUICK_SWITCHER),
    (ft.Icons.ADD_ROUNDED, gettext_noop("Rooms: new and all"), ButtonAction.ROOMS),
)

# The part of the view with the number of due reminders.
_DUE_PART = "due reminders"

_FILTER_BORDER = ft.OutlineInputBorder(border_radius=10)
_FILTER_PADDING = ft.Padding.symmetric(horizontal=8, vertical=8)
_PROFILE_MARGIN = ft.Margin.only(left=4)
_RIGHT_BORDER = ft.Border(right=theme.BORDER_SIDE)


class Sidebar(ft.Container):
    """The sidebar: beside the room pane on a wide screen, in the drawer on a phone."""

    def __init__(
        self,
        title: str,
        me: Person,
        room_list: RoomList,
        *,
        perform: Callable[[ButtonAction], Awaitable[None]],
        t: Language,
        phone: bool,
    ) -> None:
        self._appearance = _Appearance(title, t)
        self.me = me
        self._room_list = room_list
        self._perform = perform
        self._page_height = 0.0
        self._due_count = 0
        self._shared_view = SharedView(SIDEBAR_ID, perform=self._perform_action)
        super().__init__(
            width=SIDEBAR_WIDTH if phone else SIDEBAR_WIDTH + 1,
            padding=14,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
            border=None if phone else _RIGHT_BORDER,
        )

    def handler(self, control_id: int, event: str, data: object = None) -> Handler | None:
        """The handler of an event in the sidebar."""
        return self._room_list.handler(control_id, event, data) or self._shared_view.handler(
            control_id, event
        )

    def show_due_reminders(self, count: int, connection: ClientConnection | None) -> None:
        """Show how many reminders are due, as long as their list was not opened."""
        if count != self._due_count and self._shared_view.part(_DUE_PART) is not None:
            self._due_count = count
            state = (count, self._appearance.t)
            self._shared_view.replace_part(_DUE_PART, _due_badge, state, connection)

    def fit(self, page_height: float) -> None:
        """Arrange for a page of this height in logical pixels, from the next `draw` on."""
        self._page_height = page_height

    def needs_redraw(self, room_count: int) -> bool:
        """Whether a sidebar with this many rooms has a filter, and this one does not yet."""
        return room_count >= FILTER_FROM and not self._appearance.has_filter

    async def _perform_action(self, action: ButtonAction) -> None:
        match action:
            case ButtonAction.FILTER_ROOMS:
                self._room_list.filter_by_field()
            case ButtonAction.SCROLL_ROOMS:
                pass  # the room list gets the event itself, with its data
            case ButtonAction.UNREAD_ABOVE | ButtonAction.UNREAD_BELOW:
                await self._room_list.show_unread(action)
            case ButtonAction.OPEN_FIRST_MATCH:
                await self._room_list.open_first_match()
            case _:
                await self._perform(action)

    def draw(self, connection: ClientConnection | None, room_count: int = 0) -> None:
        """Draw all but the rooms and the online people; of many rooms with a filter."""
        if self.needs_redraw(room_count):
            self._appearance = replace(self._appearance, has_filter=True)
        has_words = not self._appearance.has_filter and self._page_height >= _WORDS_HEIGHT
        self._appearance = replace(self._appearance, has_words=has_words)
        shared_view, me = self._shared_view, self.me
        shared_view.draw(self, _column, self._appearance, connection)
        self._due_count = 0
        shared_view.set_text("name", me.name, connection)
        shared_view.replace_part(
            "face", _avatar, (me.name, self._room_list.avatar_url(me)), connection
        )
        if (list_part := shared_view.part("places")) is not None:
            surroundings = _SURROUNDING_HEIGHT + _FILTER_HEIGHT * self._appearance.has_filter
            if has_words:
                surroundings += len(_TOOLS) * _TOOL_HEIGHT - _ICONS_HEIGHT
            self._room_list.attach(
                list_part,
                shared_view.part("filter"),
                connection,
                pills=UnreadPills(shared_view, self._appearance.t),
                height=self._page_height - surroundings,
            )


@dataclass(frozen=True, slots=True)
class _Appearance:
    """The state of the sidebar, except whose it is."""

    title: str
    t: Language
    has_filter: bool = False
    # Whether the buttons have words: somebody with few rooms may be new here.
    has_words: bool = True


def _column(handler_of: HandlerOf, appearance: _Appearance) -> ft.Semantics:
    t = appearance.t
    title = widgets.one_line_text(appearance.title, 17, weight=ft.FontWeight.BOLD, expand=True)
    brand = ft.Row(
        [
            ft.Image(src="icons/icon-192.png", width=32, height=32, exclude_from_semantics=True),
            widgets.heading(title, 2),
            widgets.icon_button(
                ft.Icons.QR_CODE_2_ROUNDED, t("Invite"), on_click=handler_of(ButtonAction.INVITE)
            ),
        ],
        spacing=10,
    )
    room_list = ft.ListView(
        spacing=LINE_SPACING,
        expand=True,
        data="places",
        scroll_interval=150,
        on_scroll=handler_of(ButtonAction.SCROLL_ROOMS),
    )
    filters = [_filter_field(handler_of, t)] if appearance.has_filter else []
    controls: list[ft.Control] = [
        brand,
        _tools(handler_of, appearance),
        *filters,
        with_pills(room_list, handler_of),
        _profile_row(handler_of, t),
    ]
    # (Here it is the same bytes for all: a control costs each session some kilobytes.)
    return landmark(ft.Column(controls, spacing=6, expand=True), Landmark.ROOMS)


def _tools(handler_of: HandlerOf, appearance: _Appearance) -> ft.Control:
    """The buttons above the rooms: icons, or icons with words below each other."""
    buttons = list[ft.Control]()
    for icon, label, action in _TOOLS:
        words, on_click = appearance.t(label), handler_of(action)
        button: ft.Control = (
            menu_button(icon, words, height=_TOOL_HEIGHT, on_click=on_click)
            if appearance.has_words
            else widgets.icon_button(icon, words, on_click=on_click)
        )
        if action is ButtonAction.SAVED:
            button = _with_due_place(button, appearance)
        buttons.append(button)
    if appearance.has_words:
        return stretched_column(buttons, 0)
    return ft.Row(buttons, spacing=4, alignment=ft.MainAxisAlignment.SPACE_BETWEEN)


def _with_due_place(button: ft.Control, appearance: _Appearance) -> ft.Stack:
    """The button of what is kept for later, with the place of the number of due reminders."""
    edge, top = (12, 8) if appearance.has_words else (0, 0)
    # A click on the number is one on the button.
    place = ft.Container(data=_DUE_PART, right=edge, top=top, ignore_interactions=True)
    fit = ft.StackFit.PASS_THROUGH if appearance.has_words else ft.StackFit.LOOSE
    return ft.Stack([button, place], fit=fit)


def _due_badge(handler_of: HandlerOf, state: tuple[int, Language]) -> ft.Control:
    count, t = state
    if not count:
        return ft.Container(width=0, height=0)
    label = t.plural("One reminder is due.", "{count} reminders are due.", count)
    return ft.Semantics(content=widgets.UnreadBadge(count, notifies=True), label=label)


def _filter_field(handler_of: HandlerOf, t: Language) -> ft.TextField:
    return ft.TextField(
        hint_text=t("Filter"),
        data="filter",
        prefix_icon=ft.Icons.FILTER_LIST_ROUNDED,
        dense=True,
        text_size=14,
        border=_FILTER_BORDER,
        content_padding=_FILTER_PADDING,
        max_length=FILTER_LIMIT,
        counter="",
        on_change=handler_of(ButtonAction.FILTER_ROOMS),
        on_submit=handler_of(ButtonAction.OPEN_FIRST_MATCH),
    )


def _profile_row(handler_of: HandlerOf, t: Language) -> ft.Row:
    """The person's avatar and name, and the preferences."""
    name = widgets.one_line_text("", 14, weight=ft.FontWeight.W_600, data="name")
    avatar_button = ft.Container(
        tooltip=t("Your profile"), on_click=handler_of(ButtonAction.PROFILE), data="face"
    )
    name_and_status = ft.Column(
        [name, widgets.secondary_text(t("here"))], spacing=0, tight=True, expand=True
    )
    return ft.Row(
        [
            widgets.own_node(avatar_button),
            widgets.own_node(name_and_status),
            widgets.icon_button(
                ft.Icons.SETTINGS_OUTLINED,
                t("Settings"),
                on_click=handler_of(ButtonAction.PREFERENCES),
            ),
        ],
        spacing=4,
        margin=_PROFILE_MARGIN,
    )


def _avatar(handler_of: HandlerOf, name_and_url: tuple[str, str | None]) -> ft.Stack:
    name, avatar_url = name_and_url
    return presence_avatar(name, 32, avatar_url)
