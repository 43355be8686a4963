"""The frame of a dialog about programs, and what several of them show."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

import flet as ft

from chat.languages import Language
from chat.model.outgoing import OutgoingHook
from chat.model.people import Person
from chat.model.programs import Hook
from chat.text.names import NAME_LIMIT
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, ErrorText, close_button, stretched_column
from chat.ui.theme.pages import Pages
from chat.ui.theme.theme import MONO_FONT

Program = TypeVar("Program", Hook, OutgoingHook, Person)

_WIDTH = 520  # pixels
_AVATAR_SIZE = 32
_ITEM_PADDING = ft.Padding.symmetric(horizontal=8, vertical=8)
_BOX_PADDING = ft.Padding.only(left=12, right=4, top=4, bottom=4)
_MONO = ft.TextStyle(font_family=MONO_FONT, size=13, height=1.4)


class ProgramDialog(Dialog):
    """A column of parts, which fills the screen of a phone. `go_back` leads to what is above it."""

    def __init__(
        self,
        title: str,
        parts: Sequence[ft.Control],
        t: Language,
        *,
        page_width: float,
        go_back: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        buttons: list[ft.Control] = [close_button(t, self.close)]
        if go_back is not None:
            back = ft.TextButton(t("Back"), icon=ft.Icons.ARROW_BACK_ROUNDED, on_click=go_back)
            buttons.insert(0, back)
        column = stretched_column(parts, 16)
        super().__init__(title, column, buttons, width=_WIDTH)
        self.fill_phone(page_width, column)


class CopyBox(ft.Column):
    """A text that is copied as a whole, below a label."""

    def __init__(self, label: str, text: str, t: Language) -> None:
        self._text, self._t = text, t
        copy_button = widgets.icon_button(
            ft.Icons.COPY_ROUNDED, t("Copy: {what}", what=label), on_click=self._copy
        )
        box = ft.Container(
            ft.Row(
                [ft.Text(text, selectable=True, expand=True, style=_MONO), copy_button], spacing=4
            ),
            padding=_BOX_PADDING,
            border_radius=10,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
        )
        self._title_row = ft.Row([widgets.secondary_text(label, 13, expand=True)])
        super().__init__(
            [self._title_row, box],
            spacing=4,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )

    async def _copy(self) -> None:
        await ft.Clipboard().set(self._text)
        if len(self._title_row.controls) == 1:
            text = ft.Text(self._t("Copied."), size=13, color=ft.Colors.PRIMARY)
            self._title_row.controls.append(
                ft.Semantics(content=text, container=True, live_region=True)
            )
            self._title_row.update()


class NameForm(ft.Column):
    """A field for the name of a new program, and the button that makes it.

    `create(name)` may raise ChatError.
    """

    def __init__(
        self, label: str, button: str, *, create: Callable[[str], Awaitable[None]], t: Language
    ) -> None:
        self._create = create
        self._is_creating = False
        self._error_text = ErrorText(t)
        self._field = ft.TextField(
            label=label,
            max_length=4 * NAME_LIMIT,
            counter="",
            dense=True,
            expand=True,
            on_submit=self._on_submit,
        )
        row = ft.Row([self._field, ft.FilledButton(button, on_click=self._on_submit)], spacing=10)
        super().__init__([row, self._error_text], spacing=6, tight=True)

    async def _on_submit(self) -> None:
        if self._is_creating:
            return
        self._is_creating = True
        try:
            is_made = await self._error_text.run(partial(self._create, self._field.value))
        finally:
            self._is_creating = False
        if not is_made:
            # Enter took the focus away. (A click that comes while a handler waits for the client is
            # lost, so this one does not wait.)
            widgets.page_of(self).run_task(self._field.focus)


def program_list(
    programs: Sequence[Program], empty_text: str, *, build: Callable[[Program], ft.Control]
) -> ft.Column:
    """An item for each program: the first ones now, the others soon."""

    async def load(skipped: int) -> Sequence[Program]:
        return []

    column = stretched_column([], 0)
    # All are on one page.
    pages = Pages[Program](column, "", build=build, load=load, page_size=len(programs) + 1)
    if programs:
        pages.show(programs)
    else:
        pages.show_text(ft.Text(empty_text))
    return column


def program_item(
    name: str, detail: str, avatar_url: str | None, *, on_click: Callable[[], Awaitable[None]]
) -> ft.Container:
    """A program in a list."""
    texts: list[ft.Control] = [widgets.one_line_text(name, 14, weight=ft.FontWeight.W_600)]
    if detail:
        texts.append(widgets.one_line_text(detail, 12, color=ft.Colors.ON_SURFACE_VARIANT))
    return ft.Container(
        ft.Row(
            [
                widgets.avatar(name, _AVATAR_SIZE, avatar_url),
                ft.Column(texts, spacing=0, tight=True, expand=True),
                ft.Icon(
                    ft.Icons.CHEVRON_RIGHT_ROUNDED, size=20, color=ft.Colors.ON_SURFACE_VARIANT
                ),
            ],
            spacing=12,
        ),
        padding=_ITEM_PADDING,
        border_radius=10,
        ink=True,
        on_click=on_click,
    )


def deliveries_section(
    t: Language, items: Sequence[ft.Control], *, load_again: Callable[[], Awaitable[None]]
) -> ft.Column:
    """The last deliveries of a webhook, with a button that loads them again."""
    shown = items or [explanation(t("Nothing was sent yet."))]
    text = ft.Text(t("Last deliveries"), size=14, weight=ft.FontWeight.W_600, expand=True)
    reload = widgets.icon_button(ft.Icons.REFRESH_ROUNDED, t("Load again"), on_click=load_again)
    return stretched_column([ft.Row([widgets.heading(text, 3), reload]), *shown], 0)


def explanation(text: str) -> ft.Text:
    """A sentence that explains a part of a dialog."""
    return widgets.secondary_text(text, 13)


def only_here(t: Language) -> str:
    """That programs on other computers cannot reach the chat."""
    return t(
        "Only programs on this computer can reach this address. To let others on your network in, "
        "start the chat with --lan."
    )


def destructive_button(label: str, on_click: Callable[[], Awaitable[None]]) -> ft.OutlinedButton:
    """A button that asks before it deletes something."""
    style = ft.ButtonStyle(color=ft.Colors.ERROR, icon_color=ft.Colors.ERROR)
    icon = ft.Icons.DELETE_OUTLINE_ROUNDED
    return ft.OutlinedButton(label, icon=icon, style=style, on_click=on_click)
