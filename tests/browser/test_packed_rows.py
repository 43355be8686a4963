"""Packed rows in Chromium: their clicks work, and they are the same after a reconnect."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from playwright.sync_api import Browser

from tests.harness.browser import DESKTOP, Tab
from tests.harness.process import ServerProcess
from tests.harness.slow_network import slow_network
from tests.harness.threads import post_lines, run_in_thread
from tests.harness.user import ChatUser


class BackgroundPoster:
    """Posts lines as Bob in a thread, from `line 1` on, until it is stopped."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stop_requested = threading.Event()
        self.last_line = 0

    def stop(self) -> str:
        """Stop posting; returns the last line."""
        self._stop_requested.set()
        self._posting.result()
        return f"line {self.last_line}"

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(1)
        self._posting = self._pool.submit(asyncio.run, self._post_lines())
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_requested.set()
        self._pool.shutdown()

    async def _post_lines(self) -> None:
        bob = ChatUser(self._address)
        await bob.opens_as("Bob")
        await bob.waits_until(lambda user: user.timeline.texts)
        while not self._stop_requested.is_set():
            await bob.composer.posts(f"line {self.last_line + 1}")
            self.last_line += 1
            await asyncio.sleep(0.04)
        await bob.disconnects()


def test_click_on_a_packed_row_in_the_semantics_tree_opens_the_message_menu(
    browser: Browser, server: ServerProcess
) -> None:
    """For a screen reader a row is one leaf. (A mouse on the avatar opens the author's card.)"""
    run_in_thread(post_lines(server.address, "Bob", "line 0", "line 1", "line 2"))
    width, height = DESKTOP
    context = browser.new_context(viewport={"width": width, "height": height})
    ann = Tab(context, server.address).opens_as("Ann")
    ann.waits_for_text("line 2")
    ann.composer.click()
    ann.page.keyboard.type("Well,")
    ann.until(lambda: ann.composer.input_value() == "Well,")
    ann.waits_until_stable()
    row = ann.page.locator("flt-semantics", has_text="line 0").last.bounding_box()
    assert row is not None
    ann.page.mouse.click(row["x"] + 18, row["y"] + 18)
    ann.page.get_by_role("button", name="Mention Bob").click()
    ann.page.get_by_role("button", name="Mention Bob").wait_for(state="detached")
    ann.until(lambda: ann.composer.input_value() == "Well, @Bob ")
    ann.composer.click()
    ann.page.keyboard.press("End")
    ann.page.keyboard.type("yes")
    ann.page.keyboard.press("Enter")
    ann.waits_for_text("Well, @Bob yes")
    assert ann.page_errors == []
    context.close()


def test_wheel_over_the_hover_toolbar_scrolls_the_rows_below_it(
    browser: Browser, server: ServerProcess
) -> None:
    lines = [f"line {n}" for n in range(60)]
    run_in_thread(post_lines(server.address, "Bob", *lines))
    width, height = DESKTOP
    context = browser.new_context(viewport={"width": width, "height": height})
    ann = Tab(context, server.address).opens_as("Ann")
    ann.waits_for_text("line 59")
    ann.waits_until_stable()
    row = ann.page.locator("flt-semantics", has_text="line 55").last.bounding_box()
    assert row is not None
    ann.page.mouse.move(row["x"] + 60, row["y"] + 10)
    more = ann.page.get_by_role("button", name="More", exact=True)
    more.wait_for()
    button = more.bounding_box()
    assert button is not None
    ann.page.mouse.move(button["x"] + 10, button["y"] + 10)
    ann.page.mouse.wheel(0, -600)
    ann.until(lambda: "line 59" not in ann.leaf_texts)
    context.close()


def _last_line(tab: Tab) -> int:
    lines = [int(text.removeprefix("line ")) for text in tab.leaf_texts if text.startswith("line ")]
    return max(lines, default=0)


def _waits_for_line(tab: Tab, line: int) -> None:
    tab.until(lambda: _last_line(tab) >= line, 20)


def test_client_shows_what_a_fresh_tab_shows_after_cut_connections(
    browser: Browser, server: ServerProcess
) -> None:
    width, height = DESKTOP
    with (
        slow_network(server.port, delay=0.01) as network,
        BackgroundPoster(server.address) as poster,
    ):
        context = browser.new_context(viewport={"width": width, "height": height})
        ann = Tab(context, network.address).opens_as("Ann")
        ann.composer.wait_for()
        for _ in range(2):
            _waits_for_line(ann, poster.last_line + 20)
            network.cut_connections()
            # The page reloads as soon as the server can be reached again.
            ann.waits_until_ready()
        # After 60 more lines the divider above the new messages has left the screen.
        _waits_for_line(ann, poster.last_line + 60)
        last_text = poster.stop()
        ann.waits_for_text(last_text, seconds=20)
        # Nothing but the new messages above is shown here alone.
        ann.page.keyboard.press("Escape")
        new_tab = Tab(context, network.address).opens("/")
        new_tab.waits_for_text(last_text)
        ann.until(lambda: ann.semantics_leaves == new_tab.semantics_leaves)
        assert ann.page_errors == []
        context.close()
