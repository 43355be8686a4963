"""The first and the second load of the page in Chromium: bytes, requests and seconds.

`python -m benchmarks.first_load` compresses the page's files, starts the real command, and
loads the page twice with one browser profile, on a line of 10 Mbit/s and 40 ms.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright, Request, sync_playwright

from benchmarks.page_files import compress_page_files
from chat.web.http import static_files
from tests.harness.browser import CHROMIUM_FLAGS, find_chromium
from tests.harness.process import ServerProcess
from tests.harness.slow_network import SlowNetwork, slow_network

# Targets: bytes of the first and of the second load, and seconds to the first usable frame.
MAX_FIRST_BYTES, MAX_SECOND_BYTES, MAX_FIRST_SECONDS = 4_300_000, 50_000, 5.0


# The slow network: bytes a second, and seconds in each direction.
RATE, DELAY = 1_250_000, 0.02

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
    page.locator("flt-semantics-placeholder").dispatch_event("click", timeout=60_000)
    page.get_by_role("button", name="Start chat").wait_for(timeout=60_000)
    seconds = time.monotonic() - started
    # The service worker starts after the first frame.
    page.wait_for_timeout(3000)
    page.close()
    return PageLoad(len(requests), network.received_bytes - before, seconds)


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
            delay, rate = (DELAY, RATE) if slow else (0, None)
            with slow_network(server.port, delay, rate) as network:
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
    args = parser.parse_args(argv)
    executable = find_chromium()
    if executable is None:
        sys.exit("no Chromium was found")
    with (
        running_chat(slow=not args.fast) as network,
        sync_playwright() as playwright,
        browser_profile(playwright, args.renderer) as context,
    ):
        loads = [load_page(context, network) for _ in range(2)]
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


if __name__ == "__main__":
    run()
