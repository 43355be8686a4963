"""The desktop window: Flet's native client, fetched on its first use."""

import contextlib
import time

import flet_desktop
import structlog

from chat.tasks import aside

# A client that ends this soon, in seconds, and with an error, has not shown a window.
_TOO_SOON = 5.0

log = structlog.get_logger(__name__)


_NOT_HERE = "The desktop window could not be started here."


class NoWindow(Exception):
    """The window cannot be shown; its words say why."""


async def show(address: str, *, fetch: bool) -> None:
    """Open a window on `address` and wait until it is closed. Raises NoWindow.

    `fetch` is False where a client was brought along (`FLET_VIEW_PATH`).
    """
    if fetch:
        await _fetch()
    begun = time.monotonic()
    try:
        process, pid_file = await flet_desktop.open_flet_view_async(address, None, False)
    except Exception as failure:
        log.info("the window did not start", exc_info=failure)
        raise NoWindow(_NOT_HERE) from failure
    try:
        if await process.wait() and time.monotonic() - begun < _TOO_SOON:
            raise NoWindow(_NOT_HERE)
    finally:
        with contextlib.suppress(OSError):
            flet_desktop.close_flet_view(pid_file)


async def _fetch() -> None:
    """Download the client on its first use: up to 100 MB, so not on the loop."""
    try:
        await aside(flet_desktop.ensure_client_cached)
    except Exception as failure:
        log.info("no window", exc_info=failure)
        raise NoWindow(
            "The desktop window is downloaded on its first use, and that failed."
        ) from failure
