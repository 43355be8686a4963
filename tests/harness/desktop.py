"""A native window on a virtual display: Flet's Linux client, its keyboard and its screenshots."""

import asyncio
import contextlib
import ctypes.util
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import msgpack
from PIL import Image
from platformdirs import user_cache_path
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.harness.client import EVENT, SET
from tests.harness.control_tree import Control
from tests.harness.process import CACHE_FOLDER
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

PROJECT = Path(__file__).parents[2]

# The last client that lies in a wheel: later ones are on GitHub only. It draws what 1.0.5 sends.
_CLIENT_VERSION = "0.82.2"

# The events of a field about the focus.
_FOCUS_EVENTS = ("focus", "blur")

# In the names of Debian and Ubuntu: the tools, and what the client loads.
_TOOLS = {"Xvfb": "xvfb", "xdotool": "xdotool"}
_LIBRARIES = ("libgtk-3-0", "libsecret-1-0", "libegl1", "libgles2", "fonts-dejavu-core")

# The client opens these while it runs, so that `ldd` does not know of them.
_LOADED_LATE = {"EGL": "libEGL.so.1", "GLESv2": "libGLESv2.so.2"}

# The size of the client's own window, which has no frame where nothing manages windows.
_WIDTH, _HEIGHT = 1280, 720

# Variables of this machine that would change the tested chat.
_EXCLUDED_VARIABLES = re.compile(
    r"CHAT_|FLET_|(WAYLAND_)?DISPLAY$|BROWSER$|\w+_proxy$", re.IGNORECASE
)


class NativeClientUnavailable(Exception):
    """There can be no native window here; the message says why."""


def clean_environment(**variables: str | Path) -> dict[str, str]:
    """The environment of a program: this machine's without its screen, proxies and settings."""
    environment = {
        name: value for name, value in os.environ.items() if not _EXCLUDED_VARIABLES.match(name)
    }
    environment["XDG_CACHE_HOME"] = str(CACHE_FOLDER)
    return environment | {name: str(value) for name, value in variables.items()}


