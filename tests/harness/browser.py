"""People in a real Chromium: found on the system or fetched, driven through the semantics tree."""

import functools
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FloatRect,
    Locator,
    Page,
    expect,
    sync_playwright,
)

ARTEFACTS = Path(__file__).parents[1] / "artefacts"

PHONE = (390, 844)
DESKTOP = (1440, 900)

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # There is no network but this computer.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

_HERE = re.compile(r"(https?://(127\.0\.0\.1|localhost)[:/]|(data|blob|chrome-error):)")


def required() -> bool:
    """Whether a browser that cannot be had is a failure."""
    return os.environ.get("CHAT_TEST_BROWSER") == "required"


def cannot(reason: str) -> None:
    """Skip with the reason, or fail where a browser is required."""
    if required():
        pytest.fail(reason)
    pytest.skip(reason)


def installs(*packages: str) -> bool:
    """Install Debian packages where that is allowed; whether it worked."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=env, check=False, **quiet)  # type: ignore[call-overload]
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    done = subprocess.run(command, env=env, check=False, **quiet)  # type: ignore[call-overload]
    return bool(done.returncode == 0)


@functools.cache
def chromium() -> str | None:
    """The path of a Chromium: the system's, Playwright's, or one that is installed now."""
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    if found := _playwrights_own():
        return found
    fetch = [
        sys.executable,
        "-m",
        "playwright",
        "install",
        "--with-deps",
        "chromium-headless-shell",
    ]
    subprocess.run(fetch, check=False, capture_output=True)
    if found := _playwrights_own():
        return found
    return shutil.which("chromium") if installs("chromium") else None


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


@contextmanager
def a_browser() -> Iterator[Browser]:
    """A headless Chromium, or the test is skipped."""
    path = chromium()
    if path is None:
        cannot("no Chromium was found, and none could be installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        abroad: list[str] = []
        _watch(browser, abroad)
        try:
            yield browser
            # Whatever the stories did, nothing was asked of anybody else.
            assert abroad == []
        finally:
            browser.close()


def _watch(browser: Browser, abroad: list[str]) -> None:
    """Note what any page, frame or worker of any context asks of another computer."""
    new_context = browser.new_context

    def watched(*given: Any, **more: Any) -> BrowserContext:
        context = new_context(*given, **more)
        context.on("request", lambda request: _note(request.url, abroad))
        return context

    browser.new_context = watched  # type: ignore[method-assign]


def _note(url: str, abroad: list[str]) -> None:
    if not _HERE.match(url):
        abroad.append(url)


class Tab:
    """One tab of one browser: what a person does and sees there."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.page: Page = context.new_page()
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", self._requested)
        self.page.on("pageerror", lambda error: self.errors.append(error.stack or str(error)))

    def opens(self, path: str = "/") -> "Tab":
        """Load the page, and switch the semantics tree on."""
        self.page.goto(self.address + path)
        return self.is_ready()

    def is_ready(self) -> "Tab":
        """Wait for the first frame, and switch the semantics tree on."""
        self.page.locator("flt-semantics-placeholder").dispatch_event("click", timeout=30_000)
        return self

    def comes_in(self, name: str) -> "Tab":
        """Start chat, type the name, Enter."""
        self.page.get_by_role("button", name="Start chat").click()
        self.page.get_by_label("Enter your name to join the chat").wait_for()
        self.page.keyboard.type(name)
        self.page.keyboard.press("Enter")
        self.composer.wait_for()
        return self

    def plain_tab(self) -> Page:
        """Another tab of the same browser, without the semantics tree."""
        page = self.page.context.new_page()
        page.goto(self.address)
        # The field takes the focus when the room is there.
        page.wait_for_selector("flt-text-editing-host textarea", state="attached", timeout=30_000)
        return page

    @property
    def composer(self) -> Locator:
        """The field that messages are written in."""
        return self.page.locator("flt-semantics-host textarea:not([disabled])").first

    def says(self, text: str) -> None:
        """Type a message and press Enter; the field is empty when it is stored."""
        self.composer.click()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        expect(self.composer).to_have_value("")

    @property
    def leaves(self) -> list[str]:
        """The leaves of the semantics tree, from top to bottom, as a screen reader has them.

        A row of the timeline is one leaf: avatar, name, time and text, a line each.
        """
        found: list[list[float | str]] = self.page.evaluate(
            """() => [...document.querySelectorAll('flt-semantics')]
                .filter(e => !e.querySelector('flt-semantics') && e.textContent)
                .map(e => [e.getBoundingClientRect().top, e.textContent])"""
        )
        return [str(text) for _, text in sorted(found, key=lambda leaf: float(leaf[0]))]

    def place(self, text: str) -> tuple[float, float] | None:
        """A place on the leaf that holds `text`: right of its beginning, near its lower edge."""
        found: list[float] | None = self.page.evaluate(
            """text => [...document.querySelectorAll('flt-semantics')]
                .filter(e => !e.querySelector('flt-semantics') && e.textContent.includes(text))
                .map(e => e.getBoundingClientRect())
                .filter(r => r.width > 0)
                .map(r => [r.left + Math.min(200, r.width / 2), r.bottom - 12])[0] ?? null""",
            text,
        )
        return None if found is None else (found[0], found[1])

    @property
    def talk(self) -> list[str]:
        """The last line of each leaf."""
        return [leaf.split("\n")[-1] for leaf in self.leaves]

    @property
    def _fields(self) -> str:
        """What stands in the fields, and which of them has the focus."""
        found: str = self.page.evaluate(
            """[...document.querySelectorAll('textarea, input')].map(e =>
                `${e.value || 'nothing'} in ${e.getAttribute('aria-label') || 'a field'}` +
                (e === document.activeElement ? ', which has the focus' : '')).join('; ')"""
        )
        return f"there is {found or 'no field'}"

    def sees(self, text: str, seconds: float = 10) -> None:
        """Wait until a message is on the screen. Raises AssertionError with what is there."""
        self.until(lambda: text in self.talk, seconds)

    def until(self, seen: Callable[[], bool], seconds: float = 10) -> None:
        """Ask again and again until `seen()`. Raises AssertionError with what is there."""
        end = time.monotonic() + seconds
        while not seen():
            if time.monotonic() > end:
                raise AssertionError(f"not seen; {self._fields}, and the screen shows {self.talk}")
            if end - time.monotonic() < seconds - 2:
                # A headless browser without a screen may leave a frame out until something moves.
                self.page.mouse.move(1, time.monotonic() % 2)
            self.page.wait_for_timeout(50)

    def rests(self, seconds: float = 10) -> None:
        """Wait until nothing is asked for any more and the picture stays as it is."""
        asked = time.monotonic()
        shown = b""
        width, height = self.viewport
        # Below that a cursor comes and goes.
        above = FloatRect(x=0, y=0, width=width, height=height - 120)

        def asks(_: object) -> None:
            nonlocal asked
            asked = time.monotonic()

        def is_still() -> bool:
            nonlocal shown
            self.page.wait_for_timeout(300)
            before, shown = shown, self.page.screenshot(clip=above)
            return shown == before and time.monotonic() - asked > 0.8

        self.page.on("request", asks)
        try:
            self.until(is_still, seconds)
        finally:
            self.page.remove_listener("request", asks)

    def scrolls_up(self, pixels: int) -> None:
        """Turn the wheel over the timeline, and wait until it is there and rests."""
        before = self.leaves
        self.page.mouse.move(self.viewport[0] - 200, 400)
        self.page.mouse.wheel(0, -pixels)
        self.until(lambda: self.leaves != before)
        self.rests()

    @property
    def viewport(self) -> tuple[int, int]:
        """Width and height of the page, in pixels."""
        size = self.page.viewport_size
        assert size is not None
        return size["width"], size["height"]

    def shoots(self, name: str) -> Path:
        """Keep a screenshot as an artefact."""
        ARTEFACTS.mkdir(exist_ok=True)
        path = ARTEFACTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def _requested(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if not url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(url)
