"""What stands above the field while a message is edited or answered."""

from collections.abc import Callable, Iterator

import flet as ft

from chat.languages import Language
from chat.ui import look

_BESIDE = ft.Margin.only(left=look.GAP)


class Aim(ft.Row):
    """What the words are for, if they are not simply said."""

    def __init__(self, on_cancel: Callable[[], None], say: Language) -> None:
        self._say = say
        self._on_cancel = on_cancel
        super().__init__(spacing=8, margin=_BESIDE, visible=False)

    def show(self, icon: ft.IconData | None, words: str) -> None:
        """Say it; nothing without an icon."""
        if icon is None and not self.visible:
            return
        self.visible = icon is not None
        self.controls = [] if icon is None else list(self._drawn(icon, words))
        self.update()

    def _drawn(self, icon: ft.IconData, words: str) -> Iterator[ft.Control]:
        yield ft.Icon(icon, size=16, color=ft.Colors.PRIMARY)
        yield look.quiet(words, 13, expand=True, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS)
        yield ft.TextButton(self._say("Cancel"), on_click=self._on_cancel)
