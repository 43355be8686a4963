"""The line above the talk: which room, what it is about, and who is here."""

from collections.abc import Callable
from typing import Any

import flet as ft

from chat.messages import Here, Room
from chat.ui import look
from chat.ui.drawing import Wire, set_value

_TIGHT = ft.TextStyle(height=1.2)
_BEFORE = ft.Padding.only(left=10)
_BAR = ft.Border(left=look.LINE)
_PHONE, _WIDE = (ft.Padding.only(left=left, right=8, top=6, bottom=6) for left in (4, 20))


class Header(ft.Container):
    """On a phone it holds the menu button and says how many are here under the room's name."""

    def __init__(
        self, room: Room, greeting: str, on_menu: Callable[[], Any], on_invite: Callable[[], Any]
    ) -> None:
        self._menu = ft.IconButton(ft.Icons.MENU, tooltip="Rooms and people", on_click=on_menu)
        self._mark = ft.Icon(ft.Icons.TAG, size=20, color=ft.Colors.ON_SURFACE_VARIANT)
        self._here_below = look.quiet("")
        self._here_right = look.quiet("", 13)
        # Greeted by name: what the room says to somebody who comes in.
        self._greeting = ft.Container(
            look.quiet(greeting, 13, no_wrap=True, overflow=ft.TextOverflow.ELLIPSIS),
            padding=_BEFORE,
            expand=True,
        )
        name = ft.Text(room.title, size=16, weight=ft.FontWeight.BOLD, style=_TIGHT)
        self._name = ft.Column([name, self._here_below], spacing=0, tight=True)
        invite = look.tool(ft.Icons.PERSON_ADD_ALT_1_OUTLINED, "Invite", on_click=on_invite)
        super().__init__(
            content=ft.Row(
                [self._menu, self._mark, self._name, self._greeting, self._here_right, invite],
                spacing=10,
                height=44,
            ),
            border=look.UNDERLINE,
        )

    def fit(self, phone: bool) -> None:
        """Arrange for a phone or a wide screen; the caller updates."""
        self._menu.visible = self._here_below.visible = phone
        self._mark.visible = self._here_right.visible = not phone
        self._greeting.border = None if phone else _BAR
        self.padding = _PHONE if phone else _WIDE

    def show_here(self, here: Here, wire: Wire | None) -> None:
        """Say how many are here."""
        words = f"{len(here.people)} here"
        for text in (self._here_below, self._here_right):
            if not text.visible:
                continue
            if wire is not None:
                set_value(wire, text, words)
            else:
                text.value = words
                text.update()
