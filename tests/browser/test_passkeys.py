"""Passkeys in Chromium, with the virtual authenticator that its DevTools offer."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import HOST_NAME
from tests.harness.process import ServerProcess

ADDRESS_OF_NUMBERS = "this one is open at an address of numbers."


@pytest.fixture
def page(trusting_page: Page) -> Page:
    """A page of a browser that trusts the chat's certificate."""
    return trusting_page


@pytest.fixture
def authenticator(page: Page) -> CDPSession:
    """The device's own authenticator, which its owner unlocks each time."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def comes_in(page: Page, address: str, name: str) -> None:
    """Come in with a name, on the light page."""
    page.goto(f"{address}/light")
    page.get_by_role("textbox").fill(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/light/chat")
    page.goto(f"{address}/account")


def adds_passkey(page: Page, label: str) -> None:
    """Add a passkey on the page of the ways to sign in."""
    page.get_by_label("Name of the passkey, as My phone").fill(label)
    page.get_by_role("button", name="Add a passkey").click()


def test_passkey_signs_in_without_a_name_until_it_is_removed(
    tls_server: ServerProcess, page: Page, authenticator: CDPSession
) -> None:
    address = f"https://{HOST_NAME}:{tls_server.port}"
    comes_in(page, address, "Ann")
    adds_passkey(page, "Ann's laptop")
    expect(page.get_by_role("status")).to_have_text("The passkey is added.")
    expect(page.get_by_role("listitem")).to_contain_text(f"for {HOST_NAME}")
    # The same device has one already.
    adds_passkey(page, "again")
    expect(page.get_by_role("alert")).to_have_text(
        "This device has a passkey of yours for the chat already."
    )
    # Another browser that shares the device's passkeys: who has no cookie of the chat.
    page.context.clear_cookies()
    page.goto(f"{address}/account")
    page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/account")
    expect(page.get_by_text("You are Ann. The name stays yours")).to_be_visible()
    expect(page.get_by_role("listitem")).to_contain_text("used on")
    page.get_by_role("button", name="Remove the passkey Ann's laptop").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{address}/account")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The chat does not know this passkey.")).to_be_visible()


def test_page_says_why_there_is_no_passkey_at_an_address_of_numbers(
    tls_server: ServerProcess, page: Page
) -> None:
    address = f"https://127.0.0.1:{tls_server.port}"
    page.goto(f"{address}/account")
    expect(page.get_by_text(ADDRESS_OF_NUMBERS)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    comes_in(page, address, "Bob")
    expect(page.get_by_text(ADDRESS_OF_NUMBERS)).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_have_count(0)


def test_device_without_a_passkey_of_the_chat_says_so_and_can_be_asked_again(
    tls_server: ServerProcess, page: Page, authenticator: CDPSession
) -> None:
    page.goto(f"https://{HOST_NAME}:{tls_server.port}/account")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Try it again.")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()
