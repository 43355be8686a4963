"""Flet's connection, made to end well, to keep order, and to take frames that are ready to go.

Everything here stands on public members of Flet's `FletApp`: what it would send goes into our own
outbox instead, so that frames of ours and of Flet's keep one order.
"""

import asyncio
import inspect
import secrets
import traceback
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

from chat.people.identity import ClientInfo
from chat.people.presence import Visibility
from chat.ui.client.connection import EventListener
from chat.ui.main import Main
from chat.web.guard.frames import FrameGuard
from chat.web.guard.permissions import SessionPermissions
from chat.web.socket.early_events import EarlyEvents
from chat.web.socket.flet_memory import encode_for_session
from chat.web.socket.outbox import Outbox
from chat.web.socket.page_script import PageScript
from chat.web.socket.sessions import SessionRegistry
from chat.web.socket.websocket import GuardedSocket

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionContext:
    """What connections share; a session waits `timeout` seconds for its client to come back."""

    main: Main
    hub: PubSubHub
    sessions: SessionRegistry
    session_timeout: int


class ChatConnection(FletApp):
    """A FletApp on the chat's own hub, which knows its visitor and never shows a traceback."""

    def __init__(
        self, context: ConnectionContext, client_info: ClientInfo, websocket: WebSocket
    ) -> None:
        # (Flet's and these are 29: with one more Python keeps them all in a dictionary of 1.6 KB.)
        self._context = context
        self._page: ft.Page | None = None
        guard = FrameGuard(SessionPermissions(lambda: self._page, self._resume_session))
        self.socket = socket = GuardedSocket(websocket, guard)
        self._outbox = outbox = Outbox(socket.send_bytes, socket.try_send, socket.abort)
        self._page_script = PageScript(outbox.send, guard.expect_reply, self._on_event)
        guard.on_page_event = self._page_script.handle
        self._early_events = EarlyEvents()
        guard.on_event = self._on_event
        self.client_info = client_info
        self.is_registered = False
        super().__init__(
            loop=asyncio.get_running_loop(),
            executor=app_manager.executor,
            main=context.main,
            before_main=self._on_session_created,
            session_timeout_seconds=context.session_timeout,
        )

    @property
    def pubsubhub(self) -> PubSubHub:
        """One hub for the process, without an executor: plain handlers run inline, in order."""
        return self._context.hub

    @pubsubhub.setter
    def pubsubhub(self, _: PubSubHub) -> None:
        """Flet brings a hub that runs handlers on threads; it is not taken."""

    @property
    def is_open(self) -> bool:
        """Whether anything can be sent."""
        return not self._outbox.closed

    @property
    def try_send(self) -> Callable[[bytes], bool]:
        """Queue one frame, or be False if others wait: without a step between, for it is asked
        for each delivery."""
        return self._outbox.try_send

    @property
    def busy(self) -> bool:
        """Whether frames wait for the client."""
        return self._outbox.busy

    @property
    def queued_bytes(self) -> int:
        """The number of bytes that wait for the client."""
        return self._outbox.waiting_bytes

    def when_idle(self, callback: Callable[[], None]) -> None:
        """Call once when nothing waits any more."""
        self._outbox.when_idle(callback)

    def send_frame(self, *parts: bytes) -> None:
        """Queue one frame of Flet's protocol, made elsewhere."""
        if self.is_open:
            self._outbox.send(b"".join(parts))

    def send_message(self, message: Message) -> None:
        """Queue `message`, unless the client is gone; a crash becomes a sentence and a number."""
        if not self.is_open:
            return
        if message.action is MessageAction.REGISTER_CLIENT:
            self.is_registered = True
        if message.action is MessageAction.SESSION_CRASHED:
            self._report_failure(str(message.body.message))
            return
        if message.action is MessageAction.INVOKE_METHOD:
            self.socket.guard.expect_reply(message.body.call_id)
        self._outbox.send(
            b"\x00" + msgpack.packb([message.action, message.body], default=encode_for_session)
        )

    def set_listener(self, listener: EventListener | None) -> None:
        """Ask `listener` first what happens when a control is touched.

        What was to be sent while nobody listened, at once after a reload, is told now.
        """
        for action in self._early_events.set_listener(listener):
            self._start_action(action)

    @property
    def visibility(self) -> Visibility:
        """How the page is looked at."""
        return self._page_script.visibility

    @property
    def may_notify(self) -> bool:
        """Whether notifications are allowed."""
        return self._page_script.may_notify

    async def remove_prefix(self, text: str) -> bool:
        """Ask the page's script to take `text` off the front of the field; False if it cannot."""
        return await self._page_script.remove_prefix(text)

    def replace_text(self, index: int, old: str, new: str) -> bool:
        """Ask the page's script to put `new` into the place of `old`; False if there is none."""
        return self._page_script.replace_text(index, old, new)

    def capture_completion_keys(self, enabled: bool) -> None:
        """Swallow the keys that choose from a list, or let them be."""
        self._page_script.capture_completion_keys(enabled)

    def capture_list_arrows(self, enabled: bool) -> None:
        """Swallow the arrows that choose from a dialog's list, or let them be."""
        self._page_script.capture_list_arrows(enabled)

    def notify(self, title: str, body: str, path: str, tag: str, sound: bool) -> None:
        """Show a notification."""
        self._page_script.notify(title, body, path, tag, sound)

    def focus_field(self, *, allow_virtual_keyboard: bool = True) -> None:
        """Put the focus into the field that messages are written in."""
        self._page_script.focus_field(allow_virtual_keyboard=allow_virtual_keyboard)

    def request_notification_permission(self) -> None:
        """Ask the person whether notifications may be shown."""
        self._page_script.request_notification_permission()

    def show_unread(self, count: int) -> None:
        """Show how much is unread."""
        self._page_script.show_unread(count)

    def pick_files(self) -> bool:
        """Let the person choose files; False if the client has no script."""
        return self._page_script.pick_files()

    def accept_files(self, enabled: bool) -> None:
        """Let files be dropped and pasted, or not."""
        self._page_script.accept_files(enabled)

    def send_file(self, file_number: int, url: str) -> None:
        """Send a file to an address."""
        self._page_script.send_file(file_number, url)

    def forget_file(self, file_number: int) -> None:
        """Forget a file."""
        self._page_script.forget_file(file_number)

    def save_file(self, url: str) -> bool:
        """Save what is at an address; False if the client has no script."""
        return self._page_script.save_file(url)

    def set_preferences(self, theme: str, send_key: str) -> None:
        """Tell the page what the person chose."""
        self._page_script.set_preferences(theme, send_key)

    def close(self) -> None:
        """The client is gone: nothing is sent any more, and nobody answers."""
        self._outbox.close()
        self._page_script.close()

    def _on_session_created(self, page: ft.Page) -> None:
        """A session of this connection's own: Flet tells before the client hears of it."""
        self._page = page
        self._context.sessions.register(page, self.client_info)

    def _on_event(self, control_id: int, event: str, data: object = None) -> bool:
        action = self._early_events.dispatch(control_id, event, data)
        return action is not None and self._start_action(action)

    def _start_action(self, action: Callable[[], Any]) -> bool:
        if self._page is None:
            return False
        self._page.run_task(self._run_action, action)
        return True

    async def _run_action(self, action: Callable[[], Any]) -> None:
        try:
            result = action()
            if inspect.isawaitable(result):
                await result
        except Exception:
            self._report_failure(traceback.format_exc())

    def _resume_session(self, session_id: str) -> bool:
        self._page = self._context.sessions.find_resumable(session_id, self.client_info)
        return self._page is not None

    def _report_failure(self, details: str) -> None:
        """A sentence and a number for the person; the rest is the owner's."""
        failure_id = secrets.token_hex(3)
        log.error("a session failed", failure=failure_id, what=details)
        if self._page is not None:
            text = (
                f"Something went wrong here. Try again; the owner can look up failure {failure_id}."
            )
            self._page.show_dialog(ft.SnackBar(ft.Text(text)))
