"""The sidebar: the chat's title, buttons, rooms and people, and the person's own row."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import flet as ft

from chat.languages import Language
from chat.model.people import Person
from chat.ui.button_action import ButtonAction
from chat.ui.client.connection import ClientConnection
from chat.ui.packing.control_ids import SIDEBAR_ID
from chat.ui.packing.shared_view import Handler, HandlerOf, SharedView
from chat.ui.sidebar.room_list import RoomList
from chat.ui.theme import theme, widgets
from chat.ui.theme.widgets import presence_avatar

SIDEBAR_WIDTH = 272

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
        self._shared_view = SharedView(SIDEBAR_ID, perform=perform)
        super().__init__(
            width=SIDEBAR_WIDTH if phone else SIDEBAR_WIDTH + 1,
            padding=14,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
            border=None if phone else _RIGHT_BORDER,
        )

    def handler(self, control_id: int, event: str) -> Handler | None:
        """The handler of an event in the sidebar."""
        return self._room_list.handler(control_id, event) or self._shared_view.handler(
            control_id, event
        )

    def draw(self, connection: ClientConnection | None) -> None:
        """Draw all but the rooms and the online people."""
        shared_view, me = self._shared_view, self.me
        shared_view.draw(self, _column, self._appearance, connection)
        shared_view.set_text("name", me.name, connection)
        shared_view.replace_part(
            "face", _avatar, (me.name, self._room_list.avatar_url(me)), connection
        )
        if (list_part := shared_view.part("places")) is not None:
            self._room_list.attach(list_part, connection)


@dataclass(frozen=True, slots=True)
class _Appearance:
    """The state of the sidebar, except whose it is."""

    title: str
    t: Language


def _column(handler_of: HandlerOf, appearance: _Appearance) -> ft.Column:
    t = appearance.t
    title = widgets.one_line_text(appearance.title, 17, weight=ft.FontWeight.BOLD, expand=True)
    brand = ft.Row(
        [
            ft.Image(src="icons/icon-192.png", width=32, height=32, exclude_from_semantics=True),
            title,
            widgets.icon_button(
                ft.Icons.QR_CODE_2_ROUNDED, t("Invite"), on_click=handler_of(ButtonAction.INVITE)
            ),
        ],
        spacing=10,
    )
    tools = ft.Row(
        [
            widgets.icon_button(
                ft.Icons.SEARCH_ROUNDED,
                t("Search messages"),
                on_click=handler_of(ButtonAction.SEARCH),
            ),
            widgets.icon_button(
                ft.Icons.ALTERNATE_EMAIL_ROUNDED,
                t("Mentions"),
                on_click=handler_of(ButtonAction.MENTIONS),
            ),
            widgets.icon_button(
                ft.Icons.BOOKMARK_BORDER_ROUNDED,
                t("Saved and later"),
                on_click=handler_of(ButtonAction.SAVED),
            ),
            widgets.icon_button(
                ft.Icons.BOLT_ROUNDED,
                t("Jump to (Ctrl+K)"),
                on_click=handler_of(ButtonAction.QUICK_SWITCHER),
            ),
            widgets.icon_button(
                ft.Icons.ADD_ROUNDED,
                t("Rooms: new and all"),
                on_click=handler_of(ButtonAction.ROOMS),
            ),
        ],
        spacing=4,
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
    )
    room_list = ft.ListView(spacing=2, expand=True, data="places")
    return ft.Column([brand, tools, room_list, _profile_row(handler_of, t)], spacing=6, expand=True)


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
            avatar_button,
            name_and_status,
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
