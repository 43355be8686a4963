"""A client without a browser: it speaks Flet's protocol to the real server and keeps the screen.

The protocol: binary frames of `[0x00][msgpack [action, body]]`. From the client: 1 REGISTER
{session_id, page_name, page}, 3 EVENT {target, name, data}, 4 SET {id, props}, 5 RESULT. From the
server: 1 {session_id, page_patch, error}, 2 PATCH {id, patch: [tree, [op, node, key, value] …]}
with op 0 replace, 1 add, 2 remove, 3 move, 5 INVOKE, 6 CRASHED. A tree is
[node, {key: subtree}]; nodes are numbered as they are met.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat.languages import negotiate_language
from chat.ui.client.page_messages import PREFIX
from tests.harness.control_tree import Control, ControlTree, find_controls, texts_of
from tests.harness.http import http_client

REGISTER, PATCH, EVENT, SET, INVOKE, CRASHED = 1, 2, 3, 4, 5, 6

# Only a client with "plans" in its `known_secrets` may receive a text of `secret("plans", …)`. Each
# client of each test searches every received frame for secrets that it may not know.
SECRET = "§secret§"
_SECRET_PATTERN = re.compile(f"{SECRET}([a-z]*)")

# The heights of a row and of a list on a headless screen, in pixels.
ROW_HEIGHT, LIST_HEIGHT = 40.0, 600.0


def secret(name: str, text: str = "") -> str:
    """A text that only clients who know the secret `name` may receive; `name` is lower case."""
    return f"{SECRET}{name} {text}".strip()


_NO_INSETS = {"left": 0.0, "top": 0.0, "right": 0.0, "bottom": 0.0}


def page_properties(route: str, width: float, height: float, platform: str = "linux") -> Control:
    """The properties of the page that Flet's client sends when it registers."""
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
        "platform": platform,
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
        width: float = 1024,
        language: str = "en",
        platform: str = "linux",
        device_key: str = "",
    ) -> None:
        self.address = address
        # The key in the storage of the page; "" without storage.
        self.device_key = device_key
        self.platform = platform
        self.language, self.t = language, negotiate_language(language)
        self.cookies: dict[str, str] = {"flet_chat_zone": zone}
        self.width = width
        self.session_id: str | None = None
        self.root: Control = {}
        self.crashes: list[str] = []
        self.received = bytearray()
        self.invoked_methods: list[str] = []
        # The addresses that the chat has opened in place of the page.
        self.opened_urls: list[str] = []
        # The time of each scroll that the chat has asked for, in milliseconds.
        self.scroll_times: list[int] = []
        # The texts copied to the clipboard, and the history of the browser's back button.
        self.copied_texts: list[str] = []
        self.url_history: list[str] = []
        self.known_secrets: set[str] = set()
        self.leaked_secrets: set[str] = set()
        # False simulates a frozen client: method calls of the server get no reply.
        self.answers_invocations = True
        # While this is not set, commands for the page script are delayed.
        self.receiving = asyncio.Event()
        self.receiving.set()
        # The field that was typed into last, which has the focus.
        self.typed_field: Control | None = None
        # The scroll offset of each list, by its id.
        self._scroll_offsets: dict[int, float] = {}
        self._tree = ControlTree()
        self._socket: ClientConnection | None = None
        self._listen_task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @property
    def _origin(self) -> str:
        """The address without a path prefix."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

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

    async def follows_link(self, path: str) -> None:
        """Open a link of an invitation, and the page that it leads to."""
        async with http_client(cookies=self.cookies) as http:
            response = await http.get(self.address + path)
        assert response.status_code == 303, (response.status_code, response.text)
        self.cookies.update(response.cookies)
        await self.disconnects()
        await self.opens(response.headers["location"])

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
        await self.on_connecting()
        page = page_properties(path, self.width, 800.0, self.platform)
        await self.send_frame(
            REGISTER, {"session_id": self.session_id, "page_name": "", "page": page}
        )
        self._listen_task = asyncio.create_task(self._listen(self._socket))
        await self.until(lambda: bool(self.root))

    async def on_connecting(self) -> None:
        """Called when the socket is open: the page's script sends before anything else."""

    def on_script_frame_received(self, frame: bytes) -> None:
        """Called with each frame for the page's script, as soon as it is received."""

    async def on_script_frame(self, frame: bytes) -> None:
        """Called with each frame for the page's script, when it is handled."""

    async def disconnects(self) -> None:
        """End the connection, as when a tab is closed or the network fails."""
        if self._socket is not None:
            await self._socket.close()
        if self._listen_task is not None:
            await self._listen_task
        self.root = {}
        assert not self.leaked_secrets, (
            f"the client received secrets that it may not know: {self.leaked_secrets}"
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

    @property
    def address_bar(self) -> str:
        """The path that the browser shows."""
        return self.url_history[-1]

    async def goes_to(self, path: str) -> None:
        """Open another address of the page in the same tab."""
        self.url_history.append(path)
        await self._report_route()

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

    async def waits_for_control(self, kind: str, **props: Any) -> Control:
        """Wait until a control of a kind with these properties is on the screen: the last one."""
        await self.until(lambda: self.find(kind, **props))
        return self.find(kind, **props)[-1]

    async def waits_for_text(self, text: str) -> None:
        """Wait until a text is anywhere on the screen."""
        await self.until(lambda: self.sees(text))

    async def waits_for_partial_text(self, part: str) -> None:
        """Wait until a text that contains `part` is on the screen."""
        await self.until(lambda: self.sees_partial(part))

    def sees(self, text: str) -> bool:
        """Whether exactly this text is somewhere on the screen."""
        return text in texts_of(self.root)

    def sees_partial(self, part: str) -> bool:
        """Whether a text that contains `part` is somewhere on the screen."""
        return any(part in text for text in texts_of(self.root))

    def find(self, kind: str, **props: Any) -> list[Control]:
        """The controls of a kind with these properties, in the order of the tree."""
        return find_controls(self.root, kind, props)

    async def clicks(self, label: str) -> None:
        """Click the button with this text or tooltip, translated into the client's language.

        The topmost dialog comes first.
        """
        label = self.t(label)

        def buttons() -> list[Control]:
            dialogs = [
                each
                for kind in ("AlertDialog", "BottomSheet")
                for each in self.find(kind, open=True)
            ]
            # A click beside the topmost dialog would close it.
            return next((found for each in dialogs[-1:] if (found := buttons_in(each))), None) or (
                buttons_in(self.root)
            )

        def buttons_in(root: Control) -> list[Control]:
            kinds = ("Filled", "FilledTonal", "Outlined", "Text", "Icon")
            return [
                each
                for kind in kinds
                for each in find_controls(root, f"{kind}Button", {})
                if label in (each.get("content"), each.get("tooltip")) or label in texts_of(each)
            ]

        await self.until(buttons)
        await self.fires(buttons()[-1], "click")

    async def reports_scroll(self, list_control: Control, pixels: float, extent: float) -> None:
        """Report that a list is scrolled to `pixels` above its bottom."""
        data = {
            "event_type": "update",
            "pixels": pixels,
            "min_scroll_extent": 0.0,
            "max_scroll_extent": extent,
            "viewport_dimension": LIST_HEIGHT,
        }
        await self.fires(list_control, "scroll", data)

    async def fills(self, field: Control, text: str) -> None:
        """Type `text` into a field; as the real client, show it at once and report it."""
        field["value"] = text
        self.typed_field = field
        await self.reports_set(field, value=text)

    async def presses_enter(self, field: Control) -> None:
        """Submit a field."""
        await self.fires(field, "submit")

    async def sets(self, control: Control, **props: Any) -> None:
        """Change properties of a control; as the real client, show them at once and report them."""
        control |= props
        await self.reports_set(control, **props)

    async def reports_set(self, control: Control, **props: Any) -> None:
        """Report changed properties of a control that shows them already, or others by now."""
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

    async def until(self, condition: Callable[[], Any], seconds: float = 20) -> None:
        """Wait until a condition is true. Raises AssertionError with the texts on the screen."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not seen; the screen shows {texts_of(self.root)}") from None

    async def send_frame(self, action: int, body: Any) -> None:
        """Send a frame of Flet's protocol."""
        await self.send_bytes(b"\x00" + msgpack.packb([action, body]))

    async def send_bytes(self, frame: bytes) -> None:
        """Send a frame."""
        assert self._socket is not None, "not connected"
        await self._socket.send(frame)

    async def http_put(self, path: str, content: Any) -> httpx.Response:
        """Send bytes to an address, as a browser does."""
        origin = {"origin": self._origin}
        async with http_client(cookies=self.cookies) as http:
            return await http.put(self.address + path, content=content, headers=origin)

    async def fetches_token(self, code: str) -> None:
        """Fetch the cookie of the person who came in, as the page's script does."""
        origin = {"origin": self._origin}
        async with http_client(cookies=self.cookies) as http:
            response = await http.post(self.address + "/token", content=code, headers=origin)
            self.cookies.update(response.cookies)

    async def http_put_json(self, path: str, body: Any) -> httpx.Response:
        """Send JSON to an address, as a browser does."""
        origin = {"origin": self._origin}
        async with http_client(cookies=self.cookies) as http:
            return await http.put(self.address + path, json=body, headers=origin)

    async def http_get(self, path: str) -> httpx.Response:
        """Fetch an address, as a browser does."""
        async with http_client(cookies=self.cookies) as http:
            return await http.get(self.address + path)

    async def _listen(self, socket: ClientConnection) -> None:
        frames = asyncio.Queue[bytes | None]()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._handle_frames(frames))
            with contextlib.suppress(ConnectionClosed):
                async for frame in socket:
                    assert isinstance(frame, bytes)
                    self.received += frame
                    self._check_for_leaks(frame)
                    if frame.startswith(PREFIX):
                        self.on_script_frame_received(frame)
                    frames.put_nowait(frame)
            frames.put_nowait(None)
        self._changed.set()

    async def _handle_frames(self, frames: asyncio.Queue[bytes | None]) -> None:
        """Handle the frames in their order, up to None. Script commands wait for `receiving`."""
        while (frame := await frames.get()) is not None:
            with contextlib.suppress(ConnectionClosed):
                if frame.startswith(PREFIX):
                    await self.receiving.wait()
                    await self.on_script_frame(frame)
                else:
                    action, body = msgpack.unpackb(frame[1:], strict_map_key=False)
                    await self._apply_frame(action, body)
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
        elif name == "launch_url":
            self.opened_urls.append(str(args["url"]))
        elif name == "set" and "data" in args:
            self.copied_texts.append(args["data"])
        elif (
            name == "scroll_to"
            and (list_control := self._tree.controls_by_id.get(control_id)) is not None
        ):
            self.scroll_times.append(args.get("duration", 0))
            await self._on_scroll_to(list_control, args)

    async def _report_route(self) -> None:
        route = {"route": self.url_history[-1]}
        await self.send_frame(SET, {"id": 1, "props": route})
        await self.send_frame(EVENT, {"target": 1, "name": "route_change", "data": route})

    async def _on_scroll_to(self, list_control: Control, args: dict[str, Any]) -> None:
        """Scroll a list as the server requests, and report its new offset."""
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
        """Report a scroll of a list to `pixels` above its bottom, or as far as it goes."""
        padding = list_control.get("padding") or {}
        height = len(list_control.get("controls", [])) * ROW_HEIGHT + sum(padding.values())
        highest = max(0.0, height - LIST_HEIGHT)
        pixels = min(pixels, highest)
        if pixels != self._scroll_offsets.get(list_control["_i"], 0.0):
            # A list that does not move sends no event.
            self._scroll_offsets[list_control["_i"]] = pixels
            await self.reports_scroll(list_control, pixels, highest)

    def _check_for_leaks(self, data: bytes) -> None:
        if SECRET.encode() in data:
            received_secrets = set(_SECRET_PATTERN.findall(data.decode(errors="replace")))
            self.leaked_secrets |= received_secrets - self.known_secrets

    async def _dismiss_closed_dialogs(self) -> None:
        """Report, as the real client, that dialogs which the server closed are gone."""
        for each in self._tree.pop_closed_dialogs():
            await self.dismisses(each)

    async def chooses_day(self, midnight: datetime) -> None:
        """Choose the day that begins at this time in the open calendar."""
        calendar = await self.waits_for_control("DatePicker", open=True)
        # As the real client: 1 is the type of a moment, and it is in UTC.
        value = msgpack.ExtType(1, midnight.astimezone(UTC).isoformat().encode())
        await self.sets(calendar, value=value, open=False)
        await self.fires(calendar, "change", value)
        await self.fires(calendar, "dismiss", False)

    async def dismisses(self, dialog: Control) -> None:
        """Close a dialog or a snackbar."""
        dialog["open"] = False
        await self.send_frame(SET, {"id": dialog["_i"], "props": {"open": False}})
        await self.fires(dialog, "dismiss")
