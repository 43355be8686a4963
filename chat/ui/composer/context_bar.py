"""The bar above the field: the edited or quoted message, the files, and an offer about the text."""

from collections.abc import Callable, Iterator

import flet as ft

from chat.languages import Language
from chat.ui.theme import theme, widgets

_MARGIN = ft.Margin.only(left=theme.GAP)


class ContextBar(ft.Column):
    """Shows that the text in the field is an edit or a reply, and the pending files."""

    def __init__(self, t: Language, *, on_cancel: Callable[[], None]) -> None:
        self._t = t
        self._on_cancel = on_cancel
        self._tray: list[ft.Control] = []
        self._line: list[ft.Control] = []
        self._offer: list[ft.Control] = []
        super().__init__(spacing=4, tight=True, visible=False)

    def set_tray(self, tray: ft.Control) -> None:
        """Show the upload tray in this bar."""
        self._tray = [tray]
        self._draw()

    def set_offer(self, offer: ft.Control | None) -> None:
        """Show an offer about the text of the field, or none."""
        self._offer = [] if offer is None else [offer]
        self._draw()

    def show(
        self, icon: ft.IconData | None, text: str, thumbnail: ft.Control | None = None
    ) -> None:
        """Show a line; none without an icon. `thumbnail` is before the text."""
        if icon is None and not self._line:
            return
        self._line = []
        if icon is not None:
            self._line = [ft.Row(list(self._build_line(icon, text, thumbnail)), margin=_MARGIN)]
        self._draw()

    def _draw(self) -> None:
        self.controls = [*self._tray, *self._line, *self._offer]
        self.visible = bool(self.controls)
        self.update()

    def _build_line(
        self, icon: ft.IconData, text: str, thumbnail: ft.Control | None
    ) -> Iterator[ft.Control]:
        yield ft.Icon(icon, size=16, color=ft.Colors.PRIMARY)
        if thumbnail is not None:
            yield thumbnail
        # (Otherwise it would be the name of the room's landmark, which nobody hears.)
        words = widgets.secondary_text(
            text, 13, expand=True, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS
        )
        yield widgets.own_node(words)
        yield ft.TextButton(self._t("Cancel"), on_click=self._on_cancel)
