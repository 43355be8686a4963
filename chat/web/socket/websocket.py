"""A web socket that ends in order: whoever reads or writes it is told once that it is gone."""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from chat.web.guard.frames import SCRIPT, Guard
from chat.web.guard.rate_limit import WRONG_KIND, Refused
from chat.web.socket.fast_writer import line_of

log = structlog.get_logger(__name__)

# How long a client may take to read its close code, in seconds; then it is let go of.
_FAREWELL = 3.0

# The close code of a connection that our own side could not go on with.
_FAILED = 1011


class Socket(WebSocket):
    """A socket whose send never raises: Flet's loops end in order when the client is gone.

    Every frame that comes passes `guard`. `send_now` is its line's. `gone` says that the
    connection ends, `read_out` that Flet was told so.
    """

    def __init__(self, websocket: WebSocket, guard: Guard) -> None:
        super().__init__(websocket.scope, websocket.receive, websocket.send)
        loop = asyncio.get_running_loop()
        # (An Event would take 0.8 KB.)
        self.gone: asyncio.Future[None] = loop.create_future()
        self.read_out: asyncio.Future[None] = loop.create_future()
        self.hear_script: Callable[[bytes], None] | None = None
        self.guard = guard
        self._code = _FAILED
        line = line_of(websocket.scope)
        self.send_now = line.send_now
        self._abort = line.abort

    async def receive_bytes(self) -> bytes:
        """The next frame for Flet; one that is refused ends the connection."""
        try:
            while (frame := self.guard.check(await self._binary())) is None or self._heard(frame):
                pass
            return frame
        except Refused as refusal:
            _happens(self.read_out)
            self.refuse(refusal)
            raise WebSocketDisconnect(refusal.code) from None
        except BaseException:
            _happens(self.read_out)
            _happens(self.gone)
            raise

    async def send_bytes(self, data: bytes) -> None:
        """Send, or notice that nobody listens any more."""
        if self.gone.done() or self.application_state is not WebSocketState.CONNECTED:
            return
        try:
            await super().send_bytes(data)
        except (WebSocketDisconnect, RuntimeError, OSError):
            _happens(self.gone)

    def refuse(self, refusal: Refused) -> None:
        """End the connection with a code."""
        if not self.gone.done():
            log.info("a client was refused", code=refusal.code, reason=str(refusal))
            self._code = refusal.code
            _happens(self.gone)

    def cut(self) -> None:
        """End the connection at once: there is no telling a client that does not read."""
        _happens(self.gone)
        self._abort()

    async def end(self) -> None:
        """Tell the client why, if it is there still, and let go of it if it does not listen."""
        _happens(self.gone)
        asyncio.get_running_loop().call_later(_FAREWELL, self._abort)
        if self.application_state is not WebSocketState.CONNECTED:
            return
        with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            async with asyncio.timeout(_FAREWELL):
                await self.close(self._code)

    async def _binary(self) -> bytes:
        try:
            return await super().receive_bytes()
        except KeyError:
            raise Refused(WRONG_KIND, "a text frame") from None

    def _heard(self, frame: bytes) -> bool:
        """Whether a frame was the page's own script's, which Flet never sees."""
        if not frame.startswith(SCRIPT):
            return False
        if self.hear_script is not None:
            self.hear_script(frame[1:])
        return True


def _happens(once: asyncio.Future[None]) -> None:
    if not once.done():
        once.set_result(None)
