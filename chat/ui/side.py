"""The list on the left: the chat's name, its rooms, who is here, and oneself."""

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from chat.messages import Here, Person, Room
from chat.ui import look
from chat.ui.drawing import Wire, replace_controls
from chat.ui.press import SIDE_ID, Press
from chat.ui.still import Still

WIDTH = 272

# More names than this are a number: each change is sent to everyone.
_NAMES = 50


_HEADING = ft.Margin.only(left=10, right=10, top=14, bottom=4)
_ROOM = ft.Padding.symmetric(horizontal=10, vertical=7)
_SELF = ft.Margin.only(left=4)


class Side(ft.Container):
    """On a wide screen beside the talk, on a phone in the drawer."""

    def __init__(
        self,
        title: str,
        rooms: Sequence[Room],
        now: Room,
        me: Person,
        on_invite: Callable[[], Any],
        on_leave: Callable[[], Any],
    ) -> None:
        self._title = title
        self._rooms = rooms
        self._now = now
        self._me = me
        self._on_invite = on_invite
        self._on_leave = on_leave
        self._people = ft.Column(spacing=0, tight=True)
        self._all = ft.Column(spacing=6, expand=True)
        self._still = Still(SIDE_ID)
        self.handler = self._still.handler
        super().__init__(
            content=self._all,
            width=WIDTH,
            padding=14,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
        )

    def draw(self, wire: Wire | None) -> None:
        """Draw all but who is here."""
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
                ft.Image(src="icons/icon-192.png", width=32, height=32),
                title,
                look.tool(ft.Icons.QR_CODE_2_ROUNDED, "Invite", on_click=self._on_invite),
            ],
            spacing=10,
        )
        self._people = ft.Column(spacing=0, tight=True)
        places = ft.Column(
            [
                _heading("Rooms"),
                *(_RoomLine(room, here=room == self._now) for room in self._rooms),
                _heading("People"),
                self._people,
            ],
            spacing=2,
            expand=True,
            scroll=ft.ScrollMode.AUTO,
        )
        self._still.draw(self._all, [brand, places, _Self(self._me, self._on_leave)], wire)

    def show_here(self, here: Here, wire: Wire | None, press: Press) -> None:
        """List who is here."""
        if wire is not None:
            replace_controls(wire, self._people, press.people(here, people_lines))
        else:
            self._people.controls = people_lines(here)
            self._people.update()


def people_lines(here: Here) -> list[ft.Control]:
    """A line for each person, and a number for those who are too many."""
    lines: list[ft.Control] = [_PersonLine(person) for person in here.people[:_NAMES]]
    more = len(here.people) - _NAMES
    if more > 0:
        lines.append(ft.Container(look.quiet(f"and {more} more"), padding=ft.Padding.only(left=10)))
    return lines


def _heading(words: str) -> ft.Text:
    return look.quiet(words, weight=ft.FontWeight.W_600, margin=_HEADING)


class _RoomLine(ft.Container):
    def __init__(self, room: Room, *, here: bool) -> None:
        color = ft.Colors.PRIMARY if here else ft.Colors.ON_SURFACE_VARIANT
        super().__init__(
            content=ft.Row(
                [
                    ft.Icon(ft.Icons.TAG, size=17, color=color),
                    ft.Text(
                        room.title,
                        size=14,
                        weight=ft.FontWeight.W_600 if here else None,
                        expand=True,
                    ),
                ],
                spacing=10,
            ),
            padding=_ROOM,
            border_radius=10,
            bgcolor=ft.Colors.SECONDARY_CONTAINER if here else None,
        )


class _PersonLine(ft.Container):
    def __init__(self, person: Person) -> None:
        name = ft.Text(
            person.name, size=14, expand=True, no_wrap=True, overflow=ft.TextOverflow.ELLIPSIS
        )
        super().__init__(
            content=ft.Row([_here_avatar(person.name, 22), name], spacing=10),
            padding=ft.Padding.symmetric(horizontal=10, vertical=5),
        )


class _Self(ft.Row):
    """Oneself, and the way out."""

    def __init__(self, me: Person, on_leave: Callable[[], Any]) -> None:
        name = ft.Text(
            me.name,
            size=14,
            weight=ft.FontWeight.W_600,
            no_wrap=True,
            overflow=ft.TextOverflow.ELLIPSIS,
        )
        super().__init__(
            controls=[
                _here_avatar(me.name, 32),
                ft.Column([name, look.quiet("here")], spacing=0, tight=True, expand=True),
                look.tool(ft.Icons.LOGOUT_ROUNDED, "Leave", on_click=on_leave),
            ],
            spacing=10,
            margin=_SELF,
        )


def _here_avatar(name: str, size: float) -> ft.Stack:
    """An avatar with the green dot of somebody who is here."""
    dot = ft.Container(
        width=11,
        height=11,
        border_radius=6,
        bgcolor="#22C55E",
        border=look.RING,
        right=-2,
        bottom=-2,
    )
    return ft.Stack(
        [look.avatar(name, size), dot], width=size, height=size, clip_behavior=ft.ClipBehavior.NONE
    )
