"""A web socket of uvicorn with two short cuts: one for frames, and one out of the connection.

ASGI has neither. Its `send` is a coroutine through five layers, and both `websocket.close` and the
end of the application wait until the client has read what was written before, which is for ever
with a client that does not read.
"""

import asyncio
import struct
from collections.abc import Callable
from typing import Any, cast
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

    @property
    def abort(self) -> Callable[[], None]:
        """What ends the connection at once."""


class _Turn:
    """The lines that have frames to write when this turn of the loop is over.

    First everybody's frames, then everybody's writes: what one turn brings a client is one write,
    and the system is asked many times in a row. Between other work each write costs twice as much.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lines: list[_Line] = []
        self._whole = (b"", b"")

    def add(self, line: "_Line") -> None:
        """Write this one's frames too."""
        if not self._lines:
            self._loop.call_soon(self._write)
        self._lines.append(line)

    def framed(self, data: bytes) -> bytes:
        """`data` as a frame; what goes to many is framed once."""
        if data is self._whole[0]:
            return self._whole[1]
        length = len(data)
        if length < 126:
            head = _SHORT.pack(_BINARY, length)
        elif length < 1 << 16:
            head = _MIDDLE.pack(_BINARY, 126, length)
        else:
            head = _LONG.pack(_BINARY, 127, length)
        self._whole = (data, head + data)
        return self._whole[1]

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        self._whole = (b"", b"")
        for each in lines:
            each.write(b"".join(each.take()))


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turn] = WeakKeyDictionary()


class _Line:
    """The frames of one socket in this turn: small, because each delivery looks at it."""

    __slots__ = ("_frames", "_size", "_turn", "abort", "held", "write")

    def __init__(self, turn: _Turn, write: Callable[[bytes], None], abort: Callable[[], None]):
        self._turn = turn
        self._frames: list[bytes] = []
        self._size = 0
        # While the system takes no more.
        self.held = False
        self.write = write
        self.abort = abort

    def send_now(self, data: bytes) -> bool:
        if self.held or (self._size and self._size + len(data) > _TURN):
            return False
        if not self._frames:
            self._turn.add(self)
        self._frames.append(self._turn.framed(data))
        self._size += len(data)
        return True

    def take(self) -> list[bytes]:
        """What is to be written now."""
        frames, self._frames, self._size = self._frames, [], 0
        return frames


class _Inbox:
    """What came and was not read yet, for one reader.

    uvicorn has a Queue there, which with its lists and locks takes 3 KB of each socket.
    """

    __slots__ = ("_came", "_waiter")

    def __init__(self) -> None:
        self._came: list[Any] = []
        self._waiter: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        self._came.append(message)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Any:
        while not self._came:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._came.pop(0)

    def empty(self) -> bool:
        return not self._came

    def qsize(self) -> int:
        return len(self._came)


class Protocol(WebSocketsSansIOProtocol):
    """Puts its line into the state of the scope.

    `app_state` is uvicorn's own: it is copied into each scope, where ASGI's lifespan state goes.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        turn = _turns.setdefault(self.loop, _Turn(self.loop))
        self._line = _Line(turn, self._write, self._abort)
        self.queue = cast(Any, _Inbox())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out before the handshake is read."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _KEY: self._line}

    def pause_writing(self) -> None:
        """The system takes no more."""
        super().pause_writing()
        self._line.held = True

    def resume_writing(self) -> None:
        """The system takes more again."""
        super().resume_writing()
        self._line.held = False

    def write_frames(self) -> None:
        """Write what was to be sent in this turn at once."""
        self._write(b"".join(self._line.take()))

    def _write(self, frames: bytes) -> None:
        # uvicorn is passed by: between two calls it holds no half of a frame.
        if frames and self.conn.state is State.OPEN and not self.transport.is_closing():
            self.transport.write(frames)

    def _abort(self) -> None:
        self.transport.abort()

    def _forget_handshake(self) -> None:
        """All that the browser said of itself was read before it was let in: 5 KB of it.

        (Cleared, because the parser, and whoever was given the scope, has it as long as we.)
        """
        self.request.headers.clear()
        self.response.headers.clear()
        del self.request, self.response
        self.scope["headers"].clear()  # type: ignore[attr-defined]

    async def send(self, message: Any) -> None:
        """What ASGI sends comes after what was sent before."""
        self.write_frames()
        await super().send(message)
        if message["type"] == "websocket.accept":
            self._forget_handshake()

    def shutdown(self) -> None:
        """What was sent goes before the close code."""
        self.write_frames()
        super().shutdown()


class _NoLine:
    """Under a server that is not ours."""

    def send_now(self, data: bytes) -> bool:
        return False

    @property
    def abort(self) -> Callable[[], None]:
        return lambda: None


def line_of(scope: Scope) -> Line:
    """The line under a web socket's scope."""
    found = scope.get("state", {}).get(_KEY)
    return found if isinstance(found, _Line) else _NoLine()
