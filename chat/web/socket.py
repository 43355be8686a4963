"""Flet's socket, made to end well: a session is told that its client went, however it went.

Everything here stands on public members of Flet's `FletApp` and Starlette's `WebSocket`: the
next layers (a guard, shared bytes) go into the same seam.
"""

import asyncio
import secrets
from urllib.parse import unquote

import flet as ft
import structlog
from flet.messaging.protocol import Message, MessageAction
from flet.pubsub import PubSubHub
from flet_web.fastapi import FletApp, app_manager
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from chat.people import Visitor
from chat.ui.main import Main
from chat.web.cookies import TOKEN, ZONE

log = structlog.get_logger(__name__)

# A session waits this long for its client to come back, in seconds.
SESSION_TIMEOUT = 600


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


class ChatConnection(FletApp):
    """A FletApp on the chat's own hub, which knows its visitor and never shows a traceback."""

    def __init__(self, main: Main, hub: PubSubHub, visitor: Visitor) -> None:
        self._hub = hub
        self.visitor = visitor
        self.registered = False
        self.open = True
        super().__init__(
            loop=asyncio.get_running_loop(),
            executor=app_manager.executor,
            main=main,
            before_main=None,
            session_timeout_seconds=SESSION_TIMEOUT,
        )

    @property
    def pubsubhub(self) -> PubSubHub:
        """One hub for the process, without an executor: plain handlers run inline, in order."""
        return self._hub

    @pubsubhub.setter
    def pubsubhub(self, _: PubSubHub) -> None:
        """Flet brings a hub that runs handlers on threads; it is not taken."""

    def send_message(self, message: Message) -> None:
        """Queue `message`, unless the client is gone; a crash becomes a sentence and a number."""
        if not self.open:
            return
        if message.action is MessageAction.REGISTER_CLIENT:
            self.registered = True
        if message.action is MessageAction.SESSION_CRASHED:
            self._tell_of_failure()
            return
        super().send_message(message)

    def _tell_of_failure(self) -> None:
        number = secrets.token_hex(3)
        log.error("a session failed", failure=number)
        page = ft.context.page
        words = f"Something went wrong here. Try again; the owner can look up failure {number}."
        page.show_dialog(ft.SnackBar(ft.Text(words)))


async def serve(websocket: WebSocket, main: Main, hub: PubSubHub) -> None:
    """Serve one client until it goes, and leave nothing of it behind."""
    socket = Socket(websocket)
    connection = ChatConnection(main, hub, visitor_of(websocket))
    handling = asyncio.create_task(connection.handle(socket))
    gone = asyncio.create_task(socket.gone.wait())
    try:
        await asyncio.wait({handling, gone}, return_when=asyncio.FIRST_COMPLETED)
        connection.open = False
        if not connection.registered:
            # Flet would wait for ever for a session that was never begun.
            handling.cancel()
        await asyncio.wait({handling})
        if not handling.cancelled() and (failure := handling.exception()) is not None:
            log.error("a connection failed", exc_info=failure)
    finally:
        gone.cancel()
        handling.cancel()


def visitor_of(websocket: WebSocket) -> Visitor:
    """What the browser's cookies say of it."""
    zone = websocket.cookies.get(ZONE)
    return Visitor(websocket.cookies.get(TOKEN), unquote(zone) if zone else None)
