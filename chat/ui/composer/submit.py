"""Sends the text of the field: as a message, or as a slash command."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import flet as ft

from chat.files.upload import Upload
from chat.model.addresses import room_path
from chat.model.messages import Message
from chat.model.people import Status
from chat.rooms.room import Room
from chat.tasks import Tasks
from chat.text.snippets import SnippetLanguage
from chat.ui.autocomplete.commands import CommandCandidates, command_completions
from chat.ui.autocomplete.mentions import MentionCandidates
from chat.ui.context import SessionContext
from chat.ui.dialogs.help import CommandsDialog
from chat.ui.theme import widgets
from chat.ui.theme.snackbars import show_snackbar
from chat.ui.viewer import ViewerContext
from chat.workspace import commands


class Submitter:
    """Sends the messages and commands of one session. `owner` is a control on its page.

    `on_posted(message)` follows each stored message. `navigate(path)` shows the room that a command
    leads to. `on_candidates_changed()` is called when the candidates for an argument have changed.
    """

    def __init__(
        self,
        context: SessionContext,
        owner: ft.Control,
        *,
        on_posted: Callable[[Message], None],
        navigate: Callable[[str], Coroutine[Any, Any, None]],
        on_candidates_changed: Callable[[], None],
    ) -> None:
        self.context = context
        self._owner = owner
        self.on_posted = on_posted
        self._navigate = navigate
        self._on_candidates_changed = on_candidates_changed
        self._tasks = Tasks()
        # The candidates for an argument, as they were when a command began.
        self._candidates = CommandCandidates()
        self.completions = command_completions(
            self._get_candidates, self._refresh_candidates, context.viewer
        )

    def destination(self, room: Room) -> "RoomDestination":
        """The destination for this room."""
        max_files = self.context.workspace.uploads.limits.files_per_message
        return RoomDestination(self, room, self._tasks, max_files)

    async def submit(
        self,
        room: Room,
        text: str,
        client_id: str,
        quoted_number: int | None,
        upload_ids: Sequence[str],
        draft: str,
    ) -> bool:
        """Post a message or run a command; true if a message was posted. Raises ChatError."""
        workspace, me = self.context.workspace, self.context.me
        arguments = (client_id, quoted_number, upload_ids, draft)
        result = await commands.submit(workspace, me, room, text, *arguments)
        if result.message is not None:
            self.on_posted(result.message)
        if result.show_help:
            page = widgets.page_of(self._owner)
            page.show_dialog(CommandsDialog(self.context.t))
        if result.status is not None:
            self._show_status(result.status)
        if result.path is not None:
            # The next text does not wait for the client, which changes its address.
            work = self._navigate(result.path)
            self.context.tasks.start(work, "go where a command leads")
        return result.message is not None

    def _show_status(self, status: Status) -> None:
        t, label = self.context.t, status.label
        text = t("Your status is: {status}", status=label) if label else t("You have no status.")
        show_snackbar(widgets.page_of(self._owner), text)

    async def wait_for_drafts(self) -> None:
        """Wait until the drafts are stored."""
        await self._tasks.finish()

    def _get_candidates(self) -> CommandCandidates:
        return self._candidates

    def _refresh_candidates(self) -> None:
        self._tasks.start(self._load_candidates(), "load candidates")

    async def _load_candidates(self) -> None:
        workspace, me = self.context.workspace, self.context.me
        people = [each for each in await workspace.all_people() if each.id != me.id]
        online_ids = frozenset(each.id for each in workspace.presence.online.people)
        candidates = CommandCandidates(
            MentionCandidates(people, (), online_ids), await workspace.rooms.public_rooms(me)
        )
        # An unchanged result must not trigger another completion, which would load again, without
        # end.
        if candidates != self._candidates:
            self._candidates = candidates
            self._on_candidates_changed()


@dataclass(frozen=True, slots=True)
class RoomDestination:
    """Sends to one room."""

    submitter: Submitter
    room: Room
    tasks: Tasks

    max_files: int

    @property
    def path(self) -> str:
        return room_path(self.room.info)

    @property
    def slow_mode_wait(self) -> float:
        return self.room.slow_mode_wait(self.submitter.context.me)

    async def begin_upload(self, name: str, size: int) -> Upload:
        return await self.room.begin_upload(self.submitter.context.me, name, size)

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

    def confirm_call(self, client_id: str) -> None:
        self.room.confirm_call(self.submitter.context.me, client_id)

    @property
    def viewer(self) -> ViewerContext:
        return self.submitter.context.viewer

    async def send_later(
        self, text: str, due_at: datetime, client_id: str, quoted_number: int | None, draft: str
    ) -> int:
        text = commands.plain_text(text)
        texts, me = self.submitter.context.workspace.scheduled_texts, self.submitter.context.me
        return await texts.schedule(
            me, self.room, text, due_at, client_id, quoted_number, draft=draft
        )

    async def cancel_later(self, text_id: int) -> None:
        texts = self.submitter.context.workspace.scheduled_texts
        await texts.cancel(self.submitter.context.me, text_id)

    async def upload_text(self, name: str, text: str) -> Upload:
        return await self.room.upload_text(self.submitter.context.me, name, text)

    async def post_poll(self, question: str, options: Sequence[str], client_id: str) -> None:
        me = self.submitter.context.me
        self.submitter.on_posted(await self.room.post_poll(me, question, options, client_id))

    async def post_snippet(self, code: str, language: SnippetLanguage, client_id: str) -> None:
        me = self.submitter.context.me
        self.submitter.on_posted(await self.room.post_snippet(me, code, language, client_id))

    def save_draft(self, draft: str) -> None:
        saving = self.room.save_draft(self.submitter.context.me, draft)
        self.tasks.start(saving, "save a draft")

    def give_back_draft(self, text: str) -> None:
        self.tasks.start(self._give_back_draft(text), "give a draft back")

    async def _give_back_draft(self, text: str) -> None:
        me = self.submitter.context.me
        await self.room.save_draft(me, text + await self.room.draft(me))

    def report_typing(self) -> None:
        self.room.report_typing(self.submitter.context.me)
