"""Frames on their way to one client: in order, and never many."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

# What may wait behind the frame that is being sent, in bytes, and how long a frame may, in
# seconds. A client that falls behind further is cut: it comes back and is shown everything anew.
BYTES = 2 * 1024 * 1024
SECONDS = 10.0

Send = Callable[[bytes], Awaitable[None]]
SendNow = Callable[[bytes], bool]


class Outbox:
    """Sends frames one after the other; `cut()` ends a client that does not read.

    `send_now` sends one without waiting, or is False; then `send` does, and the others queue.
    """

    __slots__ = (
        "_closed",
        "_cut",
        "_frames",
        "_free",
        "_idle",
        "_look",
        "_loop",
        "_send",
        "_send_now",
        "_sending",
        "_waiting",
    )

    def __init__(self, send: Send, send_now: SendNow, cut: Callable[[], None]) -> None:
        self._send = send
        self._send_now = send_now
        self._cut = cut
        self._loop = asyncio.get_running_loop()
        self._frames: list[tuple[bytes, float]] = []
        self._waiting = 0
        self._sending: asyncio.Task[None] | None = None
        self._idle: list[Callable[[], None]] = []
        self._look: asyncio.TimerHandle | None = None
        self._closed = False
        # Whether nothing waits, and it is open.
        self._free = True

    @property
    def busy(self) -> bool:
        """Whether frames wait for the client."""
        return bool(self._frames)

    @property
    def closed(self) -> bool:
        """Whether nothing is sent any more."""
        return self._closed

    @property
    def waiting(self) -> int:
        """How many bytes wait for the client."""
        return self._waiting

    def offer(self, frame: bytes) -> bool:
        """Send `frame` without waiting; False, and nothing happens, if that cannot be."""
        return self._free and self._send_now(frame)

    def put(self, frame: bytes) -> None:
        """Send `frame` after all that was put before it."""
        if self._closed or self.offer(frame):
            return
        # One alone is let through whatever its size: a first page of long messages is that large.
        if self._frames and self._waiting + len(frame) > BYTES:
            self._too_slow()
            return
        self._free = False
        self._frames.append((frame, self._loop.time()))
        self._waiting += len(frame)
        if self._sending is None:
            self._sending = self._loop.create_task(self._empty())
        if self._look is None:
            self._look = self._loop.call_later(SECONDS, self._look_back)

    def when_idle(self, call: Callable[[], None]) -> None:
        """Call once when nothing waits any more."""
        if not self._closed and call not in self._idle:
            self._idle.append(call)

    def close(self) -> None:
        """Nothing is sent or kept from now on."""
        self._closed = True
        self._free = False
        self._frames.clear()
        self._waiting = 0
        self._idle.clear()
        if self._sending is not None:
            self._sending.cancel()
        if self._look is not None:
            self._look.cancel()

    async def _empty(self) -> None:
        """Send what waits."""
        try:
            while self._frames:
                frame, _ = self._frames[0]
                await self._send(frame)
                self._sent(frame)
        finally:
            self._sending = None

    def _sent(self, frame: bytes) -> None:
        # Taken out when it is sent: what waits for the client counts as waiting.
        if not self._frames or self._frames[0][0] is not frame:
            return
        self._frames.pop(0)
        self._waiting -= len(frame)
        self._free = not self._frames and not self._closed
        if self._free and self._idle:
            self._call_the_idle()

    def _call_the_idle(self) -> None:
        calls, self._idle = self._idle, []
        for call in calls:
            try:
                call()
            except Exception:
                log.exception("could not catch up")

    def _look_back(self) -> None:
        """Every few seconds while something waits: how long has the oldest?"""
        self._look = None
        if not self._frames:
            return
        oldest = self._frames[0][1] + SECONDS
        if oldest <= self._loop.time():
            self._too_slow()
        else:
            self._look = self._loop.call_at(oldest, self._look_back)

    def _too_slow(self) -> None:
        log.info("a client was cut: it does not read", waiting=self._waiting)
        self.close()
        self._cut()
