"""The connection of a session: Flet's `FletApp` with an outbox, a frame guard and a page script.

It uses public members of `FletApp` only. Flet's messages go into the outbox, too, so that they and
our frames keep one order.
"""

import asyncio
import inspect
import secrets
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import flet as ft
import msgpack
import structlog
from flet.controls.context import _context_page
from flet.messaging.protocol import InvokeMethodRequestBody, Message, MessageAction
from flet.pubsub import PubSubHub
from flet_web.fastapi import FletApp, app_manager
from starlette.websockets import WebSocket

from chat.errors import SessionFailed
from chat.languages import negotiate_language
from chat.model.devices import WINDOW_KEY
from chat.people.identity import ClientInfo
from chat.people.presence import Visibility
from chat.ui.client.connection import (
    PACKED_EDIT,
    PAGE_EVENT,
    PAGE_ID,
    EventListener,
    PackedEdit,
)
from chat.ui.client.list_keys import KeyArea
from chat.ui.client.name_refusal import NameRefused
from chat.ui.client.notification_state import NotificationState
from chat.ui.flet import comparison, construction
from chat.ui.main import Main
from chat.ui.packing.control_ids import FIRST_ROW_ID
from chat.ui.theme.popover import Point
from chat.ui.theme.snackbars import show_snackbar
from chat.web.guard.frames import FrameGuard
from chat.web.guard.origins import is_window_handshake
from chat.web.guard.permissions import SessionPermissions
from chat.web.guard.rate_limit import POLICY_VIOLATION, ProtocolViolation
from chat.web.socket.early_events import EarlyEvents
from chat.web.socket.event_queue import EventQueue, SessionEvent
from chat.web.socket.flet_memory import encode_for_session
from chat.web.socket.outbox import Outbox
from chat.web.socket.page_script import PageScript
from chat.web.socket.sessions import SessionRegistry
from chat.web.socket.websocket import GuardedSocket

log = structlog.get_logger(__name__)

comparison.install()
construction.install()

# Seconds that anything waits for a client to run a method of a control.
CLIENT_CALL_TIMEOUT = 30.0

# The error of a call that has no answer.
_NO_ANSWER = "the client did not answer"

