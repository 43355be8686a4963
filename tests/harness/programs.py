"""Programs that use the HTTP API: a bot of Ann's with its token."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any

import httpx
import pytest

from chat.model.people import Person
from chat.model.programs import ApiToken, Scope
from chat.model.rooms import RoomId
from chat.server.app import ChatServer
from chat.workspace.workspace import Workspace
from tests.harness.domain import sign_in
from tests.harness.http import http_client

ALL_SCOPES = tuple(Scope)


class Program:
    """A program with a token: each of its requests has it."""

    def __init__(self, chat: ChatServer, bot: Person, secret: str, token: ApiToken) -> None:
        self.workspace: Workspace = chat.workspace
        self.bot, self.secret, self.token = bot, secret, token
        self.http = http_client(
            base_url=chat.url.rstrip("/") + "/api",
            headers={"authorization": f"Bearer {secret}"},
            timeout=60,
        )

    async def gets(self, path: str, **query: Any) -> Any:
        """The JSON answer of a request that succeeds."""
        return self._ok(await self.http.get(path, params=query))

    async def posts(self, text: str, room: str = "lobby", **fields: Any) -> Any:
        """Post a message, and return it."""
        path = f"/rooms/{room}/messages"
        return self._ok(await self.http.post(path, json={"text": text, **fields}))

    async def sends(self, method: str, path: str, **fields: Any) -> httpx.Response:
        """The raw response to a request with a JSON body, if there are fields."""
        return await self.http.request(method, path, json=fields or None)

    async def error(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """The status and the code of a request that is refused."""
        return refusal(await self.http.request(method, path, **options))

    def _ok(self, response: httpx.Response) -> Any:
        assert response.is_success, response.text
        return response.json()


def refusal(response: httpx.Response) -> tuple[int, str]:
    """The status and the code of a refusal, which has a sentence."""
    answer = response.json()
    assert answer["ok"] is False
    assert answer["message"].endswith((".", "?"))
    return response.status_code, answer["error"]


class Programs:
    """Makes programs for a chat."""

    def __init__(self, chat: ChatServer) -> None:
        self._chat = chat
        self._made: list[Program] = []

    async def make(
        self,
        owner: Person,
        name: str = "ops",
        scopes: Collection[Scope] = ALL_SCOPES,
        rooms: Collection[RoomId] | None = None,
    ) -> Program:
        """A new bot of this person, with a token."""
        bot = await self._chat.workspace.bots.create(owner, name)
        return await self.another_token(bot, scopes, rooms)

    async def another_token(
        self,
        bot: Person,
        scopes: Collection[Scope] = ALL_SCOPES,
        rooms: Collection[RoomId] | None = None,
        expires_at: datetime | None = None,
    ) -> Program:
        """The same bot with another token."""
        tokens = self._chat.workspace.api_tokens
        secret, token = await tokens.create(bot, "a test", scopes, rooms, expires_at)
        self._made.append(Program(self._chat, bot, secret, token))
        return self._made[-1]

    async def close(self) -> None:
        """Close the connections of all programs."""
        for each in self._made:
            await each.http.aclose()


@pytest.fixture
async def programs(chat: ChatServer) -> AsyncIterator[Programs]:
    """Makes programs for the running chat."""
    programs = Programs(chat)
    yield programs
    await programs.close()


@pytest.fixture
def workspace(chat: ChatServer) -> Workspace:
    """The workspace of the running chat."""
    return chat.workspace


@pytest.fixture
async def ann(workspace: Workspace) -> Person:
    """The owner of the chat and of the bots."""
    return (await sign_in(workspace, "Ann"))[0]


@pytest.fixture
async def ops(programs: Programs, ann: Person) -> Program:
    """A bot of Ann's, which may do everything."""
    return await programs.make(ann)
