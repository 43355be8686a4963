"""The benchmarks: their commands start, and their clients can post in a real chat."""

import asyncio
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.client_protocols import FletProtocol, PageScriptProtocol
from benchmarks.websocket_frames import handshake_request, split_frames
from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.waiting import wait_until

# Modules with a command line; the programs that they start have none.
COMMANDS = sorted(
    path.stem
    for path in (Path(__file__).parents[2] / "benchmarks").glob("*.py")
    if "ArgumentParser(" in path.read_text("utf-8")
)


@pytest.mark.parametrize("name", COMMANDS)
def test_benchmark_prints_help_under_its_module_name(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        import_module(f"benchmarks.{name}").run(["--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m benchmarks.{name} ")


async def _answer_frames(
    client: FletProtocol, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    received = b""
    while more := await reader.read(65536):
        received += more
        frames, rest = split_frames(received)
        writer.writelines(client.handle(received[start:stop]) for _, start, stop in frames)
        received = received[rest:]


@pytest.mark.parametrize("protocol_type", [PageScriptProtocol, FletProtocol])
async def test_benchmark_client_can_sign_in_and_post(
    chat: ChatServer, new_user: NewUser, protocol_type: type[FletProtocol]
) -> None:
    ann, bob = await new_user("Ann"), protocol_type("/chat?username=Bob")
    port = urlsplit(chat.url).port
    assert port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(handshake_request(port, bob.path, bob.headers(), deflate=False))
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
