"""Selecting text with the mouse."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.harness.browser import Tab, wait_until_alike
from tests.harness.process import ServerProcess
from tests.harness.threads import post_lines, run_in_thread

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


def test_mouse_selects_across_messages_with_right_to_left_names_and_texts(ann: Tab) -> None:
    ann.posts("first line here")
    for name in RTL_NAMES:
        run_in_thread(post_lines(ann.address, name, f"{name} says hello", "/me שלום"))
    ann.posts('/poll "שאלה?" "כן" "לא"')
    ann.posts("`שלום`\n> תודה")
    ann.posts("last line here")
    _copies_across(ann, "first line here", "last line here")
    ann.until(lambda: "last l" in _copied(ann))
    for part in ("first line here", *RTL_NAMES, "שאלה", "כן", "לא", "תודה"):
        assert part in _copied(ann)


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_several_messages_are_copied_as_a_line_each_with_author_and_time(
    ann: Tab, secure: bool
) -> None:
    ann.posts("first line here")
    ann.posts("two")
    run_in_thread(post_lines(ann.address, "Cem", "- three\n- four"))
    run_in_thread(post_lines(ann.address, "Bob", "five :tada:", "/me waves"))
    ann.posts("six")
    ann.posts("seven")
    ann.posts("last line here")
    ann.waits_for_text("last line here")
    _copies_across(ann, "first line here", "last line here", secure=secure)
    expected = [
        "first line here",
        "Ann, TIME: two",
        "Cem has joined the chat.",
        "Cem, TIME: • three",
        "• four",
        "Bob has joined the chat.",
        "Bob, TIME: five 🎉",
        "Bob waves  TIME",
        "Ann, TIME: six",
        "Ann, TIME: seven",
        "Ann, TIME: last line here",
    ]
    ann.until(lambda: "last line" in _copied(ann))
    assert re.sub(r"\d+:\d\d", "TIME", _copied(ann)).splitlines() == expected


def test_text_of_one_message_is_copied_without_author_and_time(ann: Tab) -> None:
    ann.posts("an earlier line")
    ann.posts("alone in its row")
    plain_tab = ann.opens_plain_tab()
    wait_until_alike(ann.page, plain_tab)
    box = ann.page.locator("flt-semantics", has_text="alone in its row").last.bounding_box()
    assert box is not None
    plain_tab.mouse.click(box["x"] + 80, box["y"] + box["height"] - 10, click_count=3)
    plain_tab.keyboard.press("Control+c")
    ann.until(lambda: _copied(ann) == "alone in its row")


def _copied(tab: Tab) -> str:
    """The text on the clipboard."""
    return str(tab.page.evaluate("navigator.clipboard.readText()"))


def _copies_across(ann: Tab, first_text: str, last_text: str, *, secure: bool = True) -> None:
    """Select by mouse from one message to another in another tab, and copy.

    That tab has no semantics tree, whose elements lie over the page and take the mouse.
    """
    # All pages of this Chromium share one clipboard, which has the text of an earlier test.
    ann.page.evaluate("navigator.clipboard.writeText('')")
    if not secure:
        # Browsers give a page without https no clipboard.
        value = "{ value: undefined, configurable: true }"
        script = f"Object.defineProperty(Navigator.prototype, 'clipboard', {value})"
        ann.page.context.add_init_script(script)
    plain_tab = ann.opens_plain_tab()
    ann.waits_until_stable()
    wait_until_alike(ann.page, plain_tab)
    first, last = (
        ann.page.locator("flt-semantics", has_text=each).last.bounding_box()
        for each in (first_text, last_text)
    )
    assert first is not None and last is not None
    # The row begins with the avatar.
    top, bottom = (box["y"] + box["height"] - 10 for box in (first, last))
    plain_tab.mouse.move(first["x"] + 50, top)
    plain_tab.mouse.down()
    plain_tab.mouse.move(first["x"] + 250, bottom, steps=30)
    plain_tab.mouse.move(first["x"] + 270, bottom, steps=10)
    plain_tab.mouse.up()
    plain_tab.keyboard.press("Control+c")
