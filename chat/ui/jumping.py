"""Ctrl+K: all rooms and people that somebody may go to, and the arrows that choose one of them."""

from collections.abc import Callable
from functools import partial

import flet as ft

from chat.model.messages import Person, RoomKind
from chat.ui.client.connection import wire_of
from chat.ui.dialogs.message_list import Go
from chat.ui.dialogs.quick_switcher import MARK, Goal, JumpDialog
from chat.ui.screen.header import ICONS
from chat.ui.screen.room_pane import Talk
from chat.ui.theme import theme
from chat.ui.viewer import Clock
from chat.workspace.workspace import House, path_of


class Jumping:
    """Of one session."""

    def __init__(
        self, house: House, me: Person, clock: Callable[[], Clock], talk: Talk, go: Go
    ) -> None:
        self._house = house
        self._me = me
        self._clock = clock
        self._talk = talk
        self._go = go
        self._dialog: JumpDialog | None = None

    async def jump(self) -> None:
        """Ctrl+K; once more, and it begins anew."""
        seats, say = self._house.seats.of(self._me), self._clock().say
        goals = [
            Goal(
                seat.title,
                say("thread") if seat.room.kind is RoomKind.THREAD else say("room"),
                _icon(ICONS[seat.room.kind]),
                partial(self._go, path_of(seat.room)),
                seat.calling or seat.counted,
                seat.calling > 0,
            )
            for seat in seats
            if seat.room.kind is not RoomKind.DIRECT
        ]
        in_them = {seat.room.id for seat in seats}
        goals += [
            Goal(room.title, say("join"), _icon(ft.Icons.TAG), partial(self._go, path_of(room)))
            for room in await self._house.rooms.listed()
            if room.id not in in_them and not room.archived
        ]
        goals += [
            Goal(
                person.name,
                say("person"),
                partial(theme.avatar, person.name, MARK, self._clock().face(person)),
                partial(self._talk_to, person),
            )
            for person in await self._house.known()
            if person.id != self._me.id
        ]
        if (before := self._open) is not None:
            before.open = False
            before.update()
        page = theme.page_of(self._talk)
        self._dialog = JumpDialog(goals, say, page.pop_dialog, self._share_arrows)
        page.show_dialog(self._dialog)
        self._share_arrows()

    def _share_arrows(self) -> None:
        # (Of a dialog that was closed for another it is heard a moment later.)
        if (wire := wire_of(self._talk.page)) is not None:
            wire.take_arrows(self._open is not None)

    def choose(self, by: int) -> Callable[[], None] | None:
        """What an arrow does: in the list of a dialog, if one is open that has one."""
        return None if self._open is None else partial(self._open.choose, by)

    @property
    def _open(self) -> JumpDialog | None:
        return self._dialog if self._dialog is not None and self._dialog.open else None

    async def _talk_to(self, person: Person) -> None:
        room = await self._house.rooms.direct(self._me, [person])
        await self._go(path_of(room.room))


def _icon(icon: ft.IconData) -> Callable[[], ft.Control]:
    mark = partial(ft.Icon, icon, size=18, color=ft.Colors.ON_SURFACE_VARIANT)
    return lambda: ft.Container(mark(), width=MARK, alignment=ft.Alignment.CENTER)
