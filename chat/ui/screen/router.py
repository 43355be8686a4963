"""Which address the screen stands at, and the ways from one to another."""

from urllib.parse import urlsplit

import flet as ft

from chat.errors import ChatError
from chat.model.addresses import room_path
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.rooms.room import Room
from chat.tasks import Latest
from chat.ui.context import SessionContext
from chat.ui.screen.events import CloseDrawer, PathShown, Screen
from chat.ui.screen.room_pane import RoomPane
from chat.ui.theme import widgets

_HOME = "/"


class Router:
    """The addresses of one session. `room_pane` shows the rooms that they lead to."""

    def __init__(self, context: SessionContext, room_pane: RoomPane, screen: Screen) -> None:
        self._context = context
        self._workspace = context.workspace
        self._room_pane = room_pane
        self._screen = screen
        # The address that is shown, or about to be; those before it that were asked for; and those
        # of which the client has not told yet that they are the page's.
        self.path = ""
        self._loads = Latest()
        self._suspended_load = self._loads.current
        self.is_disconnected = False
        self._pushed_paths: list[str] = []

    def suspend(self) -> None:
        """The connection is away: nothing leads anywhere until `begin`."""
        self._suspended_load = self._loads.start()
        self.is_disconnected = True
        self._pushed_paths.clear()

    async def start(self, path: str) -> None:
        """Show what the page's address leads to; the lobby if that is nothing."""
        if not self._loads.has_overtaken(self._suspended_load):
            # Else something was clicked already in what stood there before the connection went.
            await self.show(path)

    async def navigate(self, path: str) -> None:
        """Show what an address leads to, and make it the page's."""
        if await self.show(path):
            await self._screen.perform(CloseDrawer())
            await self._push_route()

    async def on_route_change(self, path: str) -> None:
        """The page's address is another: by the browser's buttons, or by what was pushed."""
        if self.is_disconnected:
            # What the client has on its screen by then is older than what `begin` draws.
            return
        if path in self._pushed_paths:
            # The person may have gone on since.
            self._pushed_paths.remove(path)
        elif path != self.path:
            await self.show(path)

    async def drop_query(self) -> None:
        """An address with the name that somebody had would lead to somebody new of that name."""
        if urlsplit(self._page.route).query and self._room_pane.is_open:
            self.path = room_path(self._room_pane.room.info)
            await self._push_route()

    async def show(self, path: str) -> bool:
        """Show what an address leads to; else say why not, and stay, or go to the lobby.

        Returns whether it is shown, and nobody has gone on to another meanwhile.
        """
        if self._loads.has_overtaken(self._suspended_load) and not self._room_pane.is_open:
            # The first address leads nowhere, or is not wanted any more.
            self._room_pane.composer.discard_queued_sends()
        load, previous_path = self._loads.start(), self.path
        self.path = path
        try:
            room, message_number = await self._workspace.open_path(self._context.me, path)
            if self._loads.has_overtaken(load):
                return False
            await self._room_pane.show_room(room, message_number)
        except ChatError as error:
            return not self._loads.has_overtaken(load) and await self._restore(previous_path, error)
        if self._loads.has_overtaken(load):
            return False
        self._screen.handle(PathShown())
        return True

    async def navigate_to_room(self, room_id: RoomId) -> None:
        """Show a room: perhaps it is not theirs any more."""
        try:
            room = await self._workspace.rooms.by_id(self._context.me, room_id)
        except ChatError as error:
            self._show_error(error)
        else:
            await self.navigate(room_path(room.info))

    async def navigate_to_direct(self, person_id: PersonId) -> None:
        """Show the direct conversation with somebody."""
        people_by_id = {each.id: each for each in await self._workspace.all_people()}
        if person_id in people_by_id:
            room: Room = await self._workspace.rooms.get_or_create_direct(
                self._context.me, [people_by_id[person_id]]
            )
            await self.navigate(room_path(room.info))

    async def navigate_to_parent(self) -> None:
        """From a thread to the message that it is about."""
        parent = self._room_pane.room.info.thread_root
        if parent is not None:
            room = await self._workspace.rooms.by_id(self._context.me, parent[0])
            await self.navigate(room_path(room.info, parent[1]))

    async def _restore(self, previous_path: str, error: ChatError) -> bool:
        """Say why an address leads nowhere; what was shown before is, if there was something."""
        failed_path, self.path = self.path, previous_path
        self._show_error(error)
        if not self._room_pane.is_open:
            if failed_path == _HOME or not await self.show(_HOME):
                return False
            await self._push_route()
            return True
        if not self.is_disconnected:
            await self._push_route()
        return False

    async def _push_route(self) -> None:
        """Make the address that is shown the page's."""
        page, path = self._page, self.path
        current = urlsplit(page.route)
        if current.path != path or current.query:
            self._pushed_paths.append(path)
            await page.push_route(path)

    def _show_error(self, error: ChatError) -> None:
        widgets.show_snackbar(self._page, self._context.t.error(error))

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._room_pane)
