"""The column on the left: the chat's name, what one can do, the rooms and people, and oneself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from chat.languages import Language
from chat.messages import Person
from chat.ui import look
from chat.ui.drawing import Wire
from chat.ui.place_lines import here_avatar
from chat.ui.places import Places
from chat.ui.press import SIDE_ID
from chat.ui.still import Still

WIDTH = 272

_SELF = ft.Margin.only(left=4)

Do = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Buttons:
    """What the buttons of the column do."""

    invite: Do
    leave: Do
    portrait: Do
    jump: Do
    search: Do
    mentions: Do
    new_room: Do
    preferences: Do


class Side(ft.Container):
    """On a wide screen beside the talk, on a phone in the drawer."""

    def __init__(
        self, title: str, me: Person, places: Places, buttons: Buttons, say: Language
    ) -> None:
        self._say = say
        self._title = title
        self.me = me
        self._places = places
        self._buttons = buttons
        self._all = ft.Column(spacing=6, expand=True)
        self._still = Still(SIDE_ID)
        super().__init__(
            content=self._all,
            width=WIDTH,
            padding=14,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
        )

    def handler(self, control: int, event: str) -> Callable[[], Any] | None:
        """What happens when something in the column is touched."""
        return self._places.handler(control, event) or self._still.handler(control, event)

    def draw(self, wire: Wire | None) -> None:
        """Draw all but the rooms and who is here."""
        do, say = self._buttons, self._say
        title = ft.Text(
            self._title,
            size=17,
            weight=ft.FontWeight.BOLD,
            expand=True,
            no_wrap=True,
            overflow=ft.TextOverflow.ELLIPSIS,
        )
        brand = ft.Row(
            [
                ft.Image(
                    src="icons/icon-192.png", width=32, height=32, exclude_from_semantics=True
                ),
                title,
                look.tool(ft.Icons.QR_CODE_2_ROUNDED, say("Invite"), on_click=do.invite),
            ],
            spacing=10,
        )
        tools = ft.Row(
            [
                look.tool(ft.Icons.SEARCH_ROUNDED, say("Search messages"), on_click=do.search),
                look.tool(ft.Icons.ALTERNATE_EMAIL_ROUNDED, say("Mentions"), on_click=do.mentions),
                look.tool(ft.Icons.BOLT_ROUNDED, say("Jump to (Ctrl+K)"), on_click=do.jump),
                look.tool(ft.Icons.ADD_ROUNDED, say("Rooms: new and all"), on_click=do.new_room),
            ],
            spacing=4,
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        )
        mine = _Self(self.me, self._places.face(self.me), do, say)
        self._still.draw(self._all, [brand, tools, self._places.draw(wire), mine], wire)


class _Self(ft.Row):
    """Oneself, what one chose, and the way out."""

    def __init__(self, me: Person, face: str | None, do: Buttons, say: Language) -> None:
        name = ft.Text(
            me.name,
            size=14,
            weight=ft.FontWeight.W_600,
            no_wrap=True,
            overflow=ft.TextOverflow.ELLIPSIS,
        )
        super().__init__(
            controls=[
                ft.Container(
                    here_avatar(me.name, 32, face),
                    tooltip=say("Change your picture"),
                    on_click=do.portrait,
                ),
                ft.Column([name, look.quiet(say("here"))], spacing=0, tight=True, expand=True),
                look.tool(ft.Icons.SETTINGS_OUTLINED, say("Settings"), on_click=do.preferences),
                look.tool(ft.Icons.LOGOUT_ROUNDED, say("Leave"), on_click=do.leave),
            ],
            spacing=4,
            margin=_SELF,
        )
