"""The first and the second load of the page in Chromium: bytes, requests and seconds.

`python -m benchmarks.first_load` starts the real command, waits until the page's files are
compressed, and loads the page twice with one browser profile, on a line of 10 Mbit/s and 40 ms.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path
from playwright.sync_api import BrowserContext, sync_playwright

from tests.chromium import FLAGS, chromium
from tests.server import Server

# Goals: bytes of the first and of the second load, and seconds to the first usable frame.
FIRST_BYTES, SECOND_BYTES, SECONDS = 4_300_000, 50_000, 5.0


@dataclass
class Load:
    """What one load of the page cost."""

    requests: int = 0
    bytes: int = 0
    seconds: float = 0.0


def load(context: BrowserContext, address: str, *, slow: bool) -> Load:
    """Open the start screen in a new tab, and wait until it can be used."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    if slow:
        line = {"offline": False, "latency": 40, "downloadThroughput": 1_250_000}
        devtools.send("Network.emulateNetworkConditions", {**line, "uploadThroughput": 1_250_000})
    result = Load()

    def finished(event: dict[str, float]) -> None:
        result.requests += 1
        result.bytes += int(event["encodedDataLength"])

    devtools.on("Network.loadingFinished", finished)
    begun = time.monotonic()
    page.goto(address)
    page.locator("flt-semantics-placeholder").dispatch_event("click", timeout=60_000)
    page.get_by_role("button", name="Start chat").wait_for(timeout=60_000)
    result.seconds = time.monotonic() - begun
    page.wait_for_timeout(1000)
    page.close()
    return result


def wait_for_copies(seconds: float = 180) -> None:
    """Wait until the compressed copies of the page's files are made."""
    end = time.monotonic() + seconds
    folder = user_cache_path("flet-chat", appauthor=False) / "page"
    while time.monotonic() < end:
        gzipped, brotlied = (len(list(folder.rglob(f"*.{each}"))) for each in ("gz", "br"))
        if gzipped and gzipped == brotlied:
            return
        time.sleep(1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true", help="without the slow line")
    slow = not parser.parse_args().fast
    path = chromium()
    if path is None:
        sys.exit("no Chromium was found")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        begun = time.monotonic()
        server = Server(Path(folder) / "data", "--web", "--no-browser").starts()
        started = time.monotonic() - begun
        try:
            wait_for_copies()
            context = playwright.chromium.launch_persistent_context(
                Path(folder) / "profile", executable_path=path, args=list(FLAGS)
            )
            loads = [load(context, server.address, slow=slow) for _ in range(2)]
            context.close()
        finally:
            server.is_cleared_away()
    version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout.strip()
    print(
        f"{version}; {'10 Mbit/s, 40 ms' if slow else 'loopback'}; start to ready {started:.2f} s"
    )
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
