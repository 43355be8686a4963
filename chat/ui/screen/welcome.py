"""The welcome screen, and the dialog that asks for a name."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from urllib.parse import quote

import flet as ft

from chat.errors import ChatError
from chat.languages import Language
from chat.text.names import NAME_LIMIT
from chat.ui.client.name_refusal import name_refusal
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, stretched_column

_FOCUS_TIMEOUT = 5.0


class WelcomeScreen(ft.Container):
    """The title of the chat and *Start chat*."""

    def __init__(
        self,
        title: str,
        t: Language,
        *,
        on_start: Callable[[], None],
    ) -> None:
        label = t("Start chat")
        start_button = ft.FilledButton(label, icon=ft.Icons.FORUM_ROUNDED, on_click=on_start)
        super().__init__(
            content=ft.Column(
                [
                    ft.Image(src="icons/icon-192.png", width=96, height=96),
                    ft.Container(height=12),
                    ft.Text(
                        title,
                        size=32,
                        weight=ft.FontWeight.BOLD,
                        text_align=ft.TextAlign.CENTER,
                        style=ft.TextStyle(letter_spacing=-0.5),
                    ),
                    widgets.secondary_text(t("Talk with everyone who is here."), 15),
                    ft.Container(height=20),
                    start_button,
                ],
                alignment=ft.MainAxisAlignment.CENTER,
                horizontal_alignment=ft.CrossAxisAlignment.CENTER,
                spacing=4,
            ),
            alignment=ft.Alignment.CENTER,
            padding=theme.PAGE_PADDING,
            expand=True,
        )


class NameDialog(Dialog):
    """Asks for a name until `sign_in(name)` accepts it; it may raise ChatError.

    `sign_in_url` is the page where people sign in who are here already; None in the desktop window.
    """

    def __init__(
        self,
        title: str,
        t: Language,
        *,
        sign_in: Callable[[str], Awaitable[None]],
        name: str = "",
        error: ChatError | None = None,
        sign_in_url: str | None = None,
    ) -> None:
        self._t = t
        self._sign_in = sign_in
        self._sign_in_url = sign_in_url
        self._is_signing_in = False
        self._field = ft.TextField(
            label=t("Enter your name to join the chat"),
            value=name,
            error_max_lines=4,
            autofocus=True,
            max_length=4 * NAME_LIMIT,
            counter="",
            on_submit=self._on_submit,
            on_change=self._on_change,
        )
        # Free names, and what to do for somebody who has the name already.
        self._offers = stretched_column([], 12)
        self._offers.visible = False
        if error is not None:
            self._fill_refusal(error)
        super().__init__(
            t("Welcome to {title}", title=title),
            stretched_column([self._field, self._offers], 12),
            [ft.FilledButton(t("Join chat"), on_click=self._on_submit)],
            width=360,
            title_size=24,
            modal=True,
        )

    async def _on_submit(self) -> None:
        await self._submit(self._field.value)

    async def _submit(self, name: str) -> None:
        if self._is_signing_in:
            return
        self._is_signing_in = True
        try:
            await self._sign_in(name)
        except ChatError as error:
            self.show_error(error)
        else:
            return
        finally:
            self._is_signing_in = False
        with contextlib.suppress(TimeoutError, RuntimeError):
            await asyncio.wait_for(self._field.focus(), _FOCUS_TIMEOUT)

    def show_error(self, error: ChatError) -> None:
        """Show why nobody comes in under this name, or not yet."""
        self._fill_refusal(error)
        self._draw()

    def _fill_refusal(self, error: ChatError) -> None:
        refusal = name_refusal(error, self._t)
        self._field.error = refusal.sentence or None
        self._offers.controls = [self._suggestions(refusal.suggestions)] * bool(refusal.suggestions)
        if refusal.hint:
            self._offers.controls.append(widgets.secondary_text(refusal.hint, 14))
        if refusal.sign_in and self._sign_in_url is not None:
            address = f"{self._sign_in_url}?name={quote(self._field.value)}"
            url = ft.Url(address, ft.UrlTarget.SELF)
            self._offers.controls.append(ft.OutlinedButton(refusal.sign_in, url=url))
        self._offers.visible = bool(self._offers.controls)

    def _suggestions(self, names: Iterable[str]) -> ft.Row:
        """A button for each name, which joins at once."""
        buttons = [ft.OutlinedButton(each, on_click=partial(self._submit, each)) for each in names]
        return ft.Row(list[ft.Control](buttons), spacing=8, run_spacing=8, wrap=True)

    def _on_change(self) -> None:
        if self._field.error or self._offers.visible:
            self._field.error = None
            self._offers.visible = False
            self._draw()

    def _draw(self) -> None:
        self._field.update()
        self._offers.update()
