"""Returns freed memory to the system, which glibc would keep."""

import asyncio
import ctypes
import sys
from collections.abc import Callable

# In seconds, the shortest interval between two trims. A sign-in needs memory only for a short time.
_TRIM_INTERVAL = 0.5


class MemoryTrimmer:
    """Trims the heap of this process; without glibc it does nothing."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._malloc_trim = _load_malloc_trim()

    def trim_soon(self) -> None:
        """Trim within half a second. Called after people connected or disconnected."""
        if self._timer is None and self._malloc_trim is not None:
            self._timer = asyncio.get_running_loop().call_later(_TRIM_INTERVAL, self._trim_now)

    def _trim_now(self) -> None:
        self._timer = None
        if self._malloc_trim is not None:
            # Less than a millisecond, with hundreds of sessions.
            self._malloc_trim(0)


def _load_malloc_trim() -> Callable[[int], int] | None:
    """malloc_trim(3), which only glibc has."""
    if sys.platform != "linux":
        return None
    try:
        malloc_trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    return malloc_trim
