"""A whole day of chat without a mouse: join, read, answer, react, vote, search, write, leave."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_list_keys import IN_FIELD_JS, IS_READ_JS, READ_JS
from tests.browser.test_typing_everywhere import DIALOG_FIELD_JS
from tests.harness.browser import Tab
from tests.harness.process import ServerProcess
from tests.harness.screen import sizes_of
from tests.harness.threads import post_lines, run_in_thread
from tests.harness.user import ChatUser

LINES = ("Who brings the cake?", '/poll "Lunch?" "Soup" "Salad"', "See you on Friday")


class Keyboard:
    """The keys of one person, who hears what a screen reader reads."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def types(self, text: str) -> None:
        """Type a text into whatever has the focus."""
        self._page.keyboard.type(text)

    def presses(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self._page.keyboard.press(key)

    def hears(self, end: str) -> None:
        """Wait until a text with this end is read."""
        self._page.wait_for_function(IS_READ_JS, arg=end)

    def goes_up_to(self, text: str) -> None:
        """Go to the end of a list of messages, then up until one with this text is read."""
        self.presses("End")
        self._page.wait_for_timeout(500)
        for _ in range(12):
            read = self._page.evaluate(READ_JS)
            if text in read:
                return
            self.presses("ArrowUp")
            # A person who listens presses the next key once the message is read.
            self._page.wait_for_function(f"read => ({READ_JS})() !== read", arg=read)
        raise AssertionError(f"{text} is not read, but {self._page.evaluate(READ_JS)}")

    def tabs_to(self, name: str) -> None:
        """Press Tab until the button with this name has the focus."""
        for _ in range(40):
            self.presses("Tab")
            self._page.wait_for_timeout(50)
            if self._page.evaluate("document.activeElement.textContent") == name:
                return
        raise AssertionError(f"no button {name} gets the focus")

    def waits_for_field(self, text: str) -> None:
        """Wait until the field that has the focus has this text."""
        self._page.wait_for_function(IN_FIELD_JS, arg=text)


async def _texts_of_bob(address: str, cookies: dict[str, str]) -> list[str]:
    bob = ChatUser(address)
    bob.cookies = cookies
    await bob.opens("/")
    await bob.waits_until(lambda user: user.timeline.texts)
    texts = [*bob.timeline.texts, *bob.sidebar.rooms]
    await bob.disconnects()
    return texts


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On a phone and on a laptop, or at all sizes."""
    if "size" in metafunc.fixturenames:
        sizes = sizes_of(metafunc.config, (390, 844), (1440, 900))
        metafunc.parametrize("size", sizes, ids=str)


def test_whole_day_without_a_mouse(
    browser: Browser, server: ServerProcess, size: tuple[int, int]
) -> None:
    cookies = run_in_thread(post_lines(server.address, "Bob", *LINES))
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    tab = Tab(context, server.address)
    page, keys = tab.page, Keyboard(tab.page)
    # Join.
    page.goto(server.address)
    expect(tab.name_field).to_be_focused()
    keys.types("Ann")
    keys.presses("Enter")
    page.locator("#loading").wait_for(state="detached")
    keys.waits_for_field("")
    # Answer in a thread, and go back to the room.
    keys.presses("F6")
    keys.goes_up_to("Who brings the cake?")
    keys.presses("t")
    page.wait_for_url("**/room/thread-*")
    keys.waits_for_field("")
    keys.types("I do")
    keys.presses("Enter")
    keys.waits_for_field("")
    keys.presses("Escape")
    page.wait_for_url(re.compile("/room/lobby(/2)?$"))
    # On a phone the room is shown a moment after its address, and only a person sees when.
    page.wait_for_timeout(2000)
    # React with an emoji that is searched for.
    keys.presses("F6")
    keys.goes_up_to("See you on Friday")
    keys.types("+")
    page.wait_for_function(DIALOG_FIELD_JS)
    keys.types("tada")
    page.wait_for_timeout(500)
    keys.presses("Enter")
    keys.waits_for_field("")
    # Vote.
    keys.goes_up_to("Lunch?")
    keys.presses("ArrowRight")
    keys.hears("Soup, 0 votes")
    keys.presses("Enter")
    keys.hears("Soup, 1 vote, yours")
    keys.presses("Escape")
    # Search, and go to what was found.
    keys.presses("Control+Shift+F")
    page.wait_for_function(DIALOG_FIELD_JS)
    keys.types("brings")
    page.wait_for_timeout(1500)
    keys.presses("Enter")
    page.wait_for_url(re.compile("/room/lobby/2(/search/brings)?$"))
    keys.presses("Escape")
    page.wait_for_url(re.compile("/room/lobby(/2)?$"))
    # Write to Bob alone.
    keys.presses("Control+k")
    page.wait_for_function(DIALOG_FIELD_JS)
    keys.types("Bob")
    keys.presses("Enter")
    page.wait_for_url("**/room/dm-*")
    keys.waits_for_field("")
    keys.types("between us")
    keys.presses("Enter")
    keys.waits_for_field("")
    # Leave, by way of the settings, with a screen reader.
    tab.waits_until_ready()
    page.locator("flt-semantics-host h1").wait_for()
    keys.presses("Control+,")
    page.get_by_role("alertdialog").wait_for()
    keys.tabs_to("Leave this chat")
    keys.presses("Enter")
    keys.tabs_to("Leave for good")
    keys.presses("Enter")
    expect(tab.name_field).to_be_focused(timeout=20_000)
    context.close()
    texts = run_in_thread(_texts_of_bob(server.address, cookies))
    for text in ("🎉 1", "1 person voted", "Ann has left the chat."):
        assert text in texts
    assert any(each.startswith("1 reply") for each in texts)
    assert texts[-3:] == ["Ann", "Who brings the cake?", "Lobby"]
    assert tab.page_errors == []
