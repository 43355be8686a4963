"""The list of rows that is seen, with what draws in it, and one that is being made ready."""

import flet as ft

from chat.ui.client.connection import Wire
from chat.ui.packing.control_ids import TIMELINE_ID
from chat.ui.packing.row_cache import Press
from chat.ui.row_parts import OnPartClick
from chat.ui.timeline.offscreen_list import Passage, Scrolled, new_list
from chat.ui.timeline.renderer import ControlDrawing, Drawing, PackedDrawing, Viewed
from chat.ui.viewer import ViewerContext


class Stage:
    """Stands lowest in `stack`; `view` is how the viewer sees a message.

    The main list has one id in all sessions.
    """

    __slots__ = (
        *("_area", "_drawing", "_main", "_next", "_press", "_scrolled", "_stack", "_touched"),
        *("_view", "viewer", "list", "passage", "wire"),
    )

    def __init__(
        self, stack: ft.Stack, scrolled: Scrolled, viewer: ViewerContext, view: Viewed
    ) -> None:
        self._stack = stack
        self._scrolled = scrolled
        self._view = view
        self.viewer = viewer
        self.wire: Wire | None = None
        self._drawing: Drawing | None = None
        self.list = self._main = new_list(scrolled)
        self._main._i = TIMELINE_ID
        # One area for all rows: a selection may span messages, and each row stays one line for
        # screen readers (a text that is selectable by itself has no label).
        self._area = ft.SelectionArea(self._main)
        # On the way to another stretch, and what draws there.
        self.passage: Passage | None = None
        self._next: Drawing | None = None
        stack.controls.append(self._area)

    def draw_on(self, wire: Wire | None, press: Press, touched: OnPartClick) -> None:
        """Draw on `wire`, or ordinary controls where there is none, from the next list on."""
        self.wire = wire
        self._press, self._touched = press, touched

    @property
    def drawing(self) -> Drawing:
        """What draws in the list that is seen."""
        assert self._drawing is not None, "nothing is drawn before a list is shown"
        return self._drawing

    @property
    def is_main(self) -> bool:
        """Whether it is the main list that is seen."""
        return self.list is self._main

    @property
    def is_busy(self) -> bool:
        """Whether frames wait for the client."""
        return self.wire is not None and self.wire.busy

    def back(self) -> Drawing:
        """Show the main list, and draw it anew."""
        if not self.is_main or self.passage is not None:
            self.end()
            self.list = self._main
            self._stack.controls[0] = self._area
            self._stack.update()
        self._drawing = drawing = self._drawing_into(self._main)
        return drawing

    def begin(self) -> tuple[Passage, Drawing]:
        """A list that nobody sees yet, and what draws in it."""
        self.end()
        self.passage = passage = Passage(self._scrolled)
        self._next = drawing = self._drawing_into(passage.list)
        self._stack.controls.append(passage.area)
        self._stack.update()
        return passage, drawing

    def arrive(self, passage: Passage) -> None:
        """The list that was begun takes the place of the one that is seen."""
        drawing = self._next
        self.end()
        self._stack.controls[0] = passage.area
        self.list, self._drawing = passage.list, drawing
        passage.show()
        self._stack.update()

    def end(self) -> None:
        """What was begun is not wanted any more; the caller updates."""
        if self.passage is not None:
            self._stack.controls.remove(self.passage.area)
            self.passage = self._next = None

    def _drawing_into(self, into: ft.ListView) -> Drawing:
        if self.wire is None:
            return ControlDrawing(into, self.viewer, self._touched, self._view)
        return PackedDrawing(into, self.viewer, self.wire, self._press, self._view)
