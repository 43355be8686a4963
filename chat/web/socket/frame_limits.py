"""What the guard never sees of a web socket: pieces of a message, pings, pongs, and the goodbye.

They cost the server as much as a frame does, and uvicorn hands only whole messages on: empty
pieces without end, or pings whose pongs nobody reads, would fill the memory.
"""

from typing import Any

import structlog
from websockets.frames import Frame

from chat.web.guard.rate_limit import BURST, POLICY_VIOLATION, FrameRateLimit, ProtocolViolation
from chat.web.socket.fast_writer import BatchingWebSocketProtocol

log = structlog.get_logger(__name__)

# So many bytes are read before somebody else has a turn: some thousand frames of the smallest kind
# fit, which is ten milliseconds' work.
_SLICE_SIZE = 8 * 1024

# More messages than this that nobody has looked at are more than the guard would let pass: a key
# that is pressed is two.
_MAX_UNREAD = 2 * int(BURST)

# How long a client that does not answer pings may take to read why it goes, in seconds; and how
# long one may take to answer the goodbye of a server that ends.
CLOSE_READ_TIMEOUT = 3.0
_CLOSE_REPLY_TIMEOUT = 1.0

_SERVICE_RESTART = 1012


class RateLimitedProtocol(BatchingWebSocketProtocol):
    """A web socket that ends with a code when too much of the unseen comes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rate_limit = FrameRateLimit()

    def data_received(self, data: bytes) -> None:
        """Read on, in slices, until the connection ends."""
        for start in range(0, len(data), _SLICE_SIZE):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + _SLICE_SIZE])
            if self.queue.qsize() > _MAX_UNREAD and not self.close_sent:
                self._disconnect(ProtocolViolation(POLICY_VIOLATION, "too many frames"))

    def handle_cont(self, event: Frame) -> None:
        """A piece of a message, which may be empty."""
        if self._count_frame():
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """It is answered by itself; here that is sent."""
        if self._count_frame():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """An answer, or none: a client may send as many as it likes."""
        if self._count_frame():
            super().handle_pong(event)

    def keepalive_timeout(self) -> None:
        """No answer to a ping. Closing waits for a client that reads; this one may never."""
        super().keepalive_timeout()
        self.loop.call_later(CLOSE_READ_TIMEOUT, self.transport.abort)

    def shutdown(self) -> None:
        """The server ends. uvicorn would close at once, and a client whose frame crossed the
        goodbye would read nothing of it: so the answer is waited for.
        """
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.flush()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": _SERVICE_RESTART})
        self.conn.send_close(_SERVICE_RESTART)
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(_CLOSE_REPLY_TIMEOUT, self.transport.close)

    def _count_frame(self) -> bool:
        """Take one frame; False if that ends, or has ended, the connection."""
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
