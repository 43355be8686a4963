"""Snackbars: a sentence above the message field for some seconds, with a button or without."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import flet as ft

from chat.errors import ChatError
from chat.languages import Language
from chat.ui.theme.dialog import close_dialog, is_kept

# Milliseconds. With a button: as long as a deleted message can be restored (`rooms/deletions.py`).
SHOWN_TIME = 4_000
UNDO_TIME = 10_000

# Seconds after which a snackbar ends that the client has not reported as gone: a page that is
# loaded again would show it again.
GRACE_SECONDS = 1.0

# In pixels: the largest width, the distance from the edges of a narrow page, and the height of the
# message field, which stays visible.
_WIDTH, _EDGE, _FIELD_HEIGHT = 480, 12, 92
_SHAPE = ft.RoundedRectangleBorder(radius=12)


def show_snackbar(page: ft.Page | ft.BasePage, text: str) -> None:
    """Show a sentence for a while."""
    _show(page, ft.SnackBar(ft.Text(text), duration=SHOWN_TIME), SHOWN_TIME)


def show_undo_snackbar(
    page: ft.Page | ft.BasePage, text: str, label: str, *, undo: Callable[[], Awaitable[None]]
) -> None:
    """Show what was done, with the button `label` that undoes it."""
    # Flutter keeps a snackbar with a button until it is clicked, unless it is told otherwise. It
    # covers the newest messages for a long time, so it can be closed.
    snackbar = ft.SnackBar(
        ft.Text(text),
        action=label,
        on_action=undo,
        duration=UNDO_TIME,
        persist=False,
        show_close_icon=True,
    )
    _show(page, snackbar, UNDO_TIME)


def offer_undo(
    page: ft.Page | ft.BasePage, t: Language, text: str, undo: Callable[[], Awaitable[None]]
) -> None:
    """Show what was done, with a button that undoes it. `undo` may raise ChatError, which is
    shown."""

    async def run() -> None:
        try:
            await undo()
        except ChatError as error:
            show_snackbar(page, t.error(error))

    show_undo_snackbar(page, text, t("Undo"), undo=run)


def _show(page: ft.Page | ft.BasePage, snackbar: ft.SnackBar, milliseconds: int) -> None:
    width = getattr(page, "width", None) or _WIDTH
    side = max(_EDGE, (width - _WIDTH) / 2)
    snackbar.behavior = ft.SnackBarBehavior.FLOATING
    snackbar.shape = _SHAPE
    snackbar.margin = ft.Margin.only(left=side, right=side, bottom=_FIELD_HEIGHT)
    page.show_dialog(snackbar)
    seconds = milliseconds / 1000 + GRACE_SECONDS
    asyncio.get_running_loop().call_later(seconds, _end, page, snackbar)


def _end(page: ft.Page | ft.BasePage, snackbar: ft.SnackBar) -> None:
    # Flet has no session any more if its client has not come back.
    with contextlib.suppress(RuntimeError):
        if is_kept(page, snackbar):
            close_dialog(snackbar)
