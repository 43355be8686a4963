"""The frame of a dialog: its name, what is in it, how it is left, and why something was refused."""

from collections.abc import Awaitable, Callable, Sequence

import flet as ft

from chat.errors import ChatError
from chat.languages import Language
from chat.ui.theme import theme


class Dialog(ft.AlertDialog):
    """What is called `name`, above it and for screen readers.

    It is `width` pixels wide where there is so much room. Without a `height` it is as high as what
    is in it, and scrolls where that is too much.
    """

    def __init__(
        self,
        title: str,
        content: ft.Control,
        actions: Sequence[ft.Control],
        *,
        width: int,
        height: int | None = None,
        title_size: int | None = 18,
        **kwargs: object,
    ) -> None:
        title_text = ft.Text(title, size=title_size, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS)
        super().__init__(
            title=title_text if title_size else None,
            semantics_label=title,
            inset_padding=theme.DIALOG_INSET,
            content=ft.Container(content, width=width, height=height),
            actions=list(actions),
            scrollable=bool(title_size) and height is None,
            **kwargs,  # type: ignore[arg-type]
        )


class ErrorText(ft.Text):
    """Why not; it is not seen before there is a reason."""

    def __init__(self, t: Language) -> None:
        super().__init__("", size=13, color=ft.Colors.ERROR, visible=False)
        self._t = t

    def show(self, error: ChatError) -> None:
        """Say it."""
        self.value, self.visible = self._t.error(error), True
        self.update()

    async def run(self, action: Callable[[], Awaitable[None]]) -> bool:
        """Do something that may raise ChatError; whether it was done. If not, this says why."""
        try:
            await action()
        except ChatError as error:
            self.show(error)
            return False
        if self.visible:
            self.visible = False
            self.update()
        return True


def stretched_column(controls: Sequence[ft.Control], spacing: float) -> ft.Column:
    """Parts one below the other, each as wide as the dialog."""
    return ft.Column(
        list(controls),
        spacing=spacing,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def close_button(t: Language, close: Callable[[], object]) -> ft.TextButton:
    """The button that only closes."""
    return ft.TextButton(t("Close"), on_click=close)
