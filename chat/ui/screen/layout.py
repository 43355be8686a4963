"""The layout of the chat screen: sidebar, header and room pane, on a wide screen and on a phone."""

from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from chat.ui.button_action import ButtonAction
from chat.ui.context import SessionContext
from chat.ui.panes.room_pane import TIMELINE_MARGIN_TOP, RoomPane
from chat.ui.screen.header import Header
from chat.ui.screen.side_box import SideBox
from chat.ui.sidebar.room_list import RoomList
from chat.ui.sidebar.sidebar import Sidebar
from chat.ui.theme import theme
from chat.ui.theme.widgets import Landmark, landmark

# The index of the side pane, behind the sidebar and the room.
_SIDE_PANE = 2

# The margins of the timeline and of the footer: on a wide screen, and on a phone.
_MARGINS = tuple(
    (
        ft.Margin.only(left=edge, right=edge, top=TIMELINE_MARGIN_TOP),
        ft.Margin.only(left=edge, right=edge, top=2, bottom=edge),
    )
    for edge in (16, 8)
)


class Layout(ft.SafeArea):
    """The sidebar beside the room pane; on a phone the sidebar is in the `drawer`."""

    def __init__(
        self,
        context: SessionContext,
        header: Header,
        room_pane: RoomPane,
        *,
        room_list: RoomList,
        perform: Callable[[ButtonAction], Awaitable[None]],
    ) -> None:
        self._context = context
        self._create_sidebar = partial(
            Sidebar,
            context.site.title,
            room_list=room_list,
            perform=perform,
            t=context.t,
        )
        self._room_list = room_list
        self._header = header
        self._room_pane = room_pane
        self._is_phone: bool | None = None
        self.drawer: ft.NavigationDrawer | None = None
        self._is_drawer_open = False
        self._side_box: SideBox | None = None
        # Each control that only contains another costs two kilobytes of every session.
        room_pane.controls.insert(0, header)
        super().__init__(
            content=ft.Row(
                [ft.Container(), landmark(room_pane, Landmark.ROOM)],
                spacing=0,
                expand=True,
                vertical_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
            expand=True,
        )

    def fit(self, width: float, height: float) -> None:
        """Arrange for the page's size in logical pixels; the caller updates.

        `drawer` has to be the page's before it is first opened: Flet cannot show a drawer that the
        page has just been given.
        """
        is_phone = width < theme.PHONE_BREAKPOINT
        if is_phone is not self._is_phone:
            self._is_phone = is_phone
            # A new sidebar: Flet cannot move a control to another parent.
            self._sidebar = self._create_sidebar(me=self._context.me, phone=is_phone)
            drawer = ft.NavigationDrawer(
                [self._sidebar],
                bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
                on_dismiss=self._on_drawer_dismissed,
            )
            self._is_drawer_open = False
            self.drawer = drawer if is_phone else None
            # The room pane keeps its index in the row.
            assert isinstance(self.content, ft.Row)
            self.content.controls[0] = ft.Container(visible=False) if is_phone else self._sidebar
        self._sidebar.height = height if is_phone else None
        if self._side_box is not None:
            self._side_box.fit_page(width)
        self._sidebar.fit(height)
        self._header.fit(is_phone)
        self._room_pane.composer.fit(height)
        self._room_pane.timeline_box.margin, self._room_pane.footer.margin = _MARGINS[is_phone]

    def show_side_pane(self, pane: ft.LayoutControl | None) -> None:
        """Show a pane at the right of the room, or none."""
        assert isinstance(self.content, ft.Row)
        self.content.controls[_SIDE_PANE:] = []
        if pane is not None:
            if self._side_box is None:
                self._side_box = SideBox(self.page.width or 0)
                self._side_region = landmark(self._side_box, Landmark.SIDE_PANE)
            self._side_box.show(pane)
            self.content.controls.append(self._side_region)
        self.content.update()

    @property
    def is_drawer_open(self) -> bool:
        """Whether the drawer of a phone covers the room."""
        return self._is_drawer_open

    async def close_drawer(self) -> None:
        """Close the drawer of a phone, so that the chosen room is visible."""
        self._is_drawer_open = False
        if self._is_phone:
            await self.page.close_drawer()

    async def open_drawer(self) -> None:
        """Show the sidebar on a phone."""
        self._is_drawer_open = True
        await self.page.show_drawer()

    def _on_drawer_dismissed(self) -> None:
        self._is_drawer_open = False