class Program:
    """A command that runs beside the test, with its child processes; its output goes to files."""

    def __init__(
        self, command: Sequence[str | Path], folder: Path, env: Mapping[str, str], cwd: Path
    ) -> None:
        self._out, self._err = folder / "out.txt", folder / "err.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            # Its own session: signals reach what it starts too, and nothing of it is left.
            self._process = subprocess.Popen(
                command, cwd=cwd, env=env, stdout=out, stderr=err, start_new_session=True
            )

    @property
    def out(self) -> str:
        """The standard output."""
        return self._out.read_text("utf-8")

    @property
    def err(self) -> str:
        """The standard error output."""
        return self._err.read_text("utf-8")

    async def waits_for_output(self, pattern: str, seconds: float = 30) -> re.Match[str]:
        """Wait until it has printed something that matches."""
        compiled = re.compile(pattern)
        description = f"{pattern} in\n{self.out}\n{self.err}"
        await wait_until(
            lambda: compiled.search(self.out) or self._process.poll() is not None,
            seconds,
            description=description,
        )
        match = compiled.search(self.out)
        assert match, f"ended with {self._process.returncode}:\n{self.out}\n{self.err}"
        return match

    async def waits_for_exit(self, seconds: float = 10) -> int:
        """Wait for the end, and return the exit code."""
        await wait_until(
            lambda: self._process.poll() is not None, seconds, description=f"the end of\n{self.out}"
        )
        return self._process.wait()

    def terminate(self) -> None:
        """Send SIGTERM, as the system does to stop a service."""
        self._process.send_signal(signal.SIGTERM)

    def interrupt(self) -> None:
        """Send SIGINT to the command and its child processes, as Ctrl+C in a terminal does."""
        os.killpg(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kill the command and its child processes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def running_program(
    command: Sequence[str | Path], folder: Path, env: Mapping[str, str], cwd: Path = PROJECT
) -> Iterator[Program]:
    """A Program that is ended with the block; `folder` gets its output."""
    folder.mkdir(parents=True, exist_ok=True)
    program = Program(command, folder, env, cwd)
    try:
        yield program
    finally:
        program.kill()


class VirtualDisplay:
    """An X server without a monitor, with its keyboard and its mouse."""

    def __init__(self, folder: Path) -> None:
        """Switch it on; `folder` holds the picture. Raises Unavailable."""
        self._framebuffer = folder / "Xvfb_screen0"
        read_end, write_end = os.pipe()
        size = f"{_WIDTH}x{_HEIGHT}x24"
        command = [
            "Xvfb",
            "-displayfd",
            str(write_end),
            "-screen",
            "0",
            size,
            "-fbdir",
            str(folder),
        ]
        try:
            self._process = subprocess.Popen(
                [*command, "-nolisten", "tcp"], pass_fds=[write_end], stderr=subprocess.DEVNULL
            )
        finally:
            os.close(write_end)
        # Xvfb writes its display number when it is ready, and nothing if it fails.
        with os.fdopen(read_end) as line:
            number = line.readline().strip()
        if not number:
            self._process.wait()
            raise NativeClientUnavailable("Xvfb does not start here.")
        self.display_name = f":{number}"

    def stop(self) -> None:
        """Switch it off."""
        self._process.terminate()
        self._process.wait()

    def screenshot(self) -> Image.Image:
        """The current picture. The X server keeps it in a file in XWD format, version 7."""
        dump = self._framebuffer.read_bytes()
        header = struct.unpack(">25I", dump[:100])
        length, width, height, stride, colours = (header[n] for n in (0, 4, 5, 12, 19))
        pixels = dump[length + 12 * colours :]
        return Image.frombytes("RGB", (width, height), pixels, "raw", "BGRX", stride)

    async def stable_screenshot(self) -> Image.Image:
        """The picture as soon as it no longer changes."""
        screenshots: list[Image.Image] = []

        def is_stable() -> bool:
            screenshots.append(self.screenshot())
            return screenshots[-2:-1] == screenshots[-1:]

        await wait_until(is_stable, 20, 0.3, "a picture that no longer changes")
        return screenshots[-1]

    async def click(self, x: int, y: int) -> None:
        """Move the mouse there and click."""
        await self._xdotool("mousemove", str(x), str(y), "click", "1")

    async def press(self, *keys: str) -> None:
        """Press keys by their X names: Return, ctrl+a."""
        await self._xdotool("key", *keys)

    async def type_text(self, text: str) -> None:
        """Type a line."""
        await self._xdotool("type", "--delay", "15", text)

    async def _xdotool(self, *arguments: str) -> None:
        env = clean_environment(DISPLAY=self.display_name)
        await asyncio.to_thread(subprocess.run, ["xdotool", *arguments], env=env, check=True)

    def client_environment(self, home: Path) -> dict[str, str]:
        """The environment of a client that keeps its storage in `home` and draws here alone."""
        home.mkdir(parents=True, exist_ok=True)
        return clean_environment(
            DISPLAY=self.display_name,
            GDK_BACKEND="x11",
            HOME=home,
            XDG_CACHE_HOME=home / "cache",
            XDG_CONFIG_HOME=home / "config",
            XDG_DATA_HOME=home / "data",
            # No search for a desktop that is not there.
            GSETTINGS_BACKEND="memory",
            NO_AT_BRIDGE="1",
            LIBGL_ALWAYS_SOFTWARE="1",
        )


class WindowUser(ChatUser):
    """A user of the native window: types its keys, and reads the frames of its session."""

    def __init__(self, display: VirtualDisplay) -> None:
        super().__init__("", has_script=False)
        self._display = display
        # The native client replies.
        self.answers_invocations = False
        # The field that has the focus.
        self._focused_id: int | None = None
        # The last frames, shortened, for the report of a failure.
        self._last_frames = deque[str](maxlen=40)

    async def on_server_frame(self, frame: bytes) -> None:
        """Called with each frame of the server."""
        self.received += frame
        self._last_frames.append(f"< {frame[:240]!r}")
        action, body = msgpack.unpackb(frame[1:], strict_map_key=False)
        await self._apply_frame(action, body)
        self._changed.set()

    async def _dismiss_closed_dialogs(self) -> None:
        """Nothing: the native client does this."""

    def on_client_frame(self, frame: bytes) -> bool:
        """Called with each frame of the native client; returns whether to forward it.

        A typed text is already in the tree of the native client.
        """
        self._last_frames.append(f"> {frame[:240]!r}")
        action, body = msgpack.unpackb(frame, strict_map_key=False)
        if action == EVENT and body["name"] in _FOCUS_EVENTS:
            if body["name"] == "focus":
                self._focused_id = body["target"]
            elif self._focused_id == body["target"]:
                self._focused_id = None
            self._changed.set()
            return False
        if action == SET and body["id"] in self._tree.controls_by_id:
            self._tree.controls_by_id[body["id"]].update(body["props"])
            self._changed.set()
        return True

    async def clicks(self, label: str) -> None:
        """Click the one filled button that is on the screen."""
        await self.until(lambda: self.find("FilledButton", content=label), 30)
        await wait_until(
            lambda: find_filled_button(self._display.screenshot()),
            30,
            description=f"a button “{label}” on the screen",
        )
        position = find_filled_button(await self._display.stable_screenshot())
        assert position, f"“{label}” has gone"
        await self._display.click(*position)

    async def fires(self, control: Control, name: str, data: Any = None) -> None:
        """Nothing: the native client does this."""

    async def signs_in(self, name: str) -> "WindowUser":
        """Start chat, type a name, Enter, and wait until the dialog has gone."""
        await super().signs_in(name)
        await self.until(lambda: not self.find("AlertDialog"))
        return self

    async def fills(self, field: Control, text: str) -> None:
        """Type into a field once it has the focus: keys before that are lost."""
        await self.until(lambda: self._focused_id == self._current(field)["_i"], 20)
        # A field is emptied on the screen a frame later than in the tree.
        await self._display.stable_screenshot()
        if self._current(field).get("value"):
            await self._display.press("ctrl+a")
        await self._display.type_text(text)
        try:
            await self.until(lambda: self._current(field).get("value") == text, 20)
        except AssertionError as error:
            error.add_note("\n".join(["The last frames:", *self._last_frames]))
            raise

    def _current(self, field: Control) -> Control:
        """The current version of a field: the chat may have replaced it by another control."""
        properties = {name: field.get(name) for name in ("label", "hint_text")}
        return self.find("TextField", **properties)[-1]

    async def presses_enter(self, field: Control) -> None:
        """Submit the field that has the cursor."""
        await self._display.press("Return")


class ProtocolShim:
    """A proxy between a server of Flet 1.0.5 and a client of 0.82.2.

    The server puts a byte 0x00 before each frame, which the client does not expect. The property
    `allowed_devices` is removed: the client draws a grey box for a control that has it. The client
    is asked to report the focus of fields, which the chat does not request.
    """

    def __init__(self, server_address: str, display: VirtualDisplay) -> None:
        self._server_address = server_address
        self._display = display
        self._windows: list[WindowUser] = []
        self.address = ""

    async def window(self, number: int) -> WindowUser:
        """The window that connects as the first, second …"""
        await wait_until(
            lambda: len(self._windows) >= number, 60, description="a window that connects"
        )
        return self._windows[number - 1]

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["ProtocolShim"]:
        """Serve on a free port."""
        async with serve(
            self._on_connect,
            "127.0.0.1",
            0,
            max_size=None,
            compression=None,
            process_request=self._forward_http,
        ) as server:
            self.address = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            yield self

    async def _forward_http(self, client: ServerConnection, request: Request) -> Response | None:
        """Forward a plain HTTP request, with which the client loads pictures."""
        if "Upgrade" in request.headers:
            return None
        async with httpx.AsyncClient(trust_env=False) as http:
            response = await http.get(self._server_address + request.path)
        headers = Headers()
        headers["Content-Type"] = response.headers["content-type"]
        headers["Content-Length"] = str(len(response.content))
        return Response(response.status_code, response.reason_phrase, headers, response.content)

    async def _on_connect(self, client: ServerConnection) -> None:
        assert client.request is not None
        address = self._server_address.replace("http", "ws", 1) + client.request.path
        window = WindowUser(self._display)
        async with connect(address, max_size=None, proxy=None, compression=None) as server:
            self._windows.append(window)
            directions = [
                asyncio.create_task(self._forward_to_server(client, server, window)),
                asyncio.create_task(self._forward_to_client(server, client, window)),
            ]
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
            await server.close()
            await client.close()
            await asyncio.gather(*directions)

    async def _forward_to_server(
        self, client: ServerConnection, server: ClientConnection, window: WindowUser
    ) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in client:
                assert isinstance(frame, bytes)
                if window.on_client_frame(frame):
                    await server.send(b"\x00" + frame)

    async def _forward_to_client(
        self, server: ClientConnection, client: ServerConnection, window: WindowUser
    ) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in server:
                assert isinstance(frame, bytes)
                # The client gets the frame before the test reacts to it.
                await client.send(_downgrade_frame(frame[1:]))
                await window.on_server_frame(frame)


def _downgrade_frame(frame: bytes) -> bytes:
    if not any(each in frame for each in (b"allowed_devices", b"TextField", b"Semantics")):
        return frame
    return bytes(msgpack.packb(_downgrade(msgpack.unpackb(frame, strict_map_key=False))))


def _downgrade(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_downgrade, value))
    if not isinstance(value, dict):
        return value
    downgraded = {k: _downgrade(each) for k, each in value.items() if k != "allowed_devices"}
    if value.get("_c") == "TextField":
        downgraded |= {f"on_{name}": True for name in _FOCUS_EVENTS}
    elif value.get("_c") == "Semantics":
        # The older client draws nothing of its content.
        downgraded["_c"] = "Container"
    return downgraded


