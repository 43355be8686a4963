"""A native window on a screen that nobody sees: Flet's Linux client, its keys and its picture."""

import asyncio
import contextlib
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

from tests.person import SET, Person

PROJECT = Path(__file__).parents[1]

# The last client that lies in a wheel: later ones are on GitHub only. It draws what 1.0.5 sends.
_CLIENT = "0.82.2"

# What the client loads, and what stands around it; in the names of Debian and Ubuntu.
_LIBRARIES = ("libgtk-3-0", "libsecret-1-0", "libegl1", "fonts-dejavu-core")
_TOOLS = {"Xvfb": "xvfb", "xdotool": "xdotool"}

# The size of the client's own window, which has no frame where nothing manages windows.
_WIDTH, _HEIGHT = 1280, 720

_POLL = 0.05

Colour = tuple[int, ...]


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


class Program:
    """A command that runs beside the test, with what it starts; its output goes to files."""

    def __init__(self, words: Sequence[str | Path], folder: Path, env: Mapping[str, str]) -> None:
        self._out, self._err = folder / "out.txt", folder / "err.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            # Its own session: signals reach what it starts too, and nothing of it is left.
            self._process = subprocess.Popen(
                words, cwd=PROJECT, env=env, stdout=out, stderr=err, start_new_session=True
            )

    @property
    def out(self) -> str:
        """What it printed."""
        return self._out.read_text("utf-8")

    @property
    def err(self) -> str:
        """What it printed to the standard error stream."""
        return self._err.read_text("utf-8")

    @property
    def code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll()

    async def prints(self, pattern: str, seconds: float = 30) -> re.Match[str]:
        """Wait for a line that matches."""
        found = re.compile(pattern, re.MULTILINE)
        await until(
            lambda: found.search(self.out) or self.code is not None, seconds, f"{pattern} printed"
        )
        match = found.search(self.out)
        assert match, f"ended with {self.code}\n{self.out}\n{self.err}"
        return match

    async def ends(self, seconds: float = 10) -> int:
        """Wait for the end, and return the exit code."""
        await until(lambda: self.code is not None, seconds, f"the end of\n{self.out}\n{self.err}")
        return self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command alone."""
        self._process.send_signal(number)

    def interrupt(self) -> None:
        """As Ctrl-C in a terminal: the command and all that it started get it."""
        os.killpg(self._process.pid, signal.SIGINT)

    def stop(self) -> None:
        """End whatever is left of it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def running(
    words: Sequence[str | Path], folder: Path, env: Mapping[str, str] = os.environ
) -> Iterator[Program]:
    """A Program that is ended with the block."""
    folder.mkdir(exist_ok=True)
    program = Program(words, folder, env)
    try:
        yield program
    finally:
        program.stop()


class Screen:
    """An X server without a monitor, with its keyboard and its mouse."""

    def __init__(self, folder: Path) -> None:
        """Start it; `folder` holds the picture. Raises Unavailable."""
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

    def close(self) -> None:
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

    async def click(self, x: int, y: int) -> None:
        """Move the mouse there and click."""
        await self._do("mousemove", str(x), str(y), "click", "1")

    async def press(self, *keys: str) -> None:
        """Press keys by their X names: Return, ctrl+a."""
        await self._do("key", *keys)

    async def write(self, text: str) -> None:
        """Type a line."""
        await self._do("type", "--delay", "15", "--", text)

    async def _do(self, *words: str) -> None:
        env = {**os.environ, "DISPLAY": self.display}
        await asyncio.to_thread(subprocess.run, ["xdotool", *words], env=env, check=True)


class Window(Person):
    """What one native window was told to show, and what was typed in it: read on the way."""

    def __init__(self, screen: Screen) -> None:
        super().__init__("")
        self._glass = screen
        # The window itself answers.
        self.answers = False

    async def told(self, frame: bytes) -> None:
        """The server sent this."""
        self.received += frame
        action, body = msgpack.unpackb(frame[1:], strict_map_key=False)
        await self._take(action, body)
        self._changed.set()

    def did(self, frame: bytes) -> None:
        """The client sent this."""
        action, body = msgpack.unpackb(frame[1:], strict_map_key=False)
        if action == SET and body["id"] in self._controls:
            self._controls[body["id"]].update(body["props"])
            self._changed.set()

    async def comes_in(self, name: str) -> "Window":
        """Click *Start chat*, type a name, and press Enter."""
        await self.until(lambda: self.sees_any("Talk with everyone"), 30)
        await until(lambda: bar(self._glass.picture()), 20, "a button on the screen")
        place = bar(self._glass.picture())
        assert place is not None
        await self._glass.click(*place)
        await self.until(lambda: self.find("AlertDialog", open=True))
        await self._writes(lambda: self.name_field, name)
        await self._glass.press("Return")
        await self.until(lambda: self.composer is not None and self.sees(f"Welcome, {name}!"))
        return self

    async def says(self, text: str) -> None:
        """Type a line and press Enter, then wait until the field is empty."""
        await self._writes(lambda: self._the_composer, text)
        await self._glass.press("Return")
        await self.until(lambda: self.words == "")

    async def _writes(self, field: Callable[[], dict[str, Any]], text: str) -> None:
        """Type until it stands there: keys are lost while the cursor is on its way to the field."""
        for _ in range(10):
            await self._glass.press("ctrl+a")
            await self._glass.write(text)
            with contextlib.suppress(AssertionError):
                await self.until(lambda: field().get("value") == text, 2)
                return
        raise AssertionError(f"“{text}” cannot be typed")


