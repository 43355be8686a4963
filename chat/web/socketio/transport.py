"""The transport of Socket.IO: which pages may connect, how many, how much, and how fast.

python-socketio speaks the protocol. Its queues have no limit, and its close waits for the client;
this module adds both limits. It relies on attributes of python-engineio that are public but not
documented (`sockets`, `queue`, `closed`, `create_queue`): `tests/app/test_socketio.py` fails if
they change.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import socketio
import structlog
from engineio import packet as engine_packet
from socketio import packet
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from chat.activity.rate_limits import RateLimits
from chat.tasks import Tasks
from chat.web.guard.origins import Origins
from chat.web.guard.rate_limit import FrameRateLimit, ProtocolViolation
from chat.web.socket.fast_writer import SocketWriter, writer_for

log = structlog.get_logger(__name__)

SOCKETIO_PATH = "/socket.io"

CONNECTION_LIMIT = 200

# Bytes of a frame of a web socket, or of the body of a request.
MAX_FRAME_BYTES = 64 * 1024

# Events that wait for a client. With more it is disconnected: it does not read.
WAITING_LIMIT = 400

# python-socketio takes no more of them from one answer.
PACKETS_PER_ANSWER = 16

# Connections from one address that begin at once, and how many a second are added. A class may
# have one address.
CONNECT_BURST, CONNECTS_PER_SECOND = 60, 1.0

# Seconds for a client to say who it is, and to read its close frame.
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 3.0

# Seconds between two signs of life, and those that the client has to answer.
PING_SECONDS = 15
PING_TIMEOUT = 10

_STARTED = "chat.socketio.started"

# The library logs what clients send with full tracebacks, as often as they send it.
_silent_logger = logging.Logger("socketio", logging.CRITICAL + 1)

Handler = Callable[..., Awaitable[Any]]
Packet = Any


class _TextPacket(packet.Packet):  # type: ignore[misc]
    """A packet without attachments, which would be kept until all have arrived."""

    def decode(self, encoded_packet: str) -> object:
        count = super().decode(encoded_packet)
        if self.packet_type in {packet.BINARY_EVENT, packet.BINARY_ACK}:
            raise ValueError("binary data")
        return count


class _EventQueue(asyncio.Queue[Any]):
    """What waits for a client. An answer to a request has at most PACKETS_PER_ANSWER of it."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = 0

    async def get(self) -> Any:
        """The first packet of an answer."""
        self._taken = 0
        return await super().get()

    def get_nowait(self) -> Any:
        """A further one. Raises QueueEmpty at the end of the answer."""
        if self._taken >= PACKETS_PER_ANSWER:
            raise asyncio.QueueEmpty
        self._taken += 1
        return super().get_nowait()

    def clear(self) -> None:
        """Drop all that waits."""
        while not self.empty():
            super().get_nowait()


