"""A native window on a screen that nobody sees: Flet's Linux client, its keys and its picture."""

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
import time
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
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

from tests.harness.client import SET, HeadlessClient
from tests.harness.control_tree import Control
from tests.harness.process import CACHE

PROJECT = Path(__file__).parents[2]

# The last client that lies in a wheel: later ones are on GitHub only. It draws what 1.0.5 sends.
_CLIENT = "0.82.2"

# In the names of Debian and Ubuntu: the tools, and what the client loads.
_TOOLS = {"Xvfb": "xvfb", "xdotool": "xdotool"}
_LIBRARIES = ("libgtk-3-0", "libsecret-1-0", "libegl1", "libgles2", "fonts-dejavu-core")

# The client opens these while it runs, so that `ldd` does not know of them.
_LOADED_LATE = {"EGL": "libEGL.so.1", "GLESv2": "libGLESv2.so.2"}

# The size of the client's own window, which has no frame where nothing manages windows.
_WIDTH, _HEIGHT = 1280, 720

_POLL = 0.05

# What another machine's settings would change in a chat that is tested.
_NOT_OURS = re.compile(r"CHAT_|FLET_|(WAYLAND_)?DISPLAY$|BROWSER$|\w+_proxy$", re.IGNORECASE)


class Unavailable(Exception):
    """There can be no native window here; its words say why."""


async def until(seen: Callable[[], Any], seconds: float, what: str) -> None:
    """Look again and again until `seen()` is true. Raises AssertionError."""
    end = time.monotonic() + seconds
    while True:
        if seen():
            return
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(_POLL)


def environment(**more: str | Path) -> dict[str, str]:
    """The environment of a program: this machine's without its screen, proxies and settings."""
    clean = {name: value for name, value in os.environ.items() if not _NOT_OURS.match(name)}
    clean["XDG_CACHE_HOME"] = str(CACHE)
    return clean | {name: str(value) for name, value in more.items()}


