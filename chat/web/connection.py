"""Flet's connection, made to end well, to keep order, and to take frames that are ready to go.

Everything here stands on public members of Flet's `FletApp`: what it would send goes into our own
outbox instead, so that frames of ours and of Flet's keep one order.
"""

import asyncio
import secrets
import time
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
from chat.web.socket import SCRIPT, Socket

log = structlog.get_logger(__name__)

# A session waits this long for its client to come back, in seconds.
SESSION_TIMEOUT = 600


# Enters that Flutter has not told of yet.
_ENTERS = 32

# If Flutter has not told of one by then, in seconds, it took the key for something else.
_ENTER_LASTS = 5.0


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
        self._has_script = False
        self._entered: deque[tuple[str, float]] = deque(maxlen=_ENTERS)
        self._cuts: deque[tuple[str, asyncio.Future[bool]]] = deque()
        socket.hear_script = self._hear_script
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

    def at_enter(self, submitted: str) -> str:
        """What stood in the field when Enter was pressed, where `submitted` may be later.

        Each Enter that the script tells of is one that Flutter tells of, in the same order.
        """
        now = time.monotonic()
        while self._entered:
            text, at = self._entered.popleft()
            if now - at < _ENTER_LASTS:
                return text
        return submitted

    async def cut_words(self, text: str) -> bool:
        """Ask the page's script to take `text` off the front of the field; False if it cannot."""
        if not (self._has_script and self.open):
            return False
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._cuts.append((text, answer))
        self._outbox.put(SCRIPT + b"c" + text.encode())
        return await answer

    def no_more_answers(self) -> None:
        """The client is gone: nobody answers any more."""
        while self._cuts:
            self._answer(made=False)

    def _hear_script(self, said: bytes) -> None:
        """What the page's script says.

        `h`: it is there. `e` and a text: that stood in the field when Enter was pressed. `y` and
        `n`: the oldest cut was made, or could not be.
        """
        if said == b"h":
            self._has_script = True
        elif said.startswith(b"e"):
            self._entered.append((said[1:].decode(errors="replace"), time.monotonic()))
        elif self._cuts and said in {b"y", b"n"}:
            self._answer(made=said == b"y")

    def _answer(self, *, made: bool) -> None:
        text, answer = self._cuts.popleft()
        if made:
            # These stood in the field with the text that is gone from it.
            entered = [(each.removeprefix(text), at) for each, at in self._entered]
            self._entered = deque(entered, maxlen=_ENTERS)
        if not answer.done():
            answer.set_result(made)

    async def empty_outbox(self) -> None:
        """Send what is queued, for as long as the connection lasts."""
        await self._outbox.empty()

    def _tell_of_failure(self) -> None:
        number = secrets.token_hex(3)
        log.error("a session failed", failure=number)
        page = ft.context.page
        words = f"Something went wrong here. Try again; the owner can look up failure {number}."
        page.show_dialog(ft.SnackBar(ft.Text(words)))
