"""Free space: with less than a floor of free disk, nothing more is posted or uploaded."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from chat.errors import DiskNearlyFull

log = structlog.get_logger(__name__)

# The free bytes that the chat leaves on the disk of its data folder, so that what is there can be
# read, deleted and backed up, and other programs go on.
FREE_BYTES = 200 * 1024 * 1024

# Seconds between two looks at the disk: a post asks for a number in memory.
CHECK_SECONDS = 5.0

# Seconds between two lines in the log while there is too little.
LOG_SECONDS = 60.0


class FreeSpace:
    """The free space of the disk with a folder; without a folder there is always enough."""

    def __init__(
        self,
        folder: Path | None,
        floor: int,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._floor = floor
        self._clock = clock
        self._is_low = False
        self._free_bytes: int | None = None
        self._checked_at = self._logged_at = float("-inf")

    @property
    def is_low(self) -> bool:
        """Whether there is less than the floor, as of the last seconds."""
        self._check_again()
        return self._is_low

    @property
    def free_bytes(self) -> int | None:
        """The free bytes, as of the last seconds; None if they are not known."""
        self._check_again()
        return self._free_bytes

    def require(self) -> None:
        """Raises DiskNearlyFull."""
        if self.is_low:
            raise DiskNearlyFull

    def _check_again(self) -> None:
        """Look at the disk, unless that was done within the last seconds."""
        now = self._clock()
        if self._folder is not None and now - self._checked_at >= CHECK_SECONDS:
            self._checked_at = now
            self._check(self._folder, now)

    def _check(self, folder: Path, now: float) -> None:
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            # The folder is gone: the store says that.
            return
        self._free_bytes = free
        self._is_low = free < self._floor
        if self._is_low and now - self._logged_at >= LOG_SECONDS:
            self._logged_at = now
            log.error(
                "the disk is nearly full: nothing is posted; --free-disk is the floor",
                folder=str(folder),
                free_mib=free // 1024**2,
                floor_mib=self._floor // 1024**2,
            )
