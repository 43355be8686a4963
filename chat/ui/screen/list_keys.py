"""F6, and the keys of the lists that it leads to; else keys are the field's."""

import asyncio
from collections.abc import Iterator

import flet as ft

from chat.ui.client.connection import connection_of
from chat.ui.client.list_keys import KeyArea, KeyList, ListKey
from chat.ui.panes.panes import Panes
from chat.ui.sidebar.chosen_room import ChosenRoom
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import open_dialog


class ListKeys:
    """Where the keys of one session go: to the messages of a pane, to the rooms of the sidebar, or
    to the message field."""

    def __init__(self, panes: Panes, rooms: ChosenRoom) -> None:
        self._panes = panes
        self._rooms = rooms
        # The list in which the keys move; None while they are for the field.
        self._list: KeyList | None = None
        # One key after the other: the next one begins where this one has led to.
        self._turn: asyncio.Lock | None = None

    async def step(self, step: int) -> None:
        """F6 or Shift+F6: go to the next area, or to the one before."""
        self._turn = self._turn or asyncio.Lock()
        async with self._turn:
            await self._step(step)

    async def press(self, key: ListKey) -> None:
        """A key in the list."""
        if self._turn is not None:
            async with self._turn:
                await self._press(key)

    async def _step(self, step: int) -> None:
        if self._has_dialog:
            self._capture(KeyArea.FIELD)
            return
        areas = [*self._lists(), None]
        index = areas.index(self._list) if self._list in areas else -1
        entered = areas[(index + step) % len(areas)]
        if self._list is not None and entered is not self._list:
            self._list.leave()
        self._list = entered
        self._capture(self._area)
        self._focus_field()
        if entered is not None:
            await entered.enter()

    def _lists(self) -> Iterator[KeyList]:
        """The lists on the screen, in the order of F6."""
        for pane in self._panes.shown:
            yield pane.chosen_message
        if (self._page.width or 0) >= theme.PHONE_BREAKPOINT:
            yield self._rooms

    @property
    def _area(self) -> KeyArea:
        if self._list is None:
            return KeyArea.FIELD
        return KeyArea.ROOMS if self._list is self._rooms else KeyArea.MESSAGES

    async def _press(self, key: ListKey) -> None:
        entered = self._list
        if entered is None:
            return
        is_left = key is ListKey.LEAVE or self._has_dialog or entered not in self._lists()
        if is_left or not await entered.press(key):
            self.leave()

    def leave(self) -> None:
        """Give the keys back to the field."""
        if self._list is not None:
            self._list.leave()
            self._list = None
            self._capture(KeyArea.FIELD)
            self._panes.active.room_pane.composer.show_cursor(visible=True)

    def suspend(self) -> None:
        """The client disconnected: the next connection begins in the field."""
        if self._list is self._rooms:
            self._rooms.leave()
        self._list = None

    def _capture(self, area: KeyArea) -> None:
        connection = connection_of(self._page)
        if connection is not None:
            connection.capture_list_keys(area)

    def _focus_field(self) -> None:
        """The field has the focus in a list, too: the page reports its keys."""
        room_pane = self._panes.active.room_pane
        if room_pane.is_open:
            room_pane.composer.show_cursor(visible=self._list is None)
            room_pane.focus_field(allow_virtual_keyboard=False)

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._panes.main.room_pane)

    @property
    def _has_dialog(self) -> bool:
        return open_dialog(self._page) is not None
