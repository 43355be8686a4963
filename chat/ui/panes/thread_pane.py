"""The pane of a thread at the right of its room, on a wide screen."""

from collections.abc import Awaitable, Callable

import flet as ft

from chat.model.addresses import room_path
from chat.model.rooms import RoomInfo
from chat.ui.context import SessionContext
from chat.ui.panels.panel import PANE_BORDER, pane_header
from chat.ui.panes.room_pane import TIMELINE_MARGIN_TOP, RoomPane
from chat.ui.panes.screen_events import OpenPath, ScreenRequest
from chat.ui.room_titles import title_for
from chat.ui.theme import widgets

_TIMELINE_MARGIN = ft.Margin.only(left=8, right=8, top=TIMELINE_MARGIN_TOP)
_FOOTER_MARGIN = ft.Margin.only(left=8, right=8, top=2, bottom=16)


class ThreadPane(ft.Container):
    """The room pane of a thread, below a header with a button that closes it.

    `perform(request)` asks the screen to go back to the room.
    """

    def __init__(
        self,
        context: SessionContext,
        room_pane: RoomPane,
        *,
        perform: Callable[[ScreenRequest], Awaitable[None]],
    ) -> None:
        self._context = context
        self._perform = perform
        self._parent_path = ""
        t = context.t
        self._subtitle = widgets.one_line_text("", 13, color=ft.Colors.ON_SURFACE_VARIANT)
        title = widgets.one_line_text(t("Thread"), 16, weight=ft.FontWeight.BOLD)
        titles = ft.Column(
            [widgets.heading(title, 2), self._subtitle],
            spacing=0,
            tight=True,
            expand=True,
        )
        close = widgets.icon_button(
            ft.Icons.CLOSE_ROUNDED, t("Close the thread"), on_click=self._close
        )
        room_pane.controls.insert(0, pane_header([titles, close]))
        room_pane.timeline_box.margin, room_pane.footer.margin = _TIMELINE_MARGIN, _FOOTER_MARGIN
        super().__init__(room_pane, border=PANE_BORDER)

    def show_room(self, parent: RoomInfo) -> None:
        """Show that the thread is in this room."""
        t, me = self._context.t, self._context.me
        self._parent_path = room_path(parent)
        membership = self._context.workspace.memberships.get(me, parent.id)
        self._subtitle.value = t("in {room}", room=title_for(parent, membership, t))
        self._subtitle.update()

    async def _close(self) -> None:
        await self._perform(OpenPath(self._parent_path))
