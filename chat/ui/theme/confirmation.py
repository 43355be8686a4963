"""The question before something that cannot be undone."""

from collections.abc import Awaitable, Callable

import flet as ft

from chat.languages import Language
from chat.ui.theme.dialog import Dialog, ErrorText, stretched_column


class ConfirmationDialog(Dialog):
    """Asks `question`; `action` runs only if the person answers with the button `label`.

    *Cancel* has the focus: Enter, Escape and a click beside the dialog change nothing. `action` may
    raise ChatError, which the dialog shows. `on_cancel` is called for every other answer.
    """

    def __init__(
        self,
        title: str,
        question: str,
        label: str,
        *,
        action: Callable[[], Awaitable[None]],
        t: Language,
        on_cancel: Callable[[], None] = lambda: None,
    ) -> None:
        self._action = action
        self._on_cancel = on_cancel
        self._is_confirmed = False
        self._is_running = False
        self._error_text = ErrorText(t)
        cancel_button = ft.TextButton(t("Cancel"), autofocus=True, on_click=self.close)
        # (A FilledButton makes a new style in each update, which is a change at an index that the
        # removal of another dialog shifts.)
        style = ft.ButtonStyle(color=ft.Colors.ERROR)
        confirm_button = ft.TextButton(label, style=style, on_click=self._confirm)
        super().__init__(
            title,
            stretched_column([ft.Text(question), self._error_text], 10),
            [cancel_button, confirm_button],
            width=400,
            on_dismiss=self._on_dismissed,
        )

    async def _confirm(self) -> None:
        if self._is_running:
            return
        self._is_running = True
        try:
            if await self._error_text.run(self._action):
                self._is_confirmed = True
                self.close()
        finally:
            self._is_running = False

    def _on_dismissed(self) -> None:
        if not self._is_confirmed:
            self._on_cancel()