class SocketIOTransport:
    """The ASGI application at `/socket.io`, and what is sent to its connections."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._server = socketio.AsyncServer(
            async_mode="asgi",
            # This class has checked the origin already.
            cors_allowed_origins="*",
            max_http_buffer_size=MAX_FRAME_BYTES,
            http_compression=False,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_TIMEOUT,
            # One event of a client after the other: its messages keep their order.
            async_handlers=False,
            serializer=_TextPacket,
            logger=_silent_logger,
            engineio_logger=_silent_logger,
        )
        self._server.eio.create_queue = _EventQueue
        self._app = socketio.ASGIApp(self._server, socketio_path=SOCKETIO_PATH)
        self._connects = RateLimits(CONNECT_BURST, CONNECTS_PER_SECOND)
        # Web sockets of connections that began with polling.
        self._upgraded: dict[str, SocketWriter] = {}
        self._known: set[str] = set()
        self._is_closed = False
        self._tasks = Tasks()

    @property
    def connection_count(self) -> int:
        """The number of connections, also of those that have not said who they are."""
        return len(self._server.eio.sockets)

    def on(self, event: str, handler: Handler) -> None:
        """Call `handler` with the id of the client and the data of the event."""
        self._server.on(event, handler)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or serve a web socket until it ends."""
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        client_id = query.get("sid", [""])[0]
        if (refusal := self._refusal(scope, query, client_id)) is not None:
            if scope["type"] == "websocket":
                # A close before the accept is answered with 403.
                await send({"type": "websocket.close"})
            else:
                await refusal(scope, receive, send)
            return
        if not client_id:
            scope = {**scope, _STARTED: time.monotonic()}
            self._drop_strangers_later()
        if scope["type"] == "websocket":
            receive = _limited(receive)
            if client_id:
                self._upgraded[client_id] = writer_for(scope)
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "websocket":
                self._upgraded.pop(client_id, None)

    def engine_id(self, client_id: str) -> str | None:
        """The id of the connection of a client; None if it is gone. It is no stranger any more."""
        found = self._server.manager.eio_sid_from_sid(client_id, "/")
        if found is None or self._is_closed or not self._is_open(found):
            return None
        self._known.add(found)
        return str(found)

    def send(self, engine_id: str, *packets: Packet) -> None:
        """Send packets of `event_packet` after all earlier ones, without waiting."""
        engine_socket = self._server.eio.sockets.get(engine_id)
        if engine_socket is None or not self._is_open(engine_id):
            return
        for each in packets:
            if engine_socket.queue.qsize() >= WAITING_LIMIT:
                log.info("a client was cut: it does not read", waiting=WAITING_LIMIT)
                self.drop(engine_id)
                return
            engine_socket.queue.put_nowait(each)

    def drop(self, engine_id: str) -> None:
        """End a connection, whether its client reads or not."""
        engine_socket = self._server.eio.sockets.get(engine_id)
        if engine_socket is None:
            return
        engine_socket.queue.clear()
        # It ends the task that writes, or the request that waits.
        engine_socket.queue.put_nowait(None)
        if not self._is_open(engine_id):
            return
        closing = engine_socket.close(wait=False, abort=True)
        self._tasks.start(closing, "close a Socket.IO connection")
        environ = self._server.environ.get(engine_id, {})
        writer = self._upgraded.get(engine_id) or writer_for(environ.get("asgi.scope", {}))
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, writer.abort)

    def forget(self, engine_id: str) -> None:
        """A client has left. Its request may still wait, for which the library does not care."""
        self._known.discard(engine_id)
        asyncio.get_running_loop().call_soon(self.drop, engine_id)

    def end(self) -> None:
        """End all connections, as the chat is about to stop."""
        self._is_closed = True
        for each in list(self._server.eio.sockets):
            self.drop(each)

    async def close(self) -> None:
        """Wait until all connections have ended."""
        self.end()
        await self._tasks.finish()
        await self._server.shutdown()

    def _refusal(
        self, scope: Scope, query: dict[str, list[str]], client_id: str
    ) -> PlainTextResponse | None:
        if not self._origins.is_allowed_without_cookies(scope):
            text = "Pages of this origin are not let in. The owner can name it with --origin.\n"
            return PlainTextResponse(text, 403)
        if "j" in query:
            # A foreign page may run a script of any address, whose answer it then reads.
            return PlainTextResponse("JSONP is not answered.\n", 400)
        if client_id:
            return None
        if self._is_closed or self.connection_count >= CONNECTION_LIMIT:
            return PlainTextResponse("Too many are connected. Come back later.\n", 503)
        if wait := self._connects.take((scope.get("client") or ("",))[0]):
            headers = {"retry-after": str(max(1, round(wait)))}
            return PlainTextResponse("Wait a moment, then connect again.\n", 429, headers)
        return None

    def _is_open(self, engine_id: str) -> bool:
        engine_socket = self._server.eio.sockets.get(engine_id)
        return engine_socket is not None and not (engine_socket.closed or engine_socket.closing)

    def _drop_strangers_later(self) -> None:
        asyncio.get_running_loop().call_later(CONNECT_SECONDS + 0.1, self._drop_strangers)

    def _drop_strangers(self) -> None:
        """End connections whose client has not said who it is, or has left."""
        now = time.monotonic()
        for engine_id, environ in list(self._server.environ.items()):
            started = environ["asgi.scope"].get(_STARTED, 0.0)
            if engine_id not in self._known and now - started >= CONNECT_SECONDS:
                self.drop(engine_id)


def event_packet(event: str, data: object) -> Packet:
    """An event as it is sent. It is encoded once for all who get it."""
    encoded = packet.Packet(packet.EVENT, data=[event, data], namespace="/").encode()
    return engine_packet.Packet(engine_packet.MESSAGE, encoded)


def _limited(receive: Receive) -> Receive:
    """`receive` of a web socket that ends when the client sends too many frames."""
    rate_limit = FrameRateLimit()

    async def receive_limited() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive":
            try:
                rate_limit.consume()
            except ProtocolViolation as violation:
                log.info("a client was refused", code=violation.code, reason=str(violation))
                return {"type": "websocket.disconnect", "code": violation.code}
        return message

    return receive_limited
