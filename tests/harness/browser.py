"""Users in a real Chromium, which is driven through Flutter's semantics tree."""

import base64
import functools
import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FloatRect,
    Locator,
    Page,
    expect,
    sync_playwright,
)
from playwright.sync_api import (
    Error as PlaywrightError,
)

from chat.ui.sidebar.sidebar import SIDEBAR_WIDTH
from chat.web.guard.cookies import ZONE_COOKIE
from tests.harness.control_tree import without_marks
from tests.harness.threads import create_room, run_in_thread, sign_in

ARTEFACTS = Path(__file__).parents[1] / "artefacts"

PHONE = (390, 844)
DESKTOP = (1440, 900)

_EXECUTABLE_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No host name but those of this computer is resolved.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

_LOCAL_URL = re.compile(r"(https?://(127\.0\.0\.1|localhost)[:/]|(data|blob|chrome-error):)")

# A busy machine takes longer for each step; a test waits no longer than it must.
expect.set_options(timeout=20_000)


def is_browser_required() -> bool:
    """Whether a missing browser is a failure instead of a reason to skip."""
    return os.environ.get("CHAT_TEST_BROWSER") == "required"


def skip_or_fail(reason: str) -> None:
    """Skip with the reason, or fail where a browser is required."""
    if is_browser_required():
        pytest.fail(reason)
    pytest.skip(reason)


