"""Socket.IO: pages and programs that speak it talk with people in the chat."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.errors import CannotStart
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.directory import LOBBY
from chat.server.app import ChatServer
from chat.server.settings import Environment, Settings
from chat.web.socketio import transport
from tests.conftest import NewUser, running_chat
from tests.harness.domain import create_empty_database
from tests.harness.hostile_clients import handshake_request
from tests.harness.http import http_client, request
from tests.harness.socketio_page import SocketIOPage, opened_page, refusal_of
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.usefixtures("no_sessions")


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A chat with Socket.IO, which pages of a React server on port 3000 may use."""
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder, socketio=True, origin="http://localhost:3000") as chat:
        yield chat


def names_in_lobby(chat: ChatServer) -> list[str]:
    """The people who have not signed out."""
    room = chat.workspace.rooms.opened(1)
    assert room is not None and room.info.slug == LOBBY
    return sorted(each.name for each in room.members.values())


def person_of(chat: ChatServer, name: str) -> Person:
    """The person of this name."""
    room = chat.workspace.rooms.opened(1)
    assert room is not None
    return next(each for each in room.members.values() if each.name == name)


@pytest.mark.parametrize("polling", [False, True])
async def test_page_that_emits_message_talks_with_people_in_the_chat(
    chat: ChatServer, new_user: NewUser, polling: bool
) -> None:
    ann = await new_user("Ann")
    async with (
        opened_page(chat.url, polling=polling) as first,
        opened_page(chat.url) as second,
    ):
        # The page of a React tutorial: it names nobody, and shows each text as it is.
        await first.client.emit("message", "hello")
        await ann.timeline.waits_for_message("hello")
        await ann.composer.posts("welcome")
        for each in (first, second):
            await each.waits_for("message", "Ann: welcome")
            assert each.lines == ["Guest: hello", "Ann: welcome"]
    assert (await first.waits_for("signed_in"))["username"] == "Guest"
    assert (await second.waits_for("signed_in"))["username"] == "Guest 2"


