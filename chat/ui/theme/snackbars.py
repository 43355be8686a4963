"""Snackbars: a sentence above the message field for some seconds, with a button or without.

While a dialog is open the sentence is in the dialog, because Flutter draws snackbars below dialogs.
The drawer of a phone, which covers them too, is closed.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import flet as ft

from chat.errors import ChatError
from chat.languages import Language
from chat.tasks import Tasks
from chat.ui.theme.dialog import close_dialog, is_kept, open_dialog
from chat.ui.theme.dialog_notice import DialogNotice, notice_width

# Milliseconds. With a button: as long as a deleted message can be restored (`rooms/deletions.py`).
SHOWN_TIME = 4_000
UNDO_TIME = 10_000

# Seconds after which a snackbar ends that the client has not reported as gone: a page that is
# loaded again would show it again.
GRACE_SECONDS = 1.0

# Seconds until a sentence goes into an open dialog, and milliseconds that are too short to read the
# rest of it elsewhere.
DIALOG_DELAY, _LEAST_TIME = 0.15, 1000

# In pixels: the largest width, the distance from the edges of a narrow page, and the height of the
# message field, which stays visible.
_WIDTH, _EDGE, _FIELD_HEIGHT = 480, 12, 92
_SHAPE = ft.RoundedRectangleBorder(radius=12)

_tasks = Tasks()


@dataclass(frozen=True, slots=True)
class _Notice:
    """A sentence that is shown for some milliseconds; with a button if it has a `label`."""

    text: str
    milliseconds: int
    label: str = ""
    action: Callable[[], Awaitable[None]] | None = None


def show_snackbar(page: ft.Page | ft.BasePage, text: str) -> None:
    """Show a sentence for a while."""
    _show(page, _Notice(text, SHOWN_TIME))


def show_undo_snackbar(
    page: ft.Page | ft.BasePage, text: str, label: str, *, undo: Callable[[], Awaitable[None]]
) -> None:
    """Show what was done, with the button `label` that undoes it."""
    _show(page, _Notice(text, UNDO_TIME, label, undo))


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


def _show(page: ft.Page | ft.BasePage, notice: _Notice) -> None:
    if open_dialog(page) is None:
        _show_bar(page, notice)
    else:
        # What ends a dialog often shows a sentence, which is for the page then.
        asyncio.get_running_loop().call_later(DIALOG_DELAY, _show_on_top, page, notice)


def _show_on_top(page: ft.Page | ft.BasePage, notice: _Notice) -> None:
    """Show a sentence in the open dialog; if that ends, as a snackbar for the rest of the time."""
    # Flet has no session any more if its client has gone.
    with contextlib.suppress(RuntimeError):
        dialog = open_dialog(page)
        if not isinstance(dialog, ft.AlertDialog):
            _show_bar(page, notice)
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + notice.milliseconds / 1000

        def show_rest() -> None:
            rest = round(1000 * (end - loop.time()))
            if rest > _LEAST_TIME:
                loop.call_soon(_show_on_top, page, replace(notice, milliseconds=rest))

        in_dialog = DialogNotice(
            notice.text,
            notice.label,
            width=notice_width(dialog, _WIDTH, page.width or _WIDTH),
            on_action=notice.action,
            on_lost=show_rest,
        )
        in_dialog.show_in(dialog)
        loop.call_at(end, _remove, in_dialog)


def _remove(notice: DialogNotice) -> None:
    with contextlib.suppress(RuntimeError):
        notice.remove()


def _show_bar(page: ft.Page | ft.BasePage, notice: _Notice) -> None:
    """Show a sentence above the message field, for nothing is above the page."""
    snackbar = ft.SnackBar(ft.Text(notice.text), duration=notice.milliseconds)
    if notice.label:
        # Flutter keeps a snackbar with a button until it is clicked, unless it is told otherwise.
        # It covers the newest messages for a long time, so it can be closed.
        snackbar.action, snackbar.on_action = notice.label, notice.action
        snackbar.persist, snackbar.show_close_icon = False, True
    width = getattr(page, "width", None) or _WIDTH
    side = max(_EDGE, (width - _WIDTH) / 2)
    snackbar.behavior = ft.SnackBarBehavior.FLOATING
    snackbar.shape = _SHAPE
    snackbar.margin = ft.Margin.only(left=side, right=side, bottom=_FIELD_HEIGHT)
    if isinstance(page, ft.Page) and page.drawer is not None:
        _tasks.start(_close_drawer(page), "close the drawer")
    page.show_dialog(snackbar)
    seconds = notice.milliseconds / 1000 + GRACE_SECONDS
    asyncio.get_running_loop().call_later(seconds, _end, page, snackbar)


async def _close_drawer(page: ft.Page) -> None:
    """Close the drawer of a phone, which Flutter draws above snackbars."""
    with contextlib.suppress(RuntimeError):
        await page.close_drawer()


def _end(page: ft.Page | ft.BasePage, snackbar: ft.SnackBar) -> None:
    # Flet has no session any more if its client has not come back.
    with contextlib.suppress(RuntimeError):
        if is_kept(page, snackbar):
            close_dialog(snackbar)
