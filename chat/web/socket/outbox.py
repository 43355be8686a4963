"""The outbox: frames that wait for one client, in order and within a limit."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

# Bytes that may wait behind the frame that is being sent, and seconds that a frame may wait. A
# client that falls behind further is disconnected; it reconnects and loads everything again.
MAX_WAITING_BYTES = 2 * 1024 * 1024
MAX_WAIT_SECONDS = 10.0

Send = Callable[[bytes], Awaitable[None]]
TrySend = Callable[[bytes], bool]


class Outbox:
    """Sends frames one after the other.

    `try_send` sends a frame at once, or returns False. Then `send` sends it, and later frames wait.
    `abort` ends the connection of a client that does not read.
    """

    __slots__ = (
        "_abort",
        "_can_send_now",
        "_closed",
        "_frames",
        "_idle_callbacks",
        "_loop",
        "_send",
        "_sending",
        "_timer",
        "_try_send",
        "_waiting_bytes",
    )

    def __init__(
        self,
        *,
        send: Send,
        try_send: TrySend,
        abort: Callable[[], None],
    ) -> None:
        self._send = send
        self._try_send = try_send
        self._abort = abort
        self._loop = asyncio.get_running_loop()
        self._frames: list[tuple[bytes, float]] = []
        self._waiting_bytes = 0
        self._sending: asyncio.Task[None] | None = None
        self._idle_callbacks: list[Callable[[], None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        # Whether no frame waits and the outbox is open.
        self._can_send_now = True

    @property
    def busy(self) -> bool:
        """Whether frames wait for the client."""
        return bool(self._frames)

    @property
    def closed(self) -> bool:
        """Whether the outbox is closed, and sends nothing more."""
        return self._closed

    @property
    def waiting_bytes(self) -> int:
        """The bytes that wait for the client."""
        return self._waiting_bytes

    def try_send(self, frame: bytes) -> bool:
        """Send `frame` at once; False, and nothing is sent, if it would have to wait."""
        return self._can_send_now and self._try_send(frame)

    def send(self, frame: bytes) -> None:
        """Send `frame` after all earlier frames."""
        if self._closed or self.try_send(frame):
            return
        # A single frame may have any size: the first page of a room with long messages is large.
        if self._frames and self._waiting_bytes + len(frame) > MAX_WAITING_BYTES:
            self._disconnect_slow_client()
            return
        self._can_send_now = False
        self._frames.append((frame, self._loop.time()))
        self._waiting_bytes += len(frame)
        if self._sending is None:
            self._sending = self._loop.create_task(self._drain())
        if self._timer is None:
            self._timer = self._loop.call_later(MAX_WAIT_SECONDS, self._check_age)

    def when_idle(self, callback: Callable[[], None]) -> None:
        """Call `callback` once, as soon as no frame waits."""
        if not self._closed and callback not in self._idle_callbacks:
            self._idle_callbacks.append(callback)

    def close(self) -> None:
        """Drop the waiting frames and callbacks, and send nothing more."""
        self._closed = True
        self._can_send_now = False
        self._frames.clear()
        self._waiting_bytes = 0
        self._idle_callbacks.clear()
        if self._sending is not None:
            self._sending.cancel()
        if self._timer is not None:
            self._timer.cancel()

    async def _drain(self) -> None:
        """Send the waiting frames."""
        try:
            while self._frames:
                frame, _ = self._frames[0]
                await self._send(frame)
                self._on_sent(frame)
        finally:
            self._sending = None

    def _on_sent(self, frame: bytes) -> None:
        # A frame is removed after it is sent: while the client has to read, it counts as waiting.
        if not self._frames or self._frames[0][0] is not frame:
            return
        self._frames.pop(0)
        self._waiting_bytes -= len(frame)
        self._can_send_now = not self._frames and not self._closed
        if self._can_send_now and self._idle_callbacks:
            self._run_idle_callbacks()

    def _run_idle_callbacks(self) -> None:
        callbacks, self._idle_callbacks = self._idle_callbacks, []
        for callback in callbacks:
            try:
                callback()
            except Exception:
                log.exception("could not catch up")

    def _check_age(self) -> None:
        """Disconnect the client if its oldest frame has waited too long."""
        self._timer = None
        if not self._frames:
            return
        deadline = self._frames[0][1] + MAX_WAIT_SECONDS
        if deadline <= self._loop.time():
            self._disconnect_slow_client()
        else:
            self._timer = self._loop.call_at(deadline, self._check_age)

    def _disconnect_slow_client(self) -> None:
        log.info("a client was cut: it does not read", waiting=self._waiting_bytes)
        self.close()
        self._abort()
