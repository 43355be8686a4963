"""A program that reads 10,000 posts while the chat is killed three times: none lost, none twice."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx

from tests.harness.domain import create_empty_database, open_workspace, sign_in
from tests.harness.event_client import Event, EventClient, EventStream, make_bot, make_token
from tests.harness.posting_server import CHANGED_EVERY, LAST, PostingServer

POSTS = 10_000
KILLED_AFTER = (2000, 4500, 7000)


class Follower:
    """A program that keeps the rooms as events tell them, and goes on where it was cut off."""

    def __init__(self, client: EventClient, last_id: str) -> None:
        self._client = client
        self._last_id = last_id
        self.posted = Counter[int]()
        self.texts: dict[int, str] = {}
        self.emoji: dict[int, list[str]] = {}

    async def follow(self, count: int) -> None:
        """Read until so many posts have arrived, connecting again as often as it is needed."""
        while self.posted.total() < count:
            try:
                async with self._client.stream(self._last_id) as stream:
                    assert stream.response.status_code == 200, await stream.response.aread()
                    await self._read(stream, count)
            except (httpx.TransportError, StopAsyncIteration):
                await asyncio.sleep(0.05)

    async def _read(self, stream: EventStream, count: int) -> None:
        while self.posted.total() < count:
            self._take(await stream.event())
            assert stream.last_id is not None
            self._last_id = stream.last_id

    def _take(self, event: Event) -> None:
        number, message = event["number"], event["message"]
        if event["type"] == "message_posted":
            self.posted[number] += 1
        self.texts[number] = message["text"]
        self.emoji[number] = [each["emoji"] for each in message["reactions"]]


async def test_10000_posts_and_three_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    workspace, store = await open_workspace(folder, lambda topic, event: None)
    (ann,) = await sign_in(workspace, "Ann")
    bot = await make_bot(workspace, ann)
    secret = await make_token(workspace, bot)
    cursor = workspace.program_events.cursors.encode(await store.last_sequence())
    await workspace.close()
    server = PostingServer(folder, POSTS)
    follower = Follower(EventClient(server.address, secret), cursor)
    try:
        await asyncio.to_thread(server.start)
        for count in KILLED_AFTER:
            await follower.follow(count)
            following = asyncio.create_task(follower.follow(POSTS))
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        await follower.follow(POSTS + 1)
        await asyncio.to_thread(server.stop)
    finally:
        server.kill_if_running()
    workspace, store = await open_workspace(folder, lambda topic, event: None)
    stored = (await store.newest(1, 2 * POSTS)).messages[-POSTS - 1 :]
    await workspace.close()
    assert follower.posted == Counter(each.number for each in stored)
    assert follower.texts == {each.number: each.text for each in stored}
    assert follower.emoji == {
        each.number: [reaction.emoji for reaction in each.reactions] for each in stored
    }
    edited = [each for each in stored if each.text.endswith(", edited")]
    assert len(edited) >= POSTS // CHANGED_EVERY - len(KILLED_AFTER)
    assert {each.text.removesuffix(", edited") for each in stored} == {
        LAST,
        *map(str, range(1, POSTS + 1)),
    }
