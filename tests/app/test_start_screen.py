"""The page before Flutter: signing in over HTTP, and the room of an address as plain text."""

import asyncio
import json

import httpx

from chat.server.app import ChatServer
from chat.text.names import NAME_LIMIT
from chat.ui.client.name_refusal import NameRefused
from chat.ui.client.page_messages import NameEntered, ScreenShown
from chat.web.guard.cookies import token_cookie_name
from chat.web.http.index_page import KNOWN_PERSON, STRANGER
from chat.web.http.plain_rows import PLAIN_ROWS, PLAIN_TEXT_LIMIT
from chat.web.http.sign_in import MAX_SIGN_IN_BYTES
from tests.conftest import NewUser
from tests.harness.http import http_client
from tests.harness.user import ChatUser


async def signs_in(
    chat: ChatServer, http: httpx.AsyncClient, name: str, **headers: str
) -> httpx.Response:
    """Send a name from the page of the chat."""
    headers = {"origin": chat.url, **headers}
    return await http.post("/sign-in", content=json.dumps({"name": name}), headers=headers)


async def first_view(chat: ChatServer, person: ChatUser, path: str = "/") -> httpx.Response:
    """The first view of a person."""
    async with http_client(base_url=chat.url, cookies=person.cookies) as http:
        return await http.get("/first-view", params={"path": path})


async def test_stranger_signs_in_before_the_socket_and_is_known_there(
    chat: ChatServer, new_user: NewUser
) -> None:
    bob = await new_user("Bob")
    async with http_client(base_url=chat.url) as http:
        page = await http.get("/")
        assert STRANGER in page.content
        issued = http.cookies[token_cookie_name(chat.workspace)]
        response = await signs_in(chat, http, "  Maya ")
        assert response.status_code == 204
        token = http.cookies[token_cookie_name(chat.workspace)]
        # Whoever knew the token of before is not Maya.
        assert token != issued
        assert await chat.workspace.identity.person_for_token(issued) is None
        await bob.timeline.waits_for_message("Maya has joined the chat.")
        assert KNOWN_PERSON in (await http.get("/")).content
        maya = ChatUser(chat.url)
        maya.cookies |= dict(http.cookies)
        await maya.opens()
        await maya.waits_for_text("Welcome, Maya!")
        await maya.until(lambda: ScreenShown(is_chat=True) in maya.page_script.screen_commands)
        # A second request of this browser, and one of another of its tabs, changes nothing.
        response = await signs_in(chat, http, "Zoe")
        assert (response.status_code, response.json()) == (200, {"name": "Maya"})
        http.cookies.set(token_cookie_name(chat.workspace), issued)
        assert (await signs_in(chat, http, "Zoe")).status_code == 409
        await maya.disconnects()
    assert [each.name for each in await chat.workspace.all_people()] == ["Bob", "Maya"]


async def test_refused_name_gets_a_sentence_in_the_language_of_the_browser(
    chat: ChatServer, new_user: NewUser
) -> None:
    await new_user("Ann")
    async with http_client(base_url=chat.url) as http:
        await http.get("/")
        response = await signs_in(chat, http, "ANN")
        assert response.status_code == 422
        assert response.json() == {
            "sentence": "Somebody here is called ANN. How about “ANN 2”?",
            "suggestions": ["ANN 2", "ANN 3", "ANN 4"],
            "hint": "Is it you, ANN, on another device? There, open Settings, then Devices, and "
            "choose “Add a device”. Then open its link here, or scan its code.",
            "sign_in": "",
        }
        response = await signs_in(chat, http, " ", **{"accept-language": "zh-CN"})
        assert response.json()["suggestions"] == []
        assert not response.json()["sentence"].isascii()
    assert len(await chat.workspace.all_people()) == 1


async def test_name_is_taken_from_the_own_page_of_a_browser_with_cookies_only(
    chat: ChatServer,
) -> None:
    async with http_client(base_url=chat.url) as http:
        assert (await signs_in(chat, http, "Maya")).status_code == 401
        http.cookies.set(token_cookie_name(chat.workspace), "planted")
        assert (await signs_in(chat, http, "Maya")).status_code == 401
        await http.get("/")
        response = await signs_in(chat, http, "Maya", origin="http://evil.example")
        assert response.status_code == 403
        own = {"origin": chat.url}
        for content, status in {
            b"": 400,
            b"[]": 400,
            b'{"name": 3}': 400,
            json.dumps({"name": "x" * (4 * NAME_LIMIT + 1)}).encode(): 400,
            b" " * (MAX_SIGN_IN_BYTES + 1): 413,
        }.items():
            response = await http.post("/sign-in", content=content, headers=own)
            assert response.status_code == status
    assert await chat.workspace.all_people() == ()


