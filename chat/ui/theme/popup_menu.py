"""The menu of a thing on the screen: a popover at the pointer, a sheet on a phone."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.ui.theme import widgets
from chat.ui.theme.popover import Point, Popover, is_sheet, show_popover

# In pixels: the width of a menu, the height of its items, and of those of a sheet.
_WIDTH, ITEM_HEIGHT, SHEET_ITEM_HEIGHT = 240, 36, 48
_PADDING_HEIGHT = 6

_PADDING = ft.Padding.all(_PADDING_HEIGHT)
_TITLE_PADDING = ft.Padding.only(left=12, right=12, top=12, bottom=8)
_ITEM_PADDING = ft.Padding.only(left=12, right=12, top=4, bottom=4)


def _item_style(text_color: ft.ColorValue, icon_color: ft.ColorValue) -> ft.ButtonStyle:
    return ft.ButtonStyle(
        color=text_color,
        icon_color=icon_color,
        icon_size=18,
        text_style=ft.TextStyle(size=14),
        alignment=ft.Alignment.CENTER_LEFT,
        padding=_ITEM_PADDING,
        shape=ft.RoundedRectangleBorder(radius=8),
    )


# Styles of all items in all menus, which must not be changed.
_ITEM_STYLE = _item_style(ft.Colors.ON_SURFACE, ft.Colors.ON_SURFACE_VARIANT)
_DESTRUCTIVE_STYLE = _item_style(ft.Colors.ERROR, ft.Colors.ERROR)


def menu_button(
    icon: ft.IconData,
    label: str,
    *,
    height: float,
    is_destructive: bool = False,
    on_click: Callable[[], object],
) -> ft.TextButton:
    """One line of a menu."""
    style = _DESTRUCTIVE_STYLE if is_destructive else _ITEM_STYLE
    return ft.TextButton(content=label, icon=icon, height=height, style=style, on_click=on_click)


@dataclass(frozen=True, slots=True)
class MenuChoice:
    """One line of a menu."""

    icon: ft.IconData
    label: str
    on_select: Callable[[], Awaitable[None]]
    is_destructive: bool = False


class _Menu(Popover):
    """The choices; a sheet begins with the title. The menu closes before a choice runs."""

    def __init__(
        self, title: str, choices: Sequence[MenuChoice], *, is_sheet: bool, takes_focus: bool
    ) -> None:
        height = SHEET_ITEM_HEIGHT if is_sheet else ITEM_HEIGHT
        buttons = [
            menu_button(
                each.icon,
                each.label,
                height=height,
                is_destructive=each.is_destructive,
                on_click=partial(self._select, each),
            )
            for each in choices
        ]
        buttons[0].autofocus = takes_focus
        parts: list[ft.Control] = [*buttons]
        if is_sheet:
            heading = widgets.one_line_text(title, 14, weight=ft.FontWeight.W_600)
            parts.insert(0, ft.Container(heading, padding=_TITLE_PADDING))
        self.menu_height = 2 * _PADDING_HEIGHT + len(choices) * height
        super().__init__(title, parts, width=_WIDTH, padding=_PADDING)

    async def _select(self, choice: MenuChoice) -> None:
        self.close()
        await choice.on_select()


def show_menu(
    page: ft.Page,
    title: str,
    choices: Sequence[MenuChoice],
    point: Point | None,
    *,
    takes_focus: bool = False,
) -> None:
    """Show choices at a point of the window, or in its middle.

    A menu that a key opened takes the focus.
    """
    menu = _Menu(title, choices, is_sheet=is_sheet(page), takes_focus=takes_focus)
    show_popover(page, menu, (_WIDTH, menu.menu_height), point)
