"""A report in Chromium: from the menu of a message to the moderator who settles it."""

from playwright.sync_api import Browser, expect

from tests.harness.browser import Tab
from tests.harness.process import ServerProcess


def test_message_is_reported_and_settled(browser: Browser, server: ServerProcess) -> None:
    ann, bob, cem = [
        Tab(browser.new_context(), server.address).opens_as(name) for name in ("Ann", "Bob", "Cem")
    ]
    bob.posts("buy now")
    cem.waits_for_text("buy now")
    position = cem.position_of("buy now")
    assert position is not None
    cem.page.mouse.click(*position, button="right")
    cem.page.get_by_role("button", name="Report", exact=True).click()
    cem.page.get_by_label("A note for the moderators").click()
    cem.page.keyboard.type("the third time")
    # Enter in the field sends it.
    cem.page.keyboard.press("Enter")
    expect(cem.page.get_by_text("The moderators were told.").first).to_be_visible()
    ann.page.get_by_role("button", name="Moderators").first.click()
    ann.page.get_by_role("button", name="Mark as settled").click()
    ann.waits_for_text("Spam · settled by Ann")
    assert ann.page_errors == bob.page_errors == cem.page_errors == []
