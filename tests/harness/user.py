"""A headless user of the chat: an object for each part of the screen."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from tests.harness.client import HeadlessClient
from tests.harness.composer import Composer
from tests.harness.control_tree import Control
from tests.harness.dialogs import (
    EmojiPicker,
    MessageMenu,
    NotificationDialog,
    OpenDialog,
    QuickSwitcher,
    RoomDialog,
    RoomsDialog,
    SearchDialog,
    Snackbar,
)
from tests.harness.page_script import PageScript
from tests.harness.panels import SidePanel
from tests.harness.sidebar import RoomHeader, Sidebar
from tests.harness.timeline import ThreadPane, Timeline
from tests.harness.waiting import wait_until

_ARCHIVED = "This room is archived: it can be read, and nothing new is said here."


class ChatUser(HeadlessClient):
    """A person with one tab. `options` are the arguments of `HeadlessClient`.

    Without the page script the tab is like Flet's own page.
    """

    def __init__(self, address: str, *, has_script: bool = True, **options: Any) -> None:
        super().__init__(address, **options)
        self.page_script = PageScript(self, enabled=has_script)
        self.timeline = Timeline(self)
        self.thread = ThreadPane(self)
        self.panel = SidePanel(self)
        self.header = RoomHeader(self)
        self.sidebar = Sidebar(self, self.header, self.timeline, script=self.page_script)
        self.composer = Composer(self, self.page_script)
        self.snackbar = Snackbar(self)
        self.dialog = dialog = OpenDialog(self)
        self.rooms_dialog = RoomsDialog(self, dialog, self.sidebar)
        self.room_dialog = RoomDialog(self, dialog)
        self.notification_dialog = NotificationDialog(self, dialog)
        self.search_dialog = SearchDialog(self, dialog)
        self.quick_switcher = QuickSwitcher(self, dialog, self.page_script)
        self.emoji_picker = EmojiPicker(self, dialog)
        self.message_menu = MessageMenu(self, dialog, self.timeline, self.emoji_picker)

    async def on_connecting(self) -> None:
        await self.page_script.on_connecting()

    def on_script_frame_received(self, frame: bytes) -> None:
        self.page_script.record(frame)

    async def on_script_frame(self, frame: bytes) -> None:
        await self.page_script.on_frame(frame)

    @property
    def name_field(self) -> Control:
        """The field of the welcome dialog."""
        return self.find("TextField", label=self.t("Enter your name to join the chat"))[-1]

    async def signs_in(self, name: str) -> "ChatUser":
        """Start chat, type a name, join, and wait for the room."""
        await self.clicks("Start chat")
        await self.until(lambda: self.find("AlertDialog", open=True))
        await self.fills(self.name_field, name)
        await self.presses_enter(self.name_field)
        welcome = self.t("Welcome, {name}!", name="").rstrip("!！")
        await self.until(lambda: self.composer.control is not None and self.sees_partial(welcome))
        await self.until(lambda: self.timeline.texts)
        return self

    async def opens_as(self, name: str, path: str = "/chat") -> "ChatUser":
        """Open an address with a name as a stranger, who only has to press Enter."""
        await self.opens(f"{path}?username={quote(name)}")
        await self.until(lambda: self.find("AlertDialog", open=True))
        assert self.name_field["value"] == name
        await self.presses_enter(self.name_field)
        await self.until(lambda: self.composer.control is not None and self.timeline.texts)
        return self

    async def opens_thread(self, text: str) -> None:
        """Open the thread of a message in the place of its room, by the menu of the message."""
        await self.goes_to_thread(self.message_menu.runs(text, "Reply in thread"))

    async def goes_to_thread(self, click: Awaitable[None]) -> None:
        """Click what leads to a thread in the place of its room, and wait until it is shown.

        The title comes before the field of the thread.
        """
        count = self.page_script.context_count
        await click
        await self.until(
            lambda: (
                self.header.title == "Thread"
                and (not count or self.page_script.context_count > count)
                and self.sidebar.is_at_its_address
                and self.timeline.texts
            )
        )

    async def opens_profile_editor(self) -> None:
        """Open one's own profile, by the settings."""
        await self.clicks("Settings")
        await self.clicks("Edit your profile")
        await self.waits_for_control("TextField", label="Status")

    async def leaves_chat(self) -> None:
        """Leave the chat for good, by the settings."""
        await self.clicks("Settings")
        await self.clicks("Leave this chat")
        await self.clicks("Leave for good")
        await self.until(lambda: self.sees(self.t("Start chat")))

    @property
    def screen_state(self) -> object:
        """The parts of the screen that are the same in a new tab."""
        other_rooms = {
            title: unread_label
            for title, unread_label in self.sidebar.rooms.items()
            if title != self.header.title
        }
        return (
            self.header.title,
            self.sidebar.selected_room,
            other_rooms,
            self.timeline.texts_without_divider,
        )

    async def waits_until(self, condition: Callable[["ChatUser"], Any]) -> None:
        """Wait until a condition is true of this user's screen."""
        await self.until(lambda: condition(self))

    async def waits_until_read_only(self) -> None:
        """Wait until the reason is shown in place of the field."""
        await self.until(lambda: self.composer.control is None and self.header.title)
        reason = self.find("Text", value=self.t(_ARCHIVED))
        assert reason[0]["color"] == "onsurfacevariant", "this is no error"
        assert self.header.topic.startswith("Archived.")

    async def waits_until_writable(self) -> None:
        """Wait until the field is enabled."""
        await self.until(lambda: self.composer.control is not None)
        assert not self.sees_partial("This room is archived")

    async def waits_until_same_screen_as(self, other: "ChatUser") -> None:
        """Wait until the screen is the same as the other's, whose frames may arrive later."""
        try:
            await wait_until(lambda: self.screen_state == other.screen_state)
        except TimeoutError:
            assert self.screen_state == other.screen_state
            raise
