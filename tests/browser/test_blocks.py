"""A block in Chromium: the rows of a person are hidden, shown for a while, and come back."""

from playwright.sync_api import Browser

from tests.harness.browser import Tab
from tests.harness.process import ServerProcess


def test_blocked_person_is_hidden_and_unblocked_by_undo(
    browser: Browser, server: ServerProcess
) -> None:
    ann, bob = [
        Tab(browser.new_context(), server.address).opens_as(name) for name in ("Ann", "Bob")
    ]
    bob.posts("a word by Bob")
    ann.waits_for_text("a word by Bob")
    position = ann.position_of("a word by Bob")
    assert position is not None
    ann.page.mouse.click(*position, button="right")
    ann.page.get_by_role("button", name="Block Bob").click()
    ann.page.get_by_role("button", name="Block", exact=True).click()
    ann.waits_for_text("Message of a person you blocked")
    assert "a word by Bob" not in ann.leaf_texts
    bob.posts("another word")
    ann.page.get_by_role("button", name="Show").click()
    ann.waits_for_text("another word")
    ann.page.get_by_role("button", name="Undo").click()
    ann.until(lambda: "Bob" in ann.leaf_texts)
    assert ann.page_errors == bob.page_errors == []
