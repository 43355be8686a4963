"""The line above the talk: which room, what it is about, and who is here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from chat.languages import Language
from chat.model.events import OnlinePeople
from chat.model.rooms import RoomKind
from chat.ui.client.connection import Wire
from chat.ui.packing.control_ids import HEADER_ID
from chat.ui.packing.shared_view import Still
from chat.ui.theme import theme, widgets
from chat.ui.theme.widgets import ICONS

_TIGHT = ft.TextStyle(height=1.2)
_BEFORE = ft.Padding.only(left=10)
_BAR = ft.Border(left=theme.BORDER_SIDE)
_PHONE, _WIDE = (ft.Padding.only(left=left, right=8, top=6, bottom=6) for left in (4, 20))


Do = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Doors:
    """What the buttons of the line do; `back` leads from a thread to its room."""

    menu: Do
    back: Do
    pins: Do
    search: Do
    more: Do


@dataclass(frozen=True, slots=True)
class Sign:
    """What the line says of a room."""

    title: str
    kind: RoomKind
    about: str


@dataclass(frozen=True, slots=True)
class _Look:
    """All that the line depends on, besides who is here."""

    sign: Sign
    phone: bool
    t: Language


class Header(ft.Container):
    """On a phone it holds the menu button and says how many are here under the room's name."""

    def __init__(self, doors: Doors, t: Language) -> None:
        self._t = t
        self._sign: Sign | None = None
        self._phone = False
        self._here = ""
        self._still = Still(HEADER_ID, doors)
        self.handler = self._still.handler
        super().__init__(border=theme.BOTTOM_BORDER)

    def fit(self, phone: bool) -> None:
        """Arrange for a phone or a wide screen; the caller updates, then draws."""
        self._phone = phone
        self.padding = _PHONE if phone else _WIDE

    def show(self, sign: Sign, wire: Wire | None) -> None:
        """Another room is on the screen, or it is called otherwise."""
        if sign != self._sign:
            self._sign = sign
            self.draw(wire)

    def draw(self, wire: Wire | None) -> None:
        """Draw what stands in the line, once it is known which room this is."""
        if self._sign is not None:
            self._still.draw(self, _line, _Look(self._sign, self._phone, self._t), wire)
            self._still.say("here", self._here, wire)

    def show_here(self, here: OnlinePeople, wire: Wire | None) -> None:
        """Say how many are here."""
        self._here = self._t("{count} here", count=len(here.people))
        self._still.say("here", self._here, wire)


def _line(doors: Doors, seen: _Look) -> ft.Row:
    sign, phone = seen.sign, seen.phone
    name = widgets.one_line_text(sign.title, 16, weight=ft.FontWeight.BOLD, style=_TIGHT)
    words = widgets.one_line_text(sign.about, 13, color=ft.Colors.ON_SURFACE_VARIANT)
    tools = _tools(doors, seen)
    here = widgets.secondary_text("", 12 if phone else 13, data="here")
    thread = sign.kind is RoomKind.THREAD
    back = widgets.icon_button(
        ft.Icons.ARROW_BACK_ROUNDED, seen.t("Back to the room"), on_click=doors.back
    )
    if phone:
        menu = widgets.icon_button(ft.Icons.MENU, seen.t("Rooms and people"), on_click=doors.menu)
        words.size, words.expand = 12, True
        under = ft.Row([here, words], spacing=8)
        who = ft.Column([name, under], spacing=0, tight=True, expand=True)
        line: list[ft.Control] = [back if thread else menu, who, *tools]
    else:
        mark = ft.Icon(ICONS[sign.kind], size=20, color=ft.Colors.ON_SURFACE_VARIANT)
        about = ft.Container(
            words, padding=_BEFORE, border=_BAR if sign.about else None, expand=True
        )
        # A long name shares the line with what it is about.
        name.expand = len(sign.title) > theme.LONG_TITLE_LENGTH
        line = [*([back] if thread else []), mark, name, about, here, *tools]
    return ft.Row(line, spacing=10, height=44)


def _tools(doors: Doors, seen: _Look) -> list[ft.Control]:
    t = seen.t
    pins = widgets.icon_button(
        ft.Icons.PUSH_PIN_OUTLINED, t("Pinned messages"), on_click=doors.pins
    )
    search = widgets.icon_button(
        ft.Icons.SEARCH_ROUNDED, t("Search messages"), on_click=doors.search
    )
    more = widgets.icon_button(
        ft.Icons.MORE_VERT_ROUNDED, t("About this room"), on_click=doors.more
    )
    return [search, pins, more] if seen.phone else [pins, more]
