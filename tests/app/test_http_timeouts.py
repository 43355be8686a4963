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

REQUEST_HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WHOLE_REQUEST = REQUEST_HEAD + b"\r\n"
HALF_DRAFT_REQUEST = (
    b"PUT /words HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500\r\n\r\n{"path": "'
)
NOT_ALLOWED_REQUEST = HALF_DRAFT_REQUEST.replace(b"PUT /words", b"POST /")

Dialogue = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, object]]


@pytest.fixture(params=["what uvicorn found", "h11"], autouse=True)
def short_timeouts(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Both of uvicorn's ways to read HTTP, and little time."""
    assert timeouts.REQUEST_TIMEOUT <= 10
    if request.param == "h11":
        monkeypatch.setattr(auto, "AutoHTTPProtocol", H11Protocol)
    importlib.reload(timeouts)
    monkeypatch.setattr(app, "TimeoutHttpProtocol", timeouts.TimeoutHttpProtocol)
    monkeypatch.setattr(timeouts, "REQUEST_TIMEOUT", 0.4)
    monkeypatch.setattr(timeouts, "RESPONSE_TIMEOUT", 0.4)
    yield
    monkeypatch.undo()
    importlib.reload(timeouts)


async def seconds_until_closed(chat: ChatServer, talk: Dialogue) -> float:
    """How long the server keeps a connection on which this is said, in seconds."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(chat), limit=4096)
    with closing(writer):
        talking = asyncio.create_task(talk(reader, writer))
        await wait_until(lambda: is_connection_open(chat, writer))
        await wait_until(lambda: not is_connection_open(chat, writer), 10)
        talking.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await talking
        return loop.time() - begun


def port_of(chat: ChatServer) -> int:
    """Where it listens."""
    return int(chat.url.rsplit(":", 1)[1])


def is_connection_open(chat: ChatServer, writer: asyncio.StreamWriter) -> bool:
    """Whether the server holds its end of a connection."""
    own = writer.get_extra_info("sockname")
    return any(getattr(each, "client", None) == own for each in chat.connections)


async def read_response(reader: asyncio.StreamReader) -> int:
    """Read one whole answer; how many bytes it has."""
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    return len(await reader.readexactly(length))


def sends_then_waits(*words: bytes) -> Dialogue:
    """Somebody who sends this, reading what is answered, and then keeps still."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for each in words:
            writer.write(each)
            if each is WHOLE_REQUEST:
                await read_response(reader)

    return talk


async def sends_byte_by_byte(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte after the other, so that something is always on its way."""
    writer.write(REQUEST_HEAD + b"X: ")
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.05)


async def reads_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Asks for more than all buffers hold, and does not read it."""
    writer.write(WHOLE_REQUEST.replace(b"/healthz", b"/main.dart.wasm") * 20)
    await asyncio.sleep(60)


async def test_incomplete_or_idle_http_connections_time_out(chat: ChatServer) -> None:
    kinds: dict[str, Dialogue] = {
        "nothing": sends_then_waits(),
        "a byte": sends_then_waits(b"G"),
        "half a head": sends_then_waits(REQUEST_HEAD),
        "half a body": sends_then_waits(HALF_DRAFT_REQUEST),
        "half a body that is answered": sends_then_waits(NOT_ALLOWED_REQUEST),
        "a byte after an answer": sends_then_waits(WHOLE_REQUEST, b"G"),
        "half a head after two answers": sends_then_waits(
            WHOLE_REQUEST, WHOLE_REQUEST, REQUEST_HEAD
        ),
        "half a head together with a request": sends_then_waits(WHOLE_REQUEST + REQUEST_HEAD),
        "byte after byte": sends_byte_by_byte,
        "takes nothing": reads_nothing,
    }
    times = await asyncio.gather(*(seconds_until_closed(chat, talk) for talk in kinds.values()))
    for kind, seconds in zip(kinds, times, strict=True):
        assert 0.3 < seconds < 3, kind


@pytest.mark.parametrize(
    "head", [REQUEST_HEAD + b"X: ", HALF_DRAFT_REQUEST.replace(b"500", b"99000000")]
)
async def test_endless_request_is_closed(
    chat: ChatServer, head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "REQUEST_TIMEOUT", 60)

    async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    assert await seconds_until_closed(chat, floods) < 5


async def test_keep_alive_requests_in_time_are_not_timed_out(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(chat))
    with closing(writer):
        for half in (REQUEST_HEAD, b"\r\n") * 4:
            await asyncio.sleep(0.15)
            writer.write(half)
            if half == b"\r\n":
                await read_response(reader)
    # A web socket is the socket's own business.
    await ann.composer.posts("still here")


async def test_response_may_take_longer_than_the_request_timeout(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "RESPONSE_TIMEOUT", 30)
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(chat), limit=4096)
    with closing(writer):
        writer.write(WHOLE_REQUEST.replace(b"/healthz", b"/main.dart.wasm"))
        await asyncio.sleep(0.8)
        assert await read_response(reader) > 1_000_000
