"""The dialog that lists the public rooms and makes a new one."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.rooms import RoomInfo
from chat.rooms.history import PAGE_SIZE
from chat.text.room_names import TITLE_LIMIT, TOPIC_LIMIT
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.theme.pages import Pages

_ITEM_PADDING = ft.Padding.symmetric(horizontal=10, vertical=8)


class RoomBrowserDialog(Dialog):
    """All public rooms, and a form for a new one.

    `create(title, topic, is_private)` may raise ChatError.
    """

    def __init__(
        self,
        rooms: Sequence[RoomInfo],
        t: Language,
        *,
        open_room: Callable[[RoomInfo], Awaitable[None]],
        create: Callable[[str, str, bool], Awaitable[None]],
    ) -> None:
        self._t = t
        self._open_room = open_room
        self._create = create
        self._title_field = ft.TextField(
            label=t("Name of a new room"), max_length=4 * TITLE_LIMIT, counter="", autofocus=True,
            on_submit=self._on_create,
        )  # fmt: skip
        self._topic_field = ft.TextField(
            label=t("What it is about"),
            max_length=4 * TOPIC_LIMIT,
            counter="",
            on_submit=self._on_create,
        )
        self._private_switch = ft.Switch(label=t("Private: only by invitation"), value=False)
        self._error_text = ErrorText(t)
        create_button = ft.FilledButton(t("Make room"), on_click=self._on_create)
        room_list = ft.ListView(spacing=2, height=min(260, 40 * len(rooms)))

        async def load_rooms(skipped: int) -> Sequence[RoomInfo]:
            return rooms[skipped : skipped + PAGE_SIZE]

        pages = Pages[RoomInfo](room_list, t("Show more"), build=self._item, load=load_rooms)
        pages.show(rooms[:PAGE_SIZE])
        parts: list[ft.Control] = [
            room_list,
            ft.Divider(height=12),
            self._title_field,
            self._topic_field,
            self._private_switch,
            self._error_text,
        ]
        actions = [close_button(t, self.close), create_button]
        super().__init__(t("Rooms"), stretched_column(parts, 8), actions, width=420)

    def _item(self, room: RoomInfo) -> ft.Control:
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
            padding=_ITEM_PADDING,
            border_radius=10,
            ink=True,
            on_click=partial(self._select, room),
        )

    async def _select(self, room: RoomInfo) -> None:
        self.close()
        await self._open_room(room)

    async def _on_create(self) -> None:
        values = self._title_field.value, self._topic_field.value, bool(self._private_switch.value)
        if await self._error_text.run(partial(self._create, *values)):
            self.close()
