"""A poll in Chromium: its options are buttons with accessible names, and a click votes."""

from playwright.sync_api import Browser, expect

from tests.harness.browser import Tab
from tests.harness.process import ServerProcess


def test_poll_option_is_a_button_named_with_its_votes(
    browser: Browser, server: ServerProcess
) -> None:
    ann = Tab(browser.new_context(), server.address).opens_as("Ann")
    bob = Tab(browser.new_context(), server.address).opens_as("Bob")
    bob.composer.wait_for()
    ann.posts('/poll "Lunch?" "Soup" "Salad"')
    bob.page.get_by_role("button", name="Soup, 0 votes").click()
    expect(bob.page.get_by_role("button", name="Soup, 1 vote, yours")).to_be_visible()
    option_of_ann = ann.page.get_by_role("button", name="Soup, 1 vote")
    expect(option_of_ann).to_be_visible()
    option_of_ann.click()
    expect(bob.page.get_by_role("button", name="Soup, 2 votes, yours")).to_be_visible()
    assert ann.page_errors == bob.page_errors == []
