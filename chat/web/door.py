"""The door: one client from its handshake until it goes, and nothing left of it afterwards."""

import asyncio
from urllib.parse import unquote

import structlog
from flet.pubsub import PubSubHub
from starlette.websockets import WebSocket

from chat.people import Visitor
from chat.ui.main import Main
from chat.web.connection import ChatConnection
from chat.web.cookies import ZONE
from chat.web.socket import Socket

log = structlog.get_logger(__name__)


async def serve(websocket: WebSocket, main: Main, hub: PubSubHub, cookie: str) -> None:
    """Serve one client until it goes; `cookie` names the one that holds its token."""
    socket = Socket(websocket)
    connection = ChatConnection(main, hub, visitor_of(websocket, cookie), socket)
    handling = asyncio.create_task(connection.handle(socket))
    sending = asyncio.create_task(connection.empty_outbox())
    gone = asyncio.create_task(socket.gone.wait())
    try:
        await asyncio.wait({handling, gone}, return_when=asyncio.FIRST_COMPLETED)
        connection.open = False
        connection.no_more_answers()
        if not connection.registered:
            # Flet would wait for ever for a session that was never begun.
            handling.cancel()
        await asyncio.wait({handling})
        if not handling.cancelled() and (failure := handling.exception()) is not None:
            log.error("a connection failed", exc_info=failure)
    finally:
        for task in (gone, handling, sending):
            task.cancel()


def visitor_of(websocket: WebSocket, cookie: str) -> Visitor:
    """What the browser's cookies say of it."""
    zone = websocket.cookies.get(ZONE)
    return Visitor(websocket.cookies.get(cookie), unquote(zone) if zone else None)
