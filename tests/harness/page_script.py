"""The page's script of a headless user: keys, files and notifications (`docs/page-script.md`)."""

import asyncio
import json
import secrets
from dataclasses import asdict
from typing import Any

from chat.people.presence import Visibility
from chat.ui.client.connection import FieldSnapshot
from chat.ui.client.list_keys import KeyArea, ListKey
from chat.ui.client.name_refusal import NameRefused
from chat.ui.client.notification_state import NotificationState
from chat.ui.client.page_messages import (
    FIELD_LIMIT,
    PREFIX,
    AcceptFiles,
    AcceptKey,
    Announce,
    AreaStepKey,
    BackHandled,
    CaptureChoiceKeys,
    CaptureCompletionKeys,
    CaptureListArrows,
    CaptureListKeys,
    CloseDialogKey,
    CloseNotifications,
    CompletionAcceptKey,
    CompletionDismissKey,
    CompletionStepKey,
    Direction,
    EditLastKey,
    EscapeKey,
    FetchToken,
    FilesChosen,
    FileUnavailable,
    FocusField,
    ForgetFile,
    ForgetKeys,
    Heartbeat,
    ListAcceptKey,
    ListDismissKey,
    ListKeyPressed,
    ListStepKey,
    MarkAllReadKey,
    MotionReported,
    NotificationClicked,
    NotificationStateReported,
    OpenFileChooser,
    PageCommand,
    PageEvent,
    PageReady,
    PointerPressed,
    PressSend,
    QuickSwitcherKey,
    RemovePrefix,
    RemovePrefixReply,
    ReplaceInputText,
    ReplacePath,
    ReplaceText,
    ReportContext,
    ResumeWriting,
    RoomStepKey,
    SaveFile,
    ScreenShown,
    SearchKey,
    SelectInputText,
    SemanticsShown,
    SendKey,
    SendSettled,
    SetSendKey,
    SetTheme,
    SettingsKey,
    ShortcutsKey,
    ShowNotification,
    ShowUnread,
    SwitchNotifications,
    UploadFile,
    VisibilityReported,
    encode_event,
    parse_command,
    parse_event,
)
from tests.harness.client import HeadlessClient
from tests.harness.control_tree import Control, find_controls

# Frames of the page's own scripts begin with this.
SCRIPT_PREFIX = PREFIX

# The keys of `PageScript.presses`, and those of an open completion list.
_KEY_EVENTS: dict[str, PageEvent] = {
    "up": EditLastKey(),
    "escape": EscapeKey(),
    "escape outside of the field": CloseDialogKey(),
    "quick switcher": QuickSwitcherKey(),
    "search": SearchKey(),
    "settings": SettingsKey(),
    "shortcuts": ShortcutsKey(),
    "read all": MarkAllReadKey(),
    "F6": AreaStepKey(Direction.DOWN),
    "Shift+F6": AreaStepKey(Direction.UP),
    "list up": ListStepKey(Direction.UP),
    "list down": ListStepKey(Direction.DOWN),
    "room up": RoomStepKey(Direction.UP, unread=False),
    "room down": RoomStepKey(Direction.DOWN, unread=False),
    "unread up": RoomStepKey(Direction.UP, unread=True),
    "unread down": RoomStepKey(Direction.DOWN, unread=True),
}
_COMPLETION_KEY_EVENTS: dict[str, PageEvent] = {
    "up": CompletionStepKey(Direction.UP),
    "down": CompletionStepKey(Direction.DOWN),
    "escape": CompletionDismissKey(),
}
_CHOICE_KEY_EVENTS: dict[str, PageEvent] = {
    "tab": ListAcceptKey(),
    "enter": ListAcceptKey(),
    "escape": ListDismissKey(),
}
_ACCEPT_KEYS = {each.value: each for each in AcceptKey}


