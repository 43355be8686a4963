"""Flet's connection, made to end well, to keep order, and to take frames that are ready to go.

Everything here stands on public members of Flet's `FletApp`: what it would send goes into our own
outbox instead, so that frames of ours and of Flet's keep one order.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable

import flet as ft
import msgpack
import structlog
from flet.messaging.protocol import Message, MessageAction
from flet.pubsub import PubSubHub
from flet_web.fastapi import FletApp, app_manager

from chat.people import Visitor
from chat.ui.main import Main
from chat.ui.press import encode
from chat.web.socket import Socket

log = structlog.get_logger(__name__)

# A session waits this long for its client to come back, in seconds.
SESSION_TIMEOUT = 600


class Outbox:
    """Frames on their way to one client, in order."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._frames: deque[bytes] = deque()
        self._filled = asyncio.Event()
        self._idle: list[Callable[[], None]] = []

    @property
    def busy(self) -> bool:
        """Whether frames wait for the client."""
        return bool(self._frames)

    def put(self, frame: bytes) -> None:
        """Send `frame` after all that was put before it."""
        self._frames.append(frame)
        self._filled.set()

    def when_idle(self, call: Callable[[], None]) -> None:
        """Call once when nothing waits any more."""
        if call not in self._idle:
            self._idle.append(call)

    async def empty(self) -> None:
        """Send what comes, for as long as the connection lasts."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._frames:
                # Taken out when it is sent: what waits for the client counts as waiting.
                await self._socket.send_bytes(self._frames[0])
                self._frames.popleft()
                if not self._frames and self._idle:
                    self._call_the_idle()

    def _call_the_idle(self) -> None:
        calls, self._idle = self._idle, []
        for call in calls:
            try:
                call()
            except Exception:
                log.exception("could not catch up")


class ChatConnection(FletApp):
    """A FletApp on the chat's own hub, which knows its visitor and never shows a traceback."""

    def __init__(self, main: Main, hub: PubSubHub, visitor: Visitor, socket: Socket) -> None:
        self._hub = hub
        self._outbox = Outbox(socket)
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

    @property
    def busy(self) -> bool:
        """Whether frames wait for the client."""
        return self._outbox.busy

    def when_idle(self, call: Callable[[], None]) -> None:
        """Call once when nothing waits any more."""
        self._outbox.when_idle(call)

    def send_frame(self, *parts: bytes) -> None:
        """Queue one frame of Flet's protocol, made elsewhere."""
        if self.open:
            self._outbox.put(b"".join(parts))

    def send_message(self, message: Message) -> None:
        """Queue `message`, unless the client is gone; a crash becomes a sentence and a number."""
        if not self.open:
            return
        if message.action is MessageAction.REGISTER_CLIENT:
            self.registered = True
        if message.action is MessageAction.SESSION_CRASHED:
            self._tell_of_failure()
            return
        self._outbox.put(b"\x00" + msgpack.packb([message.action, message.body], default=encode))

    async def empty_outbox(self) -> None:
        """Send what is queued, for as long as the connection lasts."""
        await self._outbox.empty()

    def _tell_of_failure(self) -> None:
        number = secrets.token_hex(3)
        log.error("a session failed", failure=number)
        page = ft.context.page
        words = f"Something went wrong here. Try again; the owner can look up failure {number}."
        page.show_dialog(ft.SnackBar(ft.Text(words)))
