"""Socket.IO: the client from npm, as the pages of JavaScript tutorials use it."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.server.app import ChatServer
from tests.conftest import NewUser, running_chat
from tests.harness.domain import create_empty_database

pytestmark = pytest.mark.usefixtures("no_sessions")

SCRIPT = Path(__file__).parents[1] / "harness" / "socketio_client.js"


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with socket.io-client; without node or npm's registry the tests are skipped."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node or npm is missing")
    folder = tmp_path_factory.mktemp("node")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "socket.io-client@4"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        pytest.skip(f"npm could not install socket.io-client: {failure}")
    return folder


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A chat with Socket.IO."""
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder, socketio=True) as chat:
        yield chat


async def lines_of_page(folder: Path, url: str, event: str, text: str, count: int) -> list[str]:
    """What a page shows that emits one text, until it has shown so many."""
    arguments = ["node", str(SCRIPT), str(folder), url, event, text, str(count)]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    return output.decode().splitlines()


async def test_pages_of_the_tutorials_work_with_another_address(
    chat: ChatServer, new_user: NewUser, node_folder: Path
) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("welcome")
    await ann.timeline.waits_for_message("welcome")
    lines = await lines_of_page(node_folder, chat.url, "message", "hello", 2)
    assert lines == ["Ann: welcome", "Guest: hello"]
    await ann.timeline.waits_for_message("hello")
    url = f"{chat.url}/?username=Bob"
    lines = await lines_of_page(node_folder, url, "new_message", "hi all", 3)
    assert lines == ["Ann: welcome", "Guest: hello", "Bob: hi all"]
    await ann.timeline.waits_for_message("hi all")


async def test_page_is_told_why_it_is_refused(
    chat: ChatServer, new_user: NewUser, node_folder: Path
) -> None:
    await new_user("Ann")
    url = f"{chat.url}/?username=Ann"
    (line,) = await lines_of_page(node_folder, url, "message", "hello", 1)
    assert line.startswith("refused: ")
    assert "Ann" in line
