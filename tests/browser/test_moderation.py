"""Moderation in Chromium: a mute, slow mode, a ban, and the audit log that has them."""

from playwright.sync_api import Browser, ViewportSize, expect

from tests.harness.browser import Tab
from tests.harness.process import ServerProcess

PHONE = ViewportSize(width=390, height=844)


def moderates(tab: Tab, name: str, action: str) -> None:
    """Choose an action from the menu in the card of a person."""
    tab.page.get_by_role("button", name=name).first.click()
    tab.page.get_by_role("button", name="Moderate…").click()
    tab.page.get_by_role("button", name=action, exact=True).click()


def sanctions(tab: Tab, name: str, verb: str, reason: str) -> None:
    """Mute or ban a person in the dialog, for an hour, by the keyboard alone."""
    moderates(tab, name, verb)
    tab.page.get_by_label(f"Reason, which {name} reads").click()
    tab.page.keyboard.type(reason)
    tab.page.keyboard.press("Enter")


def test_person_is_muted_slowed_down_and_banned(browser: Browser, server: ServerProcess) -> None:
    ann = Tab(browser.new_context(), server.address).opens_as("Ann")
    bob = Tab(browser.new_context(), server.address).opens_as("Bob")
    cem = Tab(browser.new_context(viewport=PHONE), server.address).opens_as("Cem")
    bob.posts("buy now")
    sanctions(ann, "Bob", "Mute", "too loud")
    bob.composer.click()
    bob.page.keyboard.type("but I only")
    bob.page.keyboard.press("Enter")
    bob.until(lambda: any("You are muted for another" in each for each in bob.leaf_texts))
    expect(bob.composer).to_have_value("but I only")
    cem.posts("one")
    sanctions(ann, "Bob", "Ban", "spam")
    # The page of a banned person is loaded anew, and says why.
    expect(bob.page.get_by_text("spam").first).to_be_visible(timeout=30_000)
    ann.page.get_by_role("button", name="Settings").click()
    ann.page.get_by_role("button", name="Audit log").click()
    ann.waits_for_text("Ann banned Bob.")
    ann.waits_for_text("Ann muted Bob.")
    assert ann.page_errors == cem.page_errors == []
