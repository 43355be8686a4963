"""Two people in Chromium: a private room, a thread, message actions, search and permalinks."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.harness.browser import DESKTOP, PHONE, Tab
from tests.harness.process import ServerProcess

SignIn = Callable[..., Tab]

# The address of a search result begins with that of its message.
_HIT_URL = re.compile(r"(/room/board-\w+/\d+)/search/")

# An open dialog. (A snackbar has a button “Close”, too.)
_DIALOG = "flt-semantics-host [role$=dialog]"


@pytest.fixture
def sign_in(browser: Browser, server: ServerProcess) -> SignIn:
    """`sign_in("Ann")` is a tab of Ann in a browser context of her own."""

    def sign_in(name: str) -> Tab:
        width, height = DESKTOP
        context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        tab = Tab(context, server.address).opens_as(name)
        tab.composer.wait_for()
        return tab

    return sign_in


def open_message_menu(tab: Tab, text: str) -> None:
    """Open the menu of a message with a right click."""
    tab.until(lambda: tab.position_of(text) is not None)
    position = tab.position_of(text)
    assert position is not None
    tab.page.mouse.click(*position, button="right")
    tab.page.locator(_DIALOG).wait_for()


def run_message_action(tab: Tab, text: str, action: str, *confirmations: str) -> None:
    """Run an action of the message menu, with its confirmations."""
    open_message_menu(tab, text)
    for name in (action, *confirmations):
        tab.page.get_by_role("button", name=name, exact=True).click()
    tab.page.locator(_DIALOG).wait_for(state="detached")


def fill_dialog_field(tab: Tab, label: str, text: str) -> None:
    """Type into a field of a dialog."""
    tab.page.get_by_label(label).click()
    tab.page.keyboard.type(text)


def search(tab: Tab, query: str) -> None:
    """Open the search beside the room, whose field gets the focus, and type a query."""
    tab.page.get_by_role("button", name="Search messages").first.click()
    field = tab.page.locator("flt-semantics-host input").last
    expect(field).to_be_focused()
    tab.page.keyboard.type(query)


def wait_for_path(tab: Tab, path: str) -> None:
    """Wait until the URL of the page ends with this path."""
    tab.page.wait_for_url(f"**{path}")


def test_private_room_thread_search_and_permalink(sign_in: SignIn) -> None:
    ann, bob = sign_in("Ann"), sign_in("Bob")
    for tab in (ann, bob):
        tab.waits_for_text("Bob has joined the chat.")
    # Ann makes a private room and invites Bob.
    ann.page.get_by_role("button", name="Rooms: new and all").last.click()
    fill_dialog_field(ann, "Name of a new room", "Board")
    ann.page.get_by_role("switch").click()
    ann.page.get_by_role("button", name="Make room").click()
    wait_for_path(ann, "/room/board-*")
    # The second step of making a room.
    fill_dialog_field(ann, "Add people by name", "Bo")
    ann.page.keyboard.press("Enter")
    ann.page.get_by_role("button", name="Invite them").click()
    ann.waits_for_text("Ann invited Bob.")
    bob.until(lambda: any(leaf.startswith("Board") for leaf in bob.semantics_leaves))
    ann.posts("我们三点开会")
    bob.page.locator("flt-semantics", has_text="Board").last.click()
    bob.waits_for_text("我们三点开会")
    bob.posts("I wil be there")
    # Bob edits, Ann reacts, pins, and answers in a thread.
    bob.page.keyboard.press("ArrowUp")
    bob.until(lambda: bob.composer.input_value() == "I wil be there")
    bob.page.keyboard.press("End")
    for _ in "l be there":
        bob.page.keyboard.press("Backspace")
    bob.page.keyboard.type("ll be there")
    bob.page.keyboard.press("Enter")
    ann.until(
        lambda: any(
            "I will be there" in leaf and "(edited)" in leaf for leaf in ann.semantics_leaves
        )
    )
    run_message_action(ann, "I will be there", "Pin to this room")
    open_message_menu(ann, "I will be there")
    ann.page.locator(f"{_DIALOG} flt-semantics", has_text="👍").last.click()
    ann.page.locator(_DIALOG).wait_for(state="detached")
    bob.until(lambda: any("👍 1" in leaf for leaf in bob.semantics_leaves))
    run_message_action(ann, "I will be there", "Reply in thread")
    ann.waits_for_text("Thread")
    ann.posts("Good. Bring the numbers.")
    bob.until(lambda: any(leaf.startswith("1 reply") for leaf in bob.semantics_leaves))
    bob.takes_screenshot("private-wide")
    # Bob deletes a message that he posted by mistake: no row is left of it.
    bob.posts("wrong room")
    run_message_action(bob, "wrong room", "Delete")
    bob.until(lambda: "wrong room" not in bob.leaf_texts)
    bob.page.get_by_role("button", name="Undo").click()
    bob.waits_for_text("wrong room")
    run_message_action(bob, "wrong room", "Delete")
    bob.until(lambda: "wrong room" not in bob.leaf_texts)
    # Bob searches in Chinese, opens the hit, and goes back.
    search(bob, "开会")
    bob.until(
        lambda: any("Board" in leaf and "我们三点开会" in leaf for leaf in bob.semantics_leaves)
    )
    bob.waits_until_stable()
    bob.takes_screenshot("search-wide")
    links: list[str] = []
    bob.page.on("framenavigated", lambda frame: links.extend(_HIT_URL.findall(frame.url)))
    bob.page.locator("flt-semantics", has_text="我们三点开会").last.click()
    bob.until(lambda: bool(links))
    bob.waits_for_text("我们三点开会")
    bob.page.go_back()
    wait_for_path(bob, "/room/board-*")
    # The permalink opens in a new tab of the size of a phone.
    phone_tab = Tab(ann.page.context, ann.address)
    phone_tab.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    phone_tab.opens(links[0])
    phone_tab.waits_for_text("我们三点开会")
    phone_tab.takes_screenshot("permalink-phone")
    assert [tab.page_errors for tab in (ann, bob, phone_tab)] == [[], [], []]
    assert [tab.foreign_requests for tab in (ann, bob, phone_tab)] == [[], [], []]
