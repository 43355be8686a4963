"""The menu of the composer's first button: what a message can have besides its text."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.languages import Language
from chat.ui.sidebar.sidebar import SIDEBAR_WIDTH
from chat.ui.theme import theme
from chat.ui.theme.dialog import Dialog, stretched_column

# In pixels: the width of the menu, and where it is above the button.
_WIDTH, _BOTTOM = 250, 72
_PHONE_LEFT, _WIDE_LEFT = 8, SIDEBAR_WIDTH + 17

_PADDING = ft.Padding.symmetric(horizontal=6, vertical=6)
_ITEM_STYLE = ft.ButtonStyle(
    color=ft.Colors.ON_SURFACE,
    icon_color=ft.Colors.ON_SURFACE_VARIANT,
    alignment=ft.Alignment.CENTER_LEFT,
    shape=ft.RoundedRectangleBorder(radius=8),
    padding=ft.Padding.symmetric(horizontal=12, vertical=14),
)


@dataclass(frozen=True, slots=True)
class ComposerMenuItem:
    """One line of the menu."""

    icon: ft.IconData
    label: str
    action: Callable[[], Awaitable[None]]


class ComposerMenu(Dialog):
    """The menu, above the button at the left of the field. It closes before an action runs."""

    def __init__(
        self,
        items: Sequence[ComposerMenuItem],
        t: Language,
        *,
        page_width: float,
        on_dismiss: Callable[[], None],
    ) -> None:
        buttons: list[ft.Control] = [self._button(each) for each in items]
        buttons[0].autofocus = True  # type: ignore[attr-defined]
        super().__init__(
            t("Add to your message"),
            stretched_column(buttons, 0),
            [],
            width=_WIDTH,
            title_size=None,
            alignment=ft.Alignment.BOTTOM_LEFT,
            content_padding=_PADDING,
            actions_padding=0,
            barrier_color=ft.Colors.TRANSPARENT,
            shape=ft.RoundedRectangleBorder(radius=12),
            on_dismiss=on_dismiss,
        )
        left = _PHONE_LEFT if page_width < theme.PHONE_BREAKPOINT else _WIDE_LEFT
        self.inset_padding = ft.Padding.only(left=left, right=8, top=8, bottom=_BOTTOM)

    def _button(self, item: ComposerMenuItem) -> ft.TextButton:
        return ft.TextButton(
            content=item.label,
            icon=item.icon,
            style=_ITEM_STYLE,
            on_click=partial(self._run, item.action),
        )

    async def _run(self, action: Callable[[], Awaitable[None]]) -> None:
        self.close()
        await action()
