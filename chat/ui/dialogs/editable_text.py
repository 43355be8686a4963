"""A text of a dialog that is read first: a pencil puts a field in its place."""

from collections.abc import Awaitable, Callable

import flet as ft

from chat.errors import ChatError
from chat.languages import Language
from chat.ui.theme import widgets

# Stores the text of a field. It may raise ChatError, which is shown at the field.
Submit = Callable[[str], Awaitable[None]]


class TextForm(ft.TextField):
    """A field with a button at its end, which is enabled when the text has changed."""

    def __init__(
        self,
        label: str,
        text: str,
        *,
        limit: int,
        submit: Submit,
        t: Language,
    ) -> None:
        self._text, self._submit, self._t = text, submit, t
        self._ok_button = ft.TextButton(t("OK"), on_click=self._on_submit, disabled=True)
        super().__init__(
            label=label,
            value=text,
            max_length=limit,
            counter="",
            dense=True,
            suffix=self._ok_button,
            on_change=self._on_change,
            on_submit=self._on_submit,
        )

    def _on_change(self) -> None:
        if self._ok_button.disabled is (is_new := self.value != self._text):
            self._ok_button.disabled = not is_new
            self._ok_button.update()

    async def _on_submit(self) -> None:
        try:
            await self._submit(self.value)
        except ChatError as error:
            self.error = self._t.error(error)
            self.update()


class EditableText(ft.Container):
    """A text below its label; `change_label` is the name of the pencil. A text that is empty has
    `empty_text` in its place."""

    def __init__(
        self,
        form: TextForm,
        *,
        change_label: str,
        empty_text: str = "",
    ) -> None:
        self._form = form
        text = str(form.value)
        shown = ft.Text(text) if text else widgets.secondary_text(empty_text, 14)
        words = ft.Column(
            [widgets.secondary_text(str(form.label), 12), shown], spacing=0, tight=True, expand=True
        )
        pencil = widgets.icon_button(ft.Icons.EDIT_OUTLINED, change_label, on_click=self._edit)
        super().__init__(ft.Row([words, pencil], spacing=4))
        form.autofocus = True

    def show_field(self) -> None:
        """Show the field; the caller updates."""
        self.content = self._form

    def _edit(self) -> None:
        self.show_field()
        self.update()
