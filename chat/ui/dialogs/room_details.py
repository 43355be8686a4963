"""Rooms: to make one, to find one, and what one can do with the one on the screen."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.errors import gettext_noop
from chat.model.people import Person
from chat.model.rooms import NotificationLevel, RoomInfo
from chat.text.room_names import TITLE_LIMIT, TOPIC_LIMIT
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.viewer import Clock

# More members than this are a number.
_NAMED = 40

_FACE = 22

Close = Callable[[], object]


@dataclass(frozen=True, slots=True)
class RoomActs:
    """What the person may do with a room; None where they may not. Each may raise ChatError."""

    heed: Callable[[NotificationLevel], Awaitable[None]] | None
    describe: Callable[[str], Awaitable[None]] | None
    rename: Callable[[str], Awaitable[None]] | None
    invite: Callable[[str], Awaitable[None]] | None
    add: Callable[[str], Awaitable[None]] | None
    archive: Callable[[], Awaitable[None]] | None
    leave: Callable[[], Awaitable[None]] | None
    jump_to_day: Callable[[str], Awaitable[None]]


_HEEDS = {
    NotificationLevel.ALL: gettext_noop("Everything counts"),
    NotificationLevel.MENTIONS: gettext_noop("Only mentions count"),
    NotificationLevel.NOTHING: gettext_noop("Muted: nothing counts"),
}


class RoomDialog(Dialog):
    """The room on the screen: who is in it, and what can be done."""

    def __init__(
        self,
        title: str,
        room: RoomInfo,
        heed: NotificationLevel,
        members: Sequence[Person],
        acts: RoomActs,
        viewer: Clock,
        close: Close,
    ) -> None:
        self._t = t = viewer.t
        self._acts = acts
        self._close = close
        self._reason = ErrorText(t)
        parts: list[ft.Control] = []
        if acts.describe is not None:
            parts.append(self._field(t("Topic"), room.topic, acts.describe, 4 * TOPIC_LIMIT))
        elif room.topic:
            parts.append(widgets.secondary_text(room.topic, 14))
        if acts.rename is not None:
            parts.append(self._field(t("Name"), room.title, acts.rename, 4 * TITLE_LIMIT))
        if acts.invite is not None:
            parts.append(self._field(t("Invite somebody by name"), "", acts.invite, 200))
        if acts.add is not None:
            label = t("Talk with these and somebody else, by name")
            parts.append(self._field(label, "", acts.add, 200))
        parts.append(self._field(t("Go to a day (2026-11-30)"), "", acts.jump_to_day, 10))
        if acts.heed is not None:
            parts.append(self._heeds(heed))
        parts.append(widgets.secondary_text(t("{count} in this room", count=len(members)), 13))
        parts.append(_faces(members, viewer))
        parts.append(self._reason)
        if acts.archive is not None:
            words = t("Reopen this room" if room.archived else "Archive this room")
            parts.append(self._button(ft.Icons.ARCHIVE_OUTLINED, words, acts.archive))
        if acts.leave is not None:
            parts.append(self._button(ft.Icons.LOGOUT_ROUNDED, t("Leave this room"), acts.leave))
        super().__init__(title, stretched_column(parts, 10), [close_button(t, close)], width=420)

    def _field(
        self, label: str, value: str, act: Callable[[str], Awaitable[None]], limit: int
    ) -> ft.TextField:
        field = ft.TextField(label=label, value=value, max_length=limit, counter="", dense=True)

        async def submitted() -> None:
            await self._do(partial(act, field.value))

        done = ft.TextButton(self._t("OK"), on_click=submitted, disabled=True)

        def changed() -> None:
            if done.disabled is (is_new := field.value != value):
                done.disabled = not is_new
                done.update()

        field.on_change, field.on_submit, field.suffix = changed, submitted, done
        return field

    def _heeds(self, now: NotificationLevel) -> ft.Control:
        group = ft.RadioGroup(
            ft.Column(
                [
                    ft.Radio(value=each.value, label=self._t(words))
                    for each, words in _HEEDS.items()
                ],
                spacing=0,
                tight=True,
            ),
            value=now.value,
        )

        async def chosen() -> None:
            if self._acts.heed is not None and group.value in {
                each.value for each in NotificationLevel
            }:
                await self._reason.run(partial(self._acts.heed, NotificationLevel(group.value)))

        group.on_change = chosen
        return group

    def _button(self, icon: ft.IconData, words: str, act: Callable[[], Awaitable[None]]) -> ft.Row:
        return ft.Row(
            [ft.OutlinedButton(content=words, icon=icon, on_click=partial(self._do, act))]
        )

    # (Flet gives its event to every handler that has a parameter left, even one with a default.)
    async def _do(self, act: Callable[[], Awaitable[None]]) -> None:
        if await self._reason.run(act):
            self._close()


def _faces(people: Sequence[Person], viewer: Clock) -> ft.Row:
    """People by picture and name, one after the other."""
    shown: list[ft.Control] = [
        ft.Row(
            [widgets.avatar(each.name, _FACE, viewer.face(each)), ft.Text(each.name, size=13)],
            spacing=6,
            tight=True,
        )
        for each in people[:_NAMED]
    ]
    if (more := len(people) - _NAMED) > 0:
        shown.append(widgets.secondary_text(viewer.t("and {count} more", count=more), 13))
    return ft.Row(shown, spacing=14, run_spacing=6, wrap=True)