class Shim:
    """Stands between a server of Flet 1.0.5 and a client of 0.82.2.

    The newer side puts a byte 0x00 before each frame, the older one does not know of it.
    """

    def __init__(self, server: str, screen: Screen) -> None:
        self._server = server
        self._screen = screen
        self.address = ""
        self.windows: list[Window] = []

    async def opened(self, number: int = 0, seconds: float = 30) -> Window:
        """The window that connected as number 0, 1 …, as soon as it has."""
        await until(lambda: len(self.windows) > number, seconds, "a window that connects")
        return self.windows[number]

    @contextlib.asynccontextmanager
    async def listens(self) -> AsyncIterator["Shim"]:
        """Serve on a free port."""
        async with serve(
            self._connected,
            "127.0.0.1",
            0,
            max_size=None,
            compression=None,
            process_request=self._asked,
        ) as server:
            self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield self

    async def _asked(self, client: ServerConnection, request: Request) -> Response | None:
        """Pictures are asked for by plain HTTP."""
        if "Upgrade" in request.headers:
            return None
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(self._server + request.path)
        kept = Headers(
            {"Content-Type": answer.headers["content-type"], "Content-Length": len(answer.content)}
        )
        return Response(answer.status_code, answer.reason_phrase, kept, answer.content)

    async def _connected(self, client: ServerConnection) -> None:
        assert client.request is not None
        address = self._server.replace("http", "ws", 1) + client.request.path
        window = Window(self._screen)
        async with connect(address, max_size=None, proxy=None, compression=None) as server:
            self.windows.append(window)
            both = [
                asyncio.create_task(self._up(client, server, window)),
                asyncio.create_task(self._down(server, client, window)),
            ]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            await server.close()
            await client.close()
            await asyncio.gather(*both)

    async def _up(self, client: ServerConnection, server: ClientConnection, to: Window) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in client:
                assert isinstance(frame, bytes)
                to.did(b"\x00" + frame)
                await server.send(b"\x00" + frame)

    async def _down(self, server: ClientConnection, client: ServerConnection, to: Window) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in server:
                assert isinstance(frame, bytes) and frame[0] == 0
                await to.told(frame)
                await client.send(frame[1:])


def home_of_client(home: Path, screen: Screen) -> dict[str, str]:
    """The environment of a client that lives in `home` and draws on `screen` alone."""
    home.mkdir(exist_ok=True)
    ours = {
        "DISPLAY": screen.display,
        "GDK_BACKEND": "x11",
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        # No search for a desktop that is not there.
        "GSETTINGS_BACKEND": "memory",
        "NO_AT_BRIDGE": "1",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    return {**{k: v for k, v in os.environ.items() if k != "WAYLAND_DISPLAY"}, **ours}


def bar(picture: Image.Image) -> tuple[int, int] | None:
    """The middle of the longest level line of one colour on the ground: a filled button's."""
    ground = picture.getpixel((5, 5))
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
    return picture.tobytes("raw", "RGB").count(bytes.fromhex(colour[1:]))


def _row(picture: Image.Image, y: int) -> list[Colour]:
    line = picture.crop((0, y, picture.width, y + 1)).tobytes()
    return [tuple(line[n : n + 3]) for n in range(0, len(line), 3)]


def client() -> Path:
    """The client's program, fetched on the first use with all that it stands on.

    Raises Unavailable.
    """
    if sys.platform != "linux":
        raise Unavailable("The client in the wheel is for Linux.")
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
    _stand_on(program)
    return program


def _fetch(folder: Path) -> None:
    """Get the wheel from the package index and unpack the client to `folder/client`."""
    wanted = [f"flet-desktop-light=={_CLIENT}", "--no-deps", "--only-binary=:all:"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    got = subprocess.run(
        [*pip, *wanted, "--dest", str(folder)], capture_output=True, text=True, check=False
    )
    if got.returncode:
        why = got.stderr.strip().splitlines()[-1:] or ["pip failed."]
        raise Unavailable(f"The wheel with the client cannot be had: {why[0]}")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        name = next(n for n in wheel.namelist() if n.endswith(".tar.gz"))
        with wheel.open(name) as packed, tarfile.open(fileobj=packed) as tar:
            tar.extractall(folder / "client", filter="data")


def _stand_on(program: Path) -> None:
    """See to the tools and the libraries, with apt-get where that is allowed."""
    missing = _missing(program)
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        _install([*_LIBRARIES, *_TOOLS.values()])
        missing = _missing(program)
    if missing:
        packages = " ".join([*_TOOLS.values(), *_LIBRARIES])
        names = ", ".join(missing)
        raise Unavailable(f"Missing: {names}. On Debian: apt-get install {packages}")


def _missing(program: Path) -> list[str]:
    """The tools and libraries that are not here."""
    tools = [name for name in _TOOLS if shutil.which(name) is None]
    libraries = program.parent / "lib"
    loaded = subprocess.run(
        ["ldd", program, *libraries.glob("*.so")],
        env={**os.environ, "LD_LIBRARY_PATH": str(libraries), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    return tools + sorted(set(re.findall(r"^\s*(\S+) => not found", loaded.stdout, re.MULTILINE)))


def _install(packages: list[str]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "-q", *words], env=env, capture_output=True, check=False)
