"""What stands above the field while a message is edited or answered."""

from collections.abc import Callable

import flet as ft

from chat.ui import look

_BESIDE = ft.Margin.only(left=look.GAP)


class Aim(ft.Row):
    """What the words are for, if they are not simply said."""

    def __init__(self, on_cancel: Callable[[], None]) -> None:
        self._icon = ft.Icon(ft.Icons.EDIT_OUTLINED, size=16, color=ft.Colors.PRIMARY)
        self._words = look.quiet(
            "", 13, expand=True, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS
        )
        super().__init__(
            [self._icon, self._words, ft.TextButton("Cancel", on_click=on_cancel)],
            spacing=8,
            margin=_BESIDE,
            visible=False,
        )

    def show(self, icon: ft.IconData | None, words: str) -> None:
        """Say it; nothing without an icon."""
        if icon is None and not self.visible:
            return
        self.visible = icon is not None
        self._icon.icon = icon or ft.Icons.EDIT_OUTLINED
        self._words.value = words
        self.update()
