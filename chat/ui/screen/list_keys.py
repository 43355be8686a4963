"""F6, and the keys of the messages that it leads to; else keys are the field's."""

import asyncio

import flet as ft

from chat.ui.client.connection import connection_of
from chat.ui.client.list_keys import KeyArea, ListKey
from chat.ui.panes.panes import Pane, Panes
from chat.ui.theme.dialog import open_dialog


class ListKeys:
    """Where the keys of one session go: to the messages of a pane, or to the message field."""

    def __init__(self, panes: Panes) -> None:
        self._panes = panes
        # The pane in whose messages the keys move; None while they are for the field.
        self._pane: Pane | None = None
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
        areas = [*self._panes.shown, None]
        index = areas.index(self._pane) if self._pane in areas else -1
        pane = areas[(index + step) % len(areas)]
        if self._pane is not None and pane is not self._pane:
            self._pane.chosen_message.leave()
        self._pane = pane
        self._capture(KeyArea.FIELD if pane is None else KeyArea.MESSAGES)
        self._focus_field()
        if pane is not None:
            await pane.chosen_message.enter()

    async def _press(self, key: ListKey) -> None:
        pane = self._pane
        if pane is None:
            return
        is_left = key is ListKey.LEAVE or self._has_dialog or pane not in self._panes.shown
        if is_left or not await pane.chosen_message.press(key):
            self.leave()

    def leave(self) -> None:
        """Give the keys back to the field."""
        if self._pane is not None:
            self._pane.chosen_message.leave()
            self._pane = None
            self._capture(KeyArea.FIELD)
            self._panes.active.room_pane.composer.show_cursor(visible=True)

    def suspend(self) -> None:
        """The client disconnected: the next connection begins in the field."""
        self._pane = None

    def _capture(self, area: KeyArea) -> None:
        connection = connection_of(self._page)
        if connection is not None:
            connection.capture_list_keys(area)

    def _focus_field(self) -> None:
        """The field has the focus in a list, too: the page reports its keys."""
        room_pane = self._panes.active.room_pane
        if room_pane.is_open:
            room_pane.composer.show_cursor(visible=self._pane is None)
            room_pane.focus_field(allow_virtual_keyboard=False)

    @property
    def _page(self) -> ft.BasePage:
        return self._panes.main.room_pane.page

    @property
    def _has_dialog(self) -> bool:
        return open_dialog(self._page) is not None
