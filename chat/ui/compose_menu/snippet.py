"""The dialog that posts code: as a block, or as a text file if it is long."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.languages import Language
from chat.text.snippets import LANGUAGES, PLAIN_TEXT, SNIPPET_LIMIT, SnippetLanguage
from chat.ui.markup.markdown_control import CODE_STYLE
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, stretched_column


@dataclass(slots=True)
class SnippetDraft:
    """Code that is being written; it is kept if its dialog is closed."""

    code: str = ""
    language: SnippetLanguage = PLAIN_TEXT


class SnippetDialog(Dialog):
    """A field for code, and its language. `post(code, language)` may raise ChatError."""

    def __init__(
        self,
        draft: SnippetDraft,
        t: Language,
        *,
        post: Callable[[str, SnippetLanguage], Awaitable[None]],
        on_dismiss: Callable[[], None],
    ) -> None:
        self._draft = draft
        self._post = post
        self._is_posting = False
        options = [
            ft.DropdownOption(key=each.extension, text=each.title or t("Plain text"))
            for each in (PLAIN_TEXT, *LANGUAGES)
        ]
        self._language_list = ft.Dropdown(
            value=draft.language.extension,
            options=options,
            label=t("Language"),
            menu_height=320,
            expanded_insets=ft.Padding.all(0),
            on_select=self._on_change,
        )
        # (`assets/flutter-input.js` takes a field of several lines that does not correct what is
        # typed for one of a dialog.)
        self._code_field = ft.TextField(
            draft.code,
            label=t("Code"),
            multiline=True,
            min_lines=8,
            max_lines=14,
            max_length=SNIPPET_LIMIT,
            counter="",
            autocorrect=False,
            enable_suggestions=False,
            smart_dashes_type=False,
            smart_quotes_type=False,
            autofocus=True,
            text_style=CODE_STYLE,
            on_change=self._on_change,
        )
        self._error_text = ErrorText(t)
        hint = t("It is posted as a block of code, or as a file if it is long.")
        super().__init__(
            t("New snippet"),
            stretched_column(
                [
                    self._language_list,
                    self._code_field,
                    widgets.secondary_text(hint, 13),
                    self._error_text,
                ],
                12,
            ),
            [
                ft.TextButton(t("Cancel"), on_click=self.close),
                ft.FilledButton(t("Post the snippet"), on_click=self._on_post),
            ],
            width=640,
            on_dismiss=on_dismiss,
        )

    def _on_change(self) -> None:
        extension = self._language_list.value
        self._draft.code = self._code_field.value
        self._draft.language = next(
            (each for each in LANGUAGES if each.extension == extension), PLAIN_TEXT
        )

    async def _on_post(self) -> None:
        if self._is_posting:
            return
        self._is_posting = True
        self._on_change()
        try:
            if await self._error_text.run(
                partial(self._post, self._draft.code, self._draft.language)
            ):
                self._draft.code = ""
                self.close()
        finally:
            self._is_posting = False
