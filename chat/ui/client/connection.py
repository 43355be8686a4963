"""The chat's own connection to a client: frames, keys, and what the page's script does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import flet as ft

from chat.people.presence import Visibility
from chat.ui.client.files import FileClient

# A listener gets the id of a control, the name of an event, and its data (anything that the client
# sent). It returns what to do then, or None for an event that it does not know.
#
# An event of the page itself has the id PAGE_ID and the name PAGE_EVENT; its data is a `PageEvent`
# (`page_messages.py`). A client cannot forge one: what it sends as data is never of these types.
PAGE_ID = 0
PAGE_EVENT = "page"
EventListener = Callable[[int, str, object], Callable[[], Any] | None]


@runtime_checkable
class ClientConnection(FileClient, Protocol):
    """A connection that takes whole frames of Flet's protocol."""

    @property
    def busy(self) -> bool:
        """Whether frames wait for the client."""

    def send_frame(self, *parts: bytes) -> None:
        """Queue one frame, in order with what Flet itself sends."""

    def try_send(self, frame: bytes) -> bool:
        """Queue one frame, or be False if others wait."""

    def when_idle(self, callback: Callable[[], None]) -> None:
        """Call once when nothing waits any more."""

    def set_listener(self, listener: EventListener | None) -> None:
        """Ask `listener` first what happens when a control is touched.

        Flet does not know packed ones, and takes half a millisecond to tell of its own.
        """

    async def remove_prefix(self, text: str) -> bool:
        """Take `text` off the front of the field that has the focus, in the client itself.

        False if there is no such field, it does not begin so, or the client cannot.
        """

    def replace_text(self, index: int, old: str, new: str) -> bool:
        """Have `new` put into the place of `old` in the field that has the focus.

        Only if it stands at the index `at` (in UTF-16), and nothing is being composed. False if
        the client cannot.
        """

    @property
    def visibility(self) -> Visibility:
        """How the page is looked at; as if it were, until it says otherwise."""

    @property
    def may_notify(self) -> bool:
        """Whether the client may show notifications."""

    def capture_completion_keys(self, enabled: bool) -> None:
        """Have ↑, ↓, Tab, Enter and Escape in the field told of as picks, and nothing else done.

        It is off again in each new connection.
        """

    def capture_list_arrows(self, enabled: bool) -> None:
        """Have ↑ and ↓ in the field of a dialog told of as choices, and nothing else done.

        It is off again in each new connection.
        """

    def focus_field(self, *, allow_virtual_keyboard: bool = True) -> None:
        """Put the focus into the field that messages are written in, once no dialog is open.

        If not `anywhere`, only where that brings no keyboard up over the screen.
        """

    def notify(self, title: str, body: str, path: str, tag: str, sound: bool) -> None:
        """Show a notification that leads to `path`; it takes the place of one of the same tag."""

    def request_notification_permission(self) -> None:
        """Ask the person, who has just clicked, whether notifications may be shown."""

    def show_unread(self, count: int) -> None:
        """Show how much is unread, in the tab's title and on the app's icon."""

    def set_preferences(self, theme: str, send_key: str) -> None:
        """The person chose `system`, `light` or `dark`, and `enter` or `ctrl+enter` to send."""


def connection_of(page: ft.Page | ft.BasePage) -> ClientConnection | None:
    """The chat's own socket, if this session is on one."""
    connection: Any = page.session.connection if isinstance(page, ft.Page) else None
    return connection if _is_client_connection(connection) else None


# To compare a connection with all of the protocol takes 0.3 ms, and every kind of them is the same.
_is_client_connection_by_type: dict[type, bool] = {}


def _is_client_connection(connection: object) -> bool:
    connection_type = type(connection)
    if connection_type not in _is_client_connection_by_type:
        _is_client_connection_by_type[connection_type] = isinstance(connection, ClientConnection)
    return _is_client_connection_by_type[connection_type]


Navigate = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class FieldSnapshot:
    """What stood in the field at a moment, and where the cursor was, in UTF-16."""

    text: str
    cursor: int
