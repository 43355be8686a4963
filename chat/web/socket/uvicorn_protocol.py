"""Limits for the frames that uvicorn handles itself: fragments, pings, pongs and closing.

The guard gets whole messages only, but each of these frames costs the server as much. Empty
fragments without end, or pings from a client that reads no pongs, would fill the memory.
"""

from typing import Any

import structlog
from websockets.frames import Frame

from chat.web.guard.address_limits import AddressLimits
from chat.web.guard.rate_limit import BURST, POLICY_VIOLATION, FrameRateLimit, ProtocolViolation
from chat.web.socket.fast_writer import BatchingWebSocketProtocol

log = structlog.get_logger(__name__)

# Bytes that are parsed before the limits are checked: about a thousand frames of the smallest kind,
# which is work for ten milliseconds.
_SLICE_SIZE = 8 * 1024

# Messages that wait for the guard. With more, its rate limit is exceeded for certain: a pressed key
# is two messages.
_MAX_UNREAD = 2 * int(BURST)

# Seconds for a client that does not answer pings to read its close code, and for a client to
# answer the close frame of a server that shuts down.
CLOSE_READ_TIMEOUT = 3.0
_CLOSE_REPLY_TIMEOUT = 1.0

# The server is about to stop: the client connects again (RFC 6455, registry of close codes).
SERVICE_RESTART = 1012


class RateLimitedProtocol(BatchingWebSocketProtocol):
    """A web socket that ends with a close code when too many of these frames come."""

    def __init__(self, *args: Any, limits: AddressLimits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rate_limit = FrameRateLimit()
        self._limits = limits

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone. It was counted as an HTTP connection, before the handshake."""
        self._limits.remove_connection(self.client[0] if self.client else "")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse in slices, until the connection ends."""
        for start in range(0, len(data), _SLICE_SIZE):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + _SLICE_SIZE])
            if self.queue.qsize() > _MAX_UNREAD and not self.close_sent:
                self._disconnect(ProtocolViolation(POLICY_VIOLATION, "too many frames"))

    def handle_cont(self, event: Frame) -> None:
        """Count a fragment of a message, which may be empty."""
        if self._count_frame():
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """Count a ping. The parser has the pong ready; uvicorn sends it."""
        if self._count_frame():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Count a pong, which a client may send unasked (RFC 6455, 5.5.3)."""
        if self._count_frame():
            super().handle_pong(event)

    def keepalive_timeout(self) -> None:
        """A ping was not answered. Closing waits for the client to read, which it may never do."""
        super().keepalive_timeout()
        self.loop.call_later(CLOSE_READ_TIMEOUT, self.transport.abort)

    def shutdown(self) -> None:
        """The server shuts down: send a close frame and wait for its answer.

        uvicorn would close at once. A client whose own frame is on its way then would get a reset
        connection instead of the close code.
        """
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.flush()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": SERVICE_RESTART})
        self.conn.send_close(SERVICE_RESTART)
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(_CLOSE_REPLY_TIMEOUT, self.transport.close)

    def _count_frame(self) -> bool:
        """Count one frame; False if the connection ends, or has ended."""
        if self.close_sent:
            return False
        try:
            self._rate_limit.consume()
        except ProtocolViolation as violation:
            self._disconnect(violation)
            return False
        return True

    def _disconnect(self, violation: ProtocolViolation) -> None:
        log.info("a client was refused", code=violation.code, reason=str(violation))
        if self.handshake_complete and not self.close_sent:
            self.conn.fail(violation.code, str(violation))
            self.handle_parser_exception()
        else:
            self.transport.abort()
