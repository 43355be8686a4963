"""Dividers between the rows: of days, of unread messages, of replies."""

from collections.abc import Callable

import flet as ft

from chat.ui.row_parts import DAY_LINE
from chat.ui.theme import theme
from chat.ui.theme.copied_text import aside

_UNREAD_COLOR = ft.Colors.ERROR

# In pixels: above and below a label, and beside it.
_PADDING, _SPACING = 8, 12


class LabelledDivider(ft.Container):
    """A line with a label."""

    def __init__(self, label: str, color: ft.ColorValue | None = None) -> None:
        label_text = ft.Text(
            aside(label),
            size=12,
            color=color or ft.Colors.ON_SURFACE_VARIANT,
            weight=ft.FontWeight.W_600,
        )
        super().__init__(
            content=_between_rules(label_text, color or ft.Colors.OUTLINE_VARIANT),
            padding=ft.Padding.symmetric(horizontal=theme.PAGE_PADDING, vertical=_PADDING),
        )


class DayDivider(ft.Container):
    """The line above the first message of a day; a click on the day opens the calendar."""

    def __init__(self, day: str, *, on_click: Callable[[], object]) -> None:
        label_text = ft.Text(
            aside(day), size=12, color=ft.Colors.ON_SURFACE_VARIANT, weight=ft.FontWeight.W_600
        )
        # The padding of the line belongs to the label, so that a finger can hit it.
        button = ft.Container(
            label_text,
            padding=ft.Padding.symmetric(horizontal=_SPACING, vertical=_PADDING),
            border_radius=12,
            data=DAY_LINE,
            on_click=on_click,
        )
        labelled = ft.Semantics(content=button, container=True, button=True)
        super().__init__(
            content=_between_rules(labelled, ft.Colors.OUTLINE_VARIANT, spacing=0),
            padding=ft.Padding.symmetric(horizontal=theme.PAGE_PADDING),
        )


def _between_rules(label: ft.Control, color: ft.ColorValue, spacing: float = _SPACING) -> ft.Row:
    rules = [ft.Container(ft.Divider(height=1, color=color), expand=True) for _ in range(2)]
    return ft.Row([rules[0], label, rules[1]], spacing=spacing)


def unread_divider(label: str) -> LabelledDivider:
    """The divider above the first unread message."""
    return LabelledDivider(label, _UNREAD_COLOR)
