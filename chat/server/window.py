"""The desktop window and the browser tab that open when the chat is ready.

The window is Flet's native client, which is downloaded on its first use.
"""

import contextlib
import time
import webbrowser
from functools import partial

import flet_desktop
import structlog

from chat.tasks import run_in_daemon_thread

# In seconds. A client that ends with an error before this has not shown a window.
_MIN_RUN_SECONDS = 5.0

log = structlog.get_logger(__name__)


_CANNOT_OPEN = "The desktop window could not be started here."


class WindowUnavailable(Exception):
    """The window cannot be shown; the message says why."""


async def show(url: str, *, download: bool) -> None:
    """Open a window on `url`, and wait until it is closed. Raises WindowUnavailable.

    `download` is False if a client is bundled (`FLET_VIEW_PATH`).
    """
    if download:
        await _download_client()
    started_at = time.monotonic()
    try:
        process, pid_file = await flet_desktop.open_flet_view_async(url, None, False)
    except Exception as failure:
        log.info("the window did not start", exc_info=failure)
        raise WindowUnavailable(_CANNOT_OPEN) from failure
    try:
        if await process.wait() and time.monotonic() - started_at < _MIN_RUN_SECONDS:
            raise WindowUnavailable(_CANNOT_OPEN)
    finally:
        with contextlib.suppress(OSError):
            flet_desktop.close_flet_view(pid_file)


async def open_browser_tab(url: str) -> None:
    """Open `url` in the browser."""
    # Some browsers return only when they are closed.
    await run_in_daemon_thread(partial(webbrowser.open, url))


async def _download_client() -> None:
    """Download the client (up to 100 MB) in a thread."""
    try:
        await run_in_daemon_thread(flet_desktop.ensure_client_cached)
    except Exception as failure:
        log.info("the window client could not be downloaded", exc_info=failure)
        raise WindowUnavailable(
            "The desktop window is downloaded on its first use, and that failed."
        ) from failure
