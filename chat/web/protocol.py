"""A web socket of uvicorn with a way to let go of a client that takes nothing any more.

ASGI has none: both `websocket.close` and the end of the application wait until the client has read
what was written before, which is for ever with a client that does not read.
"""

import asyncio
from collections.abc import Callable

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_KEY = "chat.abort"


class Protocol(WebSocketsSansIOProtocol):
    """Puts the transport's `abort` into the state of the scope.

    `app_state` is uvicorn's own: it is copied into each scope, where ASGI's lifespan state goes.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out before the handshake is read."""
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport | asyncio.WriteTransport)
        self.app_state = {**self.app_state, _KEY: transport.abort}


def abort_of(scope: Scope) -> Callable[[], None]:
    """What ends the connection at once; nothing under a server that is not ours."""
    found = scope.get("state", {}).get(_KEY)
    return found if callable(found) else lambda: None
