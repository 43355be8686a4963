"""Ctrl+K: to a room or a person by a part of the name; arrows choose, Enter goes there."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.addresses import room_path
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.text.names import name_key
from chat.ui.client.connection import Navigate, wire_of
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, stretched_column
from chat.ui.theme.widgets import ICONS, Count
from chat.ui.viewer import Clock
from chat.workspace.workspace import Workspace

_SHOWN = 8

# What stands before a name is so wide, in pixels.
MARK = 24

_LINE = ft.Padding.symmetric(horizontal=10, vertical=8)


@dataclass(frozen=True, slots=True)
class Goal:
    """Where one can go; `count` of its messages are unread, or call if it `calls`, and `mark`
    draws what stands before."""

    title: str
    hint: str
    mark: Callable[[], ft.Control]
    go: Callable[[], Awaitable[None]]
    count: int = 0
    calls: bool = False


def best(goals: Sequence[Goal], part: str) -> list[Goal]:
    """The goals whose name `part` is a part of: those that begin with it first, then unread."""
    key = name_key(part)
    found = [(goal, name_key(goal.title)) for goal in goals]
    found = [(goal, name) for goal, name in found if key in name]
    found.sort(key=lambda each: (not each[1].startswith(key), not each[0].count, each[1]))
    return [goal for goal, _ in found][:_SHOWN]


class JumpDialog(Dialog):
    """A field and what it may mean; Enter takes what is chosen, first of all the first."""

    def __init__(
        self,
        goals: Sequence[Goal],
        t: Language,
        close: Callable[[], object],
        closed: Callable[[], object],
    ) -> None:
        self._t = t
        self._goals = goals
        self._close = close
        self._at = 0
        self._field = ft.TextField(
            hint_text=t("Go to a room or a person"),
            autofocus=True,
            max_length=200,
            counter="",
            on_change=self._changed,
            on_submit=self._submitted,
        )
        self._lines = ft.Column(spacing=2, tight=True)
        self._fill()
        super().__init__(
            t("Go to a room or a person"),
            stretched_column([self._field, self._lines], 8),
            [],
            width=420,
            show_title=False,
            alignment=ft.Alignment(0, -0.5),
            actions_padding=0,
            on_dismiss=closed,
        )

    def choose(self, by: int) -> None:
        """So many lines further down, and from the end to the beginning."""
        if found := best(self._goals, self._field.value):
            self._at = (self._at + by) % len(found)
            self._fill()
            self._lines.update()

    def _fill(self) -> None:
        found = best(self._goals, self._field.value)
        self._lines.controls = [
            self._line(goal, chosen=n == self._at) for n, goal in enumerate(found)
        ]
        if not found:
            nothing = widgets.secondary_text(self._t("No room and nobody is called so."), 14)
            self._lines.controls = [ft.Container(nothing, padding=_LINE)]

    def _changed(self) -> None:
        self._at = 0
        self._fill()
        self._lines.update()

    async def _submitted(self) -> None:
        if found := best(self._goals, self._field.value):
            await self._take(found[self._at])

    async def _take(self, goal: Goal) -> None:
        self._close()
        await goal.go()

    def _line(self, goal: Goal, *, chosen: bool) -> ft.Control:
        unread = [Count(goal.count, loud=goal.calls)] if goal.count else []
        return ft.Container(
            ft.Row(
                [
                    goal.mark(),
                    widgets.one_line_text(goal.title, 14, expand=True),
                    *unread,
                    widgets.secondary_text(goal.hint),
                ],
                spacing=10,
            ),
            padding=_LINE,
            border_radius=10,
            bgcolor=ft.Colors.SECONDARY_CONTAINER if chosen else None,
            ink=True,
            on_click=partial(self._take, goal),
        )


class Jumping:
    """Of one session."""

    def __init__(
        self,
        house: Workspace,
        me: Person,
        get_viewer: Callable[[], Clock],
        talk: ft.Control,
        go: Navigate,
    ) -> None:
        self._house = house
        self._me = me
        self._get_viewer = get_viewer
        self._talk = talk
        self._go = go
        self._dialog: JumpDialog | None = None

    async def jump(self) -> None:
        """Ctrl+K; once more, and it begins anew."""
        seats, t = self._house.memberships.for_person(self._me), self._get_viewer().t
        goals = [
            Goal(
                seat.title,
                t("thread") if seat.room.kind is RoomKind.THREAD else t("room"),
                _icon(ICONS[seat.room.kind]),
                partial(self._go, room_path(seat.room)),
                seat.notifying_count or seat.badge_count,
                seat.notifying_count > 0,
            )
            for seat in seats
            if seat.room.kind is not RoomKind.DIRECT
        ]
        in_them = {seat.room.id for seat in seats}
        goals += [
            Goal(room.title, t("join"), _icon(ft.Icons.TAG), partial(self._go, room_path(room)))
            for room in await self._house.rooms.public_rooms()
            if room.id not in in_them and not room.archived
        ]
        goals += [
            Goal(
                person.name,
                t("person"),
                partial(widgets.avatar, person.name, MARK, self._get_viewer().face(person)),
                partial(self._talk_to, person),
            )
            for person in await self._house.all_people()
            if person.id != self._me.id
        ]
        if (before := self._open) is not None:
            before.open = False
            before.update()
        page = widgets.page_of(self._talk)
        self._dialog = JumpDialog(goals, t, page.pop_dialog, self._share_arrows)
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
        room = await self._house.rooms.get_or_create_direct(self._me, [person])
        await self._go(room_path(room.info))


def _icon(icon: ft.IconData) -> Callable[[], ft.Control]:
    mark = partial(ft.Icon, icon, size=18, color=ft.Colors.ON_SURFACE_VARIANT)
    return lambda: ft.Container(mark(), width=MARK, alignment=ft.Alignment.CENTER)
