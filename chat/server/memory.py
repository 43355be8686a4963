"""Memory that was freed goes back to the system: glibc keeps it where it lies between other."""

import asyncio
import ctypes
import sys
from collections.abc import Callable

# Coming in takes more memory than being there. It is given back so often at the most, in seconds.
_PACE = 0.5


class Memory:
    """What this process has of it; where there is no glibc nothing happens."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._trim = _trim()

    def give_back_soon(self) -> None:
        """Somebody came or went."""
        if self._timer is None and self._trim is not None:
            self._timer = asyncio.get_running_loop().call_later(_PACE, self._give_back)

    def _give_back(self) -> None:
        self._timer = None
        if self._trim is not None:
            # Less than a millisecond, with hundreds of sessions.
            self._trim(0)


def _trim() -> Callable[[int], int] | None:
    """malloc_trim(3), which only glibc has."""
    if sys.platform != "linux":
        return None
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    return trim