class Program:
    """A command that runs beside the test, with what it starts; its output goes to files."""

    def __init__(
        self, words: Sequence[str | Path], folder: Path, env: Mapping[str, str], cwd: Path
    ) -> None:
        self._out, self._err = folder / "out.txt", folder / "err.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            # Its own session: signals reach what it starts too, and nothing of it is left.
            self._process = subprocess.Popen(
                words, cwd=cwd, env=env, stdout=out, stderr=err, start_new_session=True
            )

    @property
    def out(self) -> str:
        """What it printed."""
        return self._out.read_text("utf-8")

    @property
    def err(self) -> str:
        """What it printed to the standard error stream."""
        return self._err.read_text("utf-8")

    async def prints(self, pattern: str, seconds: float = 30) -> re.Match[str]:
        """Wait until it has printed something that matches."""
        found = re.compile(pattern)
        over = f"{pattern} in\n{self.out}\n{self.err}"
        await until(
            lambda: found.search(self.out) or self._process.poll() is not None, seconds, over
        )
        match = found.search(self.out)
        assert match, f"ended with {self._process.returncode}:\n{self.out}\n{self.err}"
        return match

    async def ends(self, seconds: float = 10) -> int:
        """Wait for the end, and return the exit code."""
        await until(lambda: self._process.poll() is not None, seconds, f"the end of\n{self.out}")
        return self._process.wait()

    def terminate(self) -> None:
        """As the system does when it stops a service."""
        self._process.send_signal(signal.SIGTERM)

    def interrupt(self) -> None:
        """As Ctrl-C in a terminal: the command and all that it started get it."""
        os.killpg(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End whatever is left of it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def running(
    words: Sequence[str | Path], folder: Path, env: Mapping[str, str], cwd: Path = PROJECT
) -> Iterator[Program]:
    """A Program that is ended with the block; `folder` gets its output."""
    folder.mkdir(parents=True, exist_ok=True)
    program = Program(words, folder, env, cwd)
    try:
        yield program
    finally:
        program.kill()


class Screen:
    """An X server without a monitor, with its keyboard and its mouse."""

    def __init__(self, folder: Path) -> None:
        """Switch it on; `folder` holds the picture. Raises Unavailable."""
        self._memory = folder / "Xvfb_screen0"
        reading, writing = os.pipe()
        size = f"{_WIDTH}x{_HEIGHT}x24"
        words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-fbdir", str(folder)]
        try:
            self._process = subprocess.Popen(
                [*words, "-nolisten", "tcp"], pass_fds=[writing], stderr=subprocess.DEVNULL
            )
        finally:
            os.close(writing)
        # It says its number when it is ready, and nothing if it ends before.
        with os.fdopen(reading) as line:
            number = line.readline().strip()
        if not number:
            self._process.wait()
            raise Unavailable("Xvfb does not start here.")
        self.display = f":{number}"

    def off(self) -> None:
        """Switch it off."""
        self._process.terminate()
        self._process.wait()

    def picture(self) -> Image.Image:
        """What it shows: the X server keeps it in a file of the form XWD, version 7."""
        dump = self._memory.read_bytes()
        header = struct.unpack(">25I", dump[:100])
        length, width, height, stride, colours = (header[n] for n in (0, 4, 5, 12, 19))
        pixels = dump[length + 12 * colours :]
        return Image.frombytes("RGB", (width, height), pixels, "raw", "BGRX", stride)

    async def rests(self) -> Image.Image:
        """What it shows when nothing moves any more; the cursor may blink."""
        pictures: list[Image.Image] = []

        def still() -> bool:
            pictures.append(self.picture())
            return pictures[-2:-1] == pictures[-1:]

        await until(still, 20, "a picture that rests")
        return pictures[-1]

    async def click(self, x: int, y: int) -> None:
        """Move the mouse there and click."""
        await self._do("mousemove", str(x), str(y), "click", "1")

    async def press(self, *keys: str) -> None:
        """Press keys by their X names: Return, ctrl+a."""
        await self._do("key", *keys)

    async def write(self, text: str) -> None:
        """Type a line."""
        await self._do("type", "--delay", "15", text)

    async def _do(self, *words: str) -> None:
        env = environment(DISPLAY=self.display)
        await asyncio.to_thread(subprocess.run, ["xdotool", *words], env=env, check=True)

    def client_lives_in(self, home: Path) -> dict[str, str]:
        """The environment of a client that keeps its storage in `home` and draws here alone."""
        home.mkdir(parents=True, exist_ok=True)
        return environment(
            DISPLAY=self.display,
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


class Window(HeadlessClient):
    """A person at the native window: hands on its keys, eyes on what its session was told."""

    def __init__(self, screen: Screen) -> None:
        super().__init__("")
        self._glass = screen
        # The window itself does.
        self.answers = False

    async def was_told(self, frame: bytes) -> None:
        """The server sent this."""
        self.received += frame
        action, body = msgpack.unpackb(frame[1:], strict_map_key=False)
        await self._apply_frame(action, body)
        self._changed.set()

    async def _lets_go_of_dialogs(self) -> None:
        """The window itself does."""

    def did(self, frame: bytes) -> None:
        """The client sent this: what is typed is in its tree already."""
        action, body = msgpack.unpackb(frame, strict_map_key=False)
        if action == SET and body["id"] in self._tree.controls:
            self._tree.controls[body["id"]].update(body["props"])
            self._changed.set()

    async def clicks(self, words: str) -> None:
        """Click the one filled button that is on the screen."""
        await self.until(lambda: self.find("FilledButton", content=words), 30)
        await until(lambda: bar(self._glass.picture()), 30, f"a button “{words}” on the screen")
        place = bar(await self._glass.rests())
        assert place, f"“{words}” has gone"
        await self._glass.click(*place)

    async def types(self, text: str) -> None:
        """Put words into the composer."""
        await self.fills(self.composer_field, text)

    async def comes_in(self, name: str) -> "Window":
        """Start chat, type a name, Enter, and wait until the dialog has gone."""
        await super().signs_in(name)
        await self.until(lambda: not self.find("AlertDialog"))
        return self

    async def fills(self, field: Control, text: str) -> None:
        """Type until it stands there: keys are lost while the cursor is on its way to the field."""
        for _ in range(10):
            # A field is emptied on the screen a frame later than in the tree.
            await self._glass.rests()
            if self._now(field).get("value"):
                await self._glass.press("ctrl+a")
            await self._glass.write(text)
            with contextlib.suppress(AssertionError):
                return await self.until(lambda: self._now(field).get("value") == text, 2)
        raise AssertionError(f"“{text}” cannot be typed")

    def _now(self, field: Control) -> Control:
        """What stands in the place of a field: the chat may have put another one there."""
        like = {name: field.get(name) for name in ("label", "hint_text")}
        return self.find("TextField", **like)[-1]

    async def presses_enter(self, field: Control) -> None:
        """Submit the field that has the cursor."""
        await self._glass.press("Return")


class Shim:
    """Stands between a server of Flet 1.0.5 and a client of 0.82.2.

    The newer side puts a byte 0x00 before each frame, and the older one does not know of it; nor
    can it read which devices a gesture is for, and draws a grey box where it is told.
    """

    def __init__(self, server: str, screen: Screen) -> None:
        self._server = server
        self._screen = screen
        self._windows: list[Window] = []
        self.address = ""

    async def opens(self, number: int) -> Window:
        """The window that connects as the first, second …"""
        await until(lambda: len(self._windows) >= number, 60, "a window that connects")
        return self._windows[number - 1]

    @contextlib.asynccontextmanager
    async def stands(self) -> AsyncIterator["Shim"]:
        """Serve on a free port."""
        async with serve(
            self._comes,
            "127.0.0.1",
            0,
            max_size=None,
            compression=None,
            process_request=self._asks,
        ) as server:
            self.address = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            yield self

    async def _asks(self, client: ServerConnection, request: Request) -> Response | None:
        """Pictures are asked for by plain HTTP."""
        if "Upgrade" in request.headers:
            return None
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(self._server + request.path)
        headers = Headers()
        headers["Content-Type"] = answer.headers["content-type"]
        headers["Content-Length"] = str(len(answer.content))
        return Response(answer.status_code, answer.reason_phrase, headers, answer.content)

    async def _comes(self, client: ServerConnection) -> None:
        assert client.request is not None
        address = self._server.replace("http", "ws", 1) + client.request.path
        window = Window(self._screen)
        async with connect(address, max_size=None, proxy=None, compression=None) as server:
            self._windows.append(window)
            both = [
                asyncio.create_task(self._up(client, server, window)),
                asyncio.create_task(self._down(server, client, window)),
            ]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            await server.close()
            await client.close()
            await asyncio.gather(*both)

    async def _up(self, client: ServerConnection, server: ClientConnection, of: Window) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in client:
                assert isinstance(frame, bytes)
                of.did(frame)
                await server.send(b"\x00" + frame)

    async def _down(self, server: ClientConnection, client: ServerConnection, to: Window) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in server:
                assert isinstance(frame, bytes)
                await to.was_told(frame)
                await client.send(_as_the_older_reads(frame[1:]))


def _as_the_older_reads(frame: bytes) -> bytes:
    if b"allowed_devices" not in frame:
        return frame
    return bytes(msgpack.packb(_without(msgpack.unpackb(frame, strict_map_key=False))))


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without(each) for k, each in value.items() if k != "allowed_devices"}
    return list(map(_without, value)) if isinstance(value, list) else value


def bar(picture: Image.Image) -> tuple[int, int] | None:
    """The middle of the longest level line of one colour on the ground: a filled button's."""
    ground = _row(picture, 5)[5]
    longest, place = 100, None
    for y in range(0, picture.height, 3):
        x = 0
        for colour, pixels in groupby(_row(picture, y)):
            length = len(list(pixels))
            if colour != ground and longest < length < picture.width // 2:
                longest, place = length, (x + length // 2, y)
            x += length
    return place


def count(picture: Image.Image, colour: str) -> int:
    """How many pixels have exactly this colour, `#RRGGBB`."""
    rows = (_row(picture, y) for y in range(picture.height))
    return sum(row.count(bytes.fromhex(colour[1:])) for row in rows)


def _row(picture: Image.Image, y: int) -> list[bytes]:
    line = picture.crop((0, y, picture.width, y + 1)).tobytes()
    return [line[n : n + 3] for n in range(0, len(line), 3)]


def client() -> Path:
    """The client's program, fetched on the first use with all that it stands on.

    Raises Unavailable.
    """
    if sys.platform != "linux":
        raise Unavailable("The client that lies in a wheel is for Linux.")
    cache = user_cache_path("flet-chat-tests", appauthor=False)
    folder = cache / f"flet-desktop-light-{_CLIENT}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as fresh:
            _fetch(Path(fresh))
            # Another run of the tests may have been faster.
            with contextlib.suppress(OSError):
                (Path(fresh) / "client").rename(folder)
    program = folder / "flet" / "flet"
    _stand(program)
    return program


def _fetch(folder: Path) -> None:
    """Get the wheel from the package index and unpack the client to `folder/client`."""
    wanted = [f"flet-desktop-light=={_CLIENT}", "--no-deps", "--only-binary=:all:"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    got = subprocess.run(
        [*pip, *wanted, "--dest", str(folder)], capture_output=True, text=True, check=False
    )
    if got.returncode:
        why = got.stderr.strip().splitlines()[-1:] or ["pip says nothing."]
        raise Unavailable(f"The wheel that holds the client cannot be had: {why[0]}")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith(".tar.gz"))
        with wheel.open(name) as packed, tarfile.open(fileobj=packed) as tar:
            # The first Pythons 3.11 have no filters.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(folder / "client")


def _stand(program: Path) -> None:
    """See to the tools and the libraries, with apt-get where that is allowed."""
    packages = [*_TOOLS.values(), *_LIBRARIES]
    missing = _missing(program)
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        _install(packages)
        missing = _missing(program)
    if missing:
        names = ", ".join(missing)
        raise Unavailable(f"Missing: {names}. On Debian: apt-get install {' '.join(packages)}")


def _missing(program: Path) -> list[str]:
    """The tools and libraries that are not here."""
    tools = [name for name in _TOOLS if shutil.which(name) is None]
    late = [so for name, so in _LOADED_LATE.items() if ctypes.util.find_library(name) is None]
    beside = program.parent / "lib"
    loads = subprocess.run(
        ["ldd", program, *beside.glob("*.so")],
        env={**os.environ, "LD_LIBRARY_PATH": str(beside), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    return tools + late + sorted(set(re.findall(r"(\S+) => not found", loads.stdout)))


def _install(packages: Sequence[str]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "-q", *words], env=env, capture_output=True, check=False)
