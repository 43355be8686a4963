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
from typing import Any

import httpx
import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat.languages import negotiate_language
from tests.harness.control_tree import Control, Tree, controls, texts_of
from tests.harness.http import asking

# Frames of the page's own script begin with this; docs/design.md has a table of them.
SCRIPT = b"\x7f"

# What the script says of keys, and of those that it captures; and of how the page is looked at.
_KEYS = {
    "up": b"u",
    "escape": b"x",
    "jump": b"k",
    "overview": b"?",
    "read all": b"m",
    "choose up": b"lu",
    "choose down": b"ld",
    "room up": b"ru",
    "room down": b"rd",
    "unread up": b"wu",
    "unread down": b"wd",
}
_PICKS = {"up": b"gu", "down": b"gd", "tab": b"gt", "enter": b"ge", "escape": b"gx"}
_LOOKS = {"looked at": b"l", "in view": b"v", "background": b"b", "idle": b"i"}

REGISTER, PATCH, EVENT, SET, INVOKE, CRASHED = 1, 2, 3, 4, 5, 6

# Whatever is said with `secret("plans", …)` reaches nobody but those whose `knows` has "plans":
# every frame that anybody receives in any test is looked through for it.
SECRET = "§secret§"
_TOLD = re.compile(f"{SECRET}([a-z]*)")

# How high a row is on a headless screen, and the list that it stands in, in pixels.
ROW_HEIGHT, LIST_HEIGHT = 40.0, 600.0


def secret(name: str, words: str = "") -> str:
    """A text for those who know of `name`, a word of small letters."""
    return f"{SECRET}{name} {words}".strip()


_EDGES = {"left": 0.0, "top": 0.0, "right": 0.0, "bottom": 0.0}


def browser_page(route: str, width: float, height: float) -> Control:
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
            "padding": dict(_EDGES),
            "view_padding": dict(_EDGES),
            "view_insets": dict(_EDGES),
            "device_pixel_ratio": 1.0,
            "orientation": "landscape",
            "always_use_24_hour_format": False,
        },
    }


