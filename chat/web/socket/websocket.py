"""A web socket with a frame guard, which ends in order: its reader learns once that it is gone."""

import asyncio
import contextlib
import time

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from chat.web.guard.frames import FrameGuard
from chat.web.guard.rate_limit import UNSUPPORTED_DATA, ProtocolViolation
from chat.web.socket.event_queue import EventQueue
from chat.web.socket.fast_writer import writer_for

log = structlog.get_logger(__name__)

# Seconds for a client to read its close code; then the connection is aborted.
_CLOSE_TIMEOUT = 3.0

# The close code after an error of the server (RFC 6455, 7.4.1).
_INTERNAL_ERROR = 1011


class GuardedSocket(WebSocket):
    """A socket whose send never raises: Flet's loops end in order when the client is gone.

    `guard` checks every incoming frame, and `events` says when the next one is read. `try_send` is
    the method of the writer. `closed` is resolved when the connection ends, and `reader_done` when
    Flet's reader ends.
    """

    def __init__(self, websocket: WebSocket, guard: FrameGuard, events: EventQueue) -> None:
        super().__init__(websocket.scope, websocket.receive, websocket.send)
        loop = asyncio.get_running_loop()
        # (An Event would take 0.8 KB.)
        self.closed: asyncio.Future[None] = loop.create_future()
        self.reader_done: asyncio.Future[None] = loop.create_future()
        self.guard = guard
        self._close_code = _INTERNAL_ERROR
        self._events = events
        writer = writer_for(websocket.scope)
        self.try_send = writer.try_send
        self._abort = writer.abort

    async def receive_bytes(self) -> bytes:
        """The next frame for Flet. A frame that the guard refuses ends the connection."""
        try:
            while True:
                received = await self._receive_binary()
                if session_id := self.guard.session_to_resume(received):
                    await self.guard.wait_for_release(session_id)
                if (frame := self._check(received)) is not None:
                    return frame
        except ProtocolViolation as violation:
            _resolve(self.reader_done)
            self.refuse(violation)
            raise WebSocketDisconnect(violation.code) from None
        except BaseException:
            _resolve(self.reader_done)
            _resolve(self.closed)
            raise

    async def send_bytes(self, data: bytes) -> None:
        """Send `data`; an error marks the connection as closed."""
        if self.closed.done() or self.application_state is not WebSocketState.CONNECTED:
            return
        try:
            await super().send_bytes(data)
        except (WebSocketDisconnect, RuntimeError, OSError):
            _resolve(self.closed)

    def refuse(self, violation: ProtocolViolation) -> None:
        """End the connection with the close code of `violation`."""
        if not self.closed.done():
            log.info("a client was refused", code=violation.code, reason=str(violation))
            self._close_code = violation.code
            _resolve(self.closed)

    def abort(self) -> None:
        """End the connection at once, without a close code: the client does not read."""
        _resolve(self.closed)
        self._abort()

    async def close_gracefully(self) -> None:
        """Send a close frame with the code of `refuse`. Abort if the client does not read it."""
        _resolve(self.closed)
        asyncio.get_running_loop().call_later(_CLOSE_TIMEOUT, self._abort)
        if self.application_state is not WebSocketState.CONNECTED:
            return
        with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await self.close(self._close_code)

    def _check(self, frame: bytes) -> bytes | None:
        """Check a frame, and charge the time to the session."""
        started = time.thread_time()
        try:
            return self.guard.check(frame)
        finally:
            self._events.budget.spend(time.thread_time() - started)

    async def _receive_binary(self) -> bytes:
        # Meanwhile the client's frames fill the buffers of the system, and then wait at the client.
        await self._events.wait_for_turn()
        try:
            return await super().receive_bytes()
        except KeyError:
            raise ProtocolViolation(UNSUPPORTED_DATA, "a text frame") from None


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
