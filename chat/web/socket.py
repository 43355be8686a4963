"""A web socket that ends in order: whoever reads or writes it is told once that it is gone."""

import asyncio

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState


class Socket(WebSocket):
    """A socket whose send never raises: Flet's loops end in order when the client is gone."""

    def __init__(self, websocket: WebSocket) -> None:
        super().__init__(websocket.scope, websocket.receive, websocket.send)
        self.gone = asyncio.Event()

    async def receive_bytes(self) -> bytes:
        """The next frame. A text frame is no Flet client's: it ends the connection."""
        try:
            return await super().receive_bytes()
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
