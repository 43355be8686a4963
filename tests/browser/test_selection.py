"""Selecting text with the mouse."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.harness.browser import Tab, wait_until_stable
from tests.harness.process import ServerProcess

# Their letters are read from right to left, alone or beside others.
RTL_NAMES = ("משה", "خالد", "משה 3 Moshe")


@pytest.fixture
def ann(browser: Browser, server: ServerProcess) -> Iterator[Tab]:
    context = browser.new_context(
        viewport={"width": 1200, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    tab = Tab(context, server.address).opens_as("Ann")
    yield tab
    context.close()
    assert tab.page_errors == []


def test_mouse_selects_across_messages_with_right_to_left_names_and_texts(
    ann: Tab, browser: Browser
) -> None:
    ann.posts("first line here")
    for name in RTL_NAMES:
        speaker = Tab(browser.new_context(), ann.address).opens_as(name)
        speaker.posts(f"{name} says hello")
        speaker.posts("/me שלום")
        speaker.page.context.close()
    ann.posts('/poll "שאלה?" "כן" "לא"')
    ann.posts("`שלום`\n> תודה")
    ann.posts("last line here")
    # A tab without the semantics tree, whose elements lie over the page and take the mouse.
    plain_tab = ann.opens_plain_tab()
    ann.waits_until_stable()
    wait_until_stable(plain_tab)
    first, last = (
        ann.page.locator("flt-semantics", has_text=f"{which} line here").last.bounding_box()
        for which in ("first", "last")
    )
    assert first is not None and last is not None
    # The row begins with the avatar.
    left, top = first["x"] + 50, first["y"] + first["height"] - 10
    plain_tab.mouse.move(left, top)
    plain_tab.mouse.down()
    bottom = last["y"] + last["height"] - 10
    plain_tab.mouse.move(left + 80, bottom, steps=30)
    plain_tab.mouse.move(left + 100, bottom, steps=10)
    plain_tab.mouse.up()
    plain_tab.keyboard.press("Control+c")
    ann.until(lambda: "last l" in str(plain_tab.evaluate("navigator.clipboard.readText()")))
    selected = plain_tab.evaluate("navigator.clipboard.readText()")
    for part in ("first line here", *RTL_NAMES, "שאלה", "כן", "לא", "תודה"):
        assert part in selected
