"""The button in place of the message field, in a pane that is not the active one."""

from collections.abc import Callable

import flet as ft

from chat.ui.theme import theme, widgets

_PADDING = ft.Padding.symmetric(horizontal=16, vertical=14)


class FieldButton(ft.Container):
    """It looks like the field and shows its draft; a click calls `on_click()`, which shows the
    field."""

    def __init__(self, *, on_click: Callable[[], None]) -> None:
        self._text = widgets.one_line_text("", 15, color=ft.Colors.ON_SURFACE_VARIANT)
        super().__init__(
            self._text,
            padding=_PADDING,
            alignment=ft.Alignment.CENTER_LEFT,
            border_radius=16,
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            border=theme.OUTLINE,
            ink=True,
            on_click=on_click,
        )

    def show(self, draft: str, hint: str) -> None:
        """Show the first line of a draft, or the hint if there is none; the caller updates."""
        first_line = draft.strip().partition("\n")[0]
        self._text.value = first_line or hint
        self._text.color = ft.Colors.ON_SURFACE if first_line else ft.Colors.ON_SURFACE_VARIANT
