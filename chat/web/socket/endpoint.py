"""The socket endpoint: serves one client from its handshake until it is gone, and cleans up."""

import asyncio
from collections.abc import KeysView
from urllib.parse import unquote

import flet as ft
import structlog
from flet.pubsub import PubSubHub
from starlette.websockets import WebSocket

from chat.people.identity import ClientInfo
from chat.ui.main import Main
from chat.web.guard.cookies import ZONE_COOKIE, TokenCookie
from chat.web.guard.frames import REGISTER_TIMEOUT
from chat.web.guard.origins import Origins, client_network, is_from_this_computer
from chat.web.guard.rate_limit import POLICY_VIOLATION, ProtocolViolation
from chat.web.socket.connection import ChatConnection, ConnectionContext
from chat.web.socket.sessions import SessionRegistry

# An address has too many sockets. In `socket-bridge.js`, too (RFC 6455, registry of close codes).
TRY_AGAIN_LATER = 1013

log = structlog.get_logger(__name__)


class SocketEndpoint:
    """Accepts clients from the page's own origin and from `origins`.

    `session_timeout` is in seconds.
    """

    def __init__(self, origins: Origins, session_timeout: int, *, main: Main) -> None:
        self._main = _run_on_connection(main)
        self._origins = origins
        self._sessions = SessionRegistry()
        self._session_timeout = session_timeout
        # Those that are served, in order of their handshakes.
        self._connections: dict[ChatConnection, None] = {}

    @property
    def connections(self) -> KeysView[ChatConnection]:
        """The connections that are served now."""
        return self._connections.keys()

    async def serve(self, websocket: WebSocket, hub: PubSubHub, cookie: TokenCookie) -> None:
        """Serve one client until it is gone."""
        if not self._origins.is_allowed(websocket.scope):
            # A close before the accept is answered with 403.
            await websocket.close()
            return
        context = ConnectionContext(self._main, hub, self._sessions, self._session_timeout)
        connection = ChatConnection(context, client_info_of(websocket, cookie), websocket)
        self._connections[connection] = None
        try:
            await _serve(connection)
        finally:
            del self._connections[connection]

    async def refuse(self, websocket: WebSocket, code: int) -> None:
        """Close a socket with `code`, one of RFC 6455's registry; the client tries again later.

        A page learns no status of a refused handshake, but the code of a closed socket.
        """
        if not self._origins.is_allowed(websocket.scope):
            await websocket.close()
            return
        await websocket.accept()
        await websocket.close(code)


def _run_on_connection(main: Main) -> Main:
    """`main`, whose session is kept while it runs.

    (It is one function for all connections, because Flet keeps a table of these.)
    """

    async def run(page: ft.Page) -> None:
        if isinstance(connection := page.session.connection, ChatConnection):
            await connection.run_main(main, page)

    return run


async def _serve(connection: ChatConnection) -> None:
    """Serve a connection from the handshake until the client is gone."""
    handling = asyncio.create_task(connection.handle(connection.socket))
    closed = connection.socket.closed
    try:
        await asyncio.wait(
            {handling, closed}, timeout=REGISTER_TIMEOUT, return_when=asyncio.FIRST_COMPLETED
        )
        if not connection.socket.guard.is_registered:
            connection.socket.refuse(ProtocolViolation(POLICY_VIOLATION, "it does not register"))
        await asyncio.wait({handling, closed}, return_when=asyncio.FIRST_COMPLETED)
        connection.close()
        await connection.socket.close_gracefully()
        await _finish(handling, connection)
    finally:
        handling.cancel()


async def _finish(handling: asyncio.Task[None], connection: ChatConnection) -> None:
    if not connection.is_registered and not handling.done():
        # Without a session, Flet waits for ever for its own task that sends. Once its reader is
        # done, cancelling ends both.
        await asyncio.wait({connection.socket.reader_done}, timeout=REGISTER_TIMEOUT)
        handling.cancel()
    await asyncio.wait({handling})
    if not handling.cancelled() and (error := handling.exception()) is not None:
        log.error("a connection failed", exc_info=error)
    await connection.release_session()


def client_info_of(websocket: WebSocket, cookie: TokenCookie) -> ClientInfo:
    """The token, time zone and invitation from the cookies, and what the handshake says."""
    zone = websocket.cookies.get(ZONE_COOKIE)
    languages = websocket.headers.get("accept-language")
    return ClientInfo(
        cookie.read(websocket),
        unquote(zone) if zone else None,
        languages,
        is_from_this_computer(websocket.scope),
        client_network(websocket.scope),
        websocket.headers.get("user-agent"),
        cookie.invitation.read(websocket),
    )
