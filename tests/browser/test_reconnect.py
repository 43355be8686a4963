"""Reconnecting in Chromium: the scroll position stays, and missed messages load."""

import io
from functools import partial

from PIL import Image
from playwright.sync_api import Browser, FloatRect

from tests.harness.browser import DESKTOP, Tab
from tests.harness.process import ServerProcess
from tests.harness.slow_network import slow_network
from tests.harness.threads import run_in_thread
from tests.harness.user import ChatUser


def _has_composer_text(person: ChatUser, text: str) -> bool:
    return person.composer.text == text


async def _post_in_turns(address: str, numbers: range, names: str) -> None:
    """Post lines, ten of each person in turn, and edit every tenth.

    (One person alone would exceed the rate limit.)
    """
    people = [ChatUser(address) for _ in names]
    for person, name in zip(people, names, strict=True):
        await person.opens_as(name)
        await person.waits_until(lambda user: user.timeline.texts)
    for n in numbers:
        person = people[n // 10 % len(people)]
        await person.composer.posts(f"line {n}")
        if n % 10 == 5:
            await person.page_script.presses("up")
            await person.until(partial(_has_composer_text, person, f"line {n}"))
            await person.composer.posts(f"line {n} again")
    for person in people:
        await person.disconnects()


# The part of the timeline to the left of its floating buttons.
_LINES_CLIP = FloatRect(x=300, y=60, width=400, height=740)


def _screenshot(tab: Tab) -> bytes:
    """The pixels of the lines. (Positions in the semantics tree may be out of date.)"""
    image = Image.open(io.BytesIO(tab.page.screenshot(clip=_LINES_CLIP)))
    return image.convert("L").tobytes()


def _stable_screenshot(tab: Tab) -> bytes:
    """The pixels of the lines as soon as they no longer change."""
    before, after = b"", _screenshot(tab)
    while before != after:
        tab.page.wait_for_timeout(700)
        before, after = after, _screenshot(tab)
    return after


def test_reconnect_keeps_the_scroll_position_and_loads_missed_messages(
    browser: Browser, server: ServerProcess
) -> None:
    width, height = DESKTOP
    with slow_network(server.port, delay=0.01) as network:
        context = browser.new_context(viewport={"width": width, "height": height})
        run_in_thread(_post_in_turns(server.address, range(120), "BC"))
        ann = Tab(context, network.address).opens_as("Ann")
        ann.waits_for_text("line 119")
        ann.page.mouse.move(800, 400)
        # A short scroll first: it loads an older page, so that the long one does not hit the top.
        ann.page.mouse.wheel(0, -300)
        first_screenshot = _stable_screenshot(ann)
        ann.page.mouse.wheel(0, -900)
        ann.until(lambda: _screenshot(ann) != first_screenshot)
        # Away from the rows: a row under the mouse shows its hover toolbar.
        ann.page.mouse.move(1, 1)
        before = _stable_screenshot(ann)
        network.refuses_connections = True
        network.cut_connections()
        run_in_thread(_post_in_turns(server.address, range(120, 260), "DEF"))
        network.refuses_connections = False
        ann.waits_until_ready()
        # The timeline does not jump to the end: a button leads to the missed messages.
        ann.until(lambda: any("Jump to the latest" in leaf for leaf in ann.semantics_leaves), 20)
        ann.until(lambda: _screenshot(ann) == before, 20)
        ann.takes_screenshot("back-where-one-was")
        ann.page.get_by_role("button", name="Jump to the latest").click()
        ann.waits_for_text("line 259", seconds=20)
        ann.page.mouse.move(1, 1)
        new_tab = Tab(context, network.address).opens("/")
        new_tab.waits_for_text("line 259")
        ann.until(lambda: ann.semantics_leaves == new_tab.semantics_leaves)
        assert ann.page_errors == []
        context.close()
