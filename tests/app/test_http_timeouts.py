"""HTTP timeouts: the server closes connections that are idle, slow or endless."""

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


@pytest.fixture(params=["default parser", "h11"], autouse=True)
def short_timeouts(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Both HTTP parsers of uvicorn, with short timeouts."""
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


async def seconds_until_closed(chat: ChatServer, dialogue: Dialogue) -> float:
    """The time until the server closes a connection with this dialogue, in seconds."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(chat), limit=4096)
    with closing(writer):
        dialogue_task = asyncio.create_task(dialogue(reader, writer))
        await wait_until(lambda: is_connection_open(chat, writer))
        await wait_until(lambda: not is_connection_open(chat, writer), 10)
        dialogue_task.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await dialogue_task
        return loop.time() - started


def port_of(chat: ChatServer) -> int:
    """The port on which the chat listens."""
    return int(chat.url.rsplit(":", 1)[1])


def is_connection_open(chat: ChatServer, writer: asyncio.StreamWriter) -> bool:
    """Whether the server has the connection of this writer open."""
    client_address = writer.get_extra_info("sockname")
    return any(getattr(each, "client", None) == client_address for each in chat.connections)


async def read_response(reader: asyncio.StreamReader) -> int:
    """Read one whole response; returns the length of its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    return len(await reader.readexactly(length))


def sends_then_waits(*requests: bytes) -> Dialogue:
    """A client that sends these, reads the response to each whole request, and then waits."""

    async def dialogue(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for each in requests:
            writer.write(each)
            if each is WHOLE_REQUEST:
                await read_response(reader)

    return dialogue


async def sends_byte_by_byte(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A client that sends an endless header, byte by byte."""
    writer.write(REQUEST_HEAD + b"X: ")
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.05)


async def reads_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A client that requests more than all buffers hold, and reads nothing."""
    writer.write(WHOLE_REQUEST.replace(b"/healthz", b"/main.dart.wasm") * 20)
    await asyncio.sleep(60)


async def test_incomplete_or_idle_http_connections_time_out(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    cookies = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())
    half_draft = HALF_DRAFT_REQUEST.replace(b"Host:", f"Cookie: {cookies}\r\nHost:".encode())
    dialogues: dict[str, Dialogue] = {
        "nothing": sends_then_waits(),
        "a byte": sends_then_waits(b"G"),
        "half a head": sends_then_waits(REQUEST_HEAD),
        "half a body": sends_then_waits(half_draft),
        "half a body of a refused method": sends_then_waits(NOT_ALLOWED_REQUEST),
        "a byte after an answer": sends_then_waits(WHOLE_REQUEST, b"G"),
        "half a head after two answers": sends_then_waits(
            WHOLE_REQUEST, WHOLE_REQUEST, REQUEST_HEAD
        ),
        "half a head together with a request": sends_then_waits(WHOLE_REQUEST + REQUEST_HEAD),
        "byte after byte": sends_byte_by_byte,
        "reads nothing": reads_nothing,
    }
    times = await asyncio.gather(
        *(seconds_until_closed(chat, dialogue) for dialogue in dialogues.values())
    )
    for name, seconds in zip(dialogues, times, strict=True):
        assert 0.3 < seconds < 3, name


@pytest.mark.parametrize(
    "head", [REQUEST_HEAD + b"X: ", HALF_DRAFT_REQUEST.replace(b"500", b"99000000")]
)
async def test_endless_request_is_closed(
    chat: ChatServer, head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "REQUEST_TIMEOUT", 60)

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    assert await seconds_until_closed(chat, flood) < 5


async def test_keep_alive_requests_in_time_are_not_timed_out(
    chat: ChatServer, new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each request takes well under this time, also on a busy machine, and all of them longer.
    monkeypatch.setattr(timeouts, "REQUEST_TIMEOUT", 2.5)
    ann = await new_user("Ann")
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(chat))
    with closing(writer):
        for half in (REQUEST_HEAD, b"\r\n") * 4:
            await asyncio.sleep(0.35)
            writer.write(half)
            if half == b"\r\n":
                await read_response(reader)
    # The timeouts do not apply to the web socket of a session.
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
