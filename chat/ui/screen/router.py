"""The address of the screen, and the navigation between addresses."""

from urllib.parse import urlsplit

import flet as ft

from chat.errors import ChatError
from chat.model.addresses import Address, room_path
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.rooms.room import Room
from chat.tasks import Latest
from chat.ui.client.connection import connection_of
from chat.ui.context import SessionContext
from chat.ui.panes.panes import Panes
from chat.ui.panes.screen_events import CloseDrawer, PathShown, Screen
from chat.ui.screen.panel_actions import PanelActions
from chat.ui.theme import widgets
from chat.ui.theme.snackbars import show_snackbar

_HOME = "/"


class Router:
    """The addresses of one session. `panes` show the rooms that they lead to."""

    def __init__(
        self,
        context: SessionContext,
        panes: Panes,
        screen: Screen,
        *,
        panel_actions: PanelActions,
    ) -> None:
        self._context = context
        self._workspace = context.workspace
        self._panes = panes
        self._room_pane = panes.main.room_pane
        self._panel_actions = panel_actions
        self._screen = screen
        # The address on the screen, or being loaded. `_pushed_paths` are addresses that were pushed
        # and that the client has not confirmed.
        self.path = ""
        self._loads = Latest()
        # Rooms that are looked up before they are shown: a slow one gives way to a later click.
        self._lookups = Latest()
        self._suspended_load = self._loads.current
        self.is_disconnected = False
        self._pushed_paths: list[str] = []
        # The address that took the place of the page's, of which Flet does not know.
        self._replaced_path = ""

    def suspend(self) -> None:
        """The client disconnected: nothing is shown until `start`."""
        self._suspended_load = self._loads.start()
        self.is_disconnected = True
        self._pushed_paths.clear()
        self._replaced_path = ""

    async def start(self, path: str) -> None:
        """Show the room of the page's address, or the lobby if there is no such room."""
        if not self._loads.has_overtaken(self._suspended_load):
            # Otherwise the person clicked something that was on the screen before the disconnect.
            await self.show(path)

    async def navigate(
        self, path: str, marked_words: tuple[str, ...] = (), *, is_step: bool = False
    ) -> None:
        """Show the room of an address, and push the address to the page.

        The panel beside the room stays, unless the address is that of a thread. `marked_words` are
        marked in the message that the address names. A step takes the place of the page's address,
        and leaves the focus where it is.
        """
        if await self.show(path, marked_words, keeps_panel=True, takes_focus=not is_step):
            await self._screen.perform(CloseDrawer())
            if is_step:
                self._replace_path()
            else:
                await self._push_route()

    async def close_panel(self) -> None:
        """Close the panel beside the room, and push the address of the room to the page."""
        if await self.show(room_path(self._room_pane.room.info)):
            await self._push_route()

    async def on_route_change(self, path: str) -> None:
        """The page's address changed: by the browser's buttons, or because it was pushed."""
        if self.is_disconnected:
            # `start` draws a newer state than the client has on its screen now.
            return
        self._replaced_path = ""
        if path in self._pushed_paths:
            # The person may have navigated further since.
            self._pushed_paths.remove(path)
        elif path != self.path:
            await self.show(path)

    async def drop_query(self) -> None:
        """Remove a former name from the address: it would sign in as a new person of that name."""
        if urlsplit(self._page.route).query and self._room_pane.is_open:
            self.path = self.shown_path
            await self._push_route()

    def leave_message(self) -> None:
        """The page's address is that of its room from now on: the message was looked at."""
        self.path = self.shown_path
        self._replace_path()

    def on_panel_address_changed(self) -> None:
        """The person searches for other words, in the panel beside the room."""
        self.path = self.shown_path
        self._replace_path()

    @property
    def shown_path(self) -> str:
        """The address of the room on the screen, with the panel beside it."""
        return room_path(self._panes.room.info, panel=self._panel_actions.address)

    def _replace_path(self) -> None:
        connection = connection_of(self._page)
        if self._room_pane.is_open and connection is not None and not self.is_disconnected:
            self._replaced_path = self.path
            connection.replace_path(self.path)

    async def show(
        self,
        path: str,
        marked_words: tuple[str, ...] = (),
        *,
        keeps_panel: bool = False,
        takes_focus: bool = True,
    ) -> bool:
        """Show the room of an address; else show the error, and keep the room or go to the lobby.

        With `keeps_panel` the panel beside a room stays. Without `takes_focus` the focus stays
        where it is.

        Returns whether the room is shown, and no later navigation has overtaken this one.
        """
        if self._loads.has_overtaken(self._suspended_load) and not self._room_pane.is_open:
            # The first address has failed, or was left.
            self._room_pane.composer.drop_early_sends()
        self._lookups.start()
        load, previous_path = self._loads.start(), self.path
        self.path = path
        try:
            room, message_number = await self._workspace.open_path(self._context.me, path)
            if self._loads.has_overtaken(load):
                return False
            panel = Address.parse(path).panel
            if keeps_panel and panel is None and room.parent is None:
                panel = self._panel_actions.address
            await self._panes.show(
                room,
                message_number,
                marked_words,
                has_panel=panel is not None,
                takes_focus=takes_focus,
            )
        except ChatError as error:
            return not self._loads.has_overtaken(load) and await self._restore(previous_path, error)
        if self._loads.has_overtaken(load):
            return False
        self._screen.handle(PathShown())
        await self._panel_actions.show(panel)
        if self._loads.has_overtaken(load):
            return False
        if (beside := self._panel_actions.address) != Address.parse(path).panel:
            self.path = room_path(room.info, message_number, beside)
            if not keeps_panel:
                # The panel of this address is in a dialog, which has no address.
                self._replace_path()
        return True

    async def navigate_to_room(self, room_id: RoomId) -> None:
        """Show a room, or the error if the person may not read it any more."""
        lookup = self._lookups.start()
        try:
            room = await self._workspace.rooms.by_id(self._context.me, room_id)
        except ChatError as error:
            if not self._lookups.has_overtaken(lookup):
                self._show_error(error)
            return
        if not self._lookups.has_overtaken(lookup):
            await self.navigate(room_path(room.info))

    async def navigate_to_direct(self, person_id: PersonId) -> None:
        """Show the direct conversation with a person."""
        lookup = self._lookups.start()
        people_by_id = {each.id: each for each in await self._workspace.all_people()}
        if person_id not in people_by_id:
            return
        room: Room = await self._workspace.rooms.get_or_create_direct(
            self._context.me, [people_by_id[person_id]]
        )
        if not self._lookups.has_overtaken(lookup):
            await self.navigate(room_path(room.info))

    async def navigate_to_parent(self) -> None:
        """From a thread to its root message."""
        parent = self._room_pane.room.info.thread_root
        if parent is None:
            return
        lookup = self._lookups.start()
        room = await self._workspace.rooms.by_id(self._context.me, parent[0])
        if not self._lookups.has_overtaken(lookup):
            await self.navigate(room_path(room.info, parent[1]))

    async def _restore(self, previous_path: str, error: ChatError) -> bool:
        """Show the error, and keep the previous room, if there is one."""
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
        """Push the address on the screen to the page."""
        page, path = self._page, self.path
        # The client reports a pushed address a moment later.
        current = urlsplit(self._pushed_paths[-1] if self._pushed_paths else page.route)
        replaced_path, self._replaced_path = self._replaced_path, ""
        if current.path != path or current.query:
            self._pushed_paths.append(path)
            await page.push_route(path)
        elif replaced_path not in ("", path):
            # Flet takes the address for the one that it has.
            self._replace_path()

    def _show_error(self, error: ChatError) -> None:
        show_snackbar(self._page, self._context.t.error(error))

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._room_pane)
