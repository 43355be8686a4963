"""A web socket that ends in order: whoever reads or writes it is told once that it is gone."""

import asyncio
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

# Frames between the page's own script and the chat begin with this; Flet's with 0 or 1.
SCRIPT = b"\x7f"


class Socket(WebSocket):
    """A socket whose send never raises: Flet's loops end in order when the client is gone."""

    def __init__(self, websocket: WebSocket) -> None:
        super().__init__(websocket.scope, websocket.receive, websocket.send)
        self.gone = asyncio.Event()
        self.hear_script: Callable[[bytes], None] | None = None

    async def receive_bytes(self) -> bytes:
        """The next frame for Flet. A text frame is no client of ours: it ends the connection."""
        try:
            while (data := await super().receive_bytes()).startswith(SCRIPT):
                if self.hear_script is not None:
                    self.hear_script(data[1:])
            return data
        except KeyError:
            self.gone.set()
            raise WebSocketDisconnect(1003) from None
        except BaseException:
            self.gone.set()
            raise

    async def send_bytes(self, data: bytes) -> None:
        """Send, or notice that nobody listens any more."""
        if self.gone.is_set() or self.application_state is not WebSocketState.CONNECTED:
            return
        try:
            await super().send_bytes(data)
        except (WebSocketDisconnect, RuntimeError, OSError):
            self.gone.set()
