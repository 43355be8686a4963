"""How the list on the left, the header and the talk stand, on a wide screen and on a phone."""

import flet as ft

from chat.languages import Language
from chat.messages import Person
from chat.ui import look
from chat.ui.header import Header
from chat.ui.places import Places
from chat.ui.side import Buttons, Side
from chat.ui.talk import Talk

# The talk's margin and its foot's padding, on a wide screen and on a phone.
_EDGES = tuple(
    (
        ft.Margin.only(left=edge, right=edge, top=8),
        ft.Padding.only(left=edge, right=edge, top=2, bottom=edge),
    )
    for edge in (16, 8)
)


class Frame(ft.SafeArea):
    """The parts of a conversation; on a phone the list is in the `drawer`."""

    def __init__(
        self,
        title: str,
        me: Person,
        places: Places,
        buttons: Buttons,
        header: Header,
        talk: Talk,
        say: Language,
    ) -> None:
        self._title = title
        self._me = me
        self._say = say
        self._places = places
        self._buttons = buttons
        self._header = header
        self._talk = talk
        self._phone: bool | None = None
        self.drawer = ft.NavigationDrawer(bgcolor=ft.Colors.SURFACE_CONTAINER_LOW)
        self._edge = ft.VerticalDivider(width=1, color=ft.Colors.OUTLINE_VARIANT)
        self._left = ft.Container()
        middle = ft.Column([header, talk], spacing=0, expand=True)
        super().__init__(
            content=ft.Row(
                [self._left, self._edge, middle],
                spacing=0,
                expand=True,
                vertical_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
            expand=True,
        )

    def fit(self, width: float, height: float) -> None:
        """Arrange for the page's size in logical pixels; the caller updates.

        `drawer` has to be the page's before it is first opened: Flet cannot show one that it
        has just been given.
        """
        phone = width < look.PHONE
        if phone is not self._phone:
            self._phone = phone
            # Another one: Flet cannot move a control from one place to another.
            self._side = Side(self._title, self._me, self._places, self._buttons, self._say)
            self.drawer.controls = [self._side] if phone else []
            self._left.content = None if phone else self._side
        self._left.visible = self._edge.visible = not phone
        self._side.height = height if phone else None
        self._header.fit(phone)
        self._talk.frame.margin, self._talk.foot.padding = _EDGES[phone]

    async def close_drawer(self) -> None:
        """Where somebody chose to go is seen."""
        if self._phone:
            await self.page.close_drawer()

    async def open_drawer(self) -> None:
        """Show the list on a phone."""
        await self.page.show_drawer()
