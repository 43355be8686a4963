"""Flet's connection, made to end well, to keep order, and to take frames that are ready to go.

Everything here stands on public members of Flet's `FletApp`: what it would send goes into our own
outbox instead, so that frames of ours and of Flet's keep one order.
"""

import asyncio
import contextlib
import inspect
import secrets
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft
import msgpack
import structlog
from flet.messaging.protocol import Message, MessageAction
from flet.pubsub import PubSubHub
from flet_web.fastapi import FletApp, app_manager
from starlette.websockets import WebSocket

from chat.people import Visitor
from chat.ui.drawing import KEYBOARD, Listener
from chat.ui.main import Main
from chat.ui.press import encode
from chat.web.guard import SCRIPT, Guard
from chat.web.outbox import Outbox
from chat.web.rights import SessionRights
from chat.web.sessions import Sessions
from chat.web.socket import Socket

log = structlog.get_logger(__name__)

_KEYS = {b"u": "up", b"x": "escape"}

# Enters that Flutter has not told of yet, and how many characters they may hold.
_ENTERS = 32
_ENTERED = 256 * 1024

# A script that has not answered by then, in seconds, does not.
_ANSWER_TAKES = 15.0

# If Flutter has not told of one by then, in seconds, it took the key for something else.
_ENTER_LASTS = 5.0


@dataclass(frozen=True, slots=True)
class Sitting:
    """What connections share; a session waits `timeout` seconds for its client to come back."""

    main: Main
    hub: PubSubHub
    sessions: Sessions
    timeout: int


class ChatConnection(FletApp):
    """A FletApp on the chat's own hub, which knows its visitor and never shows a traceback."""

    def __init__(self, sitting: Sitting, visitor: Visitor, websocket: WebSocket) -> None:
        self._hub = sitting.hub
        self._sessions = sitting.sessions
        self._page: ft.Page | None = None
        self.guard = Guard(SessionRights(lambda: self._page, self._attaches))
        self.socket = socket = Socket(websocket, self.guard)
        self._outbox = outbox = Outbox(socket.send_bytes, socket.send_now, socket.cut)
        self.offer = outbox.offer
        self._has_script = False
        self._entered: deque[tuple[str, float]] = deque(maxlen=_ENTERS)
        self._cuts: deque[tuple[str, asyncio.Future[bool]]] = deque()
        socket.hear_script = self._hear_script
        self._listener: Listener | None = None
        self.guard.touch = self._touched
        self.visitor = visitor
        self.registered = False
        self.open = True
        super().__init__(
            loop=asyncio.get_running_loop(),
            executor=app_manager.executor,
            main=sitting.main,
            before_main=self._began,
            session_timeout_seconds=sitting.timeout,
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
            self._tell_of_failure(str(message.body.message))
            return
        if message.action is MessageAction.INVOKE_METHOD:
            self.guard.asked(message.body.call_id)
        self._outbox.put(b"\x00" + msgpack.packb([message.action, message.body], default=encode))

    def listen(self, listener: Listener | None) -> None:
        """Ask `listener` first what happens when a control is touched."""
        self._listener = listener

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
        self.guard.asked()
        self._outbox.put(SCRIPT + b"c" + text.encode())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_TAKES):
                return await asyncio.shield(answer)
        return False

    def close(self) -> None:
        """The client is gone: nothing is sent any more, and nobody answers."""
        self.open = False
        self._outbox.close()
        while self._cuts:
            self._answer(made=False)

    def _hear_script(self, said: bytes) -> None:
        """What the page's script says.

        `h`: it is there. `e` and a text: that stood in the field when Enter was pressed. `y` and
        `n`: the oldest cut was made, or could not be. `u` and `x`: keys.
        """
        if said == b"h":
            self._has_script = True
        elif said in _KEYS:
            self._touched(KEYBOARD, _KEYS[said])
        elif said.startswith(b"e"):
            self._enter(said[1:].decode(errors="replace"))
        elif self._cuts and said in {b"y", b"n"}:
            self._answer(made=said == b"y")

    def _enter(self, text: str) -> None:
        self._entered.append((text, time.monotonic()))
        while sum(len(each) for each, _ in self._entered) > _ENTERED:
            self._entered.popleft()

    def _answer(self, *, made: bool) -> None:
        text, answer = self._cuts.popleft()
        if made:
            # These stood in the field with the text that is gone from it.
            entered = [(each.removeprefix(text), at) for each, at in self._entered]
            self._entered = deque(entered, maxlen=_ENTERS)
        if not answer.done():
            answer.set_result(made)

    def _began(self, page: ft.Page) -> None:
        """A session of this connection's own: Flet tells before the client hears of it."""
        self._page = page
        self._sessions.began(page, self.visitor)

    def _touched(self, control: int, event: str) -> bool:
        happens = self._listener(control, event) if self._listener is not None else None
        if happens is None or self._page is None:
            return False
        self._page.run_task(self._let_happen, happens)
        return True

    async def _let_happen(self, what: Callable[[], Any]) -> None:
        try:
            done = what()
            if inspect.isawaitable(done):
                await done
        except Exception:
            self._tell_of_failure(traceback.format_exc())

    def _attaches(self, session: str) -> bool:
        self._page = self._sessions.to_go_on_with(session, self.visitor)
        return self._page is not None

    def _tell_of_failure(self, what: str) -> None:
        """A sentence and a number for the person; the rest is the owner's."""
        number = secrets.token_hex(3)
        log.error("a session failed", failure=number, what=what)
        if self._page is not None:
            words = f"Something went wrong here. Try again; the owner can look up failure {number}."
            self._page.show_dialog(ft.SnackBar(ft.Text(words)))
