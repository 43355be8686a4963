"""The dialog that reports a message to the moderators: what is wrong, and a note."""

from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.reports import ReportKind
from chat.ui.moderated_rows.report import KIND_LABELS
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, section, stretched_column
from chat.workspace.reports import NOTE_LIMIT


class ReportDialog(Dialog):
    """Asks what is wrong with a message; `report(kind, note)` may raise ChatError.

    `on_reported()` is called when it did not, and the dialog is closed. `words` are the beginning
    of the message, `hint` says who reads the report.
    """

    def __init__(
        self,
        words: str,
        hint: str,
        t: Language,
        *,
        report: Callable[[ReportKind, str], Awaitable[None]],
        on_reported: Callable[[], None],
    ) -> None:
        self._report = report
        self._on_reported = on_reported
        self._error_text = ErrorText(t)
        self._group = ft.RadioGroup(
            ft.Column(
                [ft.Radio(value=kind.value, label=t(KIND_LABELS[kind])) for kind in ReportKind],
                spacing=0,
                tight=True,
            ),
            value=ReportKind.SPAM.value,
        )
        self._note_field = ft.TextField(
            label=t("A note for the moderators"),
            hint_text=t("may be empty"),
            max_length=NOTE_LIMIT,
            counter="",
            dense=True,
            autofocus=True,
            on_submit=self._on_confirm,
        )
        buttons: list[ft.Control] = [
            ft.TextButton(t("Cancel"), on_click=self.close),
            ft.TextButton(t("Report"), on_click=self._on_confirm),
        ]
        parts = [
            widgets.secondary_text(words, 14, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS),
            section(t("What is wrong with it"), self._group),
            self._note_field,
            widgets.secondary_text(hint, 13),
            self._error_text,
        ]
        super().__init__(t("Report this message"), stretched_column(parts, 12), buttons, width=420)

    async def _on_confirm(self) -> None:
        kind = ReportKind(self._group.value or ReportKind.OTHER)
        note = self._note_field.value or ""
        if await self._error_text.run(partial(self._report, kind, note)):
            self.close()
            self._on_reported()
