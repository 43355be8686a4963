"""The first and the second load of the page in Chromium: bytes, requests and seconds.

`python -m benchmarks.first_load` compresses the page's files, starts the real command, and
loads the page twice with one browser profile, on a line of 10 Mbit/s and 40 ms. Then a stranger
comes in and loads the page again, on a line of 10 Mbit/s and 60 ms and with a processor that is
four times slower; `--filmstrip FOLDER` writes a picture of each quarter of a second of that.
"""

import argparse
import base64
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    BrowserContext,
    CDPSession,
    Page,
    Playwright,
    Request,
    sync_playwright,
)

from benchmarks.page_files import compress_page_files
from chat.web.http import static_files
from tests.harness.browser import CHROMIUM_FLAGS, find_chromium
from tests.harness.process import ServerProcess
from tests.harness.slow_network import SlowNetwork, slow_network

# Targets: bytes of the first and of the second load, and seconds to the first usable frame.
MAX_FIRST_BYTES, MAX_SECOND_BYTES, MAX_FIRST_SECONDS = 4_300_000, 50_000, 5.0


# The slow network: bytes a second, and seconds in each direction.
RATE, DELAY = 1_250_000, 0.02

# The goals of a first visit: seconds from the address until a name is typed, and until its person
# is in the room; and from a reload until the room's last lines can be read.
MAX_NAME_SECONDS, MAX_ROOM_SECONDS, MAX_RELOAD_SECONDS = 2.0, 8.0, 1.5
GOALS_SLOWDOWN = 4
GOALS_NETWORK = {
    "offline": False,
    "latency": 60,  # milliseconds
    "downloadThroughput": 1_250_000,  # bytes a second
    "uploadThroughput": 1_250_000,
}
VISITOR = "Maya Lindqvist"
FILM_INTERVAL = 0.25  # seconds

# Flutter chooses the renderer by the browser, unless the page sets it.
_FORCE_RENDERER = """
    let given;
    const fixed = { value: "%s", writable: false };
    Object.defineProperty(window, "flet", {
      get: () => given,
      set: (value) => (given = Object.defineProperty(value, "webRenderer", fixed)),
    });
"""


@dataclass
class PageLoad:
    """Cost of one load of the page; the bytes include headers."""

    requests: int
    bytes: int
    seconds: float


def load_page(context: BrowserContext, network: SlowNetwork) -> PageLoad:
    """Open the start screen in a new tab, wait until it is usable, and 3 seconds longer."""
    page = context.new_page()
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    before, started = network.received_bytes, time.monotonic()
    page.goto(network.address)
    page.get_by_role("button", name="Join chat").wait_for(timeout=60_000)
    page.locator("flt-semantics-placeholder").wait_for(state="attached", timeout=60_000)
    seconds = time.monotonic() - started
    # The service worker starts after the first frame.
    page.wait_for_timeout(3000)
    page.close()
    return PageLoad(len(requests), network.received_bytes - before, seconds)


@dataclass
class FirstVisit:
    """Seconds of a stranger's first minute; see `MAX_NAME_SECONDS`."""

    name_typed: float
    room_text: float
    room: float
    reload_text: float
    reload: float


class Filmstrip:
    """The frames of a page, as a camera sees them. It writes one each `FILM_INTERVAL`."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._frames: list[tuple[float, bytes]] = []
        session.on("Page.screencastFrame", self._on_frame)
        session.send("Page.startScreencast", {"format": "jpeg", "quality": 80})

    def write(self, folder: Path, name: str, started: float) -> None:
        """Write the frames since `started` (of `time.time()`), and begin anew."""
        folder.mkdir(parents=True, exist_ok=True)
        frames, self._frames = sorted(self._frames), []
        seconds = FILM_INTERVAL
        while frames and seconds < frames[-1][0] - started + FILM_INTERVAL:
            seen = [data for at, data in frames if at <= started + seconds]
            if seen:
                (folder / f"{name}-{seconds:05.2f}.jpg").write_bytes(seen[-1])
            seconds += FILM_INTERVAL

    def _on_frame(self, frame: dict[str, Any]) -> None:
        data = base64.b64decode(frame["data"])
        self._frames.append((frame["metadata"]["timestamp"], data))
        self._session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})


def visit(context: BrowserContext, address: str, folder: Path | None) -> FirstVisit:
    """Come in as a stranger, then load the page again."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": GOALS_SLOWDOWN})
    # (The other network keeps everything in one queue: a small answer would wait behind 4 MB.)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", GOALS_NETWORK)
    film = None if folder is None else Filmstrip(session)
    started, clock = time.monotonic(), time.time()
    page.goto(address, wait_until="commit")
    page.locator("#loading input").focus(timeout=60_000)
    page.keyboard.type(VISITOR)
    name_typed = time.monotonic() - started
    page.keyboard.press("Enter")
    room_text, room = _wait_for_room(page, started)
    page.wait_for_timeout(1000)
    if film is not None and folder is not None:
        film.write(folder, "first", clock)
    started, clock = time.monotonic(), time.time()
    page.reload(wait_until="commit")
    reload_text, reload = _wait_for_room(page, started)
    page.wait_for_timeout(1000)
    if film is not None and folder is not None:
        film.write(folder, "reload", clock)
    page.close()
    return FirstVisit(name_typed, room_text, room, reload_text, reload)


