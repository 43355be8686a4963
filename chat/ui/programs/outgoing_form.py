"""The form of an outgoing webhook: its address, and what it is told."""

from functools import partial

import flet as ft

from chat.model.outgoing import OutgoingHook, Trigger
from chat.outgoing.addresses import URL_LIMIT
from chat.text.keywords import KEYWORD_LIMIT, MAX_KEYWORDS
from chat.text.names import NAME_LIMIT
from chat.ui.programs.outgoing_requests import (
    ChangeOutgoing,
    CreateOutgoing,
    PerformOutgoingRequest,
    ShowOutgoing,
    ShowWebhooks,
)
from chat.ui.programs.program_dialog import ProgramDialog, explanation
from chat.ui.theme.dialog import ErrorText, section, stretched_column
from chat.ui.viewer import ViewerContext


class OutgoingFormDialog(ProgramDialog):
    """Makes an outgoing webhook, or changes one. `perform(request)` may raise ChatError."""

    def __init__(
        self,
        hook: OutgoingHook | None,
        viewer: ViewerContext,
        *,
        page_width: float,
        perform: PerformOutgoingRequest,
    ) -> None:
        t = viewer.t
        trigger = Trigger() if hook is None else hook.trigger
        self._hook, self._perform = hook, perform
        self._is_sending = False
        self._error_text = ErrorText(t)
        self._name_field = ft.TextField(
            label=t("Name, as Deploy or Archive"),
            max_length=4 * NAME_LIMIT,
            counter="",
            dense=True,
            autofocus=True,
            on_submit=self._on_submit,
        )
        self._url_field = ft.TextField(
            label=t("Address, as https://example.org/chat"),
            value="" if hook is None else hook.url,
            max_length=URL_LIMIT,
            counter="",
            dense=True,
            autofocus=hook is not None,
            keyboard_type=ft.KeyboardType.URL,
            on_submit=self._on_submit,
        )
        self._post_box = ft.Checkbox(value=trigger.posts)
        self._change_box = ft.Checkbox(value=trigger.changes)
        self._deletion_box = ft.Checkbox(value=trigger.deletions)
        self._program_box = ft.Checkbox(value=trigger.programs)
        self._word_field = ft.TextField(
            label=t("Only with one of these words"),
            value=", ".join(trigger.words),
            max_length=MAX_KEYWORDS * (KEYWORD_LIMIT + 2),
            counter="",
            dense=True,
            on_submit=self._on_submit,
        )
        kinds = [
            _box_row(self._post_box, t("New messages")),
            _box_row(self._change_box, t("Changes: edits, reactions, pins, votes")),
            _box_row(self._deletion_box, t("Deletions")),
            _box_row(self._program_box, t("Also what programs post, except itself")),
        ]
        hint = t("As in: deploy, @Deploy. Without a word, it is told all messages.")
        parts: list[ft.Control] = [
            self._url_field,
            section(t("It is told"), stretched_column(kinds, 0)),
            stretched_column([self._word_field, explanation(hint)], 6),
            self._error_text,
        ]
        if hook is None:
            title, label = t("New outgoing webhook"), t("Make webhook")
            back: ShowWebhooks | ShowOutgoing = ShowWebhooks()
            parts.insert(0, self._name_field)
        else:
            title, label = t("Change {name}", name=hook.bot.name), t("Save")
            back = ShowOutgoing(hook)
        parts.append(ft.Row([ft.FilledButton(label, on_click=self._on_submit)]))
        super().__init__(title, parts, t, page_width=page_width, go_back=partial(perform, back))

    async def _on_submit(self) -> None:
        if self._is_sending:
            return
        self._is_sending = True
        try:
            await self._error_text.run(partial(self._perform, self._request()))
        finally:
            self._is_sending = False

    def _request(self) -> CreateOutgoing | ChangeOutgoing:
        """What the person has entered, which the domain checks."""
        trigger = Trigger(
            bool(self._post_box.value),
            bool(self._change_box.value),
            bool(self._deletion_box.value),
            bool(self._program_box.value),
        )
        url, words = self._url_field.value, self._word_field.value
        if self._hook is None:
            return CreateOutgoing(self._name_field.value, url, trigger, words)
        return ChangeOutgoing(self._hook, url, trigger, words)


def _box_row(box: ft.Checkbox, text: str) -> ft.MergeSemantics:
    """A checkbox and its text, which has as many lines as it needs."""
    return ft.MergeSemantics(ft.Row([box, ft.Text(text, size=14, expand=True)], spacing=4))
