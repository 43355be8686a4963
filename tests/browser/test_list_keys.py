"""F6 and the keys in the lists, in Chromium: the ring is in view, what is typed is not lost."""

import io
import time
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page

from tests.harness.browser import Tab
from tests.harness.process import ServerProcess
from tests.harness.threads import post_lines, run_in_thread

READ_JS = "() => [...document.querySelectorAll('[role=status]')].map(e => e.textContent).join('')"
IS_READ_JS = f"end => ({READ_JS})().endsWith(end)"
IN_FIELD_JS = "text => document.activeElement?.value === text"

# The left edge of the ring in the timeline, and the least height of that edge, in pixels.
RING_X, MIN_RING_HEIGHT = 293, 6


@pytest.fixture(scope="module")
def page(chromium: Browser, shared_server: ServerProcess) -> Iterator[Page]:
    """Ann's page without the semantics tree, in a lobby where Bob has said sixty lines."""
    lines = [f"line {n}" for n in range(1, 61)]
    run_in_thread(post_lines(shared_server.address, "Bob", *lines))
    context = chromium.new_context(viewport={"width": 1200, "height": 800})
    tab = Tab(context, shared_server.address).opens_as("Ann")
    yield tab.opens_plain_tab()
    context.close()


def presses(page: Page, *keys: str, read: str) -> None:
    """Press keys, and wait until a screen reader reads a text with this end."""
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_function(IS_READ_JS, arg=read)


def waits_for_ring(page: Page) -> None:
    """Wait until a ring is in view: a line of its colour along the left edge of a row."""
    end = time.monotonic() + 20
    while ring_height(page) < MIN_RING_HEIGHT:
        assert time.monotonic() < end, "no ring is in view"


def ring_height(page: Page) -> int:
    """The pixels of one column that have another colour than the timeline behind them."""
    clip = FloatRect(x=RING_X, y=70, width=1, height=630)
    column = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L")
    return sum(value < 200 for value in column.tobytes())


def test_keys_move_the_ring_through_messages_that_scroll_into_view(page: Page) -> None:
    presses(page, "F6", read="Ann has joined the chat.")
    presses(page, "ArrowUp", read="line 60")
    presses(page, *["ArrowUp"] * 40, read="line 20")
    waits_for_ring(page)
    presses(page, "ArrowDown", read="line 21")
    waits_for_ring(page)
    presses(page, "Home", read="Bob has joined the chat.")
    waits_for_ring(page)
    presses(page, "End", read="Ann has joined the chat.")
    waits_for_ring(page)
    page.keyboard.press("Escape")


def test_letter_that_is_no_command_leaves_the_list_and_is_typed(page: Page) -> None:
    presses(page, "F6", read="Ann has joined the chat.")
    page.keyboard.type("words for the field")
    page.wait_for_function(IN_FIELD_JS, arg="words for the field")
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    page.wait_for_function(IN_FIELD_JS, arg="")


def test_text_that_is_typed_at_once_after_f6_twice_is_in_the_field(page: Page) -> None:
    page.keyboard.press("F6")
    page.keyboard.press("Shift+F6")
    page.keyboard.type("retyped")
    page.wait_for_function(IN_FIELD_JS, arg="retyped")
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    page.wait_for_function(IN_FIELD_JS, arg="")


def test_menu_of_a_message_is_used_with_arrows(page: Page) -> None:
    presses(page, "F6", "End", "ArrowUp", read="line 60")
    page.keyboard.press("Enter")
    # The menu has the focus, which is on its first item: Reply.
    page.wait_for_function("() => document.activeElement.tagName !== 'TEXTAREA'")
    page.wait_for_timeout(500)
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    # The second item: Reply in thread.
    page.wait_for_url("**/room/thread-*")
    page.wait_for_function(IN_FIELD_JS, arg="")
