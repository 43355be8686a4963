"""The socket in the data folder: programs on this computer need no token, and nobody else gains."""

import asyncio
import socket
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from chat.model.people import Person
from chat.programs.script_bot import SCRIPT_NAME
from chat.server.app import ChatServer
from chat.server.local_socket import SOCKET_NAME
from flet_chat import AsyncChat, ChatError
from flet_chat.address import SOCKET_NAME as CLIENT_SOCKET_NAME
from tests.conftest import NewUser, running_chat
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.http import http_client
from tests.harness.process import ServerProcess
from tests.harness.programs import Program, ann, ops, programs, refusal, workspace

__all__ = ["ann", "ops", "programs", "workspace"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of `chat`."""
    return tmp_path / "data"


@asynccontextmanager
async def through(path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client that connects through a socket."""
    transport = httpx.AsyncHTTPTransport(uds=str(path))
    async with http_client(transport=transport, base_url="http://localhost") as http:
        yield http


async def test_script_posts_without_a_token_as_a_bot_of_the_owner(
    data: Path, ann: Person, new_user: NewUser
) -> None:
    bob = await new_user("Bob")
    async with AsyncChat(data=data) as script:
        posted = await script.post("#lobby", "from a script")
        await bob.until(lambda: bob.sees("from a script"))
        me = await script.me()
        assert (me.bot.name, me.bot.is_bot, me.owner and me.owner.name) == ("script", True, "Ann")
        assert (me.token.scopes, me.token.rooms) == (("react", "read", "write"), None)
        with pytest.raises(ChatError) as error:
            await script.pin(posted)
        assert error.value.code == "missing_scope"
    async with AsyncChat(data=data) as another:
        assert (await another.me()).bot == me.bot


async def test_first_uses_at_once_make_one_bot(chat: ChatServer, data: Path, ann: Person) -> None:
    async with AsyncChat(data=data) as script:
        profiles = await asyncio.gather(*(script.me() for _ in range(8)))
    assert len({each.bot.id for each in profiles}) == 1
    assert [each.name for each in chat.workspace.bots.of_person(ann)] == [SCRIPT_NAME]


async def test_bot_has_another_name_if_somebody_is_called_so(
    chat: ChatServer, data: Path, ann: Person
) -> None:
    await sign_in(chat.workspace, "Script")
    async with AsyncChat(data=data) as script:
        first = (await script.me()).bot
        assert first.name == "script 2"
        assert (await script.me()).bot == first
        await chat.workspace.bots.delete(chat.workspace.bots.require_own(ann, first.id))
        assert (await script.me()).bot.id != first.id


async def test_token_counts_through_the_socket_as_everywhere(data: Path, ops: Program) -> None:
    async with AsyncChat(token=ops.secret, data=data) as program:
        assert (await program.me()).bot.name == "ops"
    async with through(data / SOCKET_NAME) as http:
        for wrong in ("Bearer fc_wrong", "Basic YTpi", "Bearer", ""):
            answer = await http.get("/api/me", headers={"authorization": wrong})
            assert refusal(answer) == (401, "bad_token")


async def test_network_gains_nothing(chat: ChatServer, data: Path, ann: Person) -> None:
    path = str(data / SOCKET_NAME)
    pretences = [
        {},
        {"x-forwarded-for": "127.0.0.1"},
        {"x-forwarded-for": path, "x-forwarded-host": path, "x-forwarded-proto": "unix"},
        {"forwarded": f"for={path};host={path}"},
        {"host": "localhost", "x-real-ip": "127.0.0.1"},
        {"chat.from_this_computer": "1"},
    ]
    async with http_client(base_url=chat.url) as http:
        for headers in pretences:
            for call in ("/api/me", "/api/rooms"):
                assert refusal(await http.get(call, headers=headers)) == (401, "bad_token")
        assert (await http.get("/api/me", headers={"host": path})).status_code == 421
    assert chat.workspace.bots.of_person(ann) == ()


async def test_socket_serves_the_api_and_nothing_else(data: Path, ann: Person) -> None:
    async with through(data / SOCKET_NAME) as http:
        assert (await http.get("/api/openapi.json")).status_code == 200
        assert (await http.get("/api/me")).status_code == 200
        for path in ("/", "/api", "/healthz", "/first-view", "/files/x", "/sign-in", "/hooks/x"):
            for method in ("GET", "POST"):
                assert (await http.request(method, path)).status_code == 404, path
        upgrade = {
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
            "sec-websocket-version": "13",
        }
        assert (await http.get("/ws", headers=upgrade)).status_code == 403


async def test_chat_without_an_owner_says_what_to_do(chat: ChatServer, data: Path) -> None:
    async with AsyncChat(data=data) as script:
        with pytest.raises(ChatError, match="sign in first") as error:
            await script.me()
    assert error.value.code == "no_owner"


async def test_only_its_user_can_open_it_and_it_is_gone_at_the_end(tmp_path: Path) -> None:
    assert SOCKET_NAME == CLIENT_SOCKET_NAME
    data = await create_empty_database(tmp_path / "data")
    path = data / SOCKET_NAME
    async with running_chat(data):
        assert stat.S_ISSOCK(path.stat().st_mode)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


async def test_socket_of_a_killed_process_is_replaced(tmp_path: Path) -> None:
    data = await create_empty_database(tmp_path / "data")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(data / SOCKET_NAME))
    async with running_chat(data) as chat:
        await sign_in(chat.workspace, "Ann")
        async with AsyncChat(data=data) as script:
            assert (await script.me()).bot.name == SCRIPT_NAME


@pytest.mark.parametrize("obstacle", ["file", "long path"])
async def test_chat_runs_without_the_socket_where_it_cannot_be_made(
    tmp_path: Path, obstacle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / ("x" * 120 if obstacle == "long path" else "data")
    data = await create_empty_database(folder)
    if obstacle == "file":
        (data / SOCKET_NAME).write_text("mine")
    async with running_chat(data) as chat, http_client(base_url=chat.url) as http:
        assert (await http.get("/healthz")).status_code == 200
        assert refusal(await http.get("/api/me")) == (401, "bad_token")
    assert "programs on this computer need a token" in capsys.readouterr().out
    assert (data / SOCKET_NAME).exists() is (obstacle == "file")
    with pytest.raises(ChatError) as error:
        AsyncChat(data=data)
    assert error.value.code == "no_chat"


def test_second_process_leaves_the_socket_of_the_first(server: ServerProcess) -> None:
    path = server.data_folder / SOCKET_NAME
    before = path.stat().st_ino
    second = ServerProcess(server.data_folder, "--web", "--no-browser")
    assert second.start().stop() == 2
    assert path.stat().st_ino == before
    server.kill()
    assert path.exists()
    server.start()
    assert stat.S_ISSOCK(path.stat().st_mode)
    assert server.stop() == 0
    assert not path.exists()
