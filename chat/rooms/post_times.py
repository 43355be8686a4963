"""How long messages take: until they are stored, and until they are on their way to everybody."""

import asyncio
import time

from chat.histogram import Histogram


class PostTimes:
    """The durations of all messages of one process, since its start."""

    __slots__ = ("delivered", "stored")

    def __init__(self) -> None:
        self.stored = Histogram()
        self.delivered = Histogram()

    def on_stored(self, started: float) -> None:
        """A message is on the disk; `started` is `time.perf_counter()` before it was written."""
        self.stored.observe(time.perf_counter() - started)

    def on_published(self, started: float) -> None:
        """A message was published just now: its frames are written when this turn of the loop ends.

        The call that this schedules comes after those that write. What a session draws for itself
        later is not in it.
        """
        asyncio.get_running_loop().call_soon(self._on_delivered, started)

    def _on_delivered(self, started: float) -> None:
        self.delivered.observe(time.perf_counter() - started)
