"""The desktop window: Flet's native client, fetched on its first use."""

import asyncio
import contextlib
import time

import flet_desktop
import structlog

# A client that ends this soon, in seconds, and with an error, has not shown a window.
_TOO_SOON = 5.0

log = structlog.get_logger(__name__)


class NoWindow(Exception):
    """The window cannot be shown; its words say why."""


async def show(address: str, *, fetch: bool) -> None:
    """Open a window on `address` and wait until it is closed. Raises NoWindow.

    `fetch` is False where a client was brought along (`FLET_VIEW_PATH`).
    """
    begun = time.monotonic()
    try:
        if fetch:
            # Downloads up to 100 MB on its first use, so it may not run on the loop.
            await asyncio.to_thread(flet_desktop.ensure_client_cached)
        begun = time.monotonic()
        process, pid_file = await flet_desktop.open_flet_view_async(address, None, False)
    except Exception as failure:
        log.info("no window", exc_info=failure)
        raise NoWindow(
            "The desktop window is downloaded on its first use, and that failed."
        ) from failure
    try:
        if await process.wait() and time.monotonic() - begun < _TOO_SOON:
            raise NoWindow("The desktop window could not be started here.")
    finally:
        with contextlib.suppress(OSError):
            flet_desktop.close_flet_view(pid_file)
