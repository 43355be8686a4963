"""A web socket of uvicorn with two short cuts: one for frames, and one out of the connection.

ASGI has neither. Its `send` is a coroutine through five layers, and both `websocket.close` and the
end of the application wait until the client has read what was written before, which is for ever
with a client that does not read.
"""

import asyncio
import struct
from typing import Any
from typing import Protocol as Shape
from weakref import WeakKeyDictionary

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

_KEY = "chat.line"

# RFC 6455, 5.2: a whole frame (FIN) of binary data (opcode 2), and its length in 7, 16 or 64 bits.
_BINARY = 0x82
_SHORT, _MIDDLE, _LONG = struct.Struct("!BB"), struct.Struct("!BBH"), struct.Struct("!BBQ")

# In bytes: whoever has more to take in one turn of the loop has a backlog.
_TURN = 64 * 1024


class Line(Shape):
    """What lies under a web socket."""

    def send_now(self, data: bytes) -> bool:
        """Send `data` as one frame; False, and nothing is sent, if it cannot go at once."""

    def abort(self) -> None:
        """End the connection at once."""


class _Turn:
    """The sockets that have frames to write when this turn of the loop is over.

    First everybody's frames, then everybody's writes: what one turn brings a client is one write,
    and the system is asked many times in a row. Between other work each write costs twice as much.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._sockets: list[Protocol] = []

    def add(self, socket: "Protocol") -> None:
        """Write this one's frames too."""
        if not self._sockets:
            self._loop.call_soon(self._write)
        self._sockets.append(socket)

    def _write(self) -> None:
        sockets, self._sockets = self._sockets, []
        for each in sockets:
            each.write_frames()


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turn] = WeakKeyDictionary()


class Protocol(WebSocketsSansIOProtocol):
    """A Line, which it puts into the state of the scope.

    `app_state` is uvicorn's own: it is copied into each scope, where ASGI's lifespan state goes.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._frames: list[bytes] = []
        self._size = 0
        self._turn = _turns.setdefault(self.loop, _Turn(self.loop))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out before the handshake is read."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _KEY: self}

    def send_now(self, data: bytes) -> bool:
        """Pass uvicorn by, which between two calls holds no half of a frame."""
        length = len(data)
        if self._size and self._size + length > _TURN:
            return False
        if self.conn.state is not State.OPEN or not self.writable.is_set():
            return False
        if not self._frames:
            self._turn.add(self)
        if length < 126:
            head = _SHORT.pack(_BINARY, length)
        elif length < 1 << 16:
            head = _MIDDLE.pack(_BINARY, 126, length)
        else:
            head = _LONG.pack(_BINARY, 127, length)
        self._frames += (head, data)
        self._size += length
        return True

    def write_frames(self) -> None:
        """Write what was to be sent."""
        frames, self._frames, self._size = self._frames, [], 0
        if frames and self.conn.state is State.OPEN and not self.transport.is_closing():
            self.transport.write(b"".join(frames))

    async def send(self, message: Any) -> None:
        """What ASGI sends comes after what was sent before."""
        self.write_frames()
        await super().send(message)

    def shutdown(self) -> None:
        """What was sent goes before the close code."""
        self.write_frames()
        super().shutdown()

    def abort(self) -> None:
        """Let go of the connection, whatever waits in it."""
        self.transport.abort()


class _NoLine:
    """Under a server that is not ours."""

    def send_now(self, data: bytes) -> bool:
        return False

    def abort(self) -> None:
        pass


def line_of(scope: Scope) -> Line:
    """The line under a web socket's scope."""
    found = scope.get("state", {}).get(_KEY)
    return found if isinstance(found, Protocol) else _NoLine()
