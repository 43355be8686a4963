"""The place at the right of the room. A person drags its edge to make it wider or narrower."""

import math

import flet as ft

from chat.ui.theme.theme import SIDE_PANE_WIDTH

# In pixels: the width at least and at most, and what the rest of the screen keeps.
MIN_PANE_WIDTH, MAX_PANE_WIDTH = 320, 640
_REST_WIDTH = 700

_EDGE_WIDTH = 8

# Milliseconds between two reports of a drag: 25 a second, below the rate that a client may keep up.
_DRAG_INTERVAL = 40


class SideBox(ft.Stack):
    """A pane, and above its left edge an invisible strip that is dragged.

    The box lasts as long as the session, and so does its width, also when the page is reloaded.
    """

    def __init__(self, page_width: float) -> None:
        self._page_width = page_width
        self._wanted_width: float = SIDE_PANE_WIDTH
        edge = ft.GestureDetector(
            ft.Container(),
            mouse_cursor=ft.MouseCursor.RESIZE_COLUMN,
            drag_interval=_DRAG_INTERVAL,
            exclude_from_semantics=True,
            on_horizontal_drag_update=self._on_drag,
            left=0,
            top=0,
            bottom=0,
            width=_EDGE_WIDTH,
        )
        super().__init__([ft.Container(), edge])
        self.fit_page(page_width)

    def show(self, pane: ft.LayoutControl) -> None:
        """Show a pane; the caller updates."""
        pane.left = pane.right = pane.top = pane.bottom = 0
        self.controls[0] = pane

    def fit_page(self, page_width: float) -> None:
        """Leave enough of a page of this width for the room; the caller updates."""
        self._page_width = page_width
        highest = max(MIN_PANE_WIDTH, min(MAX_PANE_WIDTH, page_width - _REST_WIDTH))
        self.width = min(max(self._wanted_width, MIN_PANE_WIDTH), highest)

    def _on_drag(self, event: ft.DragUpdateEvent[ft.GestureDetector]) -> None:
        x = event.global_position.x
        if math.isfinite(x):
            previous, self._wanted_width = self.width, self._page_width - x
            self.fit_page(self._page_width)
            if self.width != previous:
                self.update()
