"""The light pages: the chat in plain HTML, without Flutter and without JavaScript."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from html import unescape
from pathlib import Path

import httpx
import pytest

from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.directory import LOBBY
from chat.server.app import ChatServer
from chat.web.light import endpoint
from tests.conftest import NewUser, running_chat
from tests.harness.domain import create_empty_database
from tests.harness.http import http_client
from tests.harness.plain_browser import PlainBrowser
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.usefixtures("no_sessions")


class LightBrowser(PlainBrowser):
    """A browser on the light pages."""

    async def signs_in(self, name: str) -> httpx.Response:
        """Open the first page, and enter a name."""
        await self.opens("/light")
        return await self.sends("/light", username=name)

    async def rows(self, slug: str = LOBBY) -> list[str]:
        """The texts of the frame with the messages."""
        frame = (await self.http.get(f"/light/rows?room={slug}")).text
        items = re.findall(r"<li>(.*?)</li>", frame, re.S)
        return [unescape(re.sub(r"<small>.*?</small> |<[^>]*>", "", each)) for each in items]


NewBrowser = Callable[[], LightBrowser]


@pytest.fixture
async def new_browser(chat: ChatServer) -> AsyncIterator[NewBrowser]:
    """Each call is another browser."""
    browsers = list[LightBrowser]()

    def new_browser() -> LightBrowser:
        browsers.append(LightBrowser(chat))
        return browsers[-1]

    yield new_browser
    for each in browsers:
        await each.http.aclose()


async def person_called(chat: ChatServer, name: str) -> Person:
    """The person of this name."""
    return await chat.workspace.find_person(name)


async def test_name_leads_to_the_chat_and_a_form_posts(
    chat: ChatServer, new_user: NewUser, new_browser: NewBrowser
) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("<b>welcome</b> & hello")
    await ann.timeline.waits_for_message("<b>welcome</b> & hello")
    browser = new_browser()
    await browser.opens("/light?username=Bob%22")
    assert 'name="username" id="username" value="Bob&quot;"' in browser.page
    assert " required" in browser.page
    answer = await browser.sends("/light", username="Bob")
    assert answer.url.path == "/light/chat"
    assert [each for each in await browser.rows() if "Ann" in each][-1] == (
        "Ann <b>welcome</b> & hello"
    )
    answer = await browser.sends("/light/chat", text="hi from an old phone 📱")
    assert (answer.status_code, answer.url.path) == (200, "/light/chat")
    await ann.timeline.waits_for_message("hi from an old phone 📱")
    assert (await browser.rows())[-1] == "Bob hi from an old phone 📱"
    # The same person opens the whole chat: it is the same cookie.
    assert (await browser.opens("/light")).url.path == "/light/chat"
    assert 'data-visitor="known"' in (await browser.opens("/")).text


async def test_link_with_a_name_signs_nobody_in(chat: ChatServer, new_browser: NewBrowser) -> None:
    browser = new_browser()
    answer = await browser.opens("/light/chat?username=Ann")
    assert answer.status_code == 200
    assert 'value="Ann"' in browser.page
    assert await chat.workspace.all_people() == ()
    assert (await browser.sends("/light", username="Ann")).url.path == "/light/chat"


async def test_refused_name_stays_in_the_form_with_a_sentence(
    new_user: NewUser, new_browser: NewBrowser
) -> None:
    await new_user("Ann")
    browser = new_browser()
    answer = await browser.signs_in("Ann")
    assert answer.status_code == 422
    assert "Somebody here is called Ann." in unescape(browser.page)
    assert "Is it you, Ann, on another device?" in unescape(browser.page)
    assert 'name="username" id="username" value="Ann"' in browser.page
    assert '<button type="submit" name="suggestion" value="Ann 3">' in browser.page
    assert (await browser.sends("/light", username=" ")).status_code == 422
    answer = await browser.sends("/light", username="Ann", suggestion="Ann 3")
    assert answer.url.path == "/light/chat"
    assert (await browser.rows())[-1] == "Ann 3 has joined the chat."


async def test_forms_of_other_sites_and_browsers_without_cookies_do_nothing(
    chat: ChatServer, new_browser: NewBrowser
) -> None:
    async with http_client(base_url=chat.url) as stranger:
        answer = await stranger.post("/light", data={"username": "Eve", "key": ""})
        assert answer.status_code == 422
        assert "Allow cookies" in answer.text
    ann = new_browser()
    await ann.signs_in("Ann")
    # A page of another site knows neither the key nor the cookie.
    for path, fields in (
        ("/light/chat", {"text": "forged", "key": "0" * 32}),
        ("/light/chat", {"text": "forged"}),
        ("/light/leave", {"key": "é"}),
    ):
        await ann.http.post(path, data=fields)
    ann.http.headers["origin"] = "http://evil.example"
    await ann.sends("/light/chat", text="forged")
    del ann.http.headers["origin"]
    assert not [each for each in await ann.rows() if "forged" in each]
    assert [each.name for each in await chat.workspace.all_people()] == ["Ann"]
    assert (await ann.http.post("/light/chat", content=b"x" * 200_000)).status_code == 422
    assert (await ann.http.post("/light/chat", content=b"\xff=%ff")).status_code == 422


async def test_form_that_is_sent_twice_posts_once(new_browser: NewBrowser) -> None:
    ann = new_browser()
    await ann.signs_in("Ann")
    page = ann.page
    for _ in range(2):
        ann.page = page
        await ann.sends("/light/chat", text="once")
    assert [each for each in await ann.rows() if "once" in each] == ["Ann once"]
    # A refused text is not lost.
    answer = await ann.sends("/light/chat", text="x" * 10_001)
    assert answer.status_code == 422
    assert 'value="xxx' in ann.page


async def test_rooms_are_links_and_private_ones_do_not_exist_for_others(
    chat: ChatServer, new_browser: NewBrowser
) -> None:
    ann, bob = new_browser(), new_browser()
    await ann.signs_in("Ann")
    await bob.signs_in("Bob")
    owner, rooms = await person_called(chat, "Ann"), chat.workspace.rooms
    await rooms.create(owner, "Garden")
    cellar = await rooms.create(owner, "Cellar", RoomKind.PRIVATE)
    slug = cellar.info.slug
    attic = await rooms.create(owner, "Attic")
    await rooms.set_archived(owner, attic, archived=True)
    await cellar.post(owner, "hidden", "1")
    await bob.opens("/light/chat")
    assert re.findall(r'<a href="/light/chat\?room=(\w+)">', bob.page) == ["garden"]
    await bob.opens("/light/chat?room=garden")
    await bob.sends("/light/chat", text="watered")
    assert (await ann.rows("garden"))[-1] == "Bob watered"
    for path in (f"/light/rows?room={slug}", f"/light/wait?room={slug}", "/light/rows?room=none"):
        assert (await bob.http.get(path)).status_code == 404
    answer = await bob.opens(f"/light/chat?room={slug}")
    assert answer.status_code == 422
    assert "There is no such room." in bob.page
    answer = await bob.sends("/light/chat", text="x", room=slug)
    assert answer.status_code == 422
    assert (await ann.rows(slug))[-1] == "Ann hidden"
    await ann.opens("/light/chat?room=attic")
    assert "This room is archived" in ann.page
    assert 'name="text"' not in ann.page


async def test_page_learns_at_once_that_something_was_said(
    chat: ChatServer, new_user: NewUser, new_browser: NewBrowser
) -> None:
    ann, bob = await new_user("Ann"), new_browser()
    await bob.signs_in("Bob")
    frame = (await bob.http.get("/light/rows")).text
    wait_path = unescape(re.findall(r'data-wait="([^"]*)"', frame)[0])
    waiting = asyncio.ensure_future(bob.http.get(wait_path))
    online = chat.workspace.presence
    await wait_until(lambda: [each.name for each in online.online.people] == ["Ann", "Bob"])
    await ann.composer.posts("news")
    assert (await waiting).status_code == 200
    # What was said before the question is no news that is missed.
    assert (await bob.http.get(wait_path)).status_code == 200


async def test_wait_ends_without_news_and_with_the_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert endpoint.WAIT_SECONDS < 60
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder) as chat:
        browser = LightBrowser(chat)
        await browser.signs_in("Ann")
        frame = (await browser.http.get("/light/rows")).text
        wait_path = unescape(re.findall(r'data-wait="([^"]*)"', frame)[0])
        with monkeypatch.context() as patch:
            patch.setattr(endpoint, "WAIT_SECONDS", 0.1)
            assert (await browser.http.get(wait_path)).status_code == 204
        pages: list[Awaitable[httpx.Response]] = [
            asyncio.ensure_future(browser.http.get(wait_path))
            for _ in range(endpoint.WAITING_PER_PERSON)
        ]
        await wait_until(
            lambda: chat.workspace.presence.connected_count == 1 and len(chat.connections) > 4
        )
        assert (await browser.http.get(wait_path)).status_code == 503
        started = time.monotonic()
    assert [(await each).status_code for each in pages] == [204] * endpoint.WAITING_PER_PERSON
    assert time.monotonic() - started < 3
    await browser.http.aclose()


async def test_person_who_leaves_is_signed_out(chat: ChatServer, new_browser: NewBrowser) -> None:
    ann = new_browser()
    await ann.signs_in("Ann")
    answer = await ann.sends("/light/leave")
    assert answer.url.path == "/light"
    assert await chat.workspace.all_people() == ()
    assert (await ann.http.get("/light/wait")).status_code == 401
    assert (await ann.signs_in("Ann")).url.path == "/light/chat"


async def test_only_the_chat_itself_frames_the_messages(new_browser: NewBrowser) -> None:
    ann = new_browser()
    await ann.signs_in("Ann")
    policies = [
        (await ann.http.get(path)).headers["content-security-policy"]
        for path in ("/light", "/light/chat", "/light/rows")
    ]
    assert "frame-ancestors 'none'" in policies[0]
    assert "frame-ancestors 'none'" in policies[1]
    assert "frame-ancestors 'self'" in policies[2]
