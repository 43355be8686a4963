"""Rows that are packed once for everyone, in a real Chromium: they answer, and outlive a cut."""

import asyncio
import threading

from playwright.sync_api import Browser

from tests.chromium import DESKTOP, Tab
from tests.person import Person
from tests.road import a_road
from tests.server import Server


async def _talks(address: str, lines: int, said: threading.Event) -> None:
    bob = Person(address)
    await bob.opens("/chat?username=Bob")
    await bob.reads("Bob has joined the chat.")
    for n in range(lines):
        await bob.says(f"line {n}")
        await asyncio.sleep(0.04)
    said.set()
    await bob.disconnects()


def _talking(address: str, lines: int, said: threading.Event) -> threading.Thread:
    """Bob talks beside: this thread is Playwright's."""
    talking = threading.Thread(target=lambda: asyncio.run(_talks(address, lines, said)))
    talking.start()
    return talking


def test_an_avatar_answers(browser: Browser, server: Server) -> None:
    _talking(server.address, 3, threading.Event()).join()
    width, height = DESKTOP
    context = browser.new_context(viewport={"width": width, "height": height})
    ann = Tab(context, server.address).opens("/chat?username=Ann")
    ann.sees("line 2")
    ann.composer.click()
    ann.page.keyboard.type("Well,")
    ann.until(lambda: ann.composer.input_value() == "Well,")
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
    ann.sees("Well, @Bob yes")
    assert ann.errors == []
    context.close()


def _last_line(tab: Tab) -> int:
    lines = [int(text.removeprefix("line ")) for text in tab.talk if text.startswith("line ")]
    return max(lines, default=0)


def _reads(tab: Tab, line: int) -> None:
    tab.until(lambda: _last_line(tab) >= line, 20)


def test_a_cut_connection_ends_with_the_screen_of_a_fresh_tab(
    browser: Browser, server: Server
) -> None:
    width, height = DESKTOP
    with a_road(server.port, delay=0.01) as road:
        context = browser.new_context(viewport={"width": width, "height": height})
        ann = Tab(context, road.address).opens("/chat?username=Ann")
        ann.composer.wait_for()
        said = threading.Event()
        talking = _talking(server.address, 120, said)
        for many in (5, 60):
            _reads(ann, many)
            assert not said.is_set(), "it was to be cut in the middle"
            road.cut()
            # The page is loaded again when the server answers.
            ann.is_ready()
        talking.join()
        ann.sees("line 119", seconds=20)
        fresh = Tab(context, road.address).opens("/")
        fresh.sees("line 119")
        ann.until(lambda: ann.leaves == fresh.leaves)
        assert ann.errors == []
        context.close()
