"""The menu of a thing on the screen: at the pointer on a wide screen, a sheet on a phone."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import close_dialog

_ITEM_HEIGHT = 40  # pixels

_SHEET_PADDING = ft.Padding.only(left=8, right=8, top=4, bottom=12)
_SHEET_TITLE_PADDING = ft.Padding.only(left=12, right=12, top=4, bottom=8)
_SHEET_ITEM_PADDING = ft.Padding.symmetric(horizontal=12, vertical=12)


@dataclass(frozen=True, slots=True)
class MenuChoice:
    """One line of a menu."""

    icon: ft.IconData
    label: str
    on_select: Callable[[], Awaitable[None]]
    is_destructive: bool = False


class PopupMenu:
    """The menu of one session; its controls are made when it is first opened."""

    def __init__(self) -> None:
        self._menu: ft.ContextMenu | None = None

    async def show(
        self, page: ft.Page, title: str, choices: Sequence[MenuChoice], *, x: float, y: float
    ) -> None:
        """Show choices at a point of the window, in logical pixels; on a phone with `title`."""
        if (page.width or 0) < theme.PHONE_BREAKPOINT:
            page.show_dialog(_Sheet(title, choices))
            return
        items = [_item(each) for each in choices]
        if self._menu is None or self._menu not in page.overlay:
            # (The client opens a menu only above a control that is drawn.)
            self._menu = ft.ContextMenu(ft.Container(width=0, height=0), items=items)
            page.overlay.append(self._menu)
            page.update()
        else:
            self._menu.items = items
            self._menu.update()
        await self._menu.open(global_position=ft.Offset(x, y))


def _item(choice: MenuChoice) -> ft.PopupMenuItem:
    color = ft.Colors.ERROR if choice.is_destructive else None
    return ft.PopupMenuItem(
        ft.Row(
            [
                ft.Icon(choice.icon, size=18, color=color),
                ft.Text(choice.label, size=14, color=color),
            ],
            spacing=12,
            tight=True,
        ),
        height=_ITEM_HEIGHT,
        on_click=choice.on_select,
    )


class _Sheet(ft.BottomSheet):
    """The choices at the lower edge of a phone, each as high as a finger."""

    def __init__(self, title: str, choices: Sequence[MenuChoice]) -> None:
        lines = [self._line(each) for each in choices]
        heading = widgets.one_line_text(title, 14, weight=ft.FontWeight.W_600)
        super().__init__(
            ft.Container(
                ft.Column(
                    [ft.Container(heading, padding=_SHEET_TITLE_PADDING), *lines],
                    spacing=0,
                    tight=True,
                ),
                padding=_SHEET_PADDING,
            ),
            show_drag_handle=True,
            draggable=True,
        )

    def _line(self, choice: MenuChoice) -> ft.Container:
        color = ft.Colors.ERROR if choice.is_destructive else ft.Colors.ON_SURFACE_VARIANT
        text_color = ft.Colors.ERROR if choice.is_destructive else None
        return ft.Container(
            ft.Row(
                [
                    ft.Icon(choice.icon, size=20, color=color),
                    ft.Text(choice.label, color=text_color),
                ],
                spacing=16,
            ),
            padding=_SHEET_ITEM_PADDING,
            border_radius=10,
            ink=True,
            on_click=partial(self._select, choice),
        )

    async def _select(self, choice: MenuChoice) -> None:
        close_dialog(self)
        await choice.on_select()
