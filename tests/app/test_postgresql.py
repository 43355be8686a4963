"""`--database`: the chat on PostgreSQL, with its files in the data folder."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.engines import PostgresqlServer
from tests.harness.process import ROOT, ServerProcess
from tests.harness.user import ChatUser


@pytest.fixture
def address(postgresql: PostgresqlServer) -> Iterator[str]:
    """The address of a database without tables."""
    with postgresql.empty_database() as address:
        yield address


@pytest.fixture
def server(tmp_path: Path, address: str) -> Iterator[ServerProcess]:
    """The command with an empty data folder and this database, not started yet."""
    environment = {"CHAT_DATABASE": address}
    server = ServerProcess(tmp_path / "data", "--web", "--no-browser", env=environment)
    yield server
    server.kill_if_running()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command, which ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "chat", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


async def test_messages_are_in_the_database_after_a_crash(
    server: ServerProcess, address: str, tmp_path: Path
) -> None:
    server.start()
    ann = ChatUser(server.address)
    await ann.opens_as("Ann")
    await ann.composer.posts("the kettle is on")
    await ann.timeline.waits_for_message("the kettle is on")
    server.kill()
    await ann.disconnects()
    assert not list(server.data_folder.glob("chat.db*"))

    server.start()
    bob = ChatUser(server.address)
    await bob.opens_as("Bob")
    await bob.timeline.waits_for_message("the kettle is on")
    second = run("--web", "--no-browser", f"--data={tmp_path / 'other'}", f"--database={address}")
    assert (second.returncode, second.stdout) == (2, "")
    assert "Another Flet Chat is using the database" in second.stderr
    await bob.disconnects()
    assert server.stop() == 0

    link = run("reset-owner", f"--data={server.data_folder}", f"--database={address}")
    assert (link.returncode, link.stderr) == (0, "")
    assert "/chat?owner=" in link.stdout


def test_unreachable_server_is_one_line_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    address = "postgresql://ann:kettle@127.0.0.1:1/chat"
    result = run("--web", "--no-browser", "--port=0", f"--data={tmp_path}", f"--database={address}")
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert "127.0.0.1:1 cannot be reached" in line
    assert "kettle" not in line
