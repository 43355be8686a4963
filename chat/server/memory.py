"""The memory of the process: when garbage is collected, and when it goes back to the system."""

import asyncio
import ctypes
import gc
import sys
from collections.abc import Callable

# In seconds, the shortest interval between two trims. A sign-in needs memory only for a short time.
_TRIM_INTERVAL = 0.5


# In seconds, the shortest interval between two full garbage collections.
_FULL_COLLECTION_INTERVAL = 10.0

# Collections of the middle generation after which Python makes a full one by itself.
_FULL_COLLECTION_THRESHOLD = 500


async def collect_garbage() -> None:
    """Make full garbage collections rare, until cancelled.

    A full one visits the objects of all sessions, some 20 ms with fifty of them, and Python makes
    one whenever a quarter of them is new: one person who opens dialogs again and again would make
    several each second, and everybody else waits. The objects so far are permanent, and are visited
    no more.
    """
    gc.freeze()
    youngest, middle, usual_threshold = gc.get_threshold()
    gc.set_threshold(youngest, middle, _FULL_COLLECTION_THRESHOLD)
    try:
        while True:
            await asyncio.sleep(_FULL_COLLECTION_INTERVAL)
            if gc.get_count()[2] >= usual_threshold:
                gc.collect()
    finally:
        gc.set_threshold(youngest, middle, usual_threshold)


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
