"""A second device in Chromium: the link, the number, and the way out again."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.browser import DESKTOP, PHONE, Tab
from tests.harness.process import ServerProcess


def link_of(ann: Tab) -> str:
    """The link in the dialog of Ann, who copies it."""
    ann.page.get_by_role("button", name="Copy link").click()
    ann.waits_for_text("Copied.")
    link: str = ann.page.evaluate("navigator.clipboard.readText()")
    return link


def opens_devices(ann: Tab) -> None:
    """Open the list of the devices, by the settings."""
    ann.page.get_by_role("button", name="Settings").last.click()
    ann.page.get_by_role("button", name="Devices", exact=True).click()
    ann.page.get_by_role("button", name="Add a device").wait_for()


def new_phone(browser: Browser, *, has_script: bool = True) -> Page:
    """A phone that has never opened the chat."""
    width, height = PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height}, java_script_enabled=has_script
    )
    return context.new_page()


@pytest.mark.parametrize("has_script", [True, False])
def test_phone_comes_in_by_a_link_and_a_number_and_is_signed_out(
    browser: Browser, server: ServerProcess, has_script: bool
) -> None:
    width, height = DESKTOP
    context = browser.new_context(
        viewport={"width": width, "height": height},
        permissions=["clipboard-read", "clipboard-write"],
    )
    ann = Tab(context, server.address).opens_as("Ann")
    opens_devices(ann)
    ann.page.get_by_role("button", name="Add a device").click()
    link = link_of(ann)
    phone = new_phone(browser, has_script=has_script)
    phone.goto(link)
    expect(phone.get_by_role("heading")).to_have_text("Come in as Ann on this device?")
    # The button has the focus.
    phone.keyboard.press("Enter")
    number = phone.locator(".number").inner_text()
    # A photograph of the code is too late now.
    photograph = new_phone(browser)
    photograph.goto(link)
    expect(photograph.get_by_role("alert")).to_contain_text("This link was used already.")
    # The field has the focus.
    field = ann.page.get_by_label("Its number")
    expect(field).to_be_focused()
    ann.page.keyboard.type(number)
    ann.page.keyboard.press("Enter")
    phone.wait_for_url(f"{server.address}/")
    ann.until(lambda: any(leaf.endswith(" is in.") for leaf in ann.semantics_leaves))
    if not has_script:
        phone.goto(f"{server.address}/light/chat")
        expect(phone.locator("h1")).to_have_text("Lobby")
        return
    on_phone = Tab(phone.context, server.address).opens().waits_for_composer()
    on_phone.posts("from the phone")
    ann.page.get_by_role("button", name="Show devices").click()
    ann.page.get_by_role("button", name="Sign out all others").click()
    ann.page.get_by_role("button", name="Sign out", exact=True).click()
    # The phone shows the form of a stranger.
    expect(on_phone.name_field).to_be_visible()
    refusal = on_phone.page.locator("#loading .refusal")
    expect(refusal).to_contain_text("This device was signed out.")
    expect(on_phone.page).to_have_url(f"{server.address}/")
