"""`PUT /words`: who may send a body, how large it may be, and how many at once."""

import asyncio
import json
from contextlib import closing

import httpx
import pytest

from chat.rooms.drafts import DRAFT_LIMIT
from chat.server.app import ChatServer
from chat.web.http.drafts import MAX_BODIES, MAX_BODY_BYTES
from chat.web.http.timeouts import REQUEST_TIMEOUT
from tests.conftest import NewUser
from tests.harness.http import http_client
from tests.harness.user import ChatUser


def request_head(chat: ChatServer, length: str, cookie: str = "") -> bytes:
    """The head of a request; `length` is the header that announces the body."""
    host = chat.url.removeprefix("http://")
    lines = ["PUT /words HTTP/1.1", f"Host: {host}", length, f"Cookie: {cookie}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def cookie_of(person: ChatUser) -> str:
    """The cookies of a person's browser, as it sends them."""
    return "; ".join(f"{name}={value}" for name, value in person.cookies.items())


async def connect(chat: ChatServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the chat."""
    return await asyncio.open_connection("127.0.0.1", int(chat.url.rsplit(":", 1)[1]))


async def put(chat: ChatServer, person: ChatUser, content: bytes) -> httpx.Response:
    """Send a body."""
    async with http_client(cookies=person.cookies) as http:
        return await http.put(chat.url + "/words", content=content)


def body(text: str, path: str = "/") -> bytes:
    """A body with the most escapes."""
    return json.dumps({"path": path, "text": text}).encode()


@pytest.mark.parametrize("cookie", ["", "flet_chat=x", "flet_chat_0=; flet_chat=%00"])
@pytest.mark.parametrize(
    "length", ["Content-Length: 1900000", "Content-Length: 9", "Transfer-Encoding: chunked"]
)
async def test_stranger_is_refused_before_the_body(
    chat: ChatServer, length: str, cookie: str
) -> None:
    reader, writer = await connect(chat)
    with closing(writer):
        writer.write(request_head(chat, length, cookie))
        async with asyncio.timeout(5):
            answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("x" * DRAFT_LIMIT, 200),
        ("\x01" * DRAFT_LIMIT, 200),
        ("你" * DRAFT_LIMIT, 200),
        ("x" * (DRAFT_LIMIT + 1), 422),
        ("\x01" * (MAX_BODY_BYTES // 6), 413),
    ],
    ids=["letters", "escapes", "chinese", "too long", "too large"],
)
async def test_longest_draft_is_stored_in_any_encoding(
    chat: ChatServer, new_user: NewUser, text: str, status: int
) -> None:
    ann = await new_user("Ann")
    assert (await put(chat, ann, body(text))).status_code == status


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"\xff", 422), (b"", 422), (b"[]", 422), (b'{"text": "x"}', 422), (b"{" * 999, 422)],
)
async def test_body_that_is_no_draft_is_refused(
    chat: ChatServer, new_user: NewUser, content: bytes, status: int
) -> None:
    assert (await put(chat, await new_user("Ann"), content)).status_code == status


@pytest.mark.parametrize(
    "path", ["/room/nowhere", "/dm/Nobody", "/room/" + "x" * 150], ids=["room", "dm", "long"]
)
async def test_draft_for_an_unknown_room_is_that_of_the_lobby(
    chat: ChatServer, new_user: NewUser, path: str
) -> None:
    ann = await new_user("Ann")
    assert (await put(chat, ann, body("hello", path))).json()["text"] == "hello"
    await ann.reloads("/")
    await ann.composer.waits_for_text("hello")


@pytest.mark.parametrize("announced", [MAX_BODY_BYTES + 1, 10**12])
async def test_large_body_is_refused_by_its_length(
    chat: ChatServer, new_user: NewUser, announced: int
) -> None:
    ann = await new_user("Ann")
    reader, writer = await connect(chat)
    with closing(writer):
        writer.write(request_head(chat, f"Content-Length: {announced}", cookie_of(ann)))
        async with asyncio.timeout(5):
            assert (await reader.read()).startswith(b"HTTP/1.1 413 ")


async def test_unfinished_bodies_of_one_person_hold_one_place(
    chat: ChatServer, new_user: NewUser
) -> None:
    """Somebody else's draft is stored meanwhile."""
    ann, bob = await new_user("Ann"), await new_user("Bob")
    connections = [await connect(chat) for _ in range(3 * MAX_BODIES)]
    for _, writer in connections:
        writer.write(request_head(chat, "Content-Length: 1000000", cookie_of(ann)) + b"x" * 200_000)
    async with asyncio.timeout(REQUEST_TIMEOUT / 2):
        assert (await put(chat, bob, body("kept"))).status_code == 200
    for _, writer in connections:
        writer.close()
    await bob.disconnects()
    await bob.opens()
    await bob.until(lambda: bob.composer.text == "kept")


async def test_people_who_come_back_at_once_all_keep_their_drafts(
    chat: ChatServer, new_user: NewUser
) -> None:
    people = [await new_user(f"P{n}") for n in range(MAX_BODIES + 2)]
    answers = await asyncio.gather(*(put(chat, each, body("kept" * 20_000)) for each in people))
    assert {each.status_code for each in answers} == {200}
