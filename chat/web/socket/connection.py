"""The connection of a session: Flet's `FletApp` with an outbox, a frame guard and a page script.

It uses public members of `FletApp` only. Flet's messages go into the outbox, too, so that they and
our frames keep one order.
"""

import asyncio
import inspect
import secrets
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import flet as ft
import msgpack
import structlog
from flet.messaging.protocol import InvokeMethodRequestBody, Message, MessageAction
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

# Seconds that anything waits for a client to run a method of a control.
CLIENT_CALL_TIMEOUT = 30.0

# The error of a call that has no answer.
_NO_ANSWER = "the client did not answer"


@dataclass(frozen=True, slots=True)
class ConnectionContext:
    """The objects that all connections share.

    A session waits `session_timeout` seconds for its client to reconnect.
    """

    main: Main
    hub: PubSubHub
    sessions: SessionRegistry
    session_timeout: int


class ChatConnection(FletApp):
    """A FletApp that uses the chat's hub, knows its client, and never shows a traceback."""

    def __init__(
        self, context: ConnectionContext, client_info: ClientInfo, websocket: WebSocket
    ) -> None:
        # (With Flet's these are 29 attributes; from 30 on, Python keeps them in a dictionary of
        # 1.6 KB.)
        self._context = context
        self._page: ft.Page | None = None
        guard = FrameGuard(SessionPermissions(self))
        self.socket = socket = GuardedSocket(websocket, guard)
        self._outbox = outbox = Outbox(
            send=socket.send_bytes, try_send=socket.try_send, abort=socket.abort
        )
        self._page_script = PageScript(
            send=outbox.send, expect_reply=guard.expect_reply, on_event=self._on_event
        )
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
        """The hub of the process. It has no executor, so that handlers run inline and in order."""
        return self._context.hub

    @pubsubhub.setter
    def pubsubhub(self, _: PubSubHub) -> None:
        """Ignored: Flet sets a hub that runs handlers on threads."""

    @property
    def is_open(self) -> bool:
        """Whether frames can be sent."""
        return not self._outbox.closed

    @property
    def try_send(self) -> Callable[[bytes], bool]:
        """The outbox's `try_send` itself: it is called for each delivery, and a wrapper costs
        time."""
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
        """Call `callback` once, as soon as no frame waits."""
        self._outbox.when_idle(callback)

    def send_frame(self, *parts: bytes) -> None:
        """Queue one encoded frame of Flet's protocol, given in parts."""
        if self.is_open:
            self._outbox.send(b"".join(parts))

    def send_message(self, message: Message) -> None:
        """Queue a message of Flet, unless the client is gone. A crash is logged under a number,
        and the person sees that number."""
        if message.action is MessageAction.INVOKE_METHOD:
            # Flet itself would wait for the client for ever.
            limit = CLIENT_CALL_TIMEOUT if self.is_open else 0
            asyncio.get_running_loop().call_later(limit, self._give_up, message.body)
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
        """Give the events of the page to `listener` before Flet.

        Send events from before, just after a reload, are handled now.
        """
        for action in self._early_events.set_listener(listener):
            self._start_action(action)

    @property
    def visibility(self) -> Visibility:
        """The visibility that the page reported last."""
        return self._page_script.visibility

    @property
    def may_notify(self) -> bool:
        """Whether the browser may show notifications."""
        return self._page_script.may_notify

    async def remove_prefix(self, client_id: str, text: str) -> bool:
        """Remove a stored text from the start of the field; False if the page script did not."""
        return await self._page_script.remove_prefix(client_id, text)

    def settle_send(self, client_id: str) -> None:
        """A text that the page sent needs nothing more."""
        self._page_script.settle_send(client_id)

    def press_send(self, text: str) -> bool:
        """Let the page send the text of its field, or `text`; False without a page script."""
        return self._page_script.press_send(text)

    def report_context(
        self,
        path: str,
        edited_number: int,
        quoted_number: int,
        upload_ids: Sequence[str] | None,
    ) -> None:
        """Tell the page what its field is for."""
        self._page_script.report_context(path, edited_number, quoted_number, upload_ids)

    def replace_text(self, index: int, old: str, new: str) -> bool:
        """Replace `old` at `index` of the field by `new`; False without a page script."""
        return self._page_script.replace_text(index, old, new)

    def capture_completion_keys(self, enabled: bool) -> None:
        """Capture the keys that choose from the completion list, or stop it."""
        self._page_script.capture_completion_keys(enabled)

    def capture_list_arrows(self, enabled: bool) -> None:
        """Capture the arrow keys that choose from the list of a dialog, or stop it."""
        self._page_script.capture_list_arrows(enabled)

    def notify(self, title: str, body: str, path: str, tag: str, sound: bool) -> None:
        """Show a notification; it replaces one of the same tag."""
        self._page_script.notify(title, body, path, tag, sound)

    def focus_field(self, *, allow_virtual_keyboard: bool = True) -> bool:
        """Focus the message field; False without a page script."""
        return self._page_script.focus_field(allow_virtual_keyboard=allow_virtual_keyboard)

    def answer_back(self, *, has_closed: bool) -> None:
        """Back was pressed: it has closed something, or goes on."""
        self._page_script.answer_back(has_closed=has_closed)

    def forget_keys(self) -> None:
        """Forget the keys that wait for the message field."""
        self._page_script.forget_keys()

    def request_notification_permission(self) -> None:
        """Let the browser ask the person for permission to show notifications."""
        self._page_script.request_notification_permission()

    def show_unread(self, count: int) -> None:
        """Show the unread count in the tab's title and on the app's icon."""
        self._page_script.show_unread(count)

    def pick_files(self) -> bool:
        """Open the file chooser; False without a page script."""
        return self._page_script.pick_files()

    def accept_files(self, enabled: bool) -> None:
        """Enable or disable dropping and pasting files."""
        self._page_script.accept_files(enabled)

    def send_file(self, file_number: int, url: str) -> None:
        """Upload a chosen file to `url`."""
        self._page_script.send_file(file_number, url)

    def forget_file(self, file_number: int) -> None:
        """Forget a chosen file, and stop its upload."""
        self._page_script.forget_file(file_number)

    def save_file(self, url: str) -> bool:
        """Save the file at `url`; False without a page script."""
        return self._page_script.save_file(url)

    def set_preferences(self, theme: str, send_key: str) -> None:
        """Tell the page the theme and the send key of the person."""
        self._page_script.set_preferences(theme, send_key)

    def close(self) -> None:
        """The client is gone: send nothing more, and resolve pending replies."""
        self._outbox.close()
        self._page_script.close()

    def _on_session_created(self, page: ft.Page) -> None:
        """Register the new session. Flet calls this before the client learns of it."""
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
        except Exception as error:
            if str(error) == _NO_ANSWER:
                log.info("a client did not answer", session=self._page and self._page.session.id)
                return
            self._report_failure(traceback.format_exc())

    def _give_up(self, call: InvokeMethodRequestBody) -> None:
        """End a call of the client, unless it has been answered: the caller gets a RuntimeError."""
        if self._page is not None and self._page.get_control(call.control_id) is not None:
            session = self._page.session
            session.handle_invoke_method_results(call.control_id, call.call_id, None, _NO_ANSWER)

    @property
    def flet_page(self) -> ft.Page | None:
        """The page of the session; None before a session has begun."""
        return self._page

    def resume(self, session_id: str) -> bool:
        """Resume a session of this client; false if it is not the client's."""
        self._page = self._context.sessions.find_resumable(session_id, self.client_info)
        return self._page is not None

    def _report_failure(self, details: str) -> None:
        """Log a failure under a number, and show that number to the person."""
        failure_id = secrets.token_hex(3)
        log.error("a session failed", failure=failure_id, what=details)
        if self._page is not None:
            text = (
                f"Something went wrong here. Try again; the owner can look up failure {failure_id}."
            )
            self._page.show_dialog(ft.SnackBar(ft.Text(text)))
