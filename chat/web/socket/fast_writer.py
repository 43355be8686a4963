"""A web socket protocol of uvicorn with two additions: a fast write of frames, and an abort.

ASGI has neither. Its `send` is a coroutine through five layers. Its `websocket.close` and the end
of the application wait until the client has read everything before, which is for ever with a
client that does not read.
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

_WRITER_KEY = "chat.line"

# RFC 6455, 5.2: a whole frame (FIN) of binary data (opcode 2); its length has 7, 16 or 64 bits.
_BINARY_FRAME = 0x82
_SHORT, _MIDDLE, _LONG = struct.Struct("!BB"), struct.Struct("!BBH"), struct.Struct("!BBQ")

# Bytes for one client in one turn of the event loop. A client with more has a backlog.
_MAX_BATCH_SIZE = 64 * 1024


class SocketWriter(Shape):
    """The fast way to write to a web socket, below ASGI."""

    def try_send(self, data: bytes) -> bool:
        """Send `data` as one frame; False, and nothing is sent, if it would have to wait."""

    @property
    def abort(self) -> Callable[[], None]:
        """The function that ends the connection at once."""


class _WriteBatch:
    """The sockets that have frames to write at the end of this turn of the event loop.

    All frames of a turn are collected first, then written: each client gets one write, and all
    writes follow each other. A system call between other work costs twice as much.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._writers: list[_BatchingWriter] = []
        self._last_frame = (b"", b"")
        # The writes since the start.
        self.written = 0

    def add(self, writer: "_BatchingWriter") -> None:
        """Write the frames of `writer` at the end of this turn."""
        if not self._writers:
            self._loop.call_soon(self._flush)
        self._writers.append(writer)

    def frame(self, data: bytes) -> bytes:
        """`data` as a frame; the last one is reused, because many sockets get the same data."""
        if data is self._last_frame[0]:
            return self._last_frame[1]
        length = len(data)
        if length < 126:
            header = _SHORT.pack(_BINARY_FRAME, length)
        elif length < 1 << 16:
            header = _MIDDLE.pack(_BINARY_FRAME, 126, length)
        else:
            header = _LONG.pack(_BINARY_FRAME, 127, length)
        self._last_frame = (data, header + data)
        return self._last_frame[1]

    def _flush(self) -> None:
        writers, self._writers = self._writers, []
        self.written += len(writers)
        self._last_frame = (b"", b"")
        for each in writers:
            each.write(b"".join(each.pop_frames()))


_batches: WeakKeyDictionary[asyncio.AbstractEventLoop, _WriteBatch] = WeakKeyDictionary()


def written_batches(loop: asyncio.AbstractEventLoop) -> int:
    """How many writes of frames the sockets of a loop have had; one for each socket and turn.

    Frames that had to wait are not counted.
    """
    batch = _batches.get(loop)
    return 0 if batch is None else batch.written


class _BatchingWriter:
    """The frames of one socket in this turn. It is small, because each delivery reads it."""

    __slots__ = ("_batch", "_frames", "_size", "abort", "is_paused", "write")

    def __init__(
        self, batch: _WriteBatch, *, write: Callable[[bytes], None], abort: Callable[[], None]
    ) -> None:
        self._batch = batch
        self._frames: list[bytes] = []
        self._size = 0
        # True while the transport's buffer is full.
        self.is_paused = False
        self.write = write
        self.abort = abort

    def try_send(self, data: bytes) -> bool:
        if self.is_paused or (self._size and self._size + len(data) > _MAX_BATCH_SIZE):
            return False
        if not self._frames:
            self._batch.add(self)
        self._frames.append(self._batch.frame(data))
        self._size += len(data)
        return True

    def pop_frames(self) -> list[bytes]:
        """Take all frames out."""
        frames, self._frames, self._size = self._frames, [], 0
        return frames


class _Inbox:
    """The received messages that wait for the one reader.

    uvicorn uses an asyncio.Queue, which takes 3 KB of each socket.
    """

    __slots__ = ("_messages", "_waiter")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._waiter: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        self._messages.append(message)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Any:
        while not self._messages:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._messages.pop(0)

    def empty(self) -> bool:
        return not self._messages

    def qsize(self) -> int:
        return len(self._messages)


class BatchingWebSocketProtocol(WebSocketsSansIOProtocol):
    """Puts a writer into the state of the scope.

    uvicorn copies `app_state` into each scope, as ASGI's lifespan state.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        batch = _batches.setdefault(self.loop, _WriteBatch(self.loop))
        self._writer = _BatchingWriter(batch, write=self._write, abort=self._abort)
        self.queue = cast(Any, _Inbox())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the writer before the handshake is read."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _WRITER_KEY: self._writer}

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        super().pause_writing()
        self._writer.is_paused = True

    def resume_writing(self) -> None:
        """The transport's buffer has room again."""
        super().resume_writing()
        self._writer.is_paused = False

    def flush(self) -> None:
        """Write the frames of this turn at once."""
        self._write(b"".join(self._writer.pop_frames()))

    def _write(self, frames: bytes) -> None:
        # Writing past uvicorn is safe: between two calls it holds no part of a frame.
        if frames and self.conn.state is State.OPEN and not self.transport.is_closing():
            self.transport.write(frames)

    def _abort(self) -> None:
        self.transport.abort()

    def _clear_handshake(self) -> None:
        """Free the headers of the handshake, 5 KB, which nothing reads after the accept.

        (They are cleared, because the parser and the scope refer to the same objects.)
        """
        self.request.headers.clear()
        self.response.headers.clear()
        del self.request, self.response
        self.scope["headers"].clear()  # type: ignore[attr-defined]

    async def send(self, message: Any) -> None:
        """Send a message of ASGI after the frames of this turn."""
        self.flush()
        await super().send(message)
        if message["type"] == "websocket.accept":
            self._clear_handshake()

    def shutdown(self) -> None:
        """Write the frames of this turn before the close code."""
        self.flush()
        super().shutdown()


class _NoWriter:
    """The writer under another server: nothing can be sent, so that the caller uses ASGI."""

    def try_send(self, data: bytes) -> bool:
        return False

    @property
    def abort(self) -> Callable[[], None]:
        return lambda: None


def writer_for(scope: Scope) -> SocketWriter:
    """The writer of a web socket's scope."""
    writer = scope.get("state", {}).get(_WRITER_KEY)
    return writer if isinstance(writer, _BatchingWriter) else _NoWriter()
