"""The line that messages are written in: the field, and the buttons beside it."""

from collections.abc import Callable
from typing import Any

import flet as ft

from chat.languages import Language
from chat.ui.composer.message_field import WordsField
from chat.ui.theme import theme, widgets

Do = Callable[[], Any]


class Line(ft.Container):
    """Files, the field, emoji, and send."""

    def __init__(self, field: WordsField, attach: Do, smile: Do, send: Do, t: Language) -> None:
        button = ft.IconButton(
            icon=widgets.labelled_icon(
                ft.Icons.SEND_ROUNDED, t("Send message"), ft.Colors.ON_PRIMARY
            ),
            tooltip=t("Send message"),
            icon_size=20,
            bgcolor=ft.Colors.PRIMARY,
            on_click=send,
        )
        emoji = ft.Icons.EMOJI_EMOTIONS_OUTLINED
        self._parts: list[ft.Control] = [
            widgets.icon_button(ft.Icons.ATTACH_FILE_ROUNDED, t("Attach files"), on_click=attach),
            field,
            widgets.icon_button(emoji, t("Choose an emoji"), on_click=smile),
            button,
        ]
        end = ft.CrossAxisAlignment.END
        super().__init__(
            ft.Row(self._parts, spacing=4, vertical_alignment=end),
            padding=4,
            border_radius=16,
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            border=theme.OUTLINE,
        )

    def close(self, closed: bool) -> None:
        """Whether nothing can be written."""
        for each in self._parts:
            if each.disabled is not closed:
                each.disabled = closed
                each.update()
