"""Screenshots: a conversation on a phone and on a desktop, in both themes."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.harness.browser import DESKTOP, PHONE, Tab
from tests.harness.process import ForkedServer, ServerProcess
from tests.harness.user import ChatUser

_YESTERDAY = (
    ("Mira Okafor", "Shall we move the demo to Friday? The projector is back only then."),
    ("Mira Okafor", "I can bring the long cable too."),
    ("Jun Park", "Friday is perfect."),
    ("Tomás Ruiz", "Fine with me. Who takes the notes?"),
)
_TODAY = (
    ("Jun Park", "Morning! The tests are green on all three machines."),
    ("Jun Park", "I also measured the start: 0.9 s from the command to the first answer."),
    ("Lena Fischer", "That is a lot better than last week, thank you!"),
    (
        "Mira Okafor",
        "For Friday I would show three things: two browsers and the window in one chat, "
        "a server that is killed and comes back while everyone is writing, "
        "and the history that is still there afterwards.",
    ),
    ("Tomás Ruiz", "And the QR code, people like that one."),
    ("Mira Okafor", "Good point, it goes first."),
    ("Lena Fischer", "I take the notes."),
)

_VISITOR_NAMES = {
    "phone-light": "Amara Obi",
    "wide-light": "Noor Haddad",
    "phone-dark": "Ivo Novak",
    "wide-dark": "Edda Holm",
}


async def _post_lines(
    address: str, people: dict[str, ChatUser], lines: tuple[tuple[str, str], ...]
) -> None:
    for name, text in lines:
        if name not in people:
            people[name] = ChatUser(address)
            await people[name].opens()
            await people[name].signs_in(name)
        elif not people[name].root:
            await people[name].opens()
            await people[name].timeline.waits_for_message(_YESTERDAY[-1][1])
        await people[name].composer.posts(text)


class ConnectedPeople:
    """The clients of the conversation, which stay connected in an event loop of their own."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._clients: dict[str, ChatUser] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def post_lines(self, lines: tuple[tuple[str, str], ...]) -> None:
        """Post each line as its author, in order."""
        posting = _post_lines(self._address, self._clients, lines)
        asyncio.run_coroutine_threadsafe(posting, self._loop).result(30)

    def disconnect(self) -> None:
        """Disconnect all clients."""

        async def close() -> None:
            for person in self._clients.values():
                await person.disconnects()

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(30)

    def close(self) -> None:
        """Stop the loop."""
        self.disconnect()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def seeded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A chat with messages of yesterday and today, whose authors are online."""
    data: Path = tmp_path_factory.mktemp("screenshots") / "data"
    server = ForkedServer(data, "--web", "--no-browser").start()
    people = ConnectedPeople(server.address)
    try:
        people.post_lines(_YESTERDAY)
        people.disconnect()
        assert server.stop() == 0
        with sqlite3.connect(data / "chat.db") as database:
            database.execute("UPDATE message SET at = at - 24 * 3600 * 1000000")
        database.close()
        server.start()
        people.post_lines(_TODAY)
        yield server
        people.close()
    finally:
        server.kill_if_running()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "wide"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_conversation_fits_phone_and_desktop_in_both_themes(
    browser: Browser, seeded_server: ServerProcess, size: tuple[int, int], scheme: str
) -> None:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    name = "phone" if size == PHONE else "wide"
    visitor = _VISITOR_NAMES[f"{name}-{scheme}"]
    tab = Tab(context, seeded_server.address).opens_as(visitor)
    tab.waits_for_text("I take the notes.")
    if width > 700:
        tab.until(lambda: any("Yesterday" in leaf for leaf in tab.semantics_leaves))
    tab.waits_until_stable()
    # The semantics tree is complete before the first frame is painted.
    tab.until(lambda: tab.takes_screenshot(f"{name}-{scheme}").stat().st_size > 20_000, seconds=30)
    box = tab.composer.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= height
    if scheme == "light":
        (_opens_sidebar if size == PHONE else _opens_invitation)(tab)
    context.close()


def _opens_sidebar(tab: Tab) -> None:
    """Open the sidebar, which is a drawer on a phone."""
    assert "Rooms" not in tab.leaf_texts
    menu = tab.page.get_by_role("button", name="Rooms and people")
    tab.until(lambda: menu.count() > 0, seconds=30)
    menu.click()
    tab.waits_for_text("Hide People")
    tab.waits_until_stable()
    tab.takes_screenshot("phone-menu")


def _opens_invitation(tab: Tab) -> None:
    """Open the invitation dialog."""
    tab.page.set_viewport_size({"width": 900, "height": 700})
    tab.page.get_by_role("button", name="Invite").last.click()
    tab.until(lambda: any("--lan" in leaf for leaf in tab.semantics_leaves))
    tab.waits_until_stable()
    tab.takes_screenshot("invite")
    tab.page.get_by_role("button", name="Close", exact=True).click()
