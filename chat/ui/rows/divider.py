"""Dividers between the rows: of days, of unread messages, of replies."""

import flet as ft

from chat.ui.theme import theme
from chat.ui.theme.copied_text import aside

_UNREAD_COLOR = ft.Colors.ERROR


class LabelledDivider(ft.Container):
    """A line with a label."""

    def __init__(self, label: str, color: ft.ColorValue | None = None) -> None:
        def rule() -> ft.Container:
            line = ft.Divider(height=1, color=color or ft.Colors.OUTLINE_VARIANT)
            return ft.Container(line, expand=True)

        label_text = ft.Text(
            aside(label),
            size=12,
            color=color or ft.Colors.ON_SURFACE_VARIANT,
            weight=ft.FontWeight.W_600,
        )
        super().__init__(
            content=ft.Row([rule(), label_text, rule()], spacing=12),
            padding=ft.Padding.symmetric(horizontal=theme.PAGE_PADDING, vertical=8),
        )


def unread_divider(label: str) -> LabelledDivider:
    """The divider above the first unread message."""
    return LabelledDivider(label, _UNREAD_COLOR)
