"""A person without a browser: speaks Flet's protocol to the real server and keeps the screen.

The wire: binary frames of `[0x00][msgpack [action, body]]`. From the client: 1 REGISTER
{session_id, page_name, page}, 3 EVENT {target, name, data}, 4 SET {id, props}, 5 RESULT. From the
server: 1 {session_id, page_patch, error}, 2 PATCH {id, patch: [tree, [op, node, key, value] …]}
with op 0 replace, 1 add, 2 remove, 3 move, 5 INVOKE, 6 CRASHED. A tree is
[node, {key: subtree}]; nodes are numbered as they are met.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import httpx
import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat.languages import negotiate_language
from chat.people.presence import Visibility
from chat.ui.client.connection import FieldSnapshot
from chat.ui.client.page_messages import (
    PREFIX,
    AcceptFiles,
    AcceptKey,
    CaptureCompletionKeys,
    CaptureListArrows,
    CompletionAcceptKey,
    CompletionDismissKey,
    CompletionStepKey,
    Direction,
    EditLastKey,
    EscapeKey,
    FilesChosen,
    FileUnavailable,
    FocusField,
    ForgetFile,
    ListStepKey,
    MarkAllReadKey,
    NotificationClicked,
    NotificationPermission,
    OpenFileChooser,
    PageCommand,
    PageEvent,
    PageReady,
    QuickSwitcherKey,
    RemovePrefix,
    RemovePrefixReply,
    ReplaceText,
    RequestNotificationPermission,
    RoomStepKey,
    SaveFile,
    SelectionReported,
    SendKey,
    SetSendKey,
    SetTheme,
    ShortcutsKey,
    ShowNotification,
    ShowUnread,
    UploadFile,
    VisibilityReported,
    encode_event,
    parse_command,
    parse_event,
)
from tests.harness.control_tree import Control, ControlTree, find_controls, texts_of
from tests.harness.http import http_client

# Frames of the page's own scripts begin with this; docs/page-script.md has a table of them.
SCRIPT_PREFIX = PREFIX

# The keys of `HeadlessClient.presses`, and those that the scripts capture while they are asked to.
_KEY_EVENTS: dict[str, PageEvent] = {
    "up": EditLastKey(),
    "escape": EscapeKey(),
    "jump": QuickSwitcherKey(),
    "overview": ShortcutsKey(),
    "read all": MarkAllReadKey(),
    "choose up": ListStepKey(Direction.UP),
    "choose down": ListStepKey(Direction.DOWN),
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
_ACCEPT_KEYS = {each.value: each for each in AcceptKey}

REGISTER, PATCH, EVENT, SET, INVOKE, CRASHED = 1, 2, 3, 4, 5, 6

# Whatever is said with `secret("plans", …)` reaches nobody but those whose `knows` has "plans":
# every frame that anybody receives in any test is looked through for it.
SECRET = "§secret§"
_SECRET_PATTERN = re.compile(f"{SECRET}([a-z]*)")

# How high a row is on a headless screen, and the list that it stands in, in pixels.
ROW_HEIGHT, LIST_HEIGHT = 40.0, 600.0


def secret(name: str, text: str = "") -> str:
    """A text for those who know of `name`, a word of small letters."""
    return f"{SECRET}{name} {text}".strip()


_NO_INSETS = {"left": 0.0, "top": 0.0, "right": 0.0, "bottom": 0.0}


def page_properties(route: str, width: float, height: float) -> Control:
    """What Flet's client tells of itself when it registers."""
    return {
        "route": route,
        "pwa": False,
        "web": True,
        "debug": False,
        "wasm": True,
        "test": False,
        "multi_view": False,
        "pyodide": False,
        "platform_brightness": "light",
        "width": width,
        "height": height,
        "platform": "linux",
        "window": {},
        "media": {
            "padding": dict(_NO_INSETS),
            "view_padding": dict(_NO_INSETS),
            "view_insets": dict(_NO_INSETS),
            "device_pixel_ratio": 1.0,
            "orientation": "landscape",
            "always_use_24_hour_format": False,
        },
    }


