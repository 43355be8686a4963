"""A thread beside its room in Chromium: two panes, one field, and Back."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_private_room_and_thread import run_message_action
from tests.harness.browser import DESKTOP, PHONE, Tab
from tests.harness.process import ServerProcess
from tests.harness.threads import post_lines, run_in_thread

_LINES = (
    "The bakery on the corner closes at six today.",
    "Who brings the cake to the summer party?",
    "We meet at the boat house, as last year.",
)


def open_tab(browser: Browser, server: ServerProcess, size: tuple[int, int], scheme: str) -> Tab:
    """A tab of Ann's, who sees the lines of Bob."""
    run_in_thread(post_lines(server.address, "Bob", *_LINES))
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    tab = Tab(context, server.address).opens_as("Ann")
    tab.waits_for_text(_LINES[-1])
    tab.waits_until_stable()
    return tab


def test_thread_beside_its_room_is_written_closed_and_found_again(
    browser: Browser, server: ServerProcess
) -> None:
    ann = open_tab(browser, server, DESKTOP, "light")
    ann.composer.click()
    ann.page.keyboard.type("half a sentence")
    run_message_action(ann, _LINES[1], "Reply in thread")
    ann.waits_for_text("Close the thread")
    # The room is still there, and the field is in the thread.
    ann.waits_for_text(_LINES[2])
    expect(ann.composer).to_be_focused()
    expect(ann.composer).to_have_value("")
    ann.page.keyboard.type("I do, with cherries")
    ann.page.keyboard.press("Enter")
    ann.until(lambda: any(leaf.startswith("1 reply") for leaf in ann.semantics_leaves))
    ann.waits_until_stable()
    ann.takes_screenshot("thread-wide")
    # A click into the room's field: its text is there, and what is typed goes on with it.
    ann.page.get_by_text("half a sentence").click()
    expect(ann.composer).to_have_value("half a sentence")
    expect(ann.composer).to_be_focused()
    ann.page.keyboard.type(" ends here")
    ann.page.keyboard.press("Enter")
    ann.waits_for_text("half a sentence ends here")
    # Back closes the thread, Forward opens it.
    ann.page.go_back()
    ann.until(lambda: "Close the thread" not in ann.leaf_texts)
    expect(ann.composer).to_be_focused()
    ann.page.go_forward()
    ann.waits_for_text("Close the thread")
    ann.waits_for_text("I do, with cherries")
    ann.page.reload()
    ann.waits_until_ready().waits_for_text("I do, with cherries")
    ann.waits_for_text("half a sentence ends here")
    ann.page.keyboard.type("after the reload")
    ann.page.keyboard.press("Enter")
    ann.until(lambda: any(leaf.startswith("2 replies") for leaf in ann.semantics_leaves))
    assert ann.page_errors == []
    ann.page.context.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP, (1100, 768), (1920, 1080)], ids=str)
def test_thread_fits_the_screen(
    browser: Browser, server: ServerProcess, size: tuple[int, int]
) -> None:
    scheme = "light" if size in {PHONE, (1920, 1080)} else "dark"
    ann = open_tab(browser, server, size, scheme)
    run_message_action(ann, _LINES[1], "Reply in thread")
    ann.composer.wait_for()
    ann.posts("I do, with cherries and much more than fits in one line of a narrow pane")
    ann.waits_until_stable()
    ann.takes_screenshot(f"thread-{size[0]}-{scheme}")
    is_beside = "Close the thread" in ann.leaf_texts
    assert is_beside == (size[0] >= 1100)
    assert (_LINES[2] in ann.leaf_texts) == is_beside
    ann.page.context.close()
