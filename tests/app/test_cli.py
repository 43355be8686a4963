"""The command line: one line for each refusal, a clean end, and a log without message texts."""

import asyncio
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from chat.model.site import SiteInfo
from chat.server import network
from chat.server.app import bind
from chat.server.settings import Environment, Settings
from chat.ui.joining.invite_dialog import qr_png
from tests.harness.process import ROOT, ServerProcess
from tests.harness.user import ChatUser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """The command with an empty data folder, not started yet."""
    server = ServerProcess(tmp_path / "data", "--web", "--no-browser")
    yield server
    server.kill_if_running()


def refusal_line(*flags: str) -> str:
    """Run the command with flags that it refuses; returns its one line on stderr."""
    result = subprocess.run(
        [sys.executable, "-m", "chat", "--web", "--no-browser", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


def test_ready_line_is_printed_when_the_server_answers(server: ServerProcess) -> None:
    server.start()
    response = httpx.get(server.address + "/healthz", trust_env=False)
    assert response.json()["status"] == "ok"
    assert server.stop() == 0
    ready_line, owner_line = server.output_lines
    assert ready_line == f"Flet Chat is ready at {server.address}"
    link = rf"Whoever opens {re.escape(server.address)}/chat\?owner=[\w-]{{43}} owns this chat; "
    assert re.match(link, owner_line)


def test_taken_port_error_names_the_port_and_the_flag(
    server: ServerProcess, tmp_path: Path
) -> None:
    server.start()
    line = refusal_line(f"--port={server.port}", f"--data={tmp_path / 'other'}")
    assert str(server.port) in line
    assert "--port" in line


def test_second_process_on_the_same_data_folder_is_refused(server: ServerProcess) -> None:
    server.start()
    line = refusal_line("--port=0", f"--data={server.data_folder}")
    assert str(server.data_folder) in line
    assert "--data" in line


def reset_owner(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `flet-chat reset-owner` for a data folder."""
    return subprocess.run(
        [sys.executable, "-m", "chat", "reset-owner", f"--data={folder}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_reset_owner_prints_a_link_while_the_chat_is_off(
    server: ServerProcess, tmp_path: Path
) -> None:
    nowhere = reset_owner(tmp_path / "nowhere")
    assert (nowhere.returncode, len(nowhere.stderr.splitlines())) == (2, 1)
    assert not (tmp_path / "nowhere").exists()
    server.start()
    running = reset_owner(server.data_folder)
    assert (running.returncode, running.stdout) == (2, "")
    assert "Stop it first" in running.stderr
    assert server.stop() == 0
    printed = reset_owner(server.data_folder)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert re.search(r"open http://localhost:\d+/chat\?owner=[\w-]{43} and sign in", printed.stdout)


def test_damaged_database_prints_one_line_and_is_not_changed(tmp_path: Path) -> None:
    database = tmp_path / "chat.db"
    database.write_bytes(b"not a database at all" * 500)
    before = database.read_bytes()
    assert str(database) in refusal_line("--port=0", f"--data={tmp_path}")
    assert database.read_bytes() == before


def test_data_folder_that_is_a_file_prints_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "--data" in refusal_line("--port=0", f"--data={tmp_path / 'file'}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_server_cleanly_with_clients_connected(
    server: ServerProcess, number: signal.Signals
) -> None:
    server.start()

    async def stop_with_clients() -> int:
        people = [ChatUser(server.address) for _ in range(10)]
        for n, person in enumerate(people):
            await person.opens_as(f"P{n}")
        silent = socket.create_connection(("127.0.0.1", server.port))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        started = time.monotonic()
        code = await asyncio.to_thread(server.stop, number)
        assert time.monotonic() - started < 30
        for person in people:
            await person.disconnects()
        writer.close()
        silent.close()
        assert reader is not None
        return code

    assert asyncio.run(stop_with_clients()) == 0


def test_log_holds_no_message_text_and_no_token(server: ServerProcess) -> None:
    server.start()

    async def post_secrets() -> ChatUser:
        ann = ChatUser(server.address)
        await ann.opens_as("Ann")
        await ann.timeline.waits_for_message("Ann has joined the chat.")
        await ann.composer.posts("a secret between friends")
        await ann.composer.types("half a secret")
        await ann.disconnects()
        return ann

    ann = asyncio.run(post_secrets())
    assert server.stop() == 0
    log = (server.data_folder / "chat.log").read_text()
    assert "signed in" in log
    for private_text in ("secret", "half", ann.token):
        assert private_text not in log


def test_log_of_a_failed_write_holds_no_message_text(server: ServerProcess) -> None:
    server.start()

    async def post_secrets() -> None:
        ann = ChatUser(server.address)
        await ann.opens_as("Ann")
        await ann.until(lambda: ann.timeline.texts)
        # The triggers fail as a full disk does: the database refuses the write.
        with closing(sqlite3.connect(server.data_folder / "chat.db")) as database, database:
            for table in ("message", "words"):
                database.execute(
                    f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'no room for it'); END"
                )
        await ann.composer.types("a secret between friends")
        await ann.composer.sends()
        await ann.until(lambda: ann.sees_partial("could not be stored"))
        assert ann.composer.text == "a secret between friends"
        await ann.disconnects()

    asyncio.run(post_secrets())
    assert server.stop() == 0
    log = (server.data_folder / "chat.log").read_text()
    for table in ("message", "words"):
        assert f"INSERT INTO {table} " in log
    assert "IntegrityError: no room for it" in log
    for text in (log, "\n".join(server.output_lines)):
        assert "this was not stored" in text
        assert "secret" not in text


def test_log_of_a_failed_callback_holds_no_arguments(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from chat.server.logs import set_up_logs\n"
        "def fail(text): raise RuntimeError('failed')\n"
        "async def main():\n"
        "    loop = asyncio.get_running_loop()\n"
        "    loop.call_soon(fail, 'a secret')\n"
        "    future = loop.create_future()\n"
        "    future.set_result('a secret')\n"
        "    loop.call_exception_handler({'message': 'odd (but so)', 'future': future})\n"
        "    await asyncio.sleep(0)\n"
        f"set_up_logs(Path({str(tmp_path)!r}))\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", script]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=30)
    log = (tmp_path / "chat.log").read_text()
    assert "RuntimeError: failed" in log
    assert "Exception in callback fail" in log
    assert "odd (but so)" in log
    assert "secret" not in log


def test_terminal_invitation_has_an_address_and_a_qr_code() -> None:
    invitation = SiteInfo("Flet Chat", "http://192.0.2.7:8550", reachable=True)
    output = network.format_for_terminal(invitation)
    assert invitation.url in output
    assert len(output.splitlines()) > 10
    assert qr_png(invitation.url).startswith(b"\x89PNG")


def test_lan_flag_prints_the_network_address(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data", "--web", "--no-browser", "--lan").start()
    try:
        assert server.stop() == 0
        output = "\n".join(server.output_lines)
        assert "Others on your network join at http://" in output or "on no network" in output
    finally:
        server.kill_if_running()


def test_listening_socket_names_tcp_so_that_nagle_is_off() -> None:
    # asyncio switches Nagle's algorithm off only where the protocol is named.
    with bind(Settings(port=0), Environment(has_screen=False)) as listening:
        assert listening.proto == socket.IPPROTO_TCP