class HeadlessClient:
    """One browser with its cookies, and the tab that is open in it."""

    def __init__(
        self,
        address: str,
        *,
        zone: str = "UTC",
        width: float = 1280,
        language: str = "en",
        has_script: bool = True,
    ) -> None:
        self.address = address
        self.language, self.t = language, negotiate_language(language)
        self.cookies: dict[str, str] = {"flet_chat_zone": zone}
        self.width = width
        self.session_id: str | None = None
        self.root: Control = {}
        self.crashes: list[str] = []
        self.received = bytearray()
        self.invoked_methods: list[str] = []
        # What was copied, and the addresses that the browser's back button leads through.
        self.copied_texts: list[str] = []
        self.url_history: list[str] = []
        self.known_secrets: set[str] = set()
        self.leaked_secrets: set[str] = set()
        # As a browser whose focus works; a client that is frozen does not answer.
        self.answers_invocations = True
        # Flet's own page, and its window, have none of the chat's.
        self.has_script = has_script
        # While it is not set, what comes is on its way still.
        self.receiving = asyncio.Event()
        self.receiving.set()
        # What the server asked of the page's script, and what its person thinks of notifications.
        self.captures_completion_keys = self.captures_list_arrows = False
        self.notifications: list[dict[str, Any]] = []
        self.unread_badge = 0
        # Files that were chosen, by the script's numbers: what is in them, and where the chat wants
        # them. While `sends_files` is not set they wait.
        self.accepts_files = False
        self.file_contents: dict[int, bytes] = {}
        self.upload_urls: dict[int, str] = {}
        self.forgotten_files: list[int] = []
        self.download_urls: list[str] = []
        self.file_chooser_count = 0
        self.uploads_allowed = asyncio.Event()
        self.uploads_allowed.set()
        self._upload_tasks: set[asyncio.Task[None]] = set()
        self.stored_theme = ""
        self.ctrl_enter_sends = False
        self.grants_notifications = True
        self.notifications_allowed = False
        # How far each list was scrolled.
        self._scroll_offsets: dict[int, float] = {}
        # What the page's script (>) and the chat (<) said to each other.
        self.talked: list[str] = []
        self._tree = ControlTree()
        self._socket: ClientConnection | None = None
        self._listen_task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def opens(self, path: str = "/") -> "HeadlessClient":
        """Load the page as a browser does, and connect; a reload keeps the session's name."""
        async with http_client(cookies=self.cookies) as http:
            response = await http.get(self.address + path)
            response.raise_for_status()
            self._check_for_leaks(response.content)
            self.cookies.update(response.cookies)
        self.url_history = [path]
        await self.connects(path)
        return self

    async def connects(self, path: str = "/") -> None:
        """Connect the socket and register."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._socket = await connect(
            self.address.replace("http", "ws", 1) + "/ws",
            additional_headers={
                "Cookie": cookie,
                "User-Agent": "person",
                "Accept-Language": self.language,
            },
            max_size=None,
            proxy=None,
        )
        self._tree = ControlTree()
        self.captures_completion_keys = self.captures_list_arrows = False
        self.accepts_files = False
        if self.has_script:
            await self._send_event(PageReady())
            await self.reports_visibility("looked at")
            await self.allows_notifications(self.notifications_allowed)
        page = page_properties(path, self.width, 800.0)
        await self.send_frame(
            REGISTER, {"session_id": self.session_id, "page_name": "", "page": page}
        )
        self._listen_task = asyncio.create_task(self._listen(self._socket))
        await self.until(lambda: bool(self.root))

    async def disconnects(self) -> None:
        """The connection ends, as when a tab is closed or a network goes."""
        if self._socket is not None:
            await self._socket.close()
        if self._listen_task is not None:
            await self._listen_task
        self.root = {}
        assert not self.leaked_secrets, (
            f"somebody was told what they may not know: {self.leaked_secrets}"
        )

    async def waits_until_disconnected(self) -> int | None:
        """Wait until the server has ended the connection. Returns the close code."""
        assert self._socket is not None, "not connected"
        await self._socket.wait_closed()
        return self._socket.close_code

    async def reloads(self, path: str = "/") -> None:
        """Load the page again in the same tab."""
        await self.disconnects()
        await self.opens(path)

    async def signs_in(self, name: str) -> "HeadlessClient":
        """Start chat, type a name, join, and wait for the room."""
        await self.clicks("Start chat")
        await self.until(lambda: self.find("AlertDialog", open=True))
        await self.fills(self.name_field, name)
        await self.presses_enter(self.name_field)
        welcome = self.t("Welcome, {name}!", name="").rstrip("!！")
        await self.until(lambda: self.composer is not None and self.sees_partial(welcome))
        return self

    async def posts(self, text: str) -> None:
        """Type into the composer and press Enter, then wait until the field is empty."""
        await self.types(text)
        await self.sends()
        await self.until(lambda: self.composer_text == "")

    async def types(self, text: str) -> None:
        """Put words into the composer."""
        await self.fills(self.composer_field, text)
        await self.fires(self.composer_field, "change", text)

    async def sends(self) -> None:
        """Press Enter in the composer."""
        await self.presses_enter(self.composer_field)

    @property
    def address_bar(self) -> str:
        """The path that the browser shows."""
        return self.url_history[-1]

    async def goes_back(self) -> None:
        """The browser's back button."""
        self.url_history.pop()
        await self._report_route()

    @property
    def control_ids(self) -> list[int]:
        """The ids of all controls that this client ever had."""
        return list(self._tree.controls_by_id)

    @property
    def token(self) -> str:
        """The token that this browser was given."""
        (token,) = (v for k, v in self.cookies.items() if k not in {"flet_chat_zone"})
        return token

    @property
    def composer(self) -> Control | None:
        """The field that messages are written in."""
        hint = self.t("Write a message…")
        # (It is looked for all the time, and never among the rows.)
        found = find_controls(self.root, "TextField", {"hint_text": hint}, exclude="ListView")
        return found[0] if found else None

    @property
    def composer_field(self) -> Control:
        """The composer, which has to be there."""
        composer = self.composer
        assert composer is not None, "there is no composer on the screen"
        return composer

    @property
    def name_field(self) -> Control:
        """The field of the welcome dialog."""
        return self.find("TextField", label=self.t("Enter your name to join the chat"))[-1]

    @property
    def composer_text(self) -> str:
        """What stands in the composer."""
        return str(self.composer_field.get("value", ""))

    @property
    def timeline_texts(self) -> list[str]:
        """Everything that the timeline shows, from the top: names, times, texts, lines."""
        lists = self.find("ListView", reverse=True)
        rows = lists[0].get("controls", []) if lists else []
        return [text for row in reversed(rows) for text in texts_of(row)]

    async def waits_for_message(self, text: str) -> None:
        """Wait until a text is in the timeline."""
        await self.until(lambda: text in self.timeline_texts)

    async def waits_until_message_gone(self, text: str) -> None:
        """Wait until a text is not in the timeline any more."""
        await self.until(lambda: text not in self.timeline_texts)

    async def waits_for_text(self, text: str) -> None:
        """Wait until a text is anywhere on the screen."""
        await self.until(lambda: self.sees(text))

    async def waits_until_timeline_grows(self, than: int) -> None:
        """Wait until the timeline shows more than `than` texts."""
        await self.until(lambda: len(self.timeline_texts) > than)

    def sees(self, text: str) -> bool:
        """Whether exactly this text is somewhere on the screen."""
        return text in texts_of(self.root)

    def sees_partial(self, part: str) -> bool:
        """Whether a text that holds `part` is somewhere on the screen."""
        return any(part in text for text in texts_of(self.root))

    def find(self, kind: str, **props: Any) -> list[Control]:
        """The controls of a kind with these properties, in the order of the tree."""
        return find_controls(self.root, kind, props)

    async def clicks(self, label: str) -> None:
        """Click what is called `words` (in the person's language): a button, or its tooltip."""
        label = self.t(label)

        def buttons() -> list[Control]:
            kinds = ("Filled", "FilledTonal", "Outlined", "Text", "Icon")
            return [
                each
                for kind in kinds
                for each in self.find(f"{kind}Button")
                if label in (each.get("content"), each.get("tooltip")) or label in texts_of(each)
            ]

        await self.until(buttons)
        await self.fires(buttons()[-1], "click")

    async def opens_message_menu(self, text: str) -> None:
        """Tap beside a message: what can be done with it is shown."""

        def find_gutter(value: Any) -> Control | None:
            if isinstance(value, dict):
                is_side = value.get("_c") == "Container" and value.get("width") == 36
                if is_side and value.get("on_click"):
                    return value
                value = list(value.values())
            if isinstance(value, list):
                return next((found for each in value if (found := find_gutter(each))), None)
            return None

        await self.until(lambda: find_gutter(self.row(text)))
        gutter = find_gutter(self.row(text))
        assert gutter is not None
        await self.fires(gutter, "click")

    @property
    def rows(self) -> list[Control]:
        """The rows of the timeline, the newest first."""
        lists = self.find("ListView", reverse=True)
        return list(lists[0].get("controls", [])) if lists else []

    def row(self, text: str) -> Control | None:
        """The newest row that says a text; what it quotes is said elsewhere."""
        return next((row for row in self.rows if text in texts_of(row, quotes=False)), None)

    async def presses(self, key: str) -> None:
        """Press one of `_KEY_EVENTS`, or any of five keys while they are captured."""
        event = _KEY_EVENTS.get(key)
        if self.captures_completion_keys:
            event = _COMPLETION_KEY_EVENTS.get(key, event)
            if (accept_key := _ACCEPT_KEYS.get(key)) is not None:
                text = self.composer_text
                event = CompletionAcceptKey(accept_key, FieldSnapshot(text, len(text)))
        assert event is not None, f"the page's scripts do not report the key {key}"
        await self._send_event(event)

    async def moves_cursor(self, start: int, end: int) -> None:
        """Put the cursor somewhere in the field, or mark something, and click elsewhere."""
        await self._send_event(SelectionReported(start, end))

    async def reports_visibility(self, visibility: str) -> None:
        """Look at the page, have it `in view` beside another, in the `background`, or be `idle`."""
        await self._send_event(VisibilityReported(Visibility(visibility)))

    async def allows_notifications(self, allowed: bool) -> None:
        """Allow notifications, or forbid them."""
        self.notifications_allowed = allowed
        await self._send_event(NotificationPermission(allowed))

    async def clicks_notification(self, notification: dict[str, Any]) -> None:
        """Click a notification that was shown."""
        await self._send_event(NotificationClicked(notification["path"]))

    async def scrolls(self, pixels: float, extent: float) -> None:
        """Tell the server that the timeline stands `pixels` above its bottom."""
        await self._report_scroll(self.find("ListView", reverse=True)[0], pixels, extent)

    async def _report_scroll(self, list_control: Control, pixels: float, extent: float) -> None:
        data = {
            "event_type": "update",
            "pixels": pixels,
            "min_scroll_extent": 0.0,
            "max_scroll_extent": extent,
            "viewport_dimension": LIST_HEIGHT,
        }
        await self.fires(list_control, "scroll", data)

    async def fills(self, field: Control, text: str) -> None:
        """Type `text` into a field; the real client shows it at once, and so does this one."""
        field["value"] = text
        await self.send_frame(SET, {"id": field["_i"], "props": {"value": text}})

    async def presses_enter(self, field: Control) -> None:
        """Submit a field; of the composer the page's script says what stands there."""
        if field is self.composer and self.captures_completion_keys:
            await self.presses("enter")
        elif field is self.composer and self.has_script:
            await self._send_event(SendKey(field.get("value", "")))
        else:
            await self.fires(field, "submit")

    async def sets(self, control: Control, **props: Any) -> None:
        """Change what a control has; the real client shows it at once, and says so."""
        control |= props
        await self.send_frame(SET, {"id": control["_i"], "props": props})

    async def fires(self, control: Control, name: str, data: Any = None) -> None:
        """Send an event of a control."""
        await self.send_frame(EVENT, {"target": control["_i"], "name": name, "data": data})

    async def resizes(self, width: float) -> None:
        """Make the window wider or narrower."""
        self.width = width
        await self.send_frame(SET, {"id": 1, "props": {"width": width}})
        data = {"width": width, "height": 800.0}
        await self.send_frame(EVENT, {"target": 1, "name": "resize", "data": data})

    async def until(self, condition: Callable[[], Any], seconds: float = 5) -> None:
        """Wait until `seen()` is true of the screen. Raises AssertionError with what is there."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not seen; the screen shows {texts_of(self.root)}") from None

    async def send_frame(self, action: int, body: Any) -> None:
        assert self._socket is not None, "not connected"
        await self._socket.send(b"\x00" + msgpack.packb([action, body]))

    async def _send_event(self, event: PageEvent) -> None:
        await self._send_script(encode_event(event))

    async def _send_script(self, frame: bytes) -> None:
        assert self._socket is not None, "not connected"
        self.talked.append("> " + frame[1:].decode())
        await self._socket.send(frame)

    async def _handle_script_command(self, command: PageCommand) -> None:
        """As the page's scripts: do what the server asks."""
        await self.receiving.wait()
        match command:
            case RemovePrefix(text):
                await self._remove_prefix(text)
            case ReplaceText(index, old, new):
                await self._replace_text(index, old, new)
            case CaptureCompletionKeys(on):
                self.captures_completion_keys = on
            case CaptureListArrows(on):
                self.captures_list_arrows = on
            case ShowNotification():
                self.notifications.append(asdict(command))
            case RequestNotificationPermission():
                await self.allows_notifications(self.grants_notifications)
            case ShowUnread(count):
                self.unread_badge = count
            case SetTheme(theme):
                self.stored_theme = theme
            case SetSendKey(ctrl_enter):
                self.ctrl_enter_sends = ctrl_enter
            case FocusField():
                pass  # this client has no focus
            case _:
                self._handle_file_command(command)
        self._changed.set()

    def _handle_file_command(
        self, command: AcceptFiles | OpenFileChooser | ForgetFile | SaveFile | UploadFile
    ) -> None:
        """As the page's scripts: files."""
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
        await self.http_put(url, self.file_contents[number])

    async def http_put(self, path: str, content: Any) -> httpx.Response:
        """Send bytes to an address, as a browser does."""
        origin = {"origin": self.address}
        async with http_client(cookies=self.cookies) as http:
            return await http.put(self.address + path, content=content, headers=origin)

    async def http_get(self, path: str) -> httpx.Response:
        """Fetch something, as a browser does."""
        async with http_client(cookies=self.cookies) as http:
            return await http.get(self.address + path)

    async def chooses_files(self, *files: tuple[str, bytes]) -> list[int]:
        """Choose files, or drop them; returns their numbers."""
        first = len(self.file_contents) + 1
        numbers = list(range(first, first + len(files)))
        self.file_contents |= dict(zip(numbers, (content for _, content in files), strict=True))
        listed = [[n, name, len(data)] for n, (name, data) in zip(numbers, files, strict=True)]
        await self.reports_files(listed)
        return numbers

    async def reports_files(self, report: object) -> None:
        """As the page's script: of files that were chosen, or of one that cannot be sent.

        (With the spaces of `json.dumps`, which `encode_event` leaves out as the scripts do: the
        golden frames have them.)
        """
        frame = SCRIPT_PREFIX + b"f" + json.dumps(report).encode()
        assert isinstance(parse_event(frame), FilesChosen | FileUnavailable)
        await self._send_script(frame)

    async def _remove_prefix(self, text: str) -> None:
        """As the page's script: take a stored text off the front of the field."""
        field = self.composer
        value = "" if field is None else str(field.get("value", ""))
        if field is None or not value.startswith(text):
            await self._send_event(RemovePrefixReply(False))
            return
        await self.fills(field, value.removeprefix(text))
        await self.fires(field, "change", field["value"])
        await self._send_event(RemovePrefixReply(True))

    async def _replace_text(self, start_unit: int, old: str, new: str) -> None:
        """As the page's script: put a text into the place of another."""
        units = self.composer_text.encode("utf-16-le")
        start, old_units = 2 * start_unit, old.encode("utf-16-le")
        if units[start:].startswith(old_units):
            replaced = units[:start] + new.encode("utf-16-le") + units[start + len(old_units) :]
            await self.types(replaced.decode("utf-16-le"))

    async def _listen(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in socket:
                assert isinstance(frame, bytes)
                self.received += frame
                self._check_for_leaks(frame)
                if frame.startswith(SCRIPT_PREFIX):
                    self.talked.append("< " + frame[1:].decode())
                    await self._handle_script_command(parse_command(frame))
                    continue
                action, body = msgpack.unpackb(frame[1:], strict_map_key=False)
                await self._apply_frame(action, body)
                self._changed.set()
        self._changed.set()

    async def _apply_frame(self, action: int, body: Any) -> None:
        if action == REGISTER:
            self.session_id = body["session_id"]
            self.root = body["page_patch"]
            self._tree.register(self.root)
        elif action == PATCH:
            root = self._tree.controls_by_id.get(body["id"])
            if root is not None:
                self._tree.apply_patch(root, body["patch"])
                await self._dismiss_closed_dialogs()
        elif action == INVOKE and self.answers_invocations:
            self.invoked_methods.append(body["name"])
            await self._on_invocation(body["control_id"], body["name"], body.get("args") or {})
            result = {"control_id": body["control_id"], "call_id": body["call_id"]}
            await self.send_frame(INVOKE, {**result, "result": None, "error": None})
        elif action == CRASHED:
            self.crashes.append(body["message"])

    async def _on_invocation(self, control_id: int, name: str, args: dict[str, Any]) -> None:
        """Do what the real client does before it answers."""
        if name == "push_route":
            self.url_history.append(args["route"])
            await self._report_route()
        elif name == "set" and "data" in args:
            self.copied_texts.append(args["data"])
        elif (
            name == "scroll_to" and (found := self._tree.controls_by_id.get(control_id)) is not None
        ):
            await self._on_scroll_to(found, args)

    async def _report_route(self) -> None:
        route = {"route": self.url_history[-1]}
        await self.send_frame(SET, {"id": 1, "props": route})
        await self.send_frame(EVENT, {"target": 1, "name": "route_change", "data": route})

    async def _on_scroll_to(self, list_control: Control, args: dict[str, Any]) -> None:
        """A list tells where it stands, once it is there."""
        rows = list_control.get("controls", [])
        key = {"_type": "scroll", "value": args.get("scroll_key")}
        positions = [n for n, row in enumerate(rows) if row.get("key") == key]
        if positions or args.get("offset") is not None:
            bottom_padding = (list_control.get("padding") or {}).get("bottom", 0.0)
            await self.scrolls_list(
                list_control,
                positions[0] * ROW_HEIGHT + bottom_padding if positions else args["offset"],
            )

    async def scrolls_list(self, list_control: Control, pixels: float) -> None:
        """Tell the server that a list stands `pixels` above its bottom, or as far as that goes."""
        padding = list_control.get("padding") or {}
        height = len(list_control.get("controls", [])) * ROW_HEIGHT + sum(padding.values())
        highest = max(0.0, height - LIST_HEIGHT)
        pixels = min(pixels, highest)
        if pixels != self._scroll_offsets.get(list_control["_i"], 0.0):
            # Of a list that stays where it is nothing is told.
            self._scroll_offsets[list_control["_i"]] = pixels
            await self._report_scroll(list_control, pixels, highest)

    def _check_for_leaks(self, data: bytes) -> None:
        if SECRET.encode() in data:
            found = set(_SECRET_PATTERN.findall(data.decode(errors="replace")))
            self.leaked_secrets |= found - self.known_secrets

    async def _dismiss_closed_dialogs(self) -> None:
        """The real client tells when a dialog that the server closed is gone from the screen."""
        for each in self._tree.pop_closed_dialogs():
            await self.dismisses(each)

    async def dismisses(self, dialog: Control) -> None:
        """Close a dialog, or let a sentence at the bottom go."""
        dialog["open"] = False
        await self.send_frame(SET, {"id": dialog["_i"], "props": {"open": False}})
        await self.fires(dialog, "dismiss")
