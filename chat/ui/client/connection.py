"""The UI's view of a connection: frames, events, and the commands to the page script."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import flet as ft

from chat.people.presence import Visibility
from chat.ui.client.chosen_files import FileClient
from chat.ui.client.list_keys import KeyArea
from chat.ui.client.name_refusal import NameRefused
from chat.ui.client.notification_state import NotificationState
from chat.ui.theme.popover import Point

# A listener gets the id of a control, the name of an event, and its data (any value that the client
# sent). It returns the action for the event, or None for an event that it does not know.
#
# An event of the page itself has the id PAGE_ID and the name PAGE_EVENT; its data is a `PageEvent`
# (`page_messages.py`). A client cannot forge one: data from a client never has one of these types.
#
# Values that a person has changed in a packed control have the name PACKED_EDIT and a `PackedEdit`
# as data, which a client cannot forge either. They have no action: the listener takes them at once.
PAGE_ID = 0
PAGE_EVENT = "page"
PACKED_EDIT = "edit"
EventListener = Callable[[int, str, object], Callable[[], Any] | None]


@dataclass(frozen=True, slots=True)
class PackedEdit:
    """Properties of a packed control that a person has changed, and their values."""

    values: dict[str, Any]


@runtime_checkable
class ClientConnection(FileClient, Protocol):
    """A connection that takes whole frames of Flet's protocol."""

    @property
    def busy(self) -> bool:
        """Whether frames wait for the client."""

    def send_frame(self, *parts: bytes) -> None:
        """Queue one frame, given in parts, in order with the frames of Flet."""

    def try_send(self, frame: bytes) -> bool:
        """Send one frame at once; False, and nothing is sent, if it would have to wait."""

    def when_idle(self, callback: Callable[[], None]) -> None:
        """Call `callback` once, as soon as no frame waits."""

    def set_listener(self, listener: EventListener | None, *, is_stranger: bool = False) -> None:
        """Give the events of the page to `listener` before Flet.

        `is_stranger` says that nobody is signed in yet: texts that were sent go on waiting.

        Flet does not know packed controls, and takes half a millisecond for an event of others.
        """

    @property
    def device_key(self) -> str:
        """The key of the device, from the storage of the page; "" without one.

        That of the desktop window is WINDOW_KEY.
        """

    def screen_shown(self, *, is_chat: bool) -> None:
        """The chat (`is_chat`), or the start screen, has been sent to the client.

        Until then the page covers it with what it shows while it loads.
        """

    def end(self, reason: str) -> None:
        """Close the connection, after what is on its way; `reason` is for the log."""

    def refuse_name(self, refusal: NameRefused) -> None:
        """Tell a stranger why their name is refused."""

    async def remove_prefix(self, client_id: str, text: str) -> bool:
        """Remove a stored text from the start of the focused field, in the client itself.

        False if no field has the focus, if its text starts otherwise, or without a page script.
        """

    def settle_send(self, client_id: str) -> None:
        """A text that the page sent needs nothing more: it is done, or stays in the field."""

    def press_send(self, text: str) -> bool:
        """Let the page send the text of its field, or `text`. False without a page script."""

    def report_context(
        self,
        path: str,
        edited_number: int,
        quoted_number: int,
        upload_ids: Sequence[str] | None,
    ) -> None:
        """Tell the page what its field is for; see `page_messages.ReportContext`."""

    def replace_text(self, index: int, old: str, new: str) -> bool:
        """Replace `old` at `index` (in UTF-16 code units) of the focused field by `new`.

        Nothing is replaced if another text is at that index, or while an input method composes.
        False without a page script.
        """

    def replace_input_text(self, index: int, old: str, new: str) -> bool:
        """Replace a text in the focused field of a dialog or a panel, as `replace_text` does."""

    def select_input_text(self) -> bool:
        """Select the text of the field of a dialog or a panel that gets the focus next.

        False without a page script.
        """

    @property
    def visibility(self) -> Visibility:
        """The visibility that the page reported last; active until the first report."""

    @property
    def has_semantics(self) -> bool:
        """Whether the page has the semantics tree, which a screen reader reads."""

    @property
    def reduces_motion(self) -> bool:
        """Whether the person wants less motion. (Flutter's own animations follow that already.)"""

    @property
    def pressed_point(self) -> Point | None:
        """Where the mouse or a finger was pressed just now.

        None without a press in the last seconds, and without a page script.
        """

    @property
    def notification_state(self) -> NotificationState:
        """Whether the client shows notifications, and why not."""

    def capture_completion_keys(self, enabled: bool) -> None:
        """Capture ↑, ↓, Tab, Enter and Escape in the message field: they become events only.

        A new connection starts without it.
        """

    def capture_list_arrows(self, enabled: bool) -> None:
        """Capture ↑ and ↓ in the field of a dialog: they become events only.

        A new connection starts without it.
        """

    def capture_choice_keys(self, enabled: bool) -> None:
        """Capture Tab, Enter and Escape in the field of a dialog: they become events only.

        A new connection starts without it.
        """

    def capture_list_keys(self, area: KeyArea) -> bool:
        """Capture the keys of a list of messages: they become events only.

        A new connection starts without it. False without a page script.
        """

    def announce(self, text: str) -> None:
        """Let a screen reader read a text, when it has read what it is reading."""

    def focus_field(self, *, allow_virtual_keyboard: bool = True) -> bool:
        """Focus the message field, as soon as no dialog is open. False without a page script.

        Without `allow_virtual_keyboard`, only on a device where this opens no on-screen keyboard.
        The page answers with `FieldFocusRequested` if only Flutter can give the focus.
        """

    def answer_back(self, *, has_closed: bool) -> None:
        """Back was pressed: it has closed something, or goes on."""

    def replace_path(self, path: str) -> None:
        """Let this path take the place of the page's, which stays one entry of its history.

        Nothing happens without a page script. Flet's `page.route` does not change.
        """

    def forget_keys(self) -> None:
        """The message field cannot have the focus now: forget the keys that wait for it."""

    def notify(self, title: str, body: str, path: str, tag: str, sound: bool) -> None:
        """Show a notification that opens `path`; it replaces one of the same tag."""

    def close_notifications(self, tags: Sequence[str], *, close_others: bool = False) -> None:
        """Close the notifications with these tags, or all others."""

    def switch_notifications(self, enabled: bool) -> None:
        """Switch notifications on or off on this device.

        The browser asks the person if it has not, which requires a click just before.
        """

    def fetch_token(self, token: str, code: str) -> bool:
        """Let the browser fetch the cookie of `token`, by which its session is resumed from now on.

        False without a page script.
        """

    def show_unread(self, count: int) -> None:
        """Show the unread count in the tab's title and on the app's icon; 0 shows none."""

    def set_preferences(self, theme: str, send_key: str) -> None:
        """Set the theme (`system`, `light` or `dark`) and the key that sends (`enter` or
        `ctrl+enter`)."""


def connection_of(page: ft.Page | ft.BasePage) -> ClientConnection | None:
    """The connection of this session, or None on a socket of Flet."""
    connection: Any = page.session.connection if isinstance(page, ft.Page) else None
    return connection if _is_client_connection(connection) else None


def scroll_time(connection: ClientConnection | None, milliseconds: int) -> int:
    """The time of a scroll: none for a person who wants less motion."""
    return 0 if connection is not None and connection.reduces_motion else milliseconds


# Checking a connection against the protocol takes 0.3 ms; the result is the same for its type.
_is_client_connection_by_type: dict[type, bool] = {}


def _is_client_connection(connection: object) -> bool:
    connection_type = type(connection)
    if connection_type not in _is_client_connection_by_type:
        _is_client_connection_by_type[connection_type] = isinstance(connection, ClientConnection)
    return _is_client_connection_by_type[connection_type]


Navigate = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class FieldSnapshot:
    """The text and the cursor of the field at one time; the cursor counts UTF-16 code units."""

    text: str
    cursor: int
