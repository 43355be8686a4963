"""The first and the second load of the page in Chromium: bytes, requests and seconds.

`python -m benchmarks.first_load` starts the real command, waits until the page's files are
compressed, and loads the page twice with one browser profile, on a line of 10 Mbit/s and 40 ms.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path
from playwright.sync_api import BrowserContext, Playwright, Request, sync_playwright

from chat.web.http import static_files
from tests.harness.browser import FLAGS, chromium
from tests.harness.process import Server
from tests.harness.slow_network import Road, a_road

# Goals: bytes of the first and of the second load, and seconds to the first usable frame.
FIRST_BYTES, SECOND_BYTES, SECONDS = 4_300_000, 50_000, 5.0


# What "slow" is: bytes a second, and seconds in each direction.
RATE, DELAY = 1_250_000, 0.02

# The page as it is takes what suits the browser; a test's page takes what it is told.
_FORCE = """
    let given;
    const fixed = { value: "%s", writable: false };
    Object.defineProperty(window, "flet", {
      get: () => given,
      set: (value) => (given = Object.defineProperty(value, "webRenderer", fixed)),
    });
"""


@dataclass
class Load:
    """What one load of the page cost; the bytes are those on the wire, headers and all."""

    requests: int
    bytes: int
    seconds: float


def load(context: BrowserContext, road: Road) -> Load:
    """Open the start screen in a new tab, wait until it can be used, and until it is quiet."""
    page = context.new_page()
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    before, begun = road.bytes, time.monotonic()
    page.goto(road.address)
    page.locator("flt-semantics-placeholder").dispatch_event("click", timeout=60_000)
    page.get_by_role("button", name="Start chat").wait_for(timeout=60_000)
    seconds = time.monotonic() - begun
    # The service worker begins after the first frame.
    page.wait_for_timeout(3000)
    page.close()
    return Load(len(requests), road.bytes - before, seconds)


def force(context: BrowserContext, renderer: str) -> None:
    """Make the page draw with `skwasm` or `canvaskit`, whatever would suit the browser."""
    context.add_init_script(_FORCE % renderer)


def wait_for_copies(seconds: float = 180) -> None:
    """Wait until the compressed copies of the page's files are made. Raises TimeoutError."""
    end = time.monotonic() + seconds
    folder = user_cache_path("flet-chat", appauthor=False) / "page" / static_files.page_version()
    while time.monotonic() < end:
        gzipped, brotlied = (len(list(folder.rglob(f"*.{each}"))) for each in ("gz", "br"))
        if gzipped and gzipped == brotlied:
            return
        time.sleep(1)
    raise TimeoutError(f"the page's files were not compressed in {seconds:.0f} s")


@contextmanager
def a_chat(*, slow: bool) -> Iterator[Road]:
    """The real command with its files compressed, and the road that leads to it."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        server = Server(Path(folder) / "data", "--web", "--no-browser").starts()
        print(f"start to ready {time.monotonic() - begun:.2f} s")
        try:
            wait_for_copies()
            delay, rate = (DELAY, RATE) if slow else (0, None)
            with a_road(server.port, delay, rate) as road:
                yield road
        finally:
            server.is_cleared_away()


@contextmanager
def a_profile(
    playwright: Playwright, renderer: str = "auto", *flags: str
) -> Iterator[BrowserContext]:
    """A Chromium that has never been anywhere, and keeps what it gets on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=chromium(), args=[*FLAGS, *flags]
        )
        if renderer != "auto":
            force(context, renderer)
        try:
            yield context
        finally:
            context.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true", help="without the slow line")
    parser.add_argument("--renderer", choices=("auto", "skwasm", "canvaskit"), default="auto")
    asked = parser.parse_args()
    path = chromium()
    if path is None:
        sys.exit("no Chromium was found")
    with (
        a_chat(slow=not asked.fast) as road,
        sync_playwright() as playwright,
        a_profile(playwright, asked.renderer) as context,
    ):
        loads = [load(context, road) for _ in range(2)]
    version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout.strip()
    line = "loopback" if asked.fast else "10 Mbit/s, 40 ms"
    print(f"{version}; {line}; renderer: {asked.renderer}")
    print("| load | requests | bytes | seconds | goal |\n| --- | --- | --- | --- | --- |")
    for name, each, goal in zip(
        ("first", "second"),
        loads,
        (f"{FIRST_BYTES:,} B, {SECONDS} s", f"{SECOND_BYTES:,} B"),
        strict=True,
    ):
        print(f"| {name} | {each.requests} | {each.bytes:,} | {each.seconds:.2f} | {goal} |")


if __name__ == "__main__":
    main()
