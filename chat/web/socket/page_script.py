"""Server end of the page-script protocol: events of the page, and commands to its scripts.

Frames begin with 0x7f; docs/page-script.md has a table of them. `assets/socket-bridge.js` and the
scripts that it calls are the other end.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence

from chat.people.presence import Visibility
from chat.ui.client.connection import PAGE_EVENT, PAGE_ID
from chat.ui.client.list_keys import KeyArea
from chat.ui.client.name_refusal import NameRefused
from chat.ui.client.notification_state import NotificationState
from chat.ui.client.page_messages import (
    AcceptFiles,
    Announce,
    BackHandled,
    CaptureChoiceKeys,
    CaptureCompletionKeys,
    CaptureListArrows,
    CaptureListKeys,
    CloseNotifications,
    FetchToken,
    FocusField,
    ForgetFile,
    ForgetKeys,
    Heartbeat,
    HeartbeatRequested,
    MotionReported,
    NotificationStateReported,
    OpenFileChooser,
    PageCommand,
    PageEvent,
    PageReady,
    PointerPressed,
    PressSend,
    RemovePrefix,
    RemovePrefixReply,
    ReplaceInputText,
    ReplacePath,
    ReplaceText,
    ReportContext,
    SaveFile,
    ScreenShown,
    SelectInputText,
    SemanticsShown,
    SendSettled,
    SetSendKey,
    SetTheme,
    ShowNotification,
    ShowUnread,
    SwitchNotifications,
    UploadFile,
    VisibilityReported,
    encode_command,
)
from chat.ui.theme.popover import Point

# Seconds after which a reply is not expected any more.
_REPLY_TIMEOUT = 15.0

# Seconds after which a press does not belong to a click any more: that click has no press of its
# own, for example because a key made it. (A long press of a finger takes half a second.)
PRESS_LIFETIME = 2.0


class PageScript:
    """The page script of one connection.

    `send` sends a frame, `expect_reply` announces that one reply will come, and `on_event` gets the
    events for the screen. Without a page script, as in the desktop window, nothing is sent.
    """

    __slots__ = (
        "_captures_completion_keys",
        "_clock",
        "_expect_reply",
        "_is_available",
        "_on_event",
        "_pending_removals",
        "_press",
        "_pressed_at",
        "_send",
        "device_key",
        "has_semantics",
        "notification_state",
        "reduces_motion",
        "visibility",
    )

    def __init__(
        self,
        *,
        send: Callable[[bytes], None],
        expect_reply: Callable[[], None],
        on_event: Callable[..., object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        # The key in the page's storage, "" without one.
        self.device_key = ""
        self._expect_reply = expect_reply
        self._on_event = on_event
        self._clock = clock
        self._press: Point | None = None
        self._pressed_at = 0.0
        self._is_available = False
        self._captures_completion_keys = False
        # (Lists: they are short, and an empty deque takes 0.7 KB of each session.)
        self._pending_removals: list[asyncio.Future[bool]] = []
        self.visibility = Visibility.ACTIVE
        self.has_semantics = self.reduces_motion = False
        self.notification_state = NotificationState.UNSUPPORTED

    def handle(self, event: PageEvent) -> None:
        """Handle an event of the page, which the guard has parsed."""
        match event:
            case PageReady(key):
                self._is_available = True
                self.device_key = key
            case HeartbeatRequested():
                self._send_command(Heartbeat())
            case NotificationStateReported(state):
                # Also if it is the same: the person did not answer their browser's question.
                self.notification_state = state
                self._on_event(PAGE_ID, PAGE_EVENT, event)
            case PointerPressed(x, y):
                self._press, self._pressed_at = Point(x, y), self._clock()
            case RemovePrefixReply(done):
                if self._pending_removals:
                    self._resolve_removal(removed=done)
            case MotionReported(is_reduced):
                self.reduces_motion = is_reduced
            case SemanticsShown():
                self.has_semantics = True
                self._on_event(PAGE_ID, PAGE_EVENT, event)
            case VisibilityReported(visibility):
                if visibility != self.visibility:
                    self.visibility = visibility
                    self._on_event(PAGE_ID, PAGE_EVENT, event)
            case _:
                self._on_event(PAGE_ID, PAGE_EVENT, event)

    @property
    def pressed_point(self) -> Point | None:
        """Where the mouse or a finger was pressed just now; None if it was not."""
        has_expired = self._clock() - self._pressed_at > PRESS_LIFETIME
        return None if has_expired else self._press

    def screen_shown(self, *, is_chat: bool) -> None:
        """The chat, or the start screen, has been sent: the page need not hide it any more."""
        self._send_command(ScreenShown(is_chat))

    def refuse_name(self, refusal: NameRefused) -> None:
        """Answer `NameEntered`: why the name is refused."""
        self._send_command(refusal)

    async def remove_prefix(self, client_id: str, text: str) -> bool:
        """Remove a stored text from the start of the field; False if the page script did not."""
        if not self._is_available:
            return False
        reply: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pending_removals.append(reply)
        self._expect_reply()
        self._send_command(RemovePrefix(client_id, text))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REPLY_TIMEOUT):
                return await asyncio.shield(reply)
        return False

    def settle_send(self, client_id: str) -> None:
        """A text that the page sent needs nothing more."""
        self._send_command(SendSettled(client_id))

    def press_send(self, text: str) -> bool:
        """Let the page send the text of its field, or `text`; False without a page script."""
        return self._send_command(PressSend(text))

    def report_context(
        self,
        path: str,
        edited_number: int,
        quoted_number: int,
        upload_ids: Sequence[str] | None,
    ) -> None:
        """Tell the page what its field is for."""
        uploads = None if upload_ids is None else tuple(upload_ids)
        self._send_command(ReportContext(path, edited_number, quoted_number, uploads))

    def replace_text(self, index: int, old: str, new: str) -> bool:
        """Replace `old` at `index` of the field by `new`; False without a page script."""
        return self._send_command(ReplaceText(index, old, new))

    def replace_input_text(self, index: int, old: str, new: str) -> bool:
        """Replace a text in the focused field of a dialog; False without a page script."""
        return self._send_command(ReplaceInputText(index, old, new))

    def select_input_text(self) -> bool:
        """Select the text of the next focused field of a dialog; False without a page script."""
        return self._send_command(SelectInputText())

    def capture_completion_keys(self, enabled: bool) -> None:
        """Capture the keys that choose from the completion list: they become events."""
        if enabled is not self._captures_completion_keys:
            self._captures_completion_keys = enabled
            self._send_command(CaptureCompletionKeys(enabled))

    def capture_list_arrows(self, enabled: bool) -> None:
        """Capture ↑ and ↓ in the field of a dialog: they become events."""
        self._send_command(CaptureListArrows(enabled))

    def capture_choice_keys(self, enabled: bool) -> None:
        """Capture Tab, Enter and Escape in the field of a dialog: they become events."""
        self._send_command(CaptureChoiceKeys(enabled))

    def capture_list_keys(self, area: KeyArea) -> bool:
        """Capture the keys of a list: they become events; False without a page script."""
        return self._send_command(CaptureListKeys(area))

    def announce(self, text: str) -> None:
        """Let a screen reader read a text."""
        self._send_command(Announce(text))

    def notify(self, title: str, body: str, path: str, tag: str, sound: bool) -> None:
        """Show a notification; it replaces one of the same tag."""
        self._send_command(ShowNotification(title, body, path, tag, sound))

    def focus_field(self, *, allow_virtual_keyboard: bool = True) -> bool:
        """Focus the message field, as soon as no dialog is open. False without a page script.

        Without `allow_virtual_keyboard`, only on a device where this opens no on-screen keyboard.
        """
        return self._send_command(FocusField(allow_virtual_keyboard))

    def answer_back(self, *, has_closed: bool) -> None:
        """Back was pressed: it has closed something, or goes on."""
        self._send_command(BackHandled(has_closed))

    def replace_path(self, path: str) -> None:
        """Let this path take the place of the page's."""
        self._send_command(ReplacePath(path))

    def forget_keys(self) -> None:
        """Forget the keys that wait for the message field."""
        self._send_command(ForgetKeys())

    def close_notifications(self, tags: Sequence[str], *, close_others: bool = False) -> None:
        """Close the notifications with these tags, or all others."""
        self._send_command(CloseNotifications(tuple(tags), close_others))

    def switch_notifications(self, enabled: bool) -> None:
        """Switch notifications on or off on this device; the browser may ask the person."""
        self._send_command(SwitchNotifications(enabled))

    def show_unread(self, count: int) -> None:
        """Show a number in the tab's title and on the app's icon; 0 shows none."""
        self._send_command(ShowUnread(count))

    def set_preferences(self, theme: str, send_key: str) -> None:
        """Set the theme with which the page starts from now on, and the key that sends."""
        self._send_command(SetTheme(theme))
        self._send_command(SetSendKey(ctrl_enter=send_key == "ctrl+enter"))

    def fetch_token(self, code: str) -> bool:
        """Fetch the cookie of the person who came in; False without a page script."""
        return self._send_command(FetchToken(code))

    def pick_files(self) -> bool:
        """Open the file chooser; False without a page script."""
        return self._send_command(OpenFileChooser())

    def accept_files(self, enabled: bool) -> None:
        """Enable or disable dropping and pasting files."""
        self._send_command(AcceptFiles(enabled))

    def send_file(self, file_number: int, url: str) -> None:
        """Upload a chosen file to `url`."""
        self._send_command(UploadFile(file_number, url))

    def forget_file(self, file_number: int) -> None:
        """Forget a chosen file, and stop its upload."""
        self._send_command(ForgetFile(file_number))

    def save_file(self, url: str) -> bool:
        """Save the file at `url`; False without a page script."""
        return self._send_command(SaveFile(url))

    def close(self) -> None:
        """The client is gone: send nothing more, and resolve pending replies with False."""
        self._is_available = False
        while self._pending_removals:
            self._resolve_removal(removed=False)

    def _send_command(self, command: PageCommand) -> bool:
        if self._is_available:
            self._send(encode_command(command))
        return self._is_available

    def _resolve_removal(self, *, removed: bool) -> None:
        reply = self._pending_removals.pop(0)
        if not reply.done():
            reply.set_result(removed)
