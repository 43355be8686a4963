"""Where the words of a room's field go: they are said there, or they order something."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import flet as ft

from chat.files.upload import Upload
from chat.model.messages import Message
from chat.model.people import Person
from chat.rooms.room import Room
from chat.tasks import Tasks
from chat.ui.autocomplete.commands import Near, slashes
from chat.ui.autocomplete.mentions import Mentionable
from chat.ui.client.connection import Navigate
from chat.ui.dialogs.help import HelpDialog
from chat.ui.viewer import ViewerContext
from chat.workspace import commands
from chat.workspace.workspace import Workspace


class Orders:
    """What one session says and orders; `posted` is told what it said, `go` shows another room.

    `looked()` is called when it is known anew whom a command may be about.
    """

    def __init__(
        self,
        house: Workspace,
        me: Person,
        viewer: ViewerContext,
        page: Callable[[], ft.Page],
        posted: Callable[[Message], None],
        go: Navigate,
        looked: Callable[[], None],
    ) -> None:
        self._house = house
        self._me = me
        self._t = viewer.t
        self._page = page
        self._posted = posted
        self._go = go
        self._looked = looked
        self._tasks = Tasks()
        # Whom and what a command may be about, as it was when one was begun.
        self._near = Near()
        self.source = slashes(lambda: self._near, self._look_around, viewer)

    def writing(self, room: Room) -> "RoomWriting":
        """The words of this room's field."""
        most = self._house.uploads.limits.files_per_message
        return RoomWriting(self, room, self._me, self._tasks, most)

    async def take(
        self,
        room: Room,
        text: str,
        client_id: str,
        quoted: int | None,
        uploads: Sequence[str],
    ) -> None:
        """Say it or do it. Raises ChatError."""
        more = (client_id, quoted, uploads)
        done = await commands.submit(self._house, self._me, room, text, *more)
        if done.message is not None:
            self._posted(done.message)
        if done.show_help:
            page = self._page()
            page.show_dialog(HelpDialog(self._t, page.pop_dialog))
        if done.path is not None:
            await self._go(done.path)

    async def words_are_kept(self) -> None:
        """Wait until what was typed is stored."""
        await self._tasks.finish()

    def _look_around(self) -> None:
        self._tasks.start(self._find_near(), "look around")

    async def _find_near(self) -> None:
        people = [each for each in await self._house.all_people() if each.id != self._me.id]
        here = frozenset(each.id for each in self._house.people.online.people)
        near = Near(Mentionable(people, (), here), await self._house.rooms.public_rooms())
        # To be told of what is known already would make one look around again, for ever.
        if near != self._near:
            self._near = near
            self._looked()


@dataclass(frozen=True, slots=True)
class RoomWriting:
    """The words of one room's field."""

    orders: Orders
    room: Room
    me: Person
    tasks: Tasks

    most_files: int

    async def begin_upload(self, name: str, size: int) -> Upload:
        return await self.room.begin_upload(self.me, name, size)

    async def send(
        self, text: str, client_id: str, quoted: int | None, uploads: Sequence[str]
    ) -> None:
        await self.orders.take(self.room, text, client_id, quoted, uploads)

    def keep(self, words: str) -> None:
        self.tasks.start(self.room.save_draft(self.me, words), "keep words")

    def types(self) -> None:
        self.room.report_typing(self.me)