class PageScript:
    """The script of one page. If it is not `enabled` the page has none, like Flet's own page."""

    def __init__(self, client: HeadlessClient, *, enabled: bool = True) -> None:
        self._client = client
        self.enabled = enabled
        # The frames that the script (>) and the chat (<) sent to each other.
        self.frames: list[str] = []
        # The texts of the field after removals that are not reported yet; None if each is at once.
        self.late_changes: list[str] | None = None
        self.captures_completion_keys = False
        # Whether the text of the input that gets the focus next is selected.
        self.selects_next_input = False
        self.captures_list_arrows = self.captures_choice_keys = False
        self.key_area = KeyArea.FIELD
        # What a screen reader was to read.
        self.announced: list[str] = []
        self.notifications: list[dict[str, Any]] = []
        self.unread_badge = 0
        # What the field is for, as the chat said it last, and how often it has said so.
        self.context, self.context_count = ReportContext("", 0, 0, ()), 0
        # The texts that the chat has not settled, by client id.
        self.unsettled: dict[str, str] = {}
        self.heartbeats = 0
        # Whether each Back has closed something.
        self.back_answers: list[bool] = []
        # The path that took the place of the page's.
        self.path = ""
        self.screen_commands: list[ScreenShown | NameRefused] = []
        self.focus_commands: list[FocusField | ForgetKeys] = []
        # The answer of the person to the browser's question, and the current state.
        self.grants_notifications = True
        self.notification_state = NotificationState.NOT_ASKED
        self.stored_theme = ""
        self.ctrl_enter_sends = False
        # The chosen files by the script's numbers: their contents, and their upload URLs. While
        # `uploads_allowed` is not set, uploads wait.
        self.accepts_files = False
        self.file_contents: dict[int, bytes] = {}
        self.upload_urls: dict[int, str] = {}
        self.forgotten_files: list[int] = []
        self.download_urls: list[str] = []
        self.file_chooser_count = 0
        self.uploads_allowed = asyncio.Event()
        self.uploads_allowed.set()
        self._upload_tasks: set[asyncio.Task[None]] = set()

    async def on_connecting(self) -> None:
        """Start the script of a page that is being loaded, and report its state."""
        self.captures_completion_keys = False
        self.captures_list_arrows = self.captures_choice_keys = False
        self.key_area = KeyArea.FIELD
        self.accepts_files = False
        if self.enabled:
            await self.send_event(PageReady(self._client.device_key))
            await self.reports_visibility("looked at")
            await self.reports_notification_state(self.notification_state)

    async def on_frame(self, frame: bytes) -> None:
        """Run a command of the chat."""
        await self._run(parse_command(frame))

    def record(self, frame: bytes) -> None:
        """Record a command of the chat."""
        self.frames.append("< " + frame[1:].decode())

    async def send_event(self, event: PageEvent) -> None:
        """Send an event to the chat."""
        await self._send(encode_event(event))

    @property
    def field(self) -> Control | None:
        """The composer's field, if it is on the screen."""
        # (Rows are excluded because the tests look for the field often.)
        root = self._client.root
        fields = find_controls(root, "TextField", {"max_length": FIELD_LIMIT}, exclude="ListView")
        return fields[0] if fields else None

    @property
    def field_text(self) -> str:
        """The text in that field."""
        return "" if self.field is None else str(self.field.get("value", ""))

    async def _run(self, command: PageCommand) -> None:
        """Run a command of the chat."""
        match command:
            case RemovePrefix(client_id, text):
                self.unsettled.pop(client_id, None)
                await self._remove_prefix(text)
            case SendSettled(client_id):
                self.unsettled.pop(client_id, None)
            case PressSend():
                await self.presses_send_key(self.field_text)
            case ReportContext():
                self.context, self.context_count = command, self.context_count + 1
            case BackHandled(has_closed):
                self.back_answers.append(has_closed)
            case ReplacePath(path):
                self.path = path
                self._client.url_history[-1] = path
            case Heartbeat():
                self.heartbeats += 1
            case ReplaceText(index, old, new):
                if (field := self.field) is not None:
                    await self._replace_text(field, index, old, new)
            case SelectInputText():
                self.selects_next_input = True
            case ReplaceInputText(index, old, new):
                if (field := self._client.typed_field) is not None:
                    await self._replace_text(field, index, old, new)
            case CaptureCompletionKeys(on):
                self.captures_completion_keys = on
            case CaptureListKeys(area):
                self.key_area = area
            case Announce(text):
                self.announced.append(text)
            case CaptureListArrows(on):
                self.captures_list_arrows = on
            case CaptureChoiceKeys(on):
                self.captures_choice_keys = on
            case ShowNotification():
                self.notifications.append(asdict(command))
            case CloseNotifications(tags, close_others):
                self.notifications = [
                    each for each in self.notifications if (each["tag"] in tags) is close_others
                ]
            case SwitchNotifications(on):
                await self._switch_notifications(on)
            case ShowUnread(count):
                self.unread_badge = count
            case FetchToken(code):
                await self._client.fetches_token(code)
            case SetTheme(theme):
                self.stored_theme = theme
            case SetSendKey(ctrl_enter):
                self.ctrl_enter_sends = ctrl_enter
            case FocusField() | ForgetKeys():
                self.focus_commands.append(command)  # this client has no focus
            case ScreenShown() | NameRefused():
                self.screen_commands.append(command)
            case _:
                self._run_file_command(command)

    def _run_file_command(
        self, command: AcceptFiles | OpenFileChooser | ForgetFile | SaveFile | UploadFile
    ) -> None:
        """Run a command about files."""
        match command:
            case AcceptFiles(on):
                self.accepts_files = on
            case OpenFileChooser():
                self.file_chooser_count += 1
            case ForgetFile(number):
                self.forgotten_files.append(number)
            case SaveFile(url):
                self.download_urls.append(url)
            case UploadFile(number, url):
                self.upload_urls[number] = url
                task = asyncio.create_task(self._upload_file(number, url))
                self._upload_tasks.add(task)
                task.add_done_callback(self._upload_tasks.discard)

    async def _upload_file(self, number: int, url: str) -> None:
        await self.uploads_allowed.wait()
        await self._client.http_put(url, self.file_contents[number])

    async def chooses_files(self, *files: tuple[str, bytes]) -> list[int]:
        """Choose files, or drop them; returns their numbers."""
        first = len(self.file_contents) + 1
        numbers = list(range(first, first + len(files)))
        self.file_contents |= dict(zip(numbers, (content for _, content in files), strict=True))
        listed = [[n, name, len(data)] for n, (name, data) in zip(numbers, files, strict=True)]
        await self.reports_files(listed)
        return numbers

    async def reports_files(self, report: object) -> None:
        """Report files that were chosen, or one that cannot be sent.

        (With the spaces of `json.dumps`, which `encode_event` leaves out as the scripts do: the
        golden frames have them.)
        """
        frame = SCRIPT_PREFIX + b"f" + json.dumps(report).encode()
        assert isinstance(parse_event(frame), FilesChosen | FileUnavailable)
        await self._send(frame)

    async def _remove_prefix(self, text: str) -> None:
        """Remove a text that is stored from the beginning of the field."""
        field = self.field
        value = "" if field is None else str(field.get("value", ""))
        if field is None or not value.startswith(text):
            await self.send_event(RemovePrefixReply(False))
            return
        rest = value.removeprefix(text)
        if self.late_changes is None:
            await self._type(rest)
        else:
            field["value"] = rest
            self.late_changes.append(rest)
        await self.send_event(RemovePrefixReply(True))

    async def reports_late_changes(self) -> None:
        """Report the removals of stored texts that were kept, and keep no more."""
        changes, self.late_changes = self.late_changes or [], None
        for text in changes:
            assert self.field is not None, "there is no composer on the screen"
            await self._client.reports_set(self.field, value=text)
            await self._client.fires(self.field, "change", text)

    async def _replace_text(self, field: Control, start_unit: int, old: str, new: str) -> None:
        """Replace a part of the text in a field."""
        units = str(field.get("value", "")).encode("utf-16-le")
        start, old_units = 2 * start_unit, old.encode("utf-16-le")
        if units[start:].startswith(old_units):
            replaced = units[:start] + new.encode("utf-16-le") + units[start + len(old_units) :]
            await self._type(replaced.decode("utf-16-le"), field)

    async def presses(self, key: str) -> None:
        """Press one of `_KEY_EVENTS`, or any of five keys while they are captured."""
        event = _KEY_EVENTS.get(key)
        if self.captures_completion_keys:
            event = _COMPLETION_KEY_EVENTS.get(key, event)
            if (accept_key := _ACCEPT_KEYS.get(key)) is not None:
                text = self.field_text
                client_id = self._new_client_id(text) if accept_key is AcceptKey.ENTER else ""
                field = FieldSnapshot(text, len(text))
                event = CompletionAcceptKey(accept_key, field, client_id, self.context.path)
        if self.captures_choice_keys:
            event = _CHOICE_KEY_EVENTS.get(key, event)
        assert event is not None, f"the page's scripts do not report the key {key}"
        await self.send_event(event)

    async def presses_at(self, x: int, y: int) -> None:
        """Press the mouse button, or a finger, at a place of the window."""
        await self.send_event(PointerPressed(x, y))

    async def presses_in_list(self, *keys: str) -> None:
        """Press keys, values of `ListKey`, while those of a list are captured."""
        for each in keys:
            assert self.key_area is not KeyArea.FIELD, "the keys are those of the field"
            await self.send_event(ListKeyPressed(ListKey(each)))

    async def presses_send_key(self, text: str) -> str:
        """Press the key that sends, while the field has this text; returns the text's id."""
        client_id = self._new_client_id(text)
        context = self.context
        await self.send_event(SendKey(client_id, context.edited_number, text, context.path))
        return client_id

    async def resumes(self, path: str, *, edited: int, quoted: int, text: str) -> None:
        """Go on with an edit or a reply after a reload."""
        await self.send_event(ResumeWriting(path, edited, quoted, text))

    def _new_client_id(self, text: str) -> str:
        client_id = secrets.token_hex(16)
        self.unsettled[client_id] = text.removeprefix("".join(self.unsettled.values()))
        return client_id

    async def reports_visibility(self, visibility: str) -> None:
        """Report how visible the page is, as a value of `Visibility`."""
        await self.send_event(VisibilityReported(Visibility(visibility)))

    async def shows_semantics(self) -> None:
        """Report that the page has the semantics tree, which a screen reader reads."""
        await self.send_event(SemanticsShown())

    async def reports_motion(self, *, is_reduced: bool) -> None:
        """Report whether the person wants less motion."""
        await self.send_event(MotionReported(is_reduced))

    async def reports_notification_state(self, state: NotificationState) -> None:
        """Report whether the browser shows notifications, and why not."""
        self.notification_state = state
        await self.send_event(NotificationStateReported(state))

    async def _switch_notifications(self, on: bool) -> None:
        """Switch notifications on or off; the person answers the browser's question."""
        state = NotificationState.ALLOWED if on else NotificationState.OFF
        if on and not self.grants_notifications:
            state = self.notification_state
        await self.reports_notification_state(state)

    async def clicks_notification(self, notification: dict[str, Any]) -> None:
        """Click a notification that was shown."""
        await self.send_event(NotificationClicked(notification["path"]))

    async def _type(self, text: str, field: Control | None = None) -> None:
        field = field or self.field
        assert field is not None, "there is no composer on the screen"
        await self._client.fills(field, text)
        await self._client.fires(field, "change", text)

    async def _send(self, frame: bytes) -> None:
        self.frames.append("> " + frame[1:].decode())
        await self._client.send_bytes(frame)
