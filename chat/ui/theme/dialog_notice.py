"""A sentence in an open dialog, above its buttons.

Flutter draws snackbars below the dialogs: one behind a dialog can neither be read nor clicked.
"""

from collections.abc import Awaitable, Callable

import flet as ft

_PADDING = ft.Padding.symmetric(horizontal=16, vertical=10)
_MARGIN = ft.Margin.only(bottom=8)

# What a dialog has beside its content, in pixels.
_BESIDE_CONTENT = 80


class DialogNotice(ft.Semantics):
    """A sentence, with a button if it has a `label`.

    `on_lost()` is called when the dialog is gone before its sentence was removed.
    """

    def __init__(
        self,
        text: str,
        label: str,
        *,
        width: float,
        on_action: Callable[[], Awaitable[None]] | None,
        on_lost: Callable[[], None],
    ) -> None:
        self._on_action, self._on_lost = on_action, on_lost
        foreground = ft.Colors.ON_INVERSE_SURFACE
        parts: list[ft.Control] = [ft.Text(text, size=14, color=foreground, expand=True)]
        if label:
            style = ft.ButtonStyle(color=ft.Colors.INVERSE_PRIMARY)
            parts.append(ft.TextButton(label, style=style, on_click=self._run))
        bar = ft.Container(
            ft.Row(parts, spacing=4),
            width=width,
            padding=_PADDING,
            margin=_MARGIN,
            border_radius=12,
            bgcolor=ft.Colors.INVERSE_SURFACE,
        )
        self._dialog: ft.AlertDialog | None = None
        super().__init__(content=bar, container=True, live_region=True)

    def show_in(self, dialog: ft.AlertDialog) -> None:
        """Show the sentence in place of one that the dialog may have."""
        self._dialog = dialog
        buttons = [each for each in dialog.actions if not isinstance(each, DialogNotice)]
        # It is as wide as the content, so that the buttons go below it.
        dialog.actions = [self, *buttons]
        dialog.update()

    def remove(self) -> None:
        """Take the sentence away, if it is still there."""
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.actions = [each for each in dialog.actions if each is not self]
            dialog.update()

    def will_unmount(self) -> None:
        """The sentence is not on the page any more: removed, or with its dialog."""
        if self._dialog is not None and self in self._dialog.actions:
            self._dialog = None
            self._on_lost()

    async def _run(self) -> None:
        self.remove()
        if self._on_action is not None:
            await self._on_action()


def notice_width(dialog: ft.AlertDialog, greatest: float, page_width: float) -> float:
    """The width of a sentence in a dialog: that of its content, at most `greatest`."""
    content_width = getattr(dialog.content, "width", None) or greatest
    return min(greatest, content_width, page_width - _BESIDE_CONTENT)
