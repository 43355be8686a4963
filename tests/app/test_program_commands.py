"""`flet-chat post` and `flet-chat tail`: the real commands against the real server."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest

from chat.model.people import Person
from chat.programs.streams import LENGTH_LIMIT
from chat.server.app import ChatServer
from chat.server.program_commands import read_texts
from flet_chat import AsyncChat, Message
from tests.conftest import NewUser
from tests.harness.programs import Program, ann, ops, programs, workspace
from tests.harness.shell import Shell

__all__ = ["ann", "ops", "programs", "workspace"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")


@pytest.fixture
def shell(tmp_path: Path, ann: Person) -> Shell:
    """A shell on the computer of the chat, which Ann owns."""
    return Shell(tmp_path / "data")


@pytest.fixture
async def reader(chat: ChatServer, ops: Program) -> AsyncIterator[AsyncChat]:
    """Another program, which reads."""
    async with AsyncChat(chat.url, ops.secret) as reader:
        yield reader


async def newest(reader: AsyncChat) -> Message:
    """The newest message of the lobby."""
    return await anext(reader.messages("lobby"))


async def texts(reader: AsyncChat) -> list[str]:
    """The texts of the lobby, the newest first, without those of the chat itself."""
    return [each.text async for each in reader.messages("lobby") if each.kind == "text"]


async def test_post_says_a_text_or_the_standard_input(
    shell: Shell, reader: AsyncChat, new_user: NewUser
) -> None:
    bob = await new_user("Bob")
    assert await shell.runs("flet-chat post '#lobby' 'The build is green.'") == (0, "")
    await bob.until(lambda: bob.sees("The build is green."))
    assert (await newest(reader)).author.name == "script"
    assert await shell.runs("echo from a pipe | flet-chat post lobby") == (0, "")
    assert await shell.runs("flet-chat post lobby -", "typed\nlines") == (0, "")
    assert await texts(reader) == ["typed\nlines", "from a pipe", "The build is green."]


async def test_post_sends_files(shell: Shell, reader: AsyncChat) -> None:
    (shell.folder / "a b.txt").write_text("one")
    (shell.folder / "c.bin").write_bytes(b"\x00")
    line = "flet-chat post '#lobby' 'two files' --file 'a b.txt' --file c.bin"
    assert await shell.runs(line) == (0, "")
    message = await newest(reader)
    assert (message.text, [each.name for each in message.files]) == (
        "two files",
        ["a b.txt", "c.bin"],
    )
    assert await shell.runs("flet-chat post '#lobby' --file c.bin") == (0, "")
    assert (await newest(reader)).text == ""


async def test_token_and_address_are_those_of_the_flags_or_the_environment(
    chat: ChatServer, shell: Shell, ops: Program, reader: AsyncChat
) -> None:
    flags = f"--url {chat.url} --token {ops.secret}"
    assert await shell.runs(f"flet-chat post '#lobby' flags {flags}") == (0, "")
    assert (await newest(reader)).author.name == "ops"
    environment = {"FLET_CHAT_URL": chat.url, "FLET_CHAT_TOKEN": ops.secret}
    assert await shell.runs("flet-chat post '#lobby' environment", **environment) == (0, "")
    assert [each.author.name async for each in reader.messages("lobby")][:2] == ["ops", "ops"]


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("flet-chat post '#nowhere' x", 1, "flet-chat: There is no such room"),
        ("flet-chat post lobby x --data /nowhere", 1, "flet-chat: No chat runs on this computer"),
        ("flet-chat post lobby x --url chat.example", 1, "flet-chat: “chat.example” is no address"),
        ("flet-chat post lobby x --file nowhere.txt", 2, "'nowhere.txt' does not exist"),
        ("flet-chat post", 2, "Missing argument 'ROOM'"),
        ("flet-chat post lobby ''", 2, "Write a text"),
        ("flet-chat post lobby </dev/null", 2, "Write a text"),
        ("echo x | flet-chat tail '#nowhere'", 1, "flet-chat: There is no such room"),
        ("flet-chat tail", 2, "Missing argument 'ROOM'"),
    ],
)
async def test_refusal_is_one_sentence(shell: Shell, line: str, code: int, words: str) -> None:
    returned, printed = await shell.runs(line)
    assert returned == code
    assert words in printed
    assert "Traceback" not in printed
    if code == 1:
        assert printed.count("\n") == 1


async def test_tail_shows_output_while_it_comes(
    shell: Shell, reader: AsyncChat, new_user: NewUser
) -> None:
    bob = await new_user("Bob")
    process = await shell.starts("flet-chat tail '#lobby'")
    assert process.stdin is not None
    process.stdin.write(b"\x1b[32mcompiling\x1b[0m\r\n")
    await bob.until(lambda: bob.sees("compiling"))
    assert (await newest(reader)).stream_state == "streaming"
    process.stdin.write("linking Ü".encode())
    process.stdin.close()
    assert await process.wait() == 0
    message = await newest(reader)
    assert (message.text, message.stream_state) == ("```\ncompiling\nlinking Ü\n```", None)


async def test_long_output_is_one_message_and_its_writer_is_not_stopped(
    shell: Shell, reader: AsyncChat
) -> None:
    assert await shell.runs("yes | head -100000 | flet-chat tail '#lobby'") == (0, "")
    (file,) = (await newest(reader)).files
    assert await reader.download(file) == b"y\n" * 100_000
    assert len(await texts(reader)) == 1
    # Over a million characters: the message ends, but the program before it does not.
    line = "{ yes | head -600000; echo all >done; } | flet-chat tail '#lobby'"
    code, printed = await shell.runs(line)
    assert (code, printed.count("\n")) == (1, 1)
    assert printed.startswith("flet-chat: This message is as long as it can be")
    assert (shell.folder / "done").read_text() == "all\n"
    message = await newest(reader)
    assert message.stream_state is None
    assert 900_000 < message.files[0].size <= LENGTH_LIMIT


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_signal_marks_the_message_as_interrupted(
    shell: Shell, reader: AsyncChat, number: signal.Signals
) -> None:
    process = await shell.starts("exec flet-chat tail '#lobby'")
    assert process.stdin is not None
    process.stdin.write(b"almost done\n")
    await _until_written(reader, "almost done")
    os.killpg(process.pid, number)
    assert await process.wait() == 128 + number
    message = await newest(reader)
    assert (message.text, message.stream_state) == ("```\nalmost done\n```", "interrupted")


async def test_message_of_a_killed_writer_is_interrupted(shell: Shell, reader: AsyncChat) -> None:
    process = await shell.starts("exec flet-chat tail '#lobby'")
    assert process.stdin is not None
    process.stdin.write(b"almost done\n")
    await _until_written(reader, "almost done")
    os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
    while (await newest(reader)).stream_state != "interrupted":  # noqa: ASYNC110
        await asyncio.sleep(1)
    assert "almost done" in (await newest(reader)).text


async def _until_written(reader: AsyncChat, words: str) -> None:
    while words not in (await newest(reader)).text:  # noqa: ASYNC110
        await asyncio.sleep(0.5)


class Pieces(BytesIO):
    """A stream that returns a few bytes at a time."""

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(1)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("plain\nlines\n", "plain\nlines\n"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[1;32mgreen\x1b[0m \x1b[2K\x1b[1Gdone", "green done"),
        ("\x1b]0;title\x07after \x1b]8;;https://x.example\x1b\\link", "after link"),
        ("Ünïcödé 😀", "Ünïcödé 😀"),
        ("ends in \x1b[", "ends in \x1b["),
    ],
)
def test_codes_of_a_terminal_are_left_out_wherever_they_are_cut(printed: str, shown: str) -> None:
    for stream in (BytesIO(printed.encode()), Pieces(printed.encode())):
        assert "".join(read_texts(stream)) == shown
