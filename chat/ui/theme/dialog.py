"""The frame of a dialog: title, content, buttons, and the text of an error."""

import itertools
from collections.abc import Awaitable, Callable, Sequence

import flet as ft

from chat.errors import ChatError
from chat.languages import Language
from chat.ui.flet.early_drawing import draw_early
from chat.ui.theme import theme, widgets

# Larger than the screen of any phone, in pixels: the dialog takes the space that there is.
_FULL_SIZE = 10_000


class Dialog(ft.AlertDialog):
    """A dialog with a title, which screen readers read.

    It is `width` pixels wide where there is space. Without a `height` it is as high as its content,
    and scrolls if the screen is smaller. With no `title_size` the title is invisible.
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
            title=widgets.heading(title_text, 2) if title_size else None,
            semantics_label=title,
            inset_padding=theme.DIALOG_INSET,
            content=ft.Container(content, width=width, height=height),
            actions=list(actions),
            scrollable=bool(title_size) and height is None,
            **kwargs,  # type: ignore[arg-type]
        )

    def close(self) -> None:
        """Close this dialog, unless it is closed."""
        close_dialog(self)

    def fill_phone(self, page_width: float, column: ft.Column | None = None) -> None:
        """Fill the screen of a phone. There `column` scrolls; without one the content does so."""
        if page_width >= theme.PHONE_BREAKPOINT:
            return
        self.inset_padding, self.shape = 0, ft.RoundedRectangleBorder(radius=0)
        assert isinstance(self.content, ft.Container)
        self.content.width = self.content.height = _FULL_SIZE
        if column is not None:
            self.scrollable, column.scroll = False, ft.ScrollMode.AUTO

    def close_then(
        self, navigate: Callable[[str, tuple[str, ...]], Awaitable[None]]
    ) -> Callable[[str, tuple[str, ...]], Awaitable[None]]:
        """A function that closes this dialog and calls `navigate(path, marked_words)`.

        (Flet passes its event to each handler that has a parameter left.)
        """

        async def close_and_navigate(path: str, marked_words: tuple[str, ...]) -> None:
            self.close()
            await navigate(path, marked_words)

        return close_and_navigate


# Dialogs and snackbars that a page keeps: the open one, and those that the client has not yet
# reported as gone. A client that never reports it could make each further one cost more.
MAX_KEPT_DIALOGS = 4

# What covers the page until it is closed.
_MODAL = (ft.AlertDialog, ft.BottomSheet, ft.DatePicker, ft.TimePicker)


def show_one_dialog_at_a_time(page: ft.Page) -> None:
    """Let `page.show_dialog` replace the open dialog, and keep no more than MAX_KEPT_DIALOGS.

    This holds for every caller. (Snackbars are no dialogs in this sense.)
    """
    show = page.show_dialog
    numbers = itertools.count()

    def show_dialog(dialog: ft.DialogControl) -> None:
        # Flet's client tells dialogs apart by their keys. By their places, one that ends would give
        # its state to the next, which could not be closed any more.
        dialog.key = f"dialog {next(numbers)}"
        # Flet does not compare the content of the dialogs that a page keeps, when one opens or
        # closes: that took longer than to draw the new one.
        dialog._isolated = True  # type: ignore[attr-defined]
        if isinstance(dialog, _MODAL) and (previous := open_dialog(page)) is not None:
            # The client hears of both in one frame.
            previous.open = False
        kept = page._dialogs.controls
        # The closed ones go first.
        if surplus := sorted(kept, key=lambda each: each.open)[: len(kept) + 1 - MAX_KEPT_DIALOGS]:
            # (Flet's client looks for what a frame changes before it removes anything: a change
            # behind a removed dialog would be that of another one.)
            page._dialogs.update()
            for each in surplus:
                kept.remove(each)
        show(dialog)

    page.show_dialog = show_dialog  # type: ignore[method-assign]


async def show_large_dialog(page: ft.Page, dialog: ft.DialogControl) -> None:
    """Show a dialog of many controls, which are drawn in several steps of the loop before."""
    await draw_early(dialog)
    page.show_dialog(dialog)


def open_dialog(page: ft.BasePage) -> ft.DialogControl | None:
    """The topmost open dialog or sheet of a page; None if there is none."""
    return next(
        (
            each
            for each in reversed(page._dialogs.controls)
            if isinstance(each, _MODAL) and each.open
        ),
        None,
    )


def is_kept(page: ft.BasePage, dialog: ft.DialogControl) -> bool:
    """Whether a page still has a dialog: the client has not reported it as gone."""
    return dialog in page._dialogs.controls


def close_dialog(dialog: ft.DialogControl) -> None:
    """Close a dialog, unless it is closed. What else has changed in it is not sent."""
    if dialog.open:
        dialog.open = False
        # Updating the dialog itself would compare all of its content.
        dialog.page._dialogs.update()


class ErrorText(ft.Text):
    """The text of an error; invisible until there is one."""

    def __init__(self, t: Language) -> None:
        super().__init__("", size=13, color=ft.Colors.ERROR, visible=False)
        self._t = t

    def show(self, error: ChatError) -> None:
        """Show an error."""
        self.value, self.visible = self._t.error(error), True
        self.update()

    async def run(self, action: Callable[[], Awaitable[None]]) -> bool:
        """Run an action that may raise ChatError; returns whether it succeeded, else shows the
        error."""
        try:
            await action()
        except ChatError as error:
            self.show(error)
            return False
        if self.visible:
            self.visible = False
            self.update()
        return True


def section(title: str, *controls: ft.Control) -> ft.Column:
    """A part of a dialog, below its heading."""
    text = ft.Text(title, size=14, weight=ft.FontWeight.W_600)
    return stretched_column([widgets.heading(text, 3), *controls], 8)


def stretched_column(controls: Sequence[ft.Control], spacing: float) -> ft.Column:
    """Controls below each other, each as wide as the dialog."""
    return ft.Column(
        list(controls),
        spacing=spacing,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def close_button(t: Language, close: Callable[[], object]) -> ft.TextButton:
    """The button that closes a dialog."""
    return ft.TextButton(t("Close"), on_click=close)