async def test_page_that_emits_new_message_gets_earlier_messages(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    for text in ("one", "two", "three"):
        await ann.composer.posts(text)
        await ann.timeline.waits_for_message(text)
    async with opened_page(f"{chat.url}?username=Bob") as bob:
        await bob.waits_for("message", "Ann: three")
        assert bob.lines == ["Ann: one", "Ann: two", "Ann: three"]
        assert await bob.asks("new_message", {"username": "Eve", "text": "four"}) == {
            "ok": True,
            "room": "lobby",
            "number": 6,
        }
        await ann.timeline.waits_for_message("four")
        await bob.waits_for("message", "Bob: four")
        posted = bob.received("new_message")[-1]
        assert posted.pop("sent_at").endswith("+00:00")
        assert posted == {
            "room": "lobby",
            "number": 6,
            "username": "Bob",
            "text": "four",
            "files": [],
        }


@pytest.mark.parametrize("polling", [False, True])
async def test_only_the_last_fifty_messages_are_sent_on_connect(
    chat: ChatServer, polling: bool
) -> None:
    async with opened_page(f"{chat.url}?username=Ann") as ann:
        await ann.waits_for("signed_in")
        lobby = await chat.workspace.rooms.by_slug(person_of(chat, "Ann"), LOBBY)
        for number in range(60):
            await lobby.post(person_of(chat, "Ann"), f"line {number}", f"id {number}")
        async with opened_page(f"{chat.url}?username=Bob", polling=polling) as bob:
            await bob.waits_for("message", "Ann: line 59")
            # Bob's coming is one of the fifty newest rows of the room, and no text.
            assert bob.lines == [f"Ann: line {number}" for number in range(11, 60)]
        await ann.waits_for("message", "Ann: line 59")
        assert ann.lines == [f"Ann: line {number}" for number in range(60)]


async def test_name_of_somebody_online_is_refused_and_free_again_after_them(
    chat: ChatServer, new_user: NewUser
) -> None:
    await new_user("Ann")
    for name, sentence in (
        ("ann", "ann"),
        ("x" * 33, "32"),
        ("everyone", "group"),
        ("%D0%90nn", "alphabets"),
        ("Ann%20invited%20Bob.%20Eve", "sentence"),
    ):
        assert sentence in await refusal_of(f"{chat.url}?username={name}")
    for _ in range(3):
        # A page that is loaded anew.
        async with opened_page(f"{chat.url}?username=Bob") as bob:
            assert (await bob.waits_for("signed_in"))["username"] == "Bob"
            assert names_in_lobby(chat) == ["Ann", "Bob"]
    await wait_until(lambda: names_in_lobby(chat) == ["Ann"])


async def test_client_with_a_token_comes_back_as_the_same_person(chat: ChatServer) -> None:
    url = f"{chat.url}?username=Ann"
    async with opened_page(url, {"token": None}) as page:
        token = (await page.waits_for("signed_in"))["token"]
        person = person_of(chat, "Ann")
    assert names_in_lobby(chat) == ["Ann"]
    async with opened_page(url, {"token": token}) as page:
        assert await page.waits_for("signed_in") == {
            "username": "Ann",
            "room": "lobby",
            "token": None,
        }
        assert person_of(chat, "Ann") == person
        await chat.workspace.sign_out(person)
        await wait_until(lambda: not page.client.connected)
    async with opened_page(url, {"token": token}) as page:
        await page.waits_for("signed_in")
        assert person_of(chat, "Ann") != person


async def test_rooms_are_groups_that_strangers_do_not_enter(chat: ChatServer) -> None:
    workspace = chat.workspace
    async with opened_page(f"{chat.url}?username=Ann", {"token": None}) as ann:
        await ann.waits_for("signed_in")
        owner = person_of(chat, "Ann")
        garden = await workspace.rooms.create(owner, "Garden")
        cellar = await workspace.rooms.create(owner, "Cellar", RoomKind.PRIVATE)
        attic = await workspace.rooms.create(owner, "Attic")
        await workspace.rooms.set_archived(owner, attic, archived=True)
        await cellar.post(owner, "hidden", "1")
        await garden.post(owner, "planted", "2")
        for slug in (cellar.info.slug, "nowhere"):
            refusal = await refusal_of(f"{chat.url}?username=Bob&room={slug}")
            assert refusal.startswith("There is no such room")
        # Nobody came in for a moment.
        assert names_in_lobby(chat) == ["Ann"]
        async with opened_page(f"{chat.url}?username=Bob&room=garden") as bob:
            await bob.waits_for("message", "Ann: planted")
            assert (await bob.asks("message", "watered"))["room"] == "garden"
            assert (await bob.asks("join", {"username": "Bob", "room": cellar.info.slug}))[
                "error"
            ] == ("no_such_room")
            assert (await bob.waits_for("refused"))["message"].startswith("There is no such room")
            assert (await bob.asks("message", {"text": "x", "room": cellar.info.slug}))[
                "ok"
            ] is False
            assert await bob.asks("join", "lobby") == {"ok": True, "room": "lobby"}
            assert (await bob.asks("message", "in the lobby"))["room"] == "lobby"
            await ann.waits_for("message", "Bob: in the lobby")
            assert "Bob: watered" not in ann.lines
            assert (await bob.asks("message", {"text": "again", "room": "garden"}))["ok"]
            assert (await bob.asks("leave", {"room": "lobby"}))["ok"]
            assert (await bob.asks("message", "where"))["room"] == "garden"
            assert (await ann.asks("message", "unheard"))["ok"]
            await bob.waits_for("message", "Bob: where")
            assert "Ann: unheard" not in bob.lines
            # Attic is public, and can be read.
            assert (await bob.asks("join", "attic"))["ok"]
            assert (await bob.asks("message", "late"))["error"] == "room_archived"
            await workspace.rooms.invite(owner, cellar, person_of(chat, "Bob"))
            assert (await bob.asks("join", cellar.info.slug))["ok"]
            await bob.waits_for("message", "Ann: hidden")
            await workspace.rooms.remove(owner, cellar, person_of(chat, "Bob"))
            await cellar.post(owner, "secret", "3")
            await wait_until(lambda: bob.received("refused")[-1].get("room") == cellar.info.slug)
            assert (await bob.asks("message", {"text": "x", "room": cellar.info.slug}))[
                "ok"
            ] is False
            assert "Ann: secret" not in bob.lines
            assert (await bob.asks("leave", cellar.info.slug))["error"] == "no_such_room"


async def test_changes_and_deletions_are_events_of_their_own(chat: ChatServer) -> None:
    async with (
        opened_page(f"{chat.url}?username=Ann") as ann,
        opened_page(f"{chat.url}?username=Bob") as bob,
    ):
        number = (await ann.asks("message", "frist"))["number"]
        author = person_of(chat, "Ann")
        lobby = await chat.workspace.rooms.by_slug(author, LOBBY)
        await lobby.react(author, number, "🎉")
        await lobby.edit(author, number, "first")
        await lobby.pin(author, number, pinned=True)
        await lobby.delete(author, number)
        where = {"room": "lobby", "number": number}
        await bob.waits_for("message_deleted", where)
        changed = [{**where, "username": "Ann", "text": "first"}]
        assert bob.received("message_changed") == changed
        assert bob.lines == ["Ann: frist"]
        async with opened_page(f"{chat.url}?username=Cid") as cid:
            await cid.asks("message", "hi")
            await cid.waits_for("message", "Cid: hi")
            assert cid.lines == ["Cid: hi"]


async def test_message_that_is_written_piece_by_piece_comes_once(chat: ChatServer) -> None:
    async with opened_page(f"{chat.url}?username=Ann") as ann:
        await ann.waits_for("signed_in")
        author = person_of(chat, "Ann")
        lobby = await chat.workspace.rooms.by_slug(author, LOBBY)
        message = await lobby.begin_stream(author, "", "1")
        for text in ("b", "bu", "build"):
            await lobby.write_stream(author, message.number, text)
        await lobby.end_stream(author, message.number, "build done")
        await ann.waits_for("message", "Ann: build done")
        assert [name for name, _ in ann.events] == ["signed_in", "message", "new_message"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "bad_text"),
        ("x" * 20_000, "bad_text"),
        (None, "bad_field"),
        (5, "bad_field"),
        ({"message": "x"}, "bad_field"),
        ({"text": ["x"]}, "bad_field"),
        ({"text": "x", "room": 5}, "no_such_room"),
    ],
)
async def test_bad_data_is_refused_with_a_code_and_a_sentence(
    chat: ChatServer, data: object, code: str
) -> None:
    async with (
        opened_page(f"{chat.url}?username=Ann") as ann,
        opened_page(f"{chat.url}?username=Bob"),
    ):
        answer = await ann.asks("message", data)
        assert (answer["ok"], answer["error"]) == (False, code)
        assert len(answer["message"]) > 10
        assert await ann.waits_for("refused") == answer
        assert (await ann.asks("message", "still here"))["ok"]


