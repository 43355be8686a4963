"""A panel, and the two places that show one: the pane beside the room, and a dialog."""

from collections.abc import Awaitable, Callable, Sequence

import flet as ft

from chat.languages import Language
from chat.model.messages import Message
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import Dialog, close_button

PANE_BORDER = ft.Border(left=theme.BORDER_SIDE)
_PANE_PADDING = ft.Padding.only(left=12, right=12, top=12)
_HEADER_PADDING = ft.Padding.only(left=16, right=8)
# The content of a dialog begins below its title.
_DIALOG_PADDING = ft.Padding.only(left=14, right=14, top=12, bottom=12)


class Panel(ft.Column):
    """A list with a title; `actions` are its buttons besides that which closes it.

    In a dialog its size is `dialog_size`, in pixels, where there is space.
    """

    def __init__(
        self,
        title: str,
        controls: Sequence[ft.Control],
        *,
        dialog_size: tuple[int, int],
        actions: Sequence[ft.Control] = (),
    ) -> None:
        self.title, self.actions, self.dialog_size = title, actions, dialog_size
        # Whether it is on the screen. What was begun before its end is not drawn.
        self.is_open = True
        super().__init__(
            list(controls),
            spacing=8,
            expand=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )

    def shows_change(self, message: Message) -> bool:
        """Whether the panel may look otherwise after a message has come or changed."""
        return False

    async def reload(self) -> None:
        """Load the first page again. Raises ChatError."""

    async def take_focus(self) -> None:
        """Give the focus to the panel's field, if it has one."""


class PanelDialog(Dialog):
    """A panel in a dialog, which fills the screen of a phone."""

    def __init__(
        self,
        panel: Panel,
        t: Language,
        *,
        page_width: float,
        on_dismiss: Callable[[], object],
    ) -> None:
        self.panel = panel
        width, height = panel.dialog_size
        super().__init__(
            panel.title,
            panel,
            [*panel.actions, close_button(t, self.close)],
            width=width,
            height=height,
            content_padding=_DIALOG_PADDING,
            on_dismiss=on_dismiss,
        )
        self.fill_phone(page_width)


class SidePane(ft.Container):
    """A panel in the pane beside the room, below a header with its title."""

    def __init__(
        self, panel: Panel, t: Language, *, on_close: Callable[[], Awaitable[None]]
    ) -> None:
        title = widgets.one_line_text(panel.title, 16, weight=ft.FontWeight.BOLD, expand=True)
        close = widgets.icon_button(ft.Icons.CLOSE_ROUNDED, t("Close the panel"), on_click=on_close)
        content = ft.Container(panel, padding=_PANE_PADDING, expand=True)
        super().__init__(
            ft.Column(
                [pane_header([widgets.heading(title, 2), *panel.actions, close]), content],
                spacing=0,
            ),
            border=PANE_BORDER,
        )


def pane_header(controls: Sequence[ft.Control]) -> ft.Container:
    """The header of a pane beside the room, as high as that of the room."""
    return ft.Container(
        ft.Row(list(controls)),
        height=theme.HEADER_HEIGHT,
        padding=_HEADER_PADDING,
        border=theme.BOTTOM_BORDER,
    )
