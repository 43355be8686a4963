"""The visible list of rows with its renderer, and the off-screen list that is being prepared."""

import flet as ft

from chat.ui.client.connection import ClientConnection
from chat.ui.context import SessionContext
from chat.ui.packing.control_ids import RowIds
from chat.ui.row_parts import OnPartClick
from chat.ui.timeline.offscreen_list import OffscreenList, OnScroll, new_list
from chat.ui.timeline.renderer import GetRowState, LiveRenderer, PackedRenderer, RowRenderer


class ListStack:
    """The lists of a timeline, the lowest controls of `stack`.

    The main list has the same control id in all sessions.
    """

    __slots__ = (
        *(
            "_selection_area",
            "_renderer",
            "_main_list",
            "_offscreen_renderer",
            "_on_scroll",
            "_stack",
            "_on_part_click",
        ),
        *("_get_row_state", "_row_ids", "_context", "visible_list", "offscreen_list", "connection"),
    )

    def __init__(
        self,
        stack: ft.Stack,
        context: SessionContext,
        *,
        row_ids: RowIds,
        on_scroll: OnScroll,
        get_row_state: GetRowState,
    ) -> None:
        self._stack = stack
        self._on_scroll = on_scroll
        self._get_row_state = get_row_state
        self._row_ids = row_ids
        self._context = context
        self.connection: ClientConnection | None = None
        self._renderer: RowRenderer | None = None
        self.visible_list = self._main_list = new_list(on_scroll)
        self._main_list._i = row_ids.list_id
        # One area for all rows: a selection may span messages, and each row stays one line for
        # screen readers (a text that is selectable by itself has no label).
        self._selection_area = ft.SelectionArea(self._main_list)
        # The next list with its renderer, while it is being prepared.
        self.offscreen_list: OffscreenList | None = None
        self._offscreen_renderer: RowRenderer | None = None
        stack.controls.append(self._selection_area)

    def attach(self, connection: ClientConnection | None, on_part_click: OnPartClick) -> None:
        """Draw on this connection, or ordinary controls without one, from the next list on."""
        self.connection = connection
        self._on_part_click = on_part_click

    @property
    def renderer(self) -> RowRenderer:
        """The renderer of the visible list."""
        assert self._renderer is not None, "nothing is drawn before a list is shown"
        return self._renderer

    @property
    def shows_main_list(self) -> bool:
        """Whether the main list is the visible one."""
        return self.visible_list is self._main_list

    @property
    def is_busy(self) -> bool:
        """Whether frames wait for the client."""
        return self.connection is not None and self.connection.busy

    def show_main_list(self) -> RowRenderer:
        """Make the main list visible, with a new renderer."""
        if not self.shows_main_list or self.offscreen_list is not None:
            self.discard_offscreen_list()
            self.visible_list = self._main_list
            self._stack.controls[0] = self._selection_area
            self._stack.update()
        self._renderer = renderer = self._create_renderer(self._main_list)
        return renderer

    def start_offscreen_list(self) -> tuple[OffscreenList, RowRenderer]:
        """Create an invisible list and its renderer."""
        self.discard_offscreen_list()
        self.offscreen_list = offscreen_list = OffscreenList(on_scroll=self._on_scroll)
        self._offscreen_renderer = renderer = self._create_renderer(offscreen_list.list_view)
        self._stack.controls.append(offscreen_list.selection_area)
        self._stack.update()
        return offscreen_list, renderer

    def swap_in(self, offscreen_list: OffscreenList) -> None:
        """Replace the visible list by the off-screen list."""
        renderer = self._offscreen_renderer
        self.discard_offscreen_list()
        self._stack.controls[0] = offscreen_list.selection_area
        self.visible_list, self._renderer = offscreen_list.list_view, renderer
        offscreen_list.reveal()
        self._stack.update()

    def discard_offscreen_list(self) -> None:
        """Drop the off-screen list; the caller updates."""
        if self.offscreen_list is not None:
            self._stack.controls.remove(self.offscreen_list.selection_area)
            self.offscreen_list.discard()
            self.offscreen_list = self._offscreen_renderer = None

    def _create_renderer(self, list_view: ft.ListView) -> RowRenderer:
        viewer, row_cache = self._context.viewer, self._context.row_cache
        if self.connection is None:
            return LiveRenderer(
                list_view,
                viewer,
                on_part_click=self._on_part_click,
                get_row_state=self._get_row_state,
            )
        return PackedRenderer(
            list_view,
            viewer,
            self.connection,
            row_cache=row_cache,
            row_ids=self._row_ids,
            get_row_state=self._get_row_state,
        )