async def test_client_that_writes_too_fast_is_told_to_wait(chat: ChatServer) -> None:
    async with opened_page(f"{chat.url}?username=Ann") as ann:
        answers = [await ann.asks("message", f"{n}") for n in range(25)]
        assert [each["ok"] for each in answers[:20]] == [True] * 20
        assert answers[-1]["error"] == "slow_down"


async def test_foreign_pages_are_refused_and_named_origins_are_let_in(chat: ChatServer) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    allowed = {"origin": "http://localhost:3000"}
    answer = await request(chat, path, **allowed)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert (await request(chat, path)).status_code == 200
    assert (await request(chat, path, origin=chat.url)).status_code == 200
    for headers in (
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:3001"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ):
        answer = await request(chat, path, **headers)
        assert answer.status_code == 403, headers
        assert "access-control-allow-origin" not in answer.headers
    assert (await request(chat, path, host="evil.example")).status_code == 421
    assert (await request(chat, f"{path}&j=0")).status_code == 400
    assert await refusal_of(chat.url, headers={"origin": "http://evil.example"}) == ""


async def test_large_frames_and_binary_data_end_or_are_ignored(chat: ChatServer) -> None:
    async with (
        opened_page(f"{chat.url}?username=Ann") as ann,
        opened_page(f"{chat.url}?username=Bob") as bob,
    ):
        await ann.client.emit("message", "x" * transport.MAX_FRAME_BYTES)
        await wait_until(lambda: not ann.client.connected)
        await bob.client.emit("message", b"binary")
        assert (await bob.asks("message", "text"))["ok"]
    assert (await request(chat, "/healthz")).status_code == 200


async def test_connections_beyond_the_limit_are_refused(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert transport.CONNECTION_LIMIT == 200
    monkeypatch.setattr(transport, "CONNECTION_LIMIT", 2)
    async with (
        opened_page(f"{chat.url}?username=Ann") as ann,
        opened_page(f"{chat.url}?username=Bob"),
    ):
        path = "/socket.io/?EIO=4&transport=polling"
        assert (await request(chat, path)).status_code == 503
        await ann.leaves()
        await wait_until(lambda: names_in_lobby(chat) == ["Bob"])
        async with opened_page(f"{chat.url}?username=Cid") as cid:
            await cid.waits_for("signed_in")


async def test_one_address_does_not_connect_without_a_pause(
    chat: ChatServer,
) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    codes = [(await request(chat, path)).status_code for _ in range(transport.CONNECT_BURST + 5)]
    assert codes[:60] == [200] * 60
    assert 429 in codes[60:]


async def test_client_that_says_nothing_is_disconnected(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert transport.CONNECT_SECONDS <= 10
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.2)
    path = "/socket.io/?EIO=4&transport=polling"
    opened = await request(chat, path)
    client_id = json.loads(opened.text[1:])["sid"]
    # The request that waits for events ends with the connection.
    assert (await request(chat, f"{path}&sid={client_id}")).status_code == 200
    assert (await request(chat, f"{path}&sid={client_id}")).status_code == 400


async def test_client_that_does_not_read_is_disconnected(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert transport.WAITING_LIMIT == 400
    path = f"{chat.url}/socket.io/?EIO=4&transport=polling&username=Ann"
    async with http_client() as http, opened_page(f"{chat.url}?username=Bob") as bob:
        client_id = json.loads((await http.get(path)).text[1:])["sid"]
        await http.post(f"{path}&sid={client_id}", content="40")
        await wait_until(lambda: names_in_lobby(chat) == ["Ann", "Bob"])
        author = person_of(chat, "Bob")
        lobby = await chat.workspace.rooms.by_slug(author, LOBBY)
        for number in range(transport.WAITING_LIMIT // 2 + 1):
            await lobby.post(author, f"{number}", f"{number}")
        await wait_until(lambda: names_in_lobby(chat) == ["Bob"])
        assert len(bob.lines) == transport.WAITING_LIMIT // 2 + 1


async def test_chat_that_stops_signs_guests_out_and_does_not_wait(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    page, polling = SocketIOPage(), SocketIOPage()
    async with running_chat(folder, socketio=True) as chat:
        await page.connects(f"{chat.url}?username=Ann", {"token": None})
        await polling.connects(f"{chat.url}?username=Bob", polling=True)
        token = (await page.waits_for("signed_in"))["token"]
        await polling.waits_for("signed_in")
        started = time.monotonic()
    assert time.monotonic() - started < 3
    for each in (page, polling):
        await wait_until(lambda each=each: not each.client.connected)  # type: ignore[misc]
        await each.leaves()
    async with (
        running_chat(folder, socketio=True) as chat,
        opened_page(chat.url, {"token": token}) as page,
    ):
        assert (await page.waits_for("signed_in"))["username"] == "Ann"
        assert names_in_lobby(chat) == ["Ann"]


async def test_socketio_is_off_unless_the_owner_wants_it(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder) as chat:
        assert (await request(chat, "/socket.io/?EIO=4&transport=polling")).text[:1] != "0"
        assert await refusal_of(chat.url) == ""


async def test_missing_extra_is_named_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.server.app.find_spec", lambda name: None)
    settings = Settings(web=True, port=0, data=tmp_path, socketio=True)
    with pytest.raises(CannotStart, match="pip install python-socketio"):
        await ChatServer(settings, Environment(has_screen=False)).run()


async def test_web_socket_that_does_not_read_is_disconnected(chat: ChatServer) -> None:
    port = int(chat.url.rsplit(":", 1)[1])
    path = "/socket.io/?EIO=4&transport=websocket&username=Ann"
    async with opened_page(f"{chat.url}?username=Bob") as bob:
        # Its buffer takes 128 KiB. Then it reads nothing more.
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(handshake_request(port).replace(b"GET /ws ", f"GET {path} ".encode()))
        await reader.readuntil(b"\r\n\r\n")
        # A text frame that asks for the connection of Socket.IO.
        writer.write(b"\x81\x82\0\0\0\x0040")
        await wait_until(lambda: names_in_lobby(chat) == ["Ann", "Bob"])
        author = person_of(chat, "Bob")
        lobby = await chat.workspace.rooms.by_slug(author, LOBBY)
        for number in range(1000):
            await lobby.post(author, "long " * 1900, f"{number}")
            if names_in_lobby(chat) == ["Bob"]:
                break
        await wait_until(lambda: names_in_lobby(chat) == ["Bob"])
        # What it has not read is dropped, and the connection with it.
        async with asyncio.timeout(10):
            assert len(await reader.read()) < 8_000_000
        writer.close()
        assert (await bob.asks("message", "still here"))["ok"]
