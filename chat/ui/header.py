"""The line above the talk: which room, what it is about, and who is here."""

from collections.abc import Callable
from typing import Any

import flet as ft

from chat.messages import Here, Room
from chat.ui import look
from chat.ui.drawing import Wire, set_value
from chat.ui.press import HEADER_ID
from chat.ui.still import Still

_TIGHT = ft.TextStyle(height=1.2)
_BEFORE = ft.Padding.only(left=10)
_BAR = ft.Border(left=look.LINE)
_PHONE, _WIDE = (ft.Padding.only(left=left, right=8, top=6, bottom=6) for left in (4, 20))


class Header(ft.Container):
    """On a phone it holds the menu button and says how many are here under the room's name."""

    def __init__(
        self, room: Room, greeting: str, on_menu: Callable[[], Any], on_invite: Callable[[], Any]
    ) -> None:
        self._room = room
        # What the room says to somebody who comes in.
        self._greeting = greeting
        self._on_menu = on_menu
        self._on_invite = on_invite
        self._phone = False
        self._here = look.quiet("")
        self._line = ft.Row(spacing=10, height=44)
        self._still = Still(HEADER_ID)
        self.handler = self._still.handler
        super().__init__(content=self._line, border=look.UNDERLINE)

    def fit(self, phone: bool) -> None:
        """Arrange for a phone or a wide screen; the caller updates, then draws."""
        self._phone = phone
        self.padding = _PHONE if phone else _WIDE

    def draw(self, wire: Wire | None) -> None:
        """Draw what stands in the line."""
        name = ft.Text(self._room.title, size=16, weight=ft.FontWeight.BOLD, style=_TIGHT)
        greeting = ft.Container(
            look.quiet(self._greeting, 13, no_wrap=True, overflow=ft.TextOverflow.ELLIPSIS),
            padding=_BEFORE,
            border=None if self._phone else _BAR,
            expand=True,
        )
        invite = look.tool(ft.Icons.PERSON_ADD_ALT_1_OUTLINED, "Invite", on_click=self._on_invite)
        self._here = look.quiet("", 12 if self._phone else 13)
        if self._phone:
            menu = ft.IconButton(ft.Icons.MENU, tooltip="Rooms and people", on_click=self._on_menu)
            who = ft.Column([name, self._here], spacing=0, tight=True)
            line: list[ft.Control] = [menu, who, greeting, invite]
        else:
            mark = ft.Icon(ft.Icons.TAG, size=20, color=ft.Colors.ON_SURFACE_VARIANT)
            line = [mark, name, greeting, self._here, invite]
        self._still.draw(self._line, line, wire)

    def show_here(self, here: Here, wire: Wire | None) -> None:
        """Say how many are here."""
        words = f"{len(here.people)} here"
        if wire is not None:
            set_value(wire, self._here, words)
        else:
            self._here.value = words
            self._here.update()