def _wait_for_room(page: Page, started: float) -> tuple[float, float]:
    """The seconds until the room can be read, and until Flutter has drawn it."""
    page.locator("#loading .rows").get_by_text("has joined").last.wait_for(timeout=60_000)
    text = time.monotonic() - started
    page.locator("#loading").wait_for(state="detached", timeout=60_000)
    return text, time.monotonic() - started


def force_renderer(context: BrowserContext, renderer: str) -> None:
    """Make the page draw with `skwasm` or `canvaskit`, whatever Flutter would choose."""
    context.add_init_script(_FORCE_RENDERER % renderer)


@contextmanager
def running_chat(*, slow: bool) -> Iterator[SlowNetwork]:
    """The real command with its files compressed, and a network in front of it."""
    compress_page_files()
    # Otherwise ServerProcess gives the server the cache folder of the tests.
    env = {"XDG_CACHE_HOME": str(static_files.cache_folder().parents[1])}
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        server = ServerProcess(Path(folder) / "data", "--web", "--no-browser", env=env).start()
        print(f"start to ready {time.monotonic() - started:.2f} s")
        try:
            with slow_network(server.port, *((DELAY, RATE) if slow else (0, None))) as network:
                yield network
        finally:
            server.kill_if_running()


@contextmanager
def browser_profile(
    playwright: Playwright, renderer: str = "auto", *flags: str
) -> Iterator[BrowserContext]:
    """A Chromium with a new profile, which has a cache on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=find_chromium(), args=[*CHROMIUM_FLAGS, *flags]
        )
        if renderer != "auto":
            force_renderer(context, renderer)
        try:
            yield context
        finally:
            context.close()


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_load", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="without the slow network")
    parser.add_argument("--renderer", choices=("auto", "skwasm", "canvaskit"), default="auto")
    parser.add_argument("--filmstrip", type=Path, metavar="FOLDER", help="write pictures there")
    parser.add_argument("--only-visit", action="store_true", help="without the table of bytes")
    args = parser.parse_args(argv)
    executable = find_chromium()
    if executable is None:
        sys.exit("no Chromium was found")
    if not args.only_visit:
        with (
            running_chat(slow=not args.fast) as network,
            sync_playwright() as playwright,
            browser_profile(playwright, args.renderer) as context,
        ):
            loads = [load_page(context, network) for _ in range(2)]
        _print_loads(executable, loads, args)
    with (
        running_chat(slow=False) as network,
        sync_playwright() as playwright,
        browser_profile(playwright, args.renderer) as context,
    ):
        _print_visit(visit(context, network.address, args.filmstrip))


def _print_loads(executable: str, loads: Sequence[PageLoad], args: argparse.Namespace) -> None:
    version = subprocess.run(
        [executable, "--version"], capture_output=True, text=True
    ).stdout.strip()
    network_label = "loopback" if args.fast else "10 Mbit/s, 40 ms"
    print(f"{version}; {network_label}; renderer: {args.renderer}")
    print("| load | requests | bytes | seconds | target |\n| --- | --- | --- | --- | --- |")
    for name, each, target in zip(
        ("first", "second"),
        loads,
        (f"{MAX_FIRST_BYTES:,} B, {MAX_FIRST_SECONDS} s", f"{MAX_SECOND_BYTES:,} B"),
        strict=True,
    ):
        print(f"| {name} | {each.requests} | {each.bytes:,} | {each.seconds:.2f} | {target} |")


def _print_visit(visit: FirstVisit) -> None:
    print(f"a processor {GOALS_SLOWDOWN} times slower; 10 Mbit/s, 60 ms")
    print("| from the address | seconds | goal |\n| --- | --- | --- |")
    for name, seconds, goal in (
        ("a name is typed", visit.name_typed, f"{MAX_NAME_SECONDS}"),
        ("the room can be read", visit.room_text, ""),
        ("in the room", visit.room, f"{MAX_ROOM_SECONDS}"),
        ("after a reload, the room can be read", visit.reload_text, f"{MAX_RELOAD_SECONDS}"),
        ("after a reload, in the room", visit.reload, ""),
    ):
        print(f"| {name} | {seconds:.2f} | {goal} |")


if __name__ == "__main__":
    run()