class Person:
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
        self.language, self.say = language, negotiate_language(language)
        self.cookies: dict[str, str] = {"flet_chat_zone": zone}
        self.width = width
        self.session: str | None = None
        self.screen: Control = {}
        self.crashes: list[str] = []
        self.received = bytearray()
        self.invoked: list[str] = []
        # What was copied, and the addresses that the browser's back button leads through.
        self.copied: list[str] = []
        self.addresses: list[str] = []
        self.knows: set[str] = set()
        self.leaks: set[str] = set()
        # As a browser whose focus works; a client that is frozen does not answer.
        self.answers = True
        # Flet's own page, and its window, have none of the chat's.
        self.has_script = has_script
        # While it is not set, what comes is on its way still.
        self.hears = asyncio.Event()
        self.hears.set()
        # What the server asked of the page's script, and what its person thinks of notifications.
        self.captures = self.gives_arrows = False
        self.notices: list[dict[str, Any]] = []
        self.unread = 0
        # Files that were chosen, by the script's numbers: what is in them, and where the chat wants
        # them. While `sends_files` is not set they wait.
        self.takes_files = False
        self.files: dict[int, bytes] = {}
        self.wanted: dict[int, str] = {}
        self.forgotten: list[int] = []
        self.saved: list[str] = []
        self.choosing = 0
        self.sends_files = asyncio.Event()
        self.sends_files.set()
        self._uploads: set[asyncio.Task[None]] = set()
        self.begins_in = ""
        self.ctrl_enter_sends = False
        self.wants_notices = True
        self.allows_notices = False
        # How far each list was scrolled.
        self._stands: dict[int, float] = {}
        # What the page's script (>) and the chat (<) said to each other.
        self.talked: list[str] = []
        self._tree = Tree()
        self._socket: ClientConnection | None = None
        self._listening: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def opens(self, path: str = "/") -> "Person":
        """Load the page as a browser does, and connect; a reload keeps the session's name."""
        async with asking(cookies=self.cookies) as http:
            answer = await http.get(self.address + path)
            answer.raise_for_status()
            self._look_for_secrets(answer.content)
            self.cookies.update(answer.cookies)
        self.addresses = [path]
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
        self._tree = Tree()
        self.captures = self.gives_arrows = False
        self.takes_files = False
        if self.has_script:
            await self._script(b"h")
            await self.looks("looked at")
            await self.allows(self.allows_notices)
        page = browser_page(path, self.width, 800.0)
        await self._send(REGISTER, {"session_id": self.session, "page_name": "", "page": page})
        self._listening = asyncio.create_task(self._listen(self._socket))
        await self.until(lambda: bool(self.screen))

    async def disconnects(self) -> None:
        """The connection ends, as when a tab is closed or a network goes."""
        if self._socket is not None:
            await self._socket.close()
        if self._listening is not None:
            await self._listening
        self.screen = {}
        assert not self.leaks, f"somebody was told what they may not know: {self.leaks}"

    async def reloads(self, path: str = "/") -> None:
        """Load the page again in the same tab."""
        await self.disconnects()
        await self.opens(path)

    async def comes_in(self, name: str) -> "Person":
        """Start chat, type a name, join, and wait for the room."""
        await self.clicks("Start chat")
        await self.until(lambda: self.find("AlertDialog", open=True))
        await self.fills(self.name_field, name)
        await self.presses_enter(self.name_field)
        welcome = self.say("Welcome, {name}!", name="").rstrip("!！")
        await self.until(lambda: self.composer is not None and self.sees_any(welcome))
        return self

    async def says(self, text: str) -> None:
        """Type into the composer and press Enter, then wait until the field is empty."""
        await self.types(text)
        await self.sends()
        await self.until(lambda: self.words == "")

    async def types(self, text: str) -> None:
        """Put words into the composer."""
        await self.fills(self.field, text)
        await self.event(self.field, "change", text)

    async def sends(self) -> None:
        """Press Enter in the composer."""
        await self.presses_enter(self.field)

    @property
    def address_bar(self) -> str:
        """The path that the browser shows."""
        return self.addresses[-1]

    async def goes_back(self) -> None:
        """The browser's back button."""
        self.addresses.pop()
        await self._routes()

    @property
    def ids(self) -> list[int]:
        """The ids of all controls that this client ever had."""
        return list(self._tree.controls)

    @property
    def token(self) -> str:
        """The token that this browser was given."""
        (token,) = (v for k, v in self.cookies.items() if k not in {"flet_chat_zone"})
        return token

    @property
    def composer(self) -> Control | None:
        """The field that messages are written in."""
        hint = self.say("Write a message…")
        # (It is looked for all the time, and never among the rows.)
        found = controls(self.screen, "TextField", {"hint_text": hint}, but="ListView")
        return found[0] if found else None

    @property
    def field(self) -> Control:
        """The composer, which has to be there."""
        composer = self.composer
        assert composer is not None, "there is no composer on the screen"
        return composer

    @property
    def name_field(self) -> Control:
        """The field of the welcome dialog."""
        return self.find("TextField", label=self.say("Enter your name to join the chat"))[-1]

    @property
    def words(self) -> str:
        """What stands in the composer."""
        return str(self.field.get("value", ""))

    @property
    def talk(self) -> list[str]:
        """Everything that the timeline shows, from the top: names, times, texts, lines."""
        lists = self.find("ListView", reverse=True)
        rows = lists[0].get("controls", []) if lists else []
        return [text for row in reversed(rows) for text in texts_of(row)]

    async def reads(self, text: str) -> None:
        """Wait until a text is in the timeline."""
        await self.until(lambda: text in self.talk)

    async def loses(self, text: str) -> None:
        """Wait until a text is not in the timeline any more."""
        await self.until(lambda: text not in self.talk)

    async def is_shown(self, text: str) -> None:
        """Wait until a text is anywhere on the screen."""
        await self.until(lambda: self.sees(text))

    async def talk_grows(self, than: int) -> None:
        """Wait until the timeline shows more than `than` texts."""
        await self.until(lambda: len(self.talk) > than)

    def sees(self, text: str) -> bool:
        """Whether exactly this text is somewhere on the screen."""
        return text in texts_of(self.screen)

    def sees_any(self, part: str) -> bool:
        """Whether a text that holds `part` is somewhere on the screen."""
        return any(part in text for text in texts_of(self.screen))

    def find(self, kind: str, **props: Any) -> list[Control]:
        """The controls of a kind with these properties, in the order of the tree."""
        return controls(self.screen, kind, props)

    async def clicks(self, words: str) -> None:
        """Click what is called `words` (in the person's language): a button, or its tooltip."""
        words = self.say(words)

        def named() -> list[Control]:
            kinds = ("Filled", "FilledTonal", "Outlined", "Text", "Icon")
            return [
                each
                for kind in kinds
                for each in self.find(f"{kind}Button")
                if words in (each.get("content"), each.get("tooltip")) or words in texts_of(each)
            ]

        await self.until(named)
        await self.event(named()[-1], "click")

    async def touches(self, text: str) -> None:
        """Tap beside a message: what can be done with it is shown."""

        def beside(value: Any) -> Control | None:
            if isinstance(value, dict):
                is_side = value.get("_c") == "Container" and value.get("width") == 36
                if is_side and value.get("on_click"):
                    return value
                value = list(value.values())
            if isinstance(value, list):
                return next((found for each in value if (found := beside(each))), None)
            return None

        await self.until(lambda: beside(self.row(text)))
        part = beside(self.row(text))
        assert part is not None
        await self.event(part, "click")

    @property
    def rows(self) -> list[Control]:
        """The rows of the timeline, the newest first."""
        lists = self.find("ListView", reverse=True)
        return list(lists[0].get("controls", [])) if lists else []

    def row(self, text: str) -> Control | None:
        """The newest row that says a text; what it quotes is said elsewhere."""
        return next((row for row in self.rows if text in texts_of(row, quotes=False)), None)

    async def presses(self, key: str) -> None:
        """Press one of `_KEYS`, or any of five while they are captured."""
        if not self.captures or key not in _PICKS:
            await self._script(_KEYS[key])
        elif key in {"enter", "tab"}:
            await self._script(b"%s%d %s" % (_PICKS[key], len(self.words), self.words.encode()))
        else:
            await self._script(_PICKS[key])

    async def puts_cursor(self, start: int, end: int) -> None:
        """Put the cursor somewhere in the field, or mark something, and click elsewhere."""
        await self._script(b"p%d %d" % (start, end))

    async def looks(self, state: str) -> None:
        """Look at the page, have it `in view` beside another, in the `background`, or be `idle`."""
        await self._script(_LOOKS[state])

    async def allows(self, notices: bool) -> None:
        """Allow notifications, or forbid them."""
        self.allows_notices = notices
        await self._script(b"a1" if notices else b"a0")

    async def clicks_notice(self, notice: dict[str, Any]) -> None:
        """Click a notification that was shown."""
        await self._script(b"o" + notice["path"].encode())

    async def scrolls(self, pixels: float, of: float) -> None:
        """Tell the server that the timeline stands `pixels` above its bottom."""
        await self._tells_of_scroll(self.find("ListView", reverse=True)[0], pixels, of)

    async def _tells_of_scroll(self, scrolled: Control, pixels: float, of: float) -> None:
        data = {
            "event_type": "update",
            "pixels": pixels,
            "min_scroll_extent": 0.0,
            "max_scroll_extent": of,
            "viewport_dimension": LIST_HEIGHT,
        }
        await self.event(scrolled, "scroll", data)

    async def fills(self, field: Control, text: str) -> None:
        """Type `text` into a field; the real client shows it at once, and so does this one."""
        field["value"] = text
        await self._send(SET, {"id": field["_i"], "props": {"value": text}})

    async def presses_enter(self, field: Control) -> None:
        """Submit a field; of the composer the page's script says what stands there."""
        if field is self.composer and self.captures:
            await self.presses("enter")
        elif field is self.composer and self.has_script:
            await self._script(b"s" + field.get("value", "").encode())
        else:
            await self.event(field, "submit")

    async def sets(self, control: Control, **props: Any) -> None:
        """Change what a control has; the real client shows it at once, and says so."""
        control |= props
        await self._send(SET, {"id": control["_i"], "props": props})

    async def event(self, control: Control, name: str, data: Any = None) -> None:
        """Send an event of a control."""
        await self._send(EVENT, {"target": control["_i"], "name": name, "data": data})

    async def resizes(self, width: float) -> None:
        """Make the window wider or narrower."""
        self.width = width
        await self._send(SET, {"id": 1, "props": {"width": width}})
        data = {"width": width, "height": 800.0}
        await self._send(EVENT, {"target": 1, "name": "resize", "data": data})

    async def until(self, seen: Callable[[], Any], seconds: float = 5) -> None:
        """Wait until `seen()` is true of the screen. Raises AssertionError with what is there."""
        try:
            async with asyncio.timeout(seconds):
                while not seen():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not seen; the screen shows {texts_of(self.screen)}") from None

    async def _send(self, action: int, body: Any) -> None:
        assert self._socket is not None, "not connected"
        await self._socket.send(b"\x00" + msgpack.packb([action, body]))

    async def _script(self, said: bytes) -> None:
        assert self._socket is not None, "not connected"
        self.talked.append("> " + said.decode())
        await self._socket.send(SCRIPT + said)

    async def _obeys(self, kind: str, text: str) -> None:
        """As the page's script: do what the server asks."""
        await self.hears.wait()
        if kind == "c":
            await self._cuts(text)
        elif kind == "s":
            await self._swaps(*json.loads(text))
        elif kind == "g":
            self.captures = text == "1"
        elif kind == "l":
            self.gives_arrows = text == "1"
        elif kind == "n":
            self.notices.append(json.loads(text))
        elif kind == "q":
            await self.allows(self.wants_notices)
        elif kind == "d":
            self.unread = int(text)
        elif kind == "f":
            self._carries(text[0], text[1:])
        elif kind == "t":
            self.begins_in = text
        elif kind == "k":
            self.ctrl_enter_sends = text == "1"
        self._changed.set()

    def _carries(self, kind: str, text: str) -> None:
        """As the page's script: files."""
        if kind == "t":
            self.takes_files = text == "1"
        elif kind == "c":
            self.choosing += 1
        elif kind == "x":
            self.forgotten.append(int(text))
        elif kind == "d":
            self.saved.append(text)
        else:
            number, address = json.loads(text)
            self.wanted[number] = address
            task = asyncio.create_task(self._sends_file(number, address))
            self._uploads.add(task)
            task.add_done_callback(self._uploads.discard)

    async def _sends_file(self, number: int, address: str) -> None:
        await self.sends_files.wait()
        await self.puts(address, self.files[number])

    async def puts(self, address: str, content: Any) -> httpx.Response:
        """Send bytes to an address, as a browser does."""
        origin = {"origin": self.address}
        async with asking(cookies=self.cookies) as http:
            return await http.put(self.address + address, content=content, headers=origin)

    async def gets(self, address: str) -> httpx.Response:
        """Fetch something, as a browser does."""
        async with asking(cookies=self.cookies) as http:
            return await http.get(self.address + address)

    async def offers(self, *files: tuple[str, bytes]) -> list[int]:
        """Choose files, or drop them; returns their numbers."""
        first = len(self.files) + 1
        numbers = list(range(first, first + len(files)))
        self.files |= dict(zip(numbers, (content for _, content in files), strict=True))
        told = [[n, name, len(data)] for n, (name, data) in zip(numbers, files, strict=True)]
        await self.tells_of_files(told)
        return numbers

    async def tells_of_files(self, told: object) -> None:
        """As the page's script: of files that were chosen, or of one that cannot be sent."""
        await self._script(b"f" + json.dumps(told).encode())

    async def _cuts(self, text: str) -> None:
        """As the page's script: take a stored text off the front of the field."""
        field = self.composer
        value = "" if field is None else str(field.get("value", ""))
        if field is None or not value.startswith(text):
            await self._script(b"n")
            return
        await self.fills(field, value.removeprefix(text))
        await self.event(field, "change", field["value"])
        await self._script(b"y")

    async def _swaps(self, at: int, old: str, new: str) -> None:
        """As the page's script: put a text into the place of another."""
        units = self.words.encode("utf-16-le")
        start, found = 2 * at, old.encode("utf-16-le")
        if units[start:].startswith(found):
            swapped = units[:start] + new.encode("utf-16-le") + units[start + len(found) :]
            await self.types(swapped.decode("utf-16-le"))

    async def _listen(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in socket:
                assert isinstance(frame, bytes)
                self.received += frame
                self._look_for_secrets(frame)
                if frame.startswith(SCRIPT):
                    asked = frame[1:].decode()
                    self.talked.append("< " + asked)
                    await self._obeys(asked[:1], asked[1:])
                    continue
                action, body = msgpack.unpackb(frame[1:], strict_map_key=False)
                await self._take(action, body)
                self._changed.set()
        self._changed.set()

    async def _take(self, action: int, body: Any) -> None:
        if action == REGISTER:
            self.session = body["session_id"]
            self.screen = body["page_patch"]
            self._tree.index(self.screen)
        elif action == PATCH:
            root = self._tree.controls.get(body["id"])
            if root is not None:
                self._tree.apply(root, body["patch"])
                await self._lets_go_of_dialogs()
        elif action == INVOKE and self.answers:
            self.invoked.append(body["name"])
            await self._is_called(body["control_id"], body["name"], body.get("args") or {})
            result = {"control_id": body["control_id"], "call_id": body["call_id"]}
            await self._send(INVOKE, {**result, "result": None, "error": None})
        elif action == CRASHED:
            self.crashes.append(body["message"])

    async def _is_called(self, control: int, name: str, args: dict[str, Any]) -> None:
        """Do what the real client does before it answers."""
        if name == "push_route":
            self.addresses.append(args["route"])
            await self._routes()
        elif name == "set" and "data" in args:
            self.copied.append(args["data"])
        elif name == "scroll_to" and (found := self._tree.controls.get(control)) is not None:
            await self._scrolls_to(found, args)

    async def _routes(self) -> None:
        route = {"route": self.addresses[-1]}
        await self._send(SET, {"id": 1, "props": route})
        await self._send(EVENT, {"target": 1, "name": "route_change", "data": route})

    async def _scrolls_to(self, found: Control, args: dict[str, Any]) -> None:
        """A list tells where it stands, once it is there."""
        rows = found.get("controls", [])
        key = {"_type": "scroll", "value": args.get("scroll_key")}
        at = [n for n, row in enumerate(rows) if row.get("key") == key]
        if at or args.get("offset") is not None:
            below = (found.get("padding") or {}).get("bottom", 0.0)
            await self.scrolls_in(found, at[0] * ROW_HEIGHT + below if at else args["offset"])

    async def scrolls_in(self, found: Control, pixels: float) -> None:
        """Tell the server that a list stands `pixels` above its bottom, or as far as that goes."""
        inside = found.get("padding") or {}
        height = len(found.get("controls", [])) * ROW_HEIGHT + sum(inside.values())
        highest = max(0.0, height - LIST_HEIGHT)
        pixels = min(pixels, highest)
        if pixels != self._stands.get(found["_i"], 0.0):
            # Of a list that stays where it is nothing is told.
            self._stands[found["_i"]] = pixels
            await self._tells_of_scroll(found, pixels, highest)

    def _look_for_secrets(self, what: bytes) -> None:
        if SECRET.encode() in what:
            told = set(_TOLD.findall(what.decode(errors="replace")))
            self.leaks |= told - self.knows

    async def _lets_go_of_dialogs(self) -> None:
        """The real client tells when a dialog that the server closed is gone from the screen."""
        for each in self._tree.closed():
            await self.dismisses(each)

    async def dismisses(self, dialog: Control) -> None:
        """Close a dialog, or let a sentence at the bottom go."""
        dialog["open"] = False
        await self._send(SET, {"id": dialog["_i"], "props": {"open": False}})
        await self.event(dialog, "dismiss")