def find_filled_button(screenshot: Image.Image) -> tuple[int, int] | None:
    """The position of a filled button: the middle of the longest horizontal line of one colour."""
    background = _pixel_row(screenshot, 5)[5]
    longest, position = 100, None
    for y in range(0, screenshot.height, 3):
        x = 0
        for colour, pixels in groupby(_pixel_row(screenshot, y)):
            length = len(list(pixels))
            if colour != background and longest < length < screenshot.width // 2:
                longest, position = length, (x + length // 2, y)
            x += length
    return position


def count_pixels(screenshot: Image.Image, colour: str) -> int:
    """The number of pixels of exactly this colour, `#RRGGBB`."""
    rows = (_pixel_row(screenshot, y) for y in range(screenshot.height))
    return sum(row.count(bytes.fromhex(colour[1:])) for row in rows)


def _pixel_row(screenshot: Image.Image, y: int) -> list[bytes]:
    line = screenshot.crop((0, y, screenshot.width, y + 1)).tobytes()
    return [line[n : n + 3] for n in range(0, len(line), 3)]


def native_client_path() -> Path:
    """The client's program, downloaded with its dependencies on the first use.

    Raises Unavailable.
    """
    if sys.platform != "linux":
        raise NativeClientUnavailable("The client that lies in a wheel is for Linux.")
    cache = user_cache_path("flet-chat-tests", appauthor=False)
    folder = cache / f"flet-desktop-light-{_CLIENT_VERSION}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as download_folder:
            _download_client(Path(download_folder))
            # Another run of the tests may have been faster.
            with contextlib.suppress(OSError):
                (Path(download_folder) / "client").rename(folder)
    program = folder / "flet" / "flet"
    _require_dependencies(program)
    return program


def _download_client(folder: Path) -> None:
    """Download the wheel and unpack the client to `folder/client`."""
    requirement = [f"flet-desktop-light=={_CLIENT_VERSION}", "--no-deps", "--only-binary=:all:"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    result = subprocess.run(
        [*pip, *requirement, "--dest", str(folder)], capture_output=True, text=True, check=False
    )
    if result.returncode:
        reason = result.stderr.strip().splitlines()[-1:] or ["pip printed no reason."]
        raise NativeClientUnavailable(f"The wheel that holds the client cannot be had: {reason[0]}")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith(".tar.gz"))
        with wheel.open(name) as packed, tarfile.open(fileobj=packed) as tar:
            # The first Pythons 3.11 have no filters.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(folder / "client")


def _require_dependencies(program: Path) -> None:
    """Require the tools and libraries; install missing ones with apt-get, if that is possible."""
    packages = [*_TOOLS.values(), *_LIBRARIES]
    missing = _missing_dependencies(program)
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        _install_packages(packages)
        missing = _missing_dependencies(program)
    if missing:
        names = ", ".join(missing)
        raise NativeClientUnavailable(
            f"Missing: {names}. On Debian: apt-get install {' '.join(packages)}"
        )


def _missing_dependencies(program: Path) -> list[str]:
    """The missing tools and libraries."""
    tools = [name for name in _TOOLS if shutil.which(name) is None]
    late_libraries = [
        so for name, so in _LOADED_LATE.items() if ctypes.util.find_library(name) is None
    ]
    library_folder = program.parent / "lib"
    linked = subprocess.run(
        ["ldd", program, *library_folder.glob("*.so")],
        env={**os.environ, "LD_LIBRARY_PATH": str(library_folder), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    return tools + late_libraries + sorted(set(re.findall(r"(\S+) => not found", linked.stdout)))


def _install_packages(packages: Sequence[str]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "-q", *arguments], env=env, capture_output=True, check=False)
