"""The offer to send a long text that was pasted as a file."""

from collections.abc import Awaitable, Callable

import flet as ft

from chat.languages import Language
from chat.ui.theme import theme, widgets

_MARGIN = ft.Margin.only(left=theme.GAP)


class PasteOffer(ft.Row):
    """A line above the field. It exists only while there is a long text in the field."""

    def __init__(
        self,
        text: str,
        t: Language,
        *,
        make_file: Callable[[], Awaitable[None]],
        dismiss: Callable[[], None],
    ) -> None:
        self.text = text
        sentence = t("A long text: {count} characters.", count=f"{len(text):,}")
        super().__init__(
            [
                ft.Icon(ft.Icons.DESCRIPTION_OUTLINED, size=16, color=ft.Colors.PRIMARY),
                widgets.secondary_text(sentence, 13, expand=True),
                ft.TextButton(t("Send as a file"), on_click=make_file),
                widgets.icon_button(ft.Icons.CLOSE_ROUNDED, t("Keep it as text"), on_click=dismiss),
            ],
            spacing=8,
            margin=_MARGIN,
        )
