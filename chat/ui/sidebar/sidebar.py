"""The column on the left: the chat's name, what one can do, the rooms and people, and oneself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from chat.languages import Language
from chat.model.people import Person
from chat.ui.client.connection import Wire
from chat.ui.packing.control_ids import SIDE_ID
from chat.ui.packing.shared_view import Still
from chat.ui.sidebar.room_list import Places
from chat.ui.theme import theme, widgets
from chat.ui.theme.widgets import here_avatar

WIDTH = 272

_SELF = ft.Margin.only(left=4)
_EDGE = ft.Border(right=theme.BORDER_SIDE)

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
        self,
        title: str,
        me: Person,
        places: Places,
        buttons: Buttons,
        t: Language,
        *,
        phone: bool,
    ) -> None:
        self._look = _Look(title, t)
        self.me = me
        self._places = places
        self._still = Still(SIDE_ID, buttons)
        super().__init__(
            width=WIDTH if phone else WIDTH + 1,
            padding=14,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
            border=None if phone else _EDGE,
        )

    def handler(self, control: int, event: str) -> Callable[[], Any] | None:
        """What happens when something in the column is touched."""
        return self._places.handler(control, event) or self._still.handler(control, event)

    def draw(self, wire: Wire | None) -> None:
        """Draw all but the rooms and who is here."""
        still, me = self._still, self.me
        still.draw(self, _column, self._look, wire)
        still.say("name", me.name, wire)
        still.put("face", _face, (me.name, self._places.face(me)), wire)
        if (places := still.part("places")) is not None:
            self._places.stand_in_list(places, wire)


@dataclass(frozen=True, slots=True)
class _Look:
    """All that the column depends on, besides whose it is."""

    title: str
    t: Language


def _column(do: Buttons, seen: _Look) -> ft.Column:
    t = seen.t
    title = widgets.one_line_text(seen.title, 17, weight=ft.FontWeight.BOLD, expand=True)
    brand = ft.Row(
        [
            ft.Image(src="icons/icon-192.png", width=32, height=32, exclude_from_semantics=True),
            title,
            widgets.icon_button(ft.Icons.QR_CODE_2_ROUNDED, t("Invite"), on_click=do.invite),
        ],
        spacing=10,
    )
    tools = ft.Row(
        [
            widgets.icon_button(ft.Icons.SEARCH_ROUNDED, t("Search messages"), on_click=do.search),
            widgets.icon_button(
                ft.Icons.ALTERNATE_EMAIL_ROUNDED, t("Mentions"), on_click=do.mentions
            ),
            widgets.icon_button(ft.Icons.BOLT_ROUNDED, t("Jump to (Ctrl+K)"), on_click=do.jump),
            widgets.icon_button(
                ft.Icons.ADD_ROUNDED, t("Rooms: new and all"), on_click=do.new_room
            ),
        ],
        spacing=4,
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
    )
    places = ft.ListView(spacing=2, expand=True, data="places")
    return ft.Column([brand, tools, places, _self(do, t)], spacing=6, expand=True)


def _self(do: Buttons, t: Language) -> ft.Row:
    """Oneself, what one chose, and the way out."""
    name = widgets.one_line_text("", 14, weight=ft.FontWeight.W_600, data="name")
    picture = ft.Container(tooltip=t("Change your picture"), on_click=do.portrait, data="face")
    here = ft.Column([name, widgets.secondary_text(t("here"))], spacing=0, tight=True, expand=True)
    return ft.Row(
        [
            picture,
            here,
            widgets.icon_button(ft.Icons.SETTINGS_OUTLINED, t("Settings"), on_click=do.preferences),
            widgets.icon_button(ft.Icons.LOGOUT_ROUNDED, t("Leave"), on_click=do.leave),
        ],
        spacing=4,
        margin=_SELF,
    )


def _face(do: Buttons, who: tuple[str, str | None]) -> ft.Stack:
    name, face = who
    return here_avatar(name, 32, face)
