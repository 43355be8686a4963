"""Where the words of a room's field go: they are said there, or they order something."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import flet as ft

from chat.files.upload import Upload
from chat.model.messages import Message
from chat.model.people import Person
from chat.rooms.room import Room
from chat.tasks import Tasks
from chat.ui.autocomplete.commands import CommandCandidates, command_completions
from chat.ui.autocomplete.mentions import MentionCandidates
from chat.ui.client.connection import Navigate
from chat.ui.dialogs.help import CommandsDialog
from chat.ui.viewer import ViewerContext
from chat.workspace import commands
from chat.workspace.workspace import Workspace


class Submitter:
    """What one session says and orders; `posted` is told what it said, `go` shows another room.

    `looked()` is called when it is known anew whom a command may be about.
    """

    def __init__(
        self,
        workspace: Workspace,
        me: Person,
        viewer: ViewerContext,
        get_page: Callable[[], ft.Page],
        on_posted: Callable[[Message], None],
        navigate: Navigate,
        on_candidates_changed: Callable[[], None],
    ) -> None:
        self._workspace = workspace
        self._me = me
        self._t = viewer.t
        self._get_page = get_page
        self._on_posted = on_posted
        self._navigate = navigate
        self._on_candidates_changed = on_candidates_changed
        self._tasks = Tasks()
        # Whom and what a command may be about, as it was when one was begun.
        self._candidates = CommandCandidates()
        self.completions = command_completions(
            lambda: self._candidates, self._refresh_candidates, viewer
        )

    def destination(self, room: Room) -> "RoomDestination":
        """The words of this room's field."""
        max_files = self._workspace.uploads.limits.files_per_message
        return RoomDestination(self, room, self._me, self._tasks, max_files)

    async def submit(
        self,
        room: Room,
        text: str,
        client_id: str,
        quoted_number: int | None,
        upload_ids: Sequence[str],
        draft: str,
    ) -> bool:
        """Say it or do it; whether a message was said here. Raises ChatError."""
        arguments = (client_id, quoted_number, upload_ids, draft)
        result = await commands.submit(self._workspace, self._me, room, text, *arguments)
        if result.message is not None:
            self._on_posted(result.message)
        if result.show_help:
            page = self._get_page()
            page.show_dialog(CommandsDialog(self._t, page.pop_dialog))
        if result.path is not None:
            await self._navigate(result.path)
        return result.message is not None

    async def wait_for_drafts(self) -> None:
        """Wait until what was typed is stored."""
        await self._tasks.finish()

    def _refresh_candidates(self) -> None:
        self._tasks.start(self._load_candidates(), "look around")

    async def _load_candidates(self) -> None:
        people = [each for each in await self._workspace.all_people() if each.id != self._me.id]
        online_ids = frozenset(each.id for each in self._workspace.people.online.people)
        candidates = CommandCandidates(
            MentionCandidates(people, (), online_ids), await self._workspace.rooms.public_rooms()
        )
        # To be told of what is known already would make one look around again, for ever.
        if candidates != self._candidates:
            self._candidates = candidates
            self._on_candidates_changed()


@dataclass(frozen=True, slots=True)
class RoomDestination:
    """The words of one room's field."""

    submitter: Submitter
    room: Room
    me: Person
    tasks: Tasks

    max_files: int

    async def begin_upload(self, name: str, size: int) -> Upload:
        return await self.room.begin_upload(self.me, name, size)

    async def send(
        self,
        text: str,
        client_id: str,
        quoted_number: int | None,
        upload_ids: Sequence[str],
        draft: str,
    ) -> bool:
        arguments = (client_id, quoted_number, upload_ids, draft)
        return await self.submitter.submit(self.room, text, *arguments)

    def save_draft(self, draft: str) -> None:
        self.tasks.start(self.room.save_draft(self.me, draft), "keep words")

    def report_typing(self) -> None:
        self.room.report_typing(self.me)
