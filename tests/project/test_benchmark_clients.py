"""The people of the benchmarks speak as browsers do: what they say is heard in a real chat."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from benchmarks import wire
from benchmarks.voices import FletProtocol, PageScriptProtocol
from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.waiting import wait_until


async def _answer_frames(
    voice: FletProtocol, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    received = b""
    while more := await reader.read(65536):
        received += more
        frames, rest = wire.split_frames(received)
        writer.writelines(voice.handle(received[start:stop]) for _, start, stop in frames)
        received = received[rest:]


@pytest.mark.parametrize("voice", [PageScriptProtocol, FletProtocol])
async def test_benchmark_client_can_sign_in_and_post(
    chat: ChatServer, new_user: NewUser, voice: type[FletProtocol]
) -> None:
    ann, bob = await new_user("Ann"), voice("/chat?username=Bob")
    port = urlsplit(chat.url).port
    assert port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(wire.handshake_request(port, bob.path, bob.headers(), deflate=False))
    await reader.readuntil(b"\r\n\r\n")
    writer.write(bob.opening_frames())
    answering = asyncio.create_task(_answer_frames(bob, reader, writer))
    await wait_until(lambda: bob.is_ready)
    await ann.timeline.waits_for_message("Bob has joined the chat.")
    for text in ("one", "two"):
        writer.write(bob.post_frames(text))
        await ann.timeline.waits_for_message(text)
    writer.transport.abort()
    with suppress(ConnectionError):
        await answering
