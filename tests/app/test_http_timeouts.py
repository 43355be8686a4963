"""Patience: who opens a connection and never says what they want does not keep it."""

import asyncio
import contextlib
import importlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from typing import Any

import pytest
from uvicorn.protocols.http import auto
from uvicorn.protocols.http.h11_impl import H11Protocol

from chat.server import app
from chat.server.app import ChatServer
from chat.web.http import timeouts
from tests.conftest import NewUser
from tests.harness.waiting import wait_until

HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WHOLE = HEAD + b"\r\n"
HALF_WORDS = (
    b"PUT /words HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500\r\n\r\n{"path": "'
)
NOT_ALLOWED = HALF_WORDS.replace(b"PUT /words", b"POST /")

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, object]]


@pytest.fixture(params=["what uvicorn found", "h11"], autouse=True)
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both of uvicorn's ways to read HTTP, and little time."""
    assert timeouts.REQUEST_TIMEOUT <= 10
    if request.param == "h11":
        monkeypatch.setattr(auto, "AutoHTTPProtocol", H11Protocol)
    importlib.reload(timeouts)
    monkeypatch.setattr(app, "Patient", timeouts.TimeoutHttpProtocol)
    monkeypatch.setattr(timeouts, "REQUEST_TIMEOUT", 0.4)
    monkeypatch.setattr(timeouts, "RESPONSE_TIMEOUT", 0.4)
    yield
    monkeypatch.undo()
    importlib.reload(timeouts)


async def ends(chat: ChatServer, talk: Talk) -> float:
    """How long the server keeps a connection on which this is said, in seconds."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(chat), limit=4096)
    with closing(writer):
        talking = asyncio.create_task(talk(reader, writer))
        await wait_until(lambda: is_kept(chat, writer))
        await wait_until(lambda: not is_kept(chat, writer), 10)
        talking.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await talking
        return loop.time() - begun


def port_of(chat: ChatServer) -> int:
    """Where it listens."""
    return int(chat.url.rsplit(":", 1)[1])


def is_kept(chat: ChatServer, writer: asyncio.StreamWriter) -> bool:
    """Whether the server holds its end of a connection."""
    assert chat._server is not None
    own = writer.get_extra_info("sockname")
    held = chat._server.server_state.connections
    return any(getattr(each, "client", None) == own for each in held)


async def answer_to(reader: asyncio.StreamReader) -> int:
    """Read one whole answer; how many bytes it has."""
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    return len(await reader.readexactly(length))


def says(*words: bytes) -> Talk:
    """Somebody who sends this, reading what is answered, and then keeps still."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for each in words:
            writer.write(each)
            if each is WHOLE:
                await answer_to(reader)

    return talk


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte after the other, so that something is always on its way."""
    writer.write(HEAD + b"X: ")
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.05)


async def takes_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Asks for more than all buffers hold, and does not read it."""
    writer.write(WHOLE.replace(b"/healthz", b"/main.dart.wasm") * 20)
    await asyncio.sleep(60)


async def test_who_keeps_the_server_waiting_is_let_go_of(chat: ChatServer) -> None:
    kinds: dict[str, Talk] = {
        "nothing": says(),
        "a byte": says(b"G"),
        "half a head": says(HEAD),
        "half a body": says(HALF_WORDS),
        "half a body that is answered": says(NOT_ALLOWED),
        "a byte after an answer": says(WHOLE, b"G"),
        "half a head after two answers": says(WHOLE, WHOLE, HEAD),
        "half a head together with a request": says(WHOLE + HEAD),
        "byte after byte": drips,
        "takes nothing": takes_nothing,
    }
    times = await asyncio.gather(*(ends(chat, talk) for talk in kinds.values()))
    for kind, seconds in zip(kinds, times, strict=True):
        assert 0.3 < seconds < 3, kind


@pytest.mark.parametrize("head", [HEAD + b"X: ", HALF_WORDS.replace(b"500", b"99000000")])
async def test_a_request_without_end_is_not_kept(
    chat: ChatServer, head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "REQUEST_TIMEOUT", 60)

    async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    assert await ends(chat, floods) < 5


async def test_who_asks_and_takes_in_time_is_served_for_as_long_as_they_like(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(chat))
    with closing(writer):
        for half in (HEAD, b"\r\n") * 4:
            await asyncio.sleep(0.15)
            writer.write(half)
            if half == b"\r\n":
                await answer_to(reader)
    # A web socket is the socket's own business.
    await ann.posts("still here")


async def test_an_answer_may_take_longer_than_a_request(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "RESPONSE_TIMEOUT", 30)
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(chat), limit=4096)
    with closing(writer):
        writer.write(WHOLE.replace(b"/healthz", b"/main.dart.wasm"))
        await asyncio.sleep(0.8)
        assert await answer_to(reader) > 1_000_000
