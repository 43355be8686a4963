"""A closed chat in Chromium: an invitation that is used up, and a knock that is answered."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.harness.browser import PHONE, Tab
from tests.harness.process import ForkedServer, ServerProcess


@pytest.fixture
def server(tmp_path: Path, door: str) -> Iterator[ServerProcess]:
    """The real command with a door."""
    server = ForkedServer(tmp_path / "data", "--web", "--no-browser", "--join", door).start()
    yield server
    server.kill_if_running()


def phone(browser: Browser, address: str) -> Tab:
    """The tab of a phone."""
    width, height = PHONE
    return Tab(browser.new_context(viewport={"width": width, "height": height}), address)


@pytest.mark.parametrize("door", ["invite"])
def test_link_leaves_the_address_bar_and_is_used_up(
    browser: Browser, server: ServerProcess
) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    ann = Tab(context, server.address).opens_as("Ann")
    ann.page.get_by_role("button", name="Invite", exact=True).click()
    ann.waits_for_text("So many people may use it")
    choices = ann.page.locator("flt-semantics").filter(has_text=re.compile(r"^1$"))
    choices.last.click(force=True)
    ann.page.get_by_role("button", name="Make link").click()
    ann.waits_for_text("One person can come in with this link. It works for 7 days.")
    ann.page.get_by_role("button", name="Copy link").click()
    ann.waits_for_text("Copied.")
    link = ann.page.evaluate("navigator.clipboard.readText()")
    bob = phone(browser, server.address)
    bob.page.goto(link)
    expect(bob.name_field).to_be_focused()
    assert bob.page.url == f"{server.address}/"
    assert bob.page.evaluate("document.referrer") == ""
    bob.page.keyboard.type("Bob")
    bob.page.keyboard.press("Enter")
    bob.waits_until_ready().waits_for_composer()
    eve = phone(browser, server.address)
    eve.page.goto(link)
    expect(eve.page.get_by_role("alert")).to_contain_text("Ask whoever sent it for another one.")
    eve.page.goto(server.address)
    eve.page.keyboard.type("Eve")
    eve.page.keyboard.press("Enter")
    expect(eve.page.get_by_role("alert")).to_contain_text("You need an invitation to this chat.")
    assert [each.page_errors for each in (ann, bob, eve)] == [[], [], []]


@pytest.mark.parametrize("door", ["approve"])
def test_stranger_comes_in_when_a_moderator_answers(
    browser: Browser, server: ServerProcess
) -> None:
    ann = Tab(browser.new_context(), server.address).opens_as("Ann")
    bob = phone(browser, server.address)
    bob.page.goto(server.address)
    expect(bob.name_field).to_be_focused()
    bob.page.keyboard.type("Bob")
    bob.page.keyboard.press("Enter")
    waiting = bob.page.get_by_role("status").filter(has_text="Ann was asked whether Bob may come")
    ann.page.get_by_role("button", name="Show", exact=True).click()
    expect(waiting).to_be_visible()
    bob.page.reload()
    expect(waiting).to_be_visible()
    ann.page.get_by_role("button", name="Let Bob in").click()
    bob.waits_until_ready().waits_for_composer()
    bob.posts("thank you")
    assert [each.page_errors for each in (ann, bob)] == [[], []]