def install_packages(*packages: str) -> bool:
    """Install Debian packages, if the process may; returns whether it worked."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    no_output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=env, check=False, **no_output)  # type: ignore[call-overload]
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    result = subprocess.run(command, env=env, check=False, **no_output)  # type: ignore[call-overload]
    return bool(result.returncode == 0)


@functools.cache
def find_chromium() -> str | None:
    """The path of a Chromium: the system's, Playwright's, or one that is installed now."""
    for name in _EXECUTABLE_NAMES:
        if path := shutil.which(name):
            return path
    if path := _playwright_chromium():
        return path
    fetch = [
        sys.executable,
        "-m",
        "playwright",
        "install",
        "--with-deps",
        "chromium-headless-shell",
    ]
    subprocess.run(fetch, check=False, capture_output=True)
    if path := _playwright_chromium():
        return path
    return shutil.which("chromium") if install_packages("chromium") else None


def _playwright_chromium() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


@contextmanager
def launched_browser() -> Iterator[Browser]:
    """A headless Chromium, or the test is skipped."""
    path = find_chromium()
    if path is None:
        skip_or_fail("no Chromium was found, and none could be installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        foreign_urls: list[str] = []
        _record_foreign_requests(browser, foreign_urls)
        try:
            yield browser
            # No test may send a request to another computer.
            assert foreign_urls == []
        finally:
            browser.close()


def _record_foreign_requests(browser: Browser, foreign_urls: list[str]) -> None:
    """Record the requests of all pages, frames and workers to other computers."""
    new_context = browser.new_context

    def recorded_context(*arguments: Any, **options: Any) -> BrowserContext:
        context = new_context(*arguments, **options)
        context.on("request", lambda request: _record_if_foreign(request.url, foreign_urls))
        return context

    browser.new_context = recorded_context  # type: ignore[method-assign]


def _record_if_foreign(url: str, foreign_urls: list[str]) -> None:
    if not _LOCAL_URL.match(url):
        foreign_urls.append(url)


class Tab:
    """One tab of a browser, with the actions of its user and the texts on its screen."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        # The last room that `enters_new_room` has entered.
        self.room_title = ""
        self.page: Page = context.new_page()
        self.foreign_requests: list[str] = []
        # Without crashes of Flutter's renderer, from which `reconnect.js` recovers.
        self.page_errors: list[str] = []
        self.page.on("request", self._record_request)
        self.page.on("pageerror", self._record_error)

    def _record_error(self, error: PlaywrightError) -> None:
        text = error.stack or str(error)
        if not ("memory access out of bounds" in text and "skwasm.wasm" in text):
            self.page_errors.append(text)

    def opens(self, path: str = "/") -> "Tab":
        """Load the page, and switch the semantics tree on."""
        self.page.goto(self.address + path)
        return self.waits_until_ready()

    def opens_as(self, name: str) -> "Tab":
        """Open the chat as somebody who has come in before, which a headless client does.

        (In Chromium the dialog takes more time than most of what a test is about.)
        """
        cookies = run_in_thread(sign_in(self.address, name))
        self.page.context.add_cookies(
            [
                {"name": each, "value": value, "url": self.address, "httpOnly": True}
                for each, value in cookies.items()
                if each != ZONE_COOKIE
            ]
        )
        return self.opens("/").waits_for_composer()

    def opens_with_name(self, name: str) -> "Tab":
        """Open an address with a name as a stranger: Enter is enough."""
        self.page.goto(f"{self.address}/chat?username={name}")
        field = self.name_field
        expect(field).to_have_value(name)
        expect(field).to_be_focused()
        self.page.keyboard.press("Enter")
        return self.waits_until_ready().waits_for_composer()

    def enters_new_room(self, title: str) -> "Tab":
        """Enter a room that another tab of the person has created, and click into the field."""
        cookies = {each["name"]: each["value"] for each in self.page.context.cookies()}
        run_in_thread(create_room(self.address, cookies, title))
        self.page.get_by_role("button", name=title, exact=True).click()
        self.waits_for_text(f"This is the beginning of {title}.")
        self.composer.click()
        self.page.wait_for_function("() => flutterInput.isListening(document.activeElement)")
        self.room_title = title
        return self

    def waits_until_ready(self) -> "Tab":
        """Wait for the first frame, and switch the semantics tree on.

        A field that Flutter edits at that moment stays beside the tree: see `focused_text`.
        """
        self.page.locator("flt-semantics-placeholder").dispatch_event("click", timeout=30_000)
        return self

    def signs_in(self, name: str) -> "Tab":
        """Type the name, Enter."""
        expect(self.name_field).to_be_focused()
        self.page.keyboard.type(name)
        self.page.keyboard.press("Enter")
        return self.waits_for_composer()

    def waits_for_composer(self) -> "Tab":
        """Wait until the room is drawn: the page shows nothing of its own any more."""
        self.composer.wait_for()
        self.page.locator("#loading").wait_for(state="detached")
        return self

    @property
    def name_field(self) -> Locator:
        """The field of the form that the page shows to strangers."""
        return self.page.locator("#loading input")

    def opens_plain_tab(self) -> Page:
        """Another tab of the same browser, without the semantics tree."""
        page = self.page.context.new_page()
        page.goto(self.address)
        # The field takes the focus as soon as the room is shown.
        page.wait_for_selector("flt-text-editing-host textarea", state="attached", timeout=30_000)
        page.locator("#loading").wait_for(state="detached")
        return page

    @property
    def composer(self) -> Locator:
        """The field of the composer."""
        return self.page.locator("flt-semantics-host textarea:not([disabled])").first

    @property
    def focused_text(self) -> str:
        """The text of the field that has the focus: in the semantics tree, or beside it."""
        return str(self.page.evaluate("document.activeElement?.value ?? ''"))

    def posts(self, text: str) -> None:
        """Type a message and press Enter; the field is empty when it is stored."""
        self.composer.click()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        expect(self.composer).to_have_value("")

    @property
    def semantics_leaves(self) -> list[str]:
        """The leaves of the semantics tree, from top to bottom, as a screen reader has them.

        A row of the timeline is one leaf: avatar, name, time and text, a line each.
        """
        leaves: list[list[float | str]] = self.page.evaluate(
            """() => [...document.querySelectorAll('flt-semantics, flutter-view :is(h1, h2, h3)')]
                .filter(e => !e.querySelector('flt-semantics, h1, h2, h3') && e.textContent)
                .map(e => [e.getBoundingClientRect().top, e.textContent])"""
        )
        in_order = sorted(leaves, key=lambda leaf: float(leaf[0]))
        return [without_marks(str(text)) for _, text in in_order]

    def position_of(self, text: str) -> tuple[float, float] | None:
        """A position on the leaf with `text`: right of its beginning, near its lower edge."""
        position: list[float] | None = self.page.evaluate(
            """text => [...document.querySelectorAll('flt-semantics')]
                .filter(e => !e.querySelector('flt-semantics') && e.textContent.includes(text))
                .map(e => e.getBoundingClientRect())
                .filter(r => r.width > 0)
                .map(r => [r.left + Math.min(200, r.width / 2), r.bottom - 12])[0] ?? null""",
            text,
        )
        return None if position is None else (position[0], position[1])

    @property
    def leaf_texts(self) -> list[str]:
        """The last line of each leaf: of a row, its text."""
        return [leaf.split("\n")[-1] for leaf in self.semantics_leaves]

    @property
    def _field_summary(self) -> str:
        """The values of all fields, and which of them has the focus."""
        summary: str = self.page.evaluate(
            """[...document.querySelectorAll('textarea, input')].map(e =>
                `${e.value || 'nothing'} in ${e.getAttribute('aria-label') || 'a field'}` +
                (e === document.activeElement ? ', which has the focus' : '')).join('; ')"""
        )
        return f"there is {summary or 'no field'}"

    def waits_for_text(self, text: str, seconds: float = 30) -> None:
        """Wait until a leaf has this text. Raises AssertionError with the texts on the screen."""
        self.until(lambda: text in self.leaf_texts, seconds)

    def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Poll until a condition is true. Raises AssertionError with the texts on the screen."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(
                    f"not seen at {self.page.url}; {self._field_summary}, and the screen shows "
                    f"{self.leaf_texts}"
                )
            self.page.wait_for_timeout(50)

    def waits_until_stable(self, seconds: float = 10) -> None:
        """Wait until the page sends no requests and its pixels no longer change."""
        wait_until_stable(self.page, seconds)

    def scrolls_up(self, pixels: int) -> None:
        """Scroll the timeline with the mouse wheel, and wait until it has stopped."""
        before = self.semantics_leaves
        self.page.mouse.move(self.viewport[0] * 0.45, self.viewport[1] / 2)
        self.page.mouse.wheel(0, -pixels)
        self.until(lambda: self.semantics_leaves != before)
        self.waits_until_stable()

    @property
    def viewport(self) -> tuple[int, int]:
        """Width and height of the page, in pixels."""
        size = self.page.viewport_size
        assert size is not None
        return size["width"], size["height"]

    def takes_screenshot(self, name: str) -> Path:
        """Save a screenshot to the artefacts."""
        ARTEFACTS.mkdir(exist_ok=True)
        path = ARTEFACTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def _record_request(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if not url.startswith((self.address, "data:", "blob:")):
            self.foreign_requests.append(url)


def _clip_without_composer(page: Page) -> FloatRect:
    """A page without the composer at the bottom, whose cursor blinks."""
    size = page.viewport_size
    assert size is not None
    return FloatRect(x=0, y=0, width=size["width"], height=size["height"] - 120)


def _clip_of_timeline(page: Page) -> FloatRect:
    """About the timeline of a wide page: also without the sidebar, whose letters are smoothed in
    another way where it was scrolled or animated."""
    clip = _clip_without_composer(page)
    return FloatRect(
        x=SIDEBAR_WIDTH, y=0, width=clip["width"] - SIDEBAR_WIDTH, height=clip["height"]
    )


# The width of a short word, and the height of a line of text, in pixels.
_WORD_WIDTH, _LINE_HEIGHT = 64, 20


def wait_until_alike(page: Page, other: Page, seconds: float = 20) -> None:
    """Wait until two wide pages of one size show the same timeline. Raises AssertionError.

    In each line the letters of one word may be smoothed in another way. The error has a picture of
    the first box that differs, and both screenshots are artefacts.
    """
    end, clip = time.monotonic() + seconds, _clip_of_timeline(page)
    while True:
        screenshots = [
            Image.open(io.BytesIO(each.screenshot(clip=clip))).convert("RGB")
            for each in (page, other)
        ]
        boxes = _differing_boxes(*screenshots)
        if not boxes:
            return
        if time.monotonic() > end:
            picture = _picture_of_both(screenshots, boxes[0])
            raise AssertionError(f"the pages differ after {seconds} s, in {boxes}: {picture}")
        page.wait_for_timeout(300)


_Box: TypeAlias = tuple[int, int, int, int]


def _differing_boxes(one: Image.Image, two: Image.Image) -> list[_Box]:
    """The boxes, a line high, in which two screenshots differ by more than a word."""
    difference = ImageChops.difference(one, two)
    boxes = list[_Box]()
    for top in range(0, difference.height, _LINE_HEIGHT):
        line = difference.crop((0, top, difference.width, top + _LINE_HEIGHT))
        box = line.getbbox()
        if box is not None and box[2] - box[0] > _WORD_WIDTH:
            boxes.append((box[0], top + box[1], box[2], top + box[3]))
    return boxes


def _picture_of_both(screenshots: list[Image.Image], box: _Box) -> str:
    """A data URL of a box in two screenshots, one above the other. Saves both as artefacts."""
    ARTEFACTS.mkdir(exist_ok=True)
    left, top, right, bottom = box
    margin = _LINE_HEIGHT // 2
    width, height = right - left + 2 * margin, bottom - top + 2 * margin
    both = Image.new("RGB", (width, 2 * height))
    for number, each in enumerate(screenshots):
        each.save(ARTEFACTS / f"differing-page-{number + 1}.png")
        both.paste(
            each.crop((left - margin, top - margin, right + margin, bottom + margin)),
            (0, number * height),
        )
    buffer = io.BytesIO()
    both.save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def wait_until_stable(page: Page, seconds: float = 10) -> None:
    """Wait until a page sends no requests and its pixels no longer change.

    Raises AssertionError.
    """
    end = time.monotonic() + seconds
    last_request = time.monotonic()
    clip = _clip_without_composer(page)

    def on_request(_: object) -> None:
        nonlocal last_request
        last_request = time.monotonic()

    page.on("request", on_request)
    try:
        previous, screenshot = b"", page.screenshot(clip=clip)
        while screenshot != previous or time.monotonic() - last_request <= 0.8:
            if time.monotonic() > end:
                raise AssertionError(f"the page still changes after {seconds} s")
            page.wait_for_timeout(300)
            previous, screenshot = screenshot, page.screenshot(clip=clip)
    finally:
        page.remove_listener("request", on_request)
