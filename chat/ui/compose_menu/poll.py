"""The dialog that makes a poll."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import flet as ft

from chat.languages import Language
from chat.text.message_text import is_blank
from chat.text.polls import MAX_OPTIONS, MIN_OPTIONS, OPTION_LIMIT, QUESTION_LIMIT
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, stretched_column


@dataclass(slots=True)
class PollDraft:
    """A poll that is being written; it is kept if its dialog is closed."""

    question: str = ""
    options: list[str] = field(default_factory=list)


class PollDialog(Dialog):
    """A question and its options. A further option appears when the last one is written.

    `post(question, options)` may raise ChatError.
    """

    def __init__(
        self,
        draft: PollDraft,
        t: Language,
        *,
        post: Callable[[str, list[str]], Awaitable[None]],
        on_dismiss: Callable[[], None],
    ) -> None:
        self._t = t
        self._draft = draft
        self._post = post
        self._is_posting = False
        self._question_field = ft.TextField(
            draft.question,
            label=t("Question"),
            max_length=4 * QUESTION_LIMIT,
            counter="",
            autofocus=True,
            on_change=self._on_change,
            on_submit=partial(self._focus_option, 0),
        )
        self._option_fields: list[ft.TextField] = []
        self._options = stretched_column([], 8)
        for n in range(max(MIN_OPTIONS, len(draft.options))):
            self._add_option(draft.options[n] if n < len(draft.options) else "")
        self._add_option_if_full()
        self._error_text = ErrorText(t)
        hint = t("Everyone in this room can vote, for one option or several.")
        super().__init__(
            t("New poll"),
            stretched_column(
                [
                    self._question_field,
                    self._options,
                    widgets.secondary_text(hint, 13),
                    self._error_text,
                ],
                12,
            ),
            [
                ft.TextButton(t("Cancel"), on_click=self.close),
                ft.FilledButton(t("Post the poll"), on_click=self._on_post),
            ],
            width=440,
            on_dismiss=on_dismiss,
        )

    def _add_option(self, text: str) -> None:
        n = len(self._option_fields)
        option_field = ft.TextField(
            text,
            label=self._t("Option {number}", number=n + 1),
            max_length=4 * OPTION_LIMIT,
            counter="",
            dense=True,
            on_change=self._on_change,
            on_submit=partial(self._focus_option, n + 1),
        )
        self._option_fields.append(option_field)
        self._options.controls.append(option_field)

    def _add_option_if_full(self) -> bool:
        """Add an empty option below the last one, if that has a text."""
        count = len(self._option_fields)
        if count >= MAX_OPTIONS or not self._option_fields[-1].value:
            return False
        self._add_option("")
        return True

    def _on_change(self) -> None:
        self._draft.question = self._question_field.value
        self._draft.options = [each.value for each in self._option_fields if each.value]
        if self._add_option_if_full():
            self._options.update()

    async def _focus_option(self, n: int) -> None:
        """Enter leads to the next field; in the last one it posts."""
        if n < len(self._option_fields):
            await self._option_fields[n].focus()
        else:
            await self._on_post()

    async def _on_post(self) -> None:
        if self._is_posting:
            return
        self._is_posting = True
        options = [each.value for each in self._option_fields if not is_blank(each.value)]
        try:
            if await self._error_text.run(partial(self._post, self._question_field.value, options)):
                self._draft.question, self._draft.options = "", []
                self.close()
        finally:
            self._is_posting = False
