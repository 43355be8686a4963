"""A program that reads events through HTTP, as any client of server-sent events does."""

import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import httpx

from chat.model.people import Person
from chat.model.programs import Scope
from chat.model.rooms import RoomId
from chat.workspace.workspace import Workspace
from tests.harness.http import http_client

Event = dict[str, Any]

# Blocks about the stream itself.
CONTROL_TYPES = {"hello", "heartbeat"}


async def make_bot(workspace: Workspace, owner: Person, name: str = "ops") -> Person:
    """A bot that is in the lobby."""
    bot = await workspace.bots.create(owner, name)
    await workspace.rooms.enter(bot, "lobby")
    return bot


async def make_token(
    workspace: Workspace,
    bot: Person,
    *scopes: Scope,
    rooms: Collection[RoomId] | None = None,
    **options: Any,
) -> str:
    """A token of a bot, by default for reading."""
    given = scopes or (Scope.READ,)
    secret, _ = await workspace.api_tokens.create(bot, "test", given, rooms, **options)
    return secret


class EventStream:
    """One open stream. `last_id` is what a client sends to go on after it."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.last_id: str | None = None
        self._lines = response.aiter_lines()

    async def block(self) -> Event:
        """The data of the next block. Raises StopAsyncIteration at the end of the stream."""
        data: list[str] = []
        while line := await anext(self._lines):
            name, _, value = line.partition(": ")
            if name == "id":
                self.last_id = value
            elif name == "data":
                data.append(value)
        if not data:
            return await self.block()
        found: Event = json.loads("\n".join(data))
        return found

    async def event(self) -> Event:
        """The next event, without those about the stream itself."""
        while (found := await self.block())["type"] in CONTROL_TYPES:
            pass
        return found

    async def events(self, count: int) -> list[Event]:
        """The next events."""
        return [await self.event() for _ in range(count)]


class EventClient:
    """A program with a token."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = f"{url}/api/events"
        self.headers = {"authorization": f"Bearer {secret}"}

    async def poll(self, after: str | None = None, **params: Any) -> httpx.Response:
        """One request, which may wait."""
        query = {"after": after, **params} if after is not None else params
        async with http_client(timeout=70) as http:
            return await http.get(self._url, params=query, headers=self.headers)

    async def cursor(self) -> str:
        """The cursor of now."""
        found: str = (await self.poll()).json()["cursor"]
        return found

    async def events(self, after: str, **params: Any) -> list[Event]:
        """All events after a cursor, page by page, without waiting."""
        found, has_more = list[Event](), True
        while has_more:
            answer = (await self.poll(after, wait=0, **params)).json()
            found += answer["events"]
            after, has_more = answer["cursor"], answer["has_more"]
        return found

    @asynccontextmanager
    async def stream(self, last_id: str | None = None, **params: Any) -> AsyncIterator[EventStream]:
        """An open stream, after its first block if the chat accepts it."""
        headers = {**self.headers, "accept": "text/event-stream"}
        if last_id is not None:
            headers["last-event-id"] = last_id
        async with (
            http_client(timeout=30) as http,
            http.stream("GET", self._url, params=params, headers=headers) as response,
        ):
            stream = EventStream(response)
            if response.status_code == 200:
                assert (await stream.block())["type"] == "hello"
            yield stream


def texts(events: list[Event]) -> list[str]:
    """The texts of the messages of events."""
    return [each["message"]["text"] for each in events]
