"""How long the server waits for whoever is at the door: for a whole request, for taking the answer.

uvicorn waits for ever for the first byte, for the second half of a request, and for a client that
asks for a file and does not read it. This stands on members of its HTTP protocols that are public
and not promised: `tests/app/test_http_timeouts.py` fails where they change.
"""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as Http
else:
    # h11, or httptools where that is installed: what is used here is the same in both.
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as Http

# Seconds from the first byte that could come, or from the last answer, to the end of a request.
REQUEST_TIMEOUT = 10.0

# In bytes: the longest words (`PUT /words`) fit twice.
MAX_REQUEST_SIZE = 2 * 1024 * 1024

# Where files are sent to.
UPLOAD_PREFIX = "/upload/"

# Seconds for taking what fills the connection's buffer, 64 KiB.
RESPONSE_TIMEOUT = 60.0


class TimeoutHttpProtocol(Http):
    """One connection that speaks HTTP, until it goes or becomes a web socket."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there, and has not said what they want."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._awaits_request, self._received_bytes = True, 0
        self._set_timer(REQUEST_TIMEOUT)

    def connection_lost(self, exc: Exception | None) -> None:
        """They went."""
        self._set_timer(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A piece of a request. However many pieces there are, the time is the same."""
        super().data_received(data)
        if not self._awaits_request:
            return
        self._received_bytes += len(data)
        if self._is_handling_request():
            self._awaits_request = False
            self._set_timer(None)
        elif self._received_bytes > MAX_REQUEST_SIZE:
            self.transport.abort()

    def on_response_complete(self) -> None:
        """Answered: the next request may come."""
        super().on_response_complete()
        if not self._is_handling_request():
            self._awaits_request, self._received_bytes = True, 0
            self._set_timer(
                RESPONSE_TIMEOUT if self.transport.get_write_buffer_size() else REQUEST_TIMEOUT
            )

    def pause_writing(self) -> None:
        """The buffer is full of what they do not take."""
        super().pause_writing()
        self._set_timer(RESPONSE_TIMEOUT)

    def resume_writing(self) -> None:
        """They took most of it."""
        super().resume_writing()
        self._set_timer(REQUEST_TIMEOUT if self._awaits_request else None)

    def _is_handling_request(self) -> bool:
        """Whether a whole request is at work, or the connection is a web socket by now."""
        if self.transport.get_protocol() is not self:
            return True
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return False
        # A file takes as long as it takes: `chat/files/uploads.py` sees to it that it goes on.
        return not cycle.more_body or cycle.scope["path"].startswith(UPLOAD_PREFIX)

    def _set_timer(self, seconds: float | None) -> None:
        """Let go of the connection after so many seconds; None takes that back."""
        if self._timer is not None:
            self._timer.cancel()
        abort = self.transport.abort
        self._timer = None if seconds is None else self.loop.call_later(seconds, abort)
