"""Bounds of an HTTP connection: for a whole request, for reading the response, for their number.

uvicorn waits for ever for the first byte, for the second half of a request, and for a client that
asks for a file and does not read it. This module relies on members of uvicorn's HTTP protocols
that are public but not documented; `tests/app/test_http_timeouts.py` fails if they change.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from chat.web.guard.address_limits import AddressLimits
from chat.web.guard.base_path import without_base

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as Http
else:
    # h11, or httptools where that is installed; the members used here are the same in both.
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as Http

# Seconds from the start of the connection, or from the last response, to the end of a request.
REQUEST_TIMEOUT = 10.0

# Bytes: twice the longest draft (`PUT /words`).
MAX_REQUEST_SIZE = 2 * 1024 * 1024

UPLOAD_PREFIX = "/upload/"

# Programs send files there (`chat/web/api/files.py`).
API_UPLOAD_PATH = "/api/files"

# There they send a text while it is written (`chat/web/api/streams.py`).
API_OUTPUT_END = "/output"

# Seconds for reading a full buffer of the connection, 64 KiB.
RESPONSE_TIMEOUT = 60.0


class TimeoutHttpProtocol(Http):
    """One HTTP connection, until it ends or becomes a web socket."""

    def __init__(
        self, *args: Any, limits: AddressLimits, base_path: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._limits = limits
        self._base_path = base_path
        self._is_counted = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is connected: its request has to arrive in time."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._is_counted = self._limits.add_connection(self._address)
        if not self._is_counted:
            transport.abort()
        self._awaits_request, self._received_bytes = True, 0
        self._set_timer(REQUEST_TIMEOUT)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._set_timer(None)
        if self._is_counted:
            self._limits.remove_connection(self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request arrived. The time is for the whole request, not for each part."""
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
        """The response is complete: the next request may come."""
        super().on_response_complete()
        if not self._is_handling_request():
            self._awaits_request, self._received_bytes = True, 0
            self._set_timer(
                RESPONSE_TIMEOUT if self.transport.get_write_buffer_size() else REQUEST_TIMEOUT
            )

    def pause_writing(self) -> None:
        """The buffer is full: the client does not read."""
        super().pause_writing()
        self._set_timer(RESPONSE_TIMEOUT)

    def resume_writing(self) -> None:
        """The client has read most of the buffer."""
        super().resume_writing()
        self._set_timer(REQUEST_TIMEOUT if self._awaits_request else None)

    @property
    def _address(self) -> str:
        """The address of the client; "" of one that came through the data folder's socket."""
        return self.client[0] if self.client else ""

    def _is_handling_request(self) -> bool:
        """Whether a whole request is being handled, or the connection has become a web socket."""
        if self.transport.get_protocol() is not self:
            return True
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return False
        if not cycle.more_body:
            return True
        # An upload and an output may take any time: `chat/files/uploads.py` and the call end one
        # that stalls.
        path = without_base(cycle.scope["path"], self._base_path)
        is_output = path.startswith("/api/") and path.endswith(API_OUTPUT_END)
        return is_output or path.startswith((UPLOAD_PREFIX, API_UPLOAD_PATH))

    def _set_timer(self, seconds: float | None) -> None:
        """Abort the connection after `seconds`; None cancels the timer."""
        if self._timer is not None:
            self._timer.cancel()
        abort = self.transport.abort
        self._timer = None if seconds is None else self.loop.call_later(seconds, abort)
