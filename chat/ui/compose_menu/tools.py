"""The tools of the composer: its menu, and what each line of the menu opens."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

import flet as ft

from chat.languages import Language
from chat.text.snippets import SnippetLanguage
from chat.ui.compose_menu.menu import ComposerMenu, ComposerMenuItem
from chat.ui.compose_menu.poll import PollDialog, PollDraft
from chat.ui.compose_menu.preview import PreviewDialog
from chat.ui.compose_menu.snippet import SnippetDialog, SnippetDraft
from chat.ui.later.time_dialog import TimeDialog
from chat.ui.theme import widgets
from chat.ui.theme.dialog import open_dialog
from chat.ui.viewer import ViewerContext


class ToolTarget(Protocol):
    """A room that polls and code are posted to. Each method may raise ChatError."""

    async def post_poll(self, question: str, options: Sequence[str], client_id: str) -> None:
        """Post a poll."""

    async def post_snippet(self, code: str, language: SnippetLanguage, client_id: str) -> None:
        """Post code: a block, or a file if it is long."""

    @property
    def viewer(self) -> ViewerContext:
        """The person's time zone and language."""


class ToolOwner(Protocol):
    """The composer, as its tools know it."""

    @property
    def target(self) -> ToolTarget | None:
        """The room of the field."""

    @property
    def text(self) -> str:
        """The text of the field that is not sent, as it would be stored."""

    async def pick_files(self) -> None:
        """Let the person choose files for the message."""

    async def ask_send_time(self) -> None:
        """Ask for the time at which the text of the field is sent, if it can be."""

    async def send_later(self, due_at: datetime, client_id: str) -> None:
        """Send the text of the field at a time. Raises ChatError."""

    def focus_field(self) -> None:
        """Let the person go on writing."""


class ComposeTools:
    """The tools of one session; they exist only while they are open. `control` is on the page."""

    def __init__(self, owner: ToolOwner, control: ft.Control, t: Language) -> None:
        self._owner = owner
        self._control = control
        self._t = t
        self._poll_draft = PollDraft()
        self._snippet_draft = SnippetDraft()

    def open_menu(self) -> None:
        """Open the menu above its button."""
        t, page = self._t, widgets.page_of(self._control)
        items = [
            ComposerMenuItem(ft.Icons.UPLOAD_FILE_OUTLINED, t("Files"), self._owner.pick_files),
            ComposerMenuItem(ft.Icons.BALLOT_OUTLINED, t("Poll"), self._open_poll),
            ComposerMenuItem(ft.Icons.CODE_ROUNDED, t("Code snippet"), self._open_snippet),
            ComposerMenuItem(ft.Icons.VISIBILITY_OUTLINED, t("Preview"), self._open_preview),
            ComposerMenuItem(
                ft.Icons.SCHEDULE_SEND_OUTLINED, t("Send later"), self._owner.ask_send_time
            ),
        ]
        menu = ComposerMenu(items, t, page_width=page.width or 0, on_dismiss=self._on_dismiss)
        page.show_dialog(menu)

    async def _open_poll(self) -> None:
        if (target := self._owner.target) is not None:
            client_id = secrets.token_hex(16)

            async def post(question: str, options: Sequence[str]) -> None:
                await target.post_poll(question, options, client_id)

            self._show(
                PollDialog(self._poll_draft, self._t, post=post, on_dismiss=self._on_dismiss)
            )

    async def _open_snippet(self) -> None:
        if (target := self._owner.target) is not None:
            client_id = secrets.token_hex(16)
            post = partial(self._post_snippet, target, client_id)
            self._show(
                SnippetDialog(self._snippet_draft, self._t, post=post, on_dismiss=self._on_dismiss)
            )

    async def _open_preview(self) -> None:
        self._show(PreviewDialog(self._owner.text, self._t, on_dismiss=self._on_dismiss))

    def open_send_time(self) -> None:
        """Ask for the time at which the text of the field is sent."""
        if (target := self._owner.target) is not None:
            client_id = secrets.token_hex(16)

            async def choose(moment: datetime) -> None:
                await self._owner.send_later(moment, client_id)

            title = self._t("Send later")
            self._show(TimeDialog(title, target.viewer, choose=choose, on_dismiss=self._on_dismiss))

    async def _post_snippet(
        self, target: ToolTarget, client_id: str, code: str, language: SnippetLanguage
    ) -> None:
        await target.post_snippet(code, language, client_id)

    def _show(self, dialog: ft.AlertDialog) -> None:
        widgets.page_of(self._control).show_dialog(dialog)

    def _on_dismiss(self) -> None:
        # (The dismissal of a replaced dialog is reported a moment later.)
        if open_dialog(self._control.page) is None:
            self._owner.focus_field()
