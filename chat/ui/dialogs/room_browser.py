"""The dialog that lists the public rooms and makes a new one."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.rooms import RoomInfo
from chat.text.room_names import TITLE_LIMIT, TOPIC_LIMIT
from chat.ui.dialogs.room_details import Close
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column

_LINE = ft.Padding.symmetric(horizontal=10, vertical=8)


class RoomsDialog(Dialog):
    """All public rooms, and a new one: `make(title, topic, private)` may raise ChatError."""

    def __init__(
        self,
        rooms: Sequence[RoomInfo],
        t: Language,
        go: Callable[[RoomInfo], Awaitable[None]],
        make: Callable[[str, str, bool], Awaitable[None]],
        close: Close,
    ) -> None:
        self._t = t
        self._go = go
        self._make = make
        self._close = close
        self._title = ft.TextField(
            label=t("Name of a new room"), max_length=4 * TITLE_LIMIT, counter="", autofocus=True,
            on_submit=self._made,
        )  # fmt: skip
        self._topic = ft.TextField(
            label=t("What it is about"),
            max_length=4 * TOPIC_LIMIT,
            counter="",
            on_submit=self._made,
        )
        self._private = ft.Switch(label=t("Private: only by invitation"), value=False)
        self._reason = ErrorText(t)
        make_it = ft.FilledButton(t("Make room"), on_click=self._made)
        lines = [self._line(room) for room in rooms]
        parts: list[ft.Control] = [
            ft.ListView(lines, spacing=2, height=min(260, 40 * len(lines))),
            ft.Divider(height=12),
            self._title,
            self._topic,
            self._private,
            self._reason,
        ]
        actions = [close_button(t, close), make_it]
        super().__init__(t("Rooms"), stretched_column(parts, 8), actions, width=420)

    def _line(self, room: RoomInfo) -> ft.Control:
        title = room.title
        if room.archived:
            title = self._t("{title}  (archived)", title=title)
        return ft.Container(
            ft.Row(
                [
                    ft.Icon(ft.Icons.TAG, size=17, color=ft.Colors.ON_SURFACE_VARIANT),
                    widgets.one_line_text(
                        title,
                        14,
                        weight=ft.FontWeight.W_600,
                        expand=len(title) > theme.LONG_TITLE_LENGTH,
                    ),
                    widgets.one_line_text(
                        room.topic, 12, color=ft.Colors.ON_SURFACE_VARIANT, expand=True
                    ),
                ],
                spacing=10,
            ),
            padding=_LINE,
            border_radius=10,
            ink=True,
            on_click=partial(self._take, room),
        )

    async def _take(self, room: RoomInfo) -> None:
        self._close()
        await self._go(room)

    async def _made(self) -> None:
        wanted = self._title.value, self._topic.value, bool(self._private.value)
        if await self._reason.run(partial(self._make, *wanted)):
            self._close()