async def test_two_names_at_once_from_one_browser_are_one_person(chat: ChatServer) -> None:
    async with http_client(base_url=chat.url) as http:
        await http.get("/")
        responses = await asyncio.gather(*(signs_in(chat, http, f"M{n}") for n in range(4)))
    assert sorted(each.status_code for each in responses) == [204, 409, 409, 409]
    assert len(await chat.workspace.all_people()) == 1


async def test_stranger_signs_in_with_the_form_of_the_page_over_the_socket(
    new_user: NewUser,
) -> None:
    await new_user("Ann")
    maya = await new_user()
    await maya.until(lambda: ScreenShown(is_chat=False) in maya.page_script.screen_commands)
    await maya.page_script.send_event(NameEntered("Ann"))
    refusal = NameRefused(
        "Somebody here is called Ann. How about “Ann 2”?",
        ("Ann 2", "Ann 3", "Ann 4"),
        "Is it you, Ann, on another device? There, open Settings, then Devices, and choose "
        "“Add a device”. Then open its link here, or scan its code.",
    )
    await maya.until(lambda: refusal in maya.page_script.screen_commands)
    token = maya.token
    await maya.page_script.send_event(NameEntered("Maya"))
    await maya.waits_for_text("Welcome, Maya!")
    await maya.until(lambda: ScreenShown(is_chat=True) in maya.page_script.screen_commands)
    await maya.until(lambda: maya.token != token)
    # A name that comes late is nobody's.
    await maya.page_script.send_event(NameEntered("Zoe"))
    await maya.composer.posts("I am here")
    await maya.reloads()
    await maya.timeline.waits_for_message("I am here")
    assert not maya.sees("Welcome, Maya!")


async def test_first_view_has_the_last_lines_of_the_room_as_text(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("**bold** <b>tags</b> and ||a secret||")
    await ann.composer.posts("again")
    await bob.composer.posts("/me waves")
    await bob.composer.types("half a")
    await bob.disconnects()
    view = (await first_view(chat, bob)).json()
    assert (view["title"], view["draft"]) == ("Lobby", "half a")
    assert view["topic"] == "Everything that has no room of its own"
    assert view["hint"] == "Message #Lobby"
    assert view["writable"]
    day, joined, bob_joined, *rows = view["rows"]
    assert (day["text"], day["is_day"]) == ("Today", True)
    assert (joined["text"], bob_joined["text"]) == (
        "Ann has joined the chat.",
        "Bob has joined the chat.",
    )
    assert [(each["name"], each["initials"]) for each in rows] == [
        ("Ann", "A"),
        ("", ""),
        ("Bob", "B"),
    ]
    assert rows[0]["text"].startswith("bold <b>tags</b> and ")
    assert "secret" not in rows[0]["text"]
    assert [each["text"] for each in rows[1:]] == ["again", "Bob waves"]
    assert all(len(each["time"]) == len("09:41") for each in rows)


async def test_first_view_of_a_long_talk_is_bounded(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    for n in range(PLAIN_ROWS + 5):
        await ann.composer.posts(f"{n} " + "x" * 1000)
    rows = (await first_view(chat, ann)).json()["rows"]
    assert len(rows) == PLAIN_ROWS + 1
    assert max(len(each["text"]) for each in rows) == PLAIN_TEXT_LIMIT


async def test_first_view_has_the_rights_of_the_room_and_joins_nothing(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Board", private=True)
    await ann.composer.posts("only for us")
    # The address of a private room cannot be guessed.
    board = next(each for each in ann.url_history if each.startswith("/room/board"))
    await ann.rooms_dialog.creates_room("Garden")
    hidden = await first_view(chat, bob, board)
    missing = await first_view(chat, bob, "/room/nowhere")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content == b""
    assert (await first_view(chat, ann, board)).json()["rows"][-1]["text"] == "only for us"
    assert (await first_view(chat, bob, "/room/garden")).json()["title"] == "Garden"
    person = await chat.workspace.identity.person_for_token(bob.token)
    assert person is not None
    garden = await chat.workspace.resolve(person, "/room/garden")
    assert [each.name for each in garden.members.values()] == ["Ann"]
    # A path that would create a conversation, and one that is too long.
    assert (await first_view(chat, bob, "/dm/Ann")).status_code == 404
    assert (await first_view(chat, bob, "/room/" + "x" * 300)).status_code == 404
    async with http_client(base_url=chat.url) as http:
        response = await http.get("/first-view", params={"path": "/"})
        assert response.status_code == 401
        assert response.headers["cache-control"] == "no-store"