# Seconds in which a client reads what it gets last.
_END_SECONDS = 0.3


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
        may_be_window = is_window_handshake(websocket.scope)
        guard = FrameGuard(SessionPermissions(self, may_be_window=may_be_window))
        self._events = EventQueue(handle=self._handle_event)
        self.socket = socket = GuardedSocket(websocket, guard, self._events)
        self._outbox = outbox = Outbox(
            send=socket.send_bytes, try_send=socket.try_send, abort=socket.abort
        )
        self._page_script = PageScript(
            send=outbox.send, expect_reply=guard.expect_reply, on_event=self._on_event
        )
        guard.on_page_event = self._page_script.handle
        self._early_events = EarlyEvents()
        guard.on_event = self._on_event
        guard.on_edit = self._on_edit
        self.client_info = client_info
        self._is_starting = False
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
    def is_registered(self) -> bool:
        """Whether the client has begun or resumed a session."""
        return self._page is not None

    @property
    def is_window(self) -> bool:
        """Whether the client is the desktop window; False before a session has begun."""
        return self._page is not None and not self._page.web

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
        if message.action is MessageAction.SESSION_CRASHED:
            self._report_failure(str(message.body.message))
            return
        if message.action is MessageAction.INVOKE_METHOD:
            self.socket.guard.expect_reply(message.body.call_id)
        self._outbox.send(
            b"\x00" + msgpack.packb([message.action, message.body], default=encode_for_session)
        )

    def set_listener(self, listener: EventListener | None, *, is_stranger: bool = False) -> None:
        """Give the events of the page to `listener` before Flet.

        Events from before that it handles, such as sends just after a reload, are handled now.
        """
        for event in self._early_events.set_listener(listener, is_stranger=is_stranger):
            self._on_event(PAGE_ID, PAGE_EVENT, event)

    @property
    def has_semantics(self) -> bool:
        """Whether the page has the semantics tree."""
        return self._page_script.has_semantics

    @property
    def reduces_motion(self) -> bool:
        """Whether the person wants less motion."""
        return self._page_script.reduces_motion

    @property
    def visibility(self) -> Visibility:
        """The visibility that the page reported last."""
        return self._page_script.visibility

    @property
    def pressed_point(self) -> Point | None:
        """Where the mouse or a finger was pressed just now."""
        return self._page_script.pressed_point

    @property
    def device_key(self) -> str:
        """The key of the device, from the storage of the page; "" without one."""
        if self.is_window:
            return WINDOW_KEY
        return self._page_script.device_key

    @property
    def notification_state(self) -> NotificationState:
        """Whether the browser shows notifications, and why not."""
        return self._page_script.notification_state

    def screen_shown(self, *, is_chat: bool) -> None:
        """The chat, or the start screen, has been sent to the client."""
        self._page_script.screen_shown(is_chat=is_chat)

    def end(self, reason: str) -> None:
        """Close the connection, after what is on its way; `reason` is for the log."""
        violation = ProtocolViolation(POLICY_VIOLATION, reason)
        self.loop.call_later(_END_SECONDS, self.socket.refuse, violation)

    def refuse_name(self, refusal: NameRefused) -> None:
        """Tell a stranger why their name is refused."""
        self._page_script.refuse_name(refusal)

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

    def replace_input_text(self, index: int, old: str, new: str) -> bool:
        """Replace a text in the focused field of a dialog; False without a page script."""
        return self._page_script.replace_input_text(index, old, new)

    def select_input_text(self) -> bool:
        """Select the text of the next focused field of a dialog; False without a page script."""
        return self._page_script.select_input_text()

    def capture_completion_keys(self, enabled: bool) -> None:
        """Capture the keys that choose from the completion list, or stop it."""
        self._page_script.capture_completion_keys(enabled)

    def capture_list_arrows(self, enabled: bool) -> None:
        """Capture the arrow keys that choose from the list of a dialog, or stop it."""
        self._page_script.capture_list_arrows(enabled)

    def capture_choice_keys(self, enabled: bool) -> None:
        """Capture the keys that choose a completion in the field of a dialog, or stop it."""
        self._page_script.capture_choice_keys(enabled)

    def capture_list_keys(self, area: KeyArea) -> bool:
        """Capture the keys of a list of messages, or stop it."""
        return self._page_script.capture_list_keys(area)

    def announce(self, text: str) -> None:
        """Let a screen reader read a text."""
        self._page_script.announce(text)

    def notify(self, title: str, body: str, path: str, tag: str, sound: bool) -> None:
        """Show a notification; it replaces one of the same tag."""
        self._page_script.notify(title, body, path, tag, sound)

    def focus_field(self, *, allow_virtual_keyboard: bool = True) -> bool:
        """Focus the message field; False without a page script."""
        return self._page_script.focus_field(allow_virtual_keyboard=allow_virtual_keyboard)

    def answer_back(self, *, has_closed: bool) -> None:
        """Back was pressed: it has closed something, or goes on."""
        self._page_script.answer_back(has_closed=has_closed)

    def replace_path(self, path: str) -> None:
        """Let this path take the place of the page's."""
        self._page_script.replace_path(path)

    def forget_keys(self) -> None:
        """Forget the keys that wait for the message field."""
        self._page_script.forget_keys()

    def close_notifications(self, tags: Sequence[str], *, close_others: bool = False) -> None:
        """Close the notifications with these tags, or all others."""
        self._page_script.close_notifications(tags, close_others=close_others)

    def switch_notifications(self, enabled: bool) -> None:
        """Switch notifications on or off on this device."""
        self._page_script.switch_notifications(enabled)

    def show_unread(self, count: int) -> None:
        """Show the unread count in the tab's title and on the app's icon."""
        self._page_script.show_unread(count)

    def fetch_token(self, token: str, code: str) -> bool:
        """Let the browser fetch the cookie of `token`, by which its session is resumed from now on.

        False without a page script.
        """
        if self._page is None or not self._page_script.fetch_token(code):
            return False
        self.client_info = replace(self.client_info, token=token)
        self._context.sessions.register(self._page, self.client_info)
        return True

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
        """The client is gone: handle and send nothing more, and resolve pending replies."""
        self._events.close()
        self._outbox.close()
        self._page_script.close()

    async def release_session(self) -> None:
        """The session waits for its client from now on."""
        if self._page is not None:
            is_stranger = self._early_events.is_stranger
            await self._context.sessions.on_disconnected(self._page, is_stranger=is_stranger)

    def dispose(self) -> None:
        """Forget the session; not before `main` has ended, because Flet uses it once more then."""
        if not self._is_starting:
            super().dispose()  # type: ignore[no-untyped-call]

    async def run_main(self, main: Main, page: ft.Page) -> None:
        """Run `main`, which Flet starts for a new session."""
        try:
            await main(page)
        finally:
            self._is_starting = False
            if page.session.connection is None:
                self.loop.call_soon(self.dispose)

    def _on_session_created(self, page: ft.Page) -> None:
        """Register the new session. Flet calls this before the client learns of it."""
        self._page = page
        self._is_starting = True
        self._context.sessions.register(page, self.client_info)

    def _on_event(self, control_id: int, name: str, data: object = None) -> bool:
        """Queue an event of the page, or of a control; Flet itself gets none.

        The listener sees it now: the field has the text of this moment.
        """
        action = self._early_events.dispatch(control_id, name, data)
        if action is not None or PAGE_ID < control_id < FIRST_ROW_ID:
            self._events.put(SessionEvent(control_id, name, data, action))
        return True

    def _on_edit(self, control_id: int, values: dict[str, Any]) -> None:
        """A person has changed values of a packed control; the listener takes them now."""
        self._early_events.dispatch(control_id, PACKED_EDIT, PackedEdit(values))

    async def _handle_event(self, event: SessionEvent) -> None:
        """Run the action of an event, or the handler of its control."""
        page = self._page
        if page is None:
            return
        _context_page.set(page)  # type: ignore[arg-type]
        try:
            if event.action is not None:
                _name_current_task(event.name, event.action)
                if inspect.isawaitable(result := event.action()):
                    await result
            # The control may have gone meanwhile: the click before this one has closed its dialog.
            elif self.socket.guard.may_fire(event.control_id, event.name, event.data):
                handler = getattr(page.get_control(event.control_id), f"on_{event.name}", None)
                _name_current_task(event.name, handler)
                await page.session.dispatch_event(event.control_id, event.name, event.data)
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

    async def wait_for_release(self, session_id: str) -> None:
        """Wait, not for long, while another connection of this client holds this session."""
        await self._context.sessions.wait_for_release(session_id, self.client_info)

    def _report_failure(self, details: str) -> None:
        """Log a failure under a number, and show that number to the person."""
        failure_id = secrets.token_hex(3)
        log.error("a session failed", failure=failure_id, what=details)
        if self._page is not None:
            t = negotiate_language(self.client_info.languages)
            show_snackbar(self._page, t.error(SessionFailed(failure_id)))


def _name_current_task(event: str, handler: object) -> None:
    """Give the running task the name of its handler, which the log shows if it holds the loop."""
    while isinstance(handler, partial):
        handler = handler.func
    name = getattr(handler, "__qualname__", type(handler).__name__)
    if (task := asyncio.current_task()) is not None:
        task.set_name(f"{event}: {name}")
