"""Which address the screen stands at, and the ways from one to another."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import flet as ft

from chat.errors import ChatError
from chat.languages import Language
from chat.model.addresses import room_path
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId
from chat.rooms.room import Room
from chat.ui.screen.room_pane import Talk
from chat.ui.theme import widgets
from chat.workspace.workspace import Workspace

_HOME = "/"


class Way:
    """The addresses of one session, and what they lead to, which `talk` shows.

    `arrived()` is called when something else is shown, and `gone()` when somebody chose it.
    """

    def __init__(
        self,
        house: Workspace,
        me: Person,
        t: Language,
        talk: Callable[[], Talk],
        arrived: Callable[[], None],
        gone: Callable[[], Awaitable[None]],
    ) -> None:
        self._house = house
        self._me = me
        self._t = t
        self._find_talk = talk
        self._arrived = arrived
        self._gone = gone
        # The address that is shown, or about to be; those before it that were asked for; and those
        # of which the client has not told yet that they are the page's.
        self.path = ""
        self._turn = self._paused = 0
        self.is_away = False
        self._pushed: list[str] = []

    def pause(self) -> None:
        """The connection is away: nothing leads anywhere until `begin`."""
        self._turn += 1
        self._paused = self._turn
        self.is_away = True
        self._pushed.clear()

    async def begin(self, path: str) -> None:
        """Show what the page's address leads to; the lobby if that is nothing."""
        if self._turn == self._paused:
            # Else something was clicked already in what stood there before the connection went.
            await self.show(path)

    async def go(self, path: str) -> None:
        """Show what an address leads to, and make it the page's."""
        if await self.show(path):
            await self._gone()
            await self._push()

    async def come_back(self, path: str) -> None:
        """The page's address is another: by the browser's buttons, or by what was pushed."""
        if self.is_away:
            # What the client has on its screen by then is older than what `begin` draws.
            return
        if path in self._pushed:
            # The person may have gone on since.
            self._pushed.remove(path)
        elif path != self.path:
            await self.show(path)

    async def drop_query(self) -> None:
        """An address with the name that somebody had would lead to somebody new of that name."""
        if urlsplit(self._page.route).query and self._talk.is_open:
            self.path = room_path(self._talk.room.info)
            await self._push()

    async def show(self, path: str) -> bool:
        """Show what an address leads to; else say why not, and stay, or go to the lobby.

        Returns whether it is shown, and nobody has gone on to another meanwhile.
        """
        if self._turn != self._paused and not self._talk.is_open:
            # The first address leads nowhere, or is not wanted any more.
            self._talk.composer.send_nothing_early()
        self._turn += 1
        turn, before = self._turn, self.path
        self.path = path
        try:
            room, at = await self._house.open_path(self._me, path)
            if turn != self._turn:
                return False
            await self._talk.enter(room, at)
        except ChatError as refusal:
            return turn == self._turn and await self._stay(before, refusal)
        if turn != self._turn:
            return False
        self._arrived()
        return True

    async def go_to(self, room: RoomId) -> None:
        """Show a room: perhaps it is not theirs any more."""
        try:
            found = await self._house.rooms.by_id(self._me, room)
        except ChatError as refusal:
            self._refuse(refusal)
        else:
            await self.go(room_path(found.info))

    async def talk_to(self, person: PersonId) -> None:
        """Show the direct conversation with somebody."""
        everybody = {each.id: each for each in await self._house.all_people()}
        if person in everybody:
            room: Room = await self._house.rooms.get_or_create_direct(self._me, [everybody[person]])
            await self.go(room_path(room.info))

    async def go_up(self) -> None:
        """From a thread to the message that it is about."""
        parent = self._talk.room.info.thread_root
        if parent is not None:
            room = await self._house.rooms.by_id(self._me, parent[0])
            await self.go(room_path(room.info, parent[1]))

    @property
    def _talk(self) -> Talk:
        return self._find_talk()

    async def _stay(self, before: str, refusal: ChatError) -> bool:
        """Say why an address leads nowhere; what was shown before is, if there was something."""
        asked, self.path = self.path, before
        self._refuse(refusal)
        if not self._talk.is_open:
            if asked == _HOME or not await self.show(_HOME):
                return False
            await self._push()
            return True
        if not self.is_away:
            await self._push()
        return False

    async def _push(self) -> None:
        """Make the address that is shown the page's."""
        page, path = self._page, self.path
        asked = urlsplit(page.route)
        if asked.path != path or asked.query:
            self._pushed.append(path)
            await page.push_route(path)

    def _refuse(self, refusal: ChatError) -> None:
        widgets.show_snackbar(self._page, self._t.error(refusal))

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._talk)
