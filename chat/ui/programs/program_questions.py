"""Questions before an action on a program, and the sentence of one that was refused."""

from collections.abc import Awaitable, Callable

import flet as ft

from chat.errors import ChatError
from chat.ui.context import SessionContext
from chat.ui.theme import widgets
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.dialog import close_dialog, open_dialog
from chat.ui.theme.snackbars import show_snackbar


class ProgramQuestions:
    """Asks, and says why something cannot be shown. `owner` is a control on the page."""

    def __init__(self, context: SessionContext, owner: ft.Control) -> None:
        self._context, self._owner = context, owner

    @property
    def page(self) -> ft.Page:
        """The page of the session."""
        return widgets.page_of(self._owner)

    @property
    def page_width(self) -> float:
        """The width of the page, in pixels."""
        return self.page.width or 0

    def ask(
        self,
        title: str,
        question: str,
        label: str,
        *,
        action: Callable[[], Awaitable[None]],
        then: Callable[[], Awaitable[None]],
    ) -> None:
        """Ask before an action; afterwards, and if it is cancelled, show what was there before."""

        async def run() -> None:
            await action()
            await then()

        def cancel() -> None:
            # (Another dialog may have taken the place of the question.)
            if open_dialog(self.page) is None:
                self._context.tasks.start(self.or_say_why(then), "show programs again")

        t = self._context.t
        self.page.show_dialog(
            ConfirmationDialog(title, question, label, action=run, t=t, on_cancel=cancel)
        )

    async def or_say_why(self, action: Callable[[], Awaitable[None]]) -> None:
        """Run an action that may raise ChatError; then the open dialog is out of date, and ends."""
        try:
            await action()
        except ChatError as error:
            self.close_dialog()
            show_snackbar(self.page, self._context.t.error(error))

    def close_dialog(self) -> None:
        """Close the open dialog, if there is one."""
        if (dialog := open_dialog(self.page)) is not None:
            close_dialog(dialog)
