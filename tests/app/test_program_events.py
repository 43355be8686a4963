"""Events for programs over HTTP: pages and streams, rights, cursors, and their limits."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chat.model.people import Person
from chat.model.programs import Scope
from chat.model.rooms import RoomKind
from chat.model.sequence import SequenceRun
from chat.programs.event_cursor import EventCursors
from chat.programs.rate_limits import BURST
from chat.server.app import ChatServer
from chat.store.sql_store import SqlStore
from chat.web.api.events import PART_BYTES
from chat.workspace import program_events
from chat.workspace.program_events import (
    HEARTBEAT_SECONDS,
    READERS_PER_TOKEN,
    ROOM_LIMIT,
    EventReader,
    EventTimings,
)
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.conftest import NewUser, running_chat
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.event_client import EventClient, EventStream, make_bot, make_token, texts
from tests.harness.http import http_client
from tests.harness.waiting import wait_until

MANY_AT_ONCE = Timings(events=EventTimings(burst=1000))


class Office:
    """A chat with Ann and Bob, Ann's bot, and a program with a token of it."""

    def __init__(self, chat: ChatServer, ann: Person, bob: Person, bot: Person) -> None:
        self.chat = chat
        self.workspace: Workspace = chat.workspace
        self.ann, self.bob, self.bot = ann, bob, bot
        self._posted = 0

    async def client(self, *scopes: Scope, **options: object) -> EventClient:
        """A program with a new token of the bot."""
        secret = await make_token(self.workspace, self.bot, *scopes, **options)  # type: ignore[arg-type]
        return EventClient(self.chat.url, secret)

    async def says(self, person: Person, text: str, slug: str = "lobby") -> int:
        """Post a text, and return its number."""
        room = await self.workspace.rooms.by_slug(person, slug)
        self._posted += 1
        return (await room.post(person, text, f"client id {self._posted}")).number


@pytest.fixture
async def office(chat: ChatServer) -> AsyncIterator[Office]:
    """Ann, Bob and a bot in a running chat."""
    ann, bob = await sign_in(chat.workspace, "Ann", "Bob")
    yield Office(chat, ann, bob, await make_bot(chat.workspace, ann))


async def test_page_has_what_happened_after_its_cursor(office: Office) -> None:
    client = await office.client()
    cursor = await client.cursor()
    await office.says(office.ann, "one")
    await office.says(office.bob, "two")
    answer = (await client.poll(cursor)).json()
    assert texts(answer["events"]) == ["one", "two"]
    assert answer["has_more"] is False
    first = answer["events"][0]
    assert (first["type"], first["room"]["slug"]) == ("message_posted", "lobby")
    assert first["number"] == first["message"]["number"] == 4
    assert first["message"]["author"] == {"id": office.ann.id, "name": "Ann", "is_bot": False}
    assert await client.events(first["cursor"]) == answer["events"][1:]
    assert await client.events(answer["cursor"]) == []


async def test_request_waits_until_something_happens(office: Office) -> None:
    client = await office.client()
    cursor = await client.cursor()
    waiting = asyncio.create_task(client.poll(cursor))
    await wait_until(lambda: office.workspace.program_events.reader_count)
    await office.says(office.ann, "at last")
    assert texts((await waiting).json()["events"]) == ["at last"]
    answer = (await client.poll(await client.cursor(), wait=0.05)).json()
    assert answer["events"] == []


async def test_stream_tells_what_a_screen_shows(office: Office) -> None:
    client = await office.client()
    lobby = await office.workspace.rooms.by_slug(office.ann, "lobby")
    async with client.stream() as stream:
        number = await office.says(office.ann, "tea?")
        assert (await stream.event())["message"]["text"] == "tea?"
        await lobby.react(office.bob, number, "👍")
        reacted = await stream.event()
        assert reacted["type"] == "message_changed"
        assert [each["emoji"] for each in reacted["message"]["reactions"]] == ["👍"]
        await lobby.edit(office.ann, number, "coffee?")
        assert (await stream.event())["message"]["text"] == "coffee?"
        await lobby.pin(office.ann, number, pinned=True)
        assert (await stream.event())["message"]["pinned"] is True
        await lobby.delete(office.ann, number)
        deleted = await stream.event()
        assert (deleted["type"], deleted["number"]) == ("message_deleted", number)
        await lobby.restore(office.ann, number)
        restored = await stream.event()
        assert (restored["type"], restored["message"]["deleted"]) == ("message_changed", False)
        garden = await office.workspace.rooms.create(office.ann, "Garden")
        await office.workspace.rooms.rename(office.ann, garden, "Park")
        await office.workspace.rooms.set_topic(office.ann, garden, "trees")
        await office.workspace.rooms.join(office.bob, garden)
        await office.workspace.rooms.leave(office.bob, garden)
        await office.workspace.rooms.set_archived(office.ann, garden, archived=True)
        events = await stream.events(6)
    assert [each["type"] for each in events] == [
        "room_created",
        "room_renamed",
        "room_topic_changed",
        "member_joined",
        "member_left",
        "room_archived",
    ]
    assert events[1]["message"]["text"] == "Park"


async def test_stream_goes_on_after_the_last_id_without_a_gap(office: Office) -> None:
    client = await office.client()
    async with client.stream() as stream:
        await office.says(office.ann, "1")
        await stream.event()
        last_id = stream.last_id
    for n in range(2, 250):
        await office.says(office.ann, str(n))
    async with client.stream(last_id) as stream:
        assert texts(await stream.events(248)) == [str(n) for n in range(2, 250)]
        await office.says(office.ann, "250")
        assert texts([await stream.event()]) == ["250"]


async def test_bot_that_was_removed_gets_nothing_from_that_moment(office: Office) -> None:
    rooms = office.workspace.rooms
    secret = await rooms.create(office.ann, "Secret", RoomKind.PRIVATE, invited=[office.bot])
    slug = secret.info.slug
    client = await office.client()
    start = await client.cursor()
    async with client.stream() as stream:
        number = await office.says(office.ann, "for the bot", slug)
        assert (await stream.event())["message"]["text"] == "for the bot"
        thread = await rooms.get_or_create_thread(office.ann, secret, number)
        await office.says(office.ann, "a reply", thread.info.slug)
        reply, root = await stream.events(2)
        assert reply["room"]["thread_of"] == {"room": slug, "number": number}
        assert (root["type"], root["message"]["replies"]) == ("message_changed", 1)
        await rooms.remove(office.ann, secret, office.bot)
        await office.says(office.ann, "not for the bot", slug)
        await office.says(office.ann, "not either", thread.info.slug)
        await office.says(office.ann, "for everybody")
        assert (await stream.event())["message"]["text"] == "for everybody"
    assert texts(await client.events(start)) == ["for everybody"]
    await rooms.invite(office.ann, secret, office.bot)
    assert "not for the bot" in texts(await client.events(start))


async def test_stream_of_a_bot_tells_the_room_that_it_is_invited_to(office: Office) -> None:
    secret = await office.workspace.rooms.create(office.ann, "Secret", RoomKind.PRIVATE)
    client = await office.client()
    async with client.stream() as stream:
        await office.says(office.ann, "before", secret.info.slug)
        # Rights are those of the moment of reading: the stream has read as far as here.
        await office.says(office.ann, "in the lobby")
        assert (await stream.event())["message"]["text"] == "in the lobby"
        await office.workspace.rooms.invite(office.ann, secret, office.bot)
        invited = await stream.event()
        told = (invited["type"], invited["room"]["slug"])
        assert told == ("members_invited", secret.info.slug)


async def test_token_gets_only_its_rooms_and_what_it_asks_for(office: Office) -> None:
    rooms = office.workspace.rooms
    garden = await rooms.create(office.ann, "Garden")
    kitchen = await rooms.create(office.ann, "Kitchen")
    bound = await office.client(rooms=[garden.info.id, kitchen.info.id])
    start = await bound.cursor()
    number = await office.says(office.ann, "roses", "garden")
    await office.says(office.ann, "soup", "kitchen")
    await office.says(office.ann, "hello")
    thread = await rooms.get_or_create_thread(office.ann, garden, number)
    await office.says(office.ann, "red ones", thread.info.slug)
    everything = ["roses", "soup", "red ones", "roses"]
    assert texts(await bound.events(start)) == everything
    assert texts(await bound.events(start, rooms="kitchen")) == ["soup"]
    assert texts(await bound.events(start, rooms=thread.info.slug)) == ["red ones"]
    assert texts(await bound.events(start, types="message_changed")) == ["roses"]
    assert texts(await bound.events(start, rooms="garden,kitchen")) == everything
    for slug in ("lobby", "nowhere"):
        refused = await bound.poll(start, rooms=slug)
        assert (refused.status_code, refused.json()["error"]) == (404, "no_such_room")


async def test_revoked_token_ends_its_streams_and_requests(office: Office) -> None:
    kept, revoked = await office.client(), await office.client()
    (_, token) = await office.workspace.api_tokens.of_bot(office.bot)
    cursor = await revoked.cursor()
    async with kept.stream() as kept_stream, revoked.stream() as stream:
        waiting = asyncio.create_task(revoked.poll(cursor))
        await wait_until(lambda: office.workspace.program_events.reader_count == 3)
        await office.workspace.api_tokens.revoke(office.bot, token.id)
        await office.says(office.ann, "too late")
        end = await stream.block()
        assert (end["type"], end["error"]) == ("error", "bad_token")
        with pytest.raises(StopAsyncIteration):
            await stream.block()
        assert (await waiting).status_code == 401
        assert (await kept_stream.event())["message"]["text"] == "too late"


async def test_expired_token_ends_its_stream(office: Office) -> None:
    client = await office.client(expires_at=datetime.now(UTC) + timedelta(seconds=1))
    async with client.stream() as stream:
        end = await stream.block()
        while end["type"] == "heartbeat":
            end = await stream.block()
    assert end["error"] == "bad_token"


async def test_readers_end_with_the_bot_and_with_its_owner(office: Office) -> None:
    client = await office.client()
    async with client.stream() as stream:
        await office.workspace.end_account(office.ann)
        found = await stream.event()
        while found["type"] != "error":
            found = await stream.event()
    assert (await client.poll()).status_code == 401


async def test_what_lacks_a_right_is_refused_with_a_code(office: Office) -> None:
    writer = await office.client(Scope.WRITE)
    refused = await writer.poll()
    assert (refused.status_code, refused.json()["error"]) == (403, "missing_scope")
    for secret in ("none", "fc_unknown"):
        refused = await EventClient(office.chat.url, secret).poll()
        assert (refused.status_code, refused.json()["error"]) == (401, "bad_token")
        assert refused.headers["www-authenticate"] == "Bearer"
    client = await office.client()
    for params in ({"types": "nothing"}, {"wait": 56}, {"wait": "soon"}, {"since": "1"}):
        refused = await client.poll(**params)
        assert (refused.status_code, refused.json()["error"]) == (422, "bad_field"), params
        assert refused.json()["message"]


@pytest.mark.parametrize("timings", [MANY_AT_ONCE])
async def test_odd_requests_are_answered_with_a_code(office: Office) -> None:
    client = await office.client()
    cursor = await client.cursor()
    for params in (
        {"wait": "nan"},
        {"wait": "inf"},
        {"wait": "-1"},
        {"types": ""},
        {"types": "typing,"},
        {"rooms": ""},
        {"rooms": ","},
        {"rooms": "\x00"},
        {"rooms": "x" * 5000},
        {"rooms": ",".join(["lobby"] * (ROOM_LIMIT + 1))},
    ):
        refused = await client.poll(cursor, **params)
        assert refused.status_code in (404, 422), params
        assert refused.json()["ok"] is False
    named = ",".join(["lobby"] * ROOM_LIMIT)
    assert (await client.poll(cursor, wait=0, rooms=named)).status_code == 200
    url = f"{office.chat.url}/api/events"
    async with http_client(headers=client.headers) as http:
        for method in ("POST", "PUT", "DELETE", "HEAD", "OPTIONS"):
            assert (await http.request(method, url)).status_code == 405, method
        for last_id in (b"\xff\xfe", b"x" * 8000):
            headers = [(b"last-event-id", last_id)]
            assert (await http.get(url, headers=headers)).status_code in (200, 422), last_id
        assert (await http.request("GET", url, content=b"x" * 100_000)).status_code == 200


async def test_who_types_and_who_is_online_come_only_if_asked_for(
    office: Office, new_user: NewUser
) -> None:
    plain, curious = await office.client(), await office.client()
    lobby = await office.workspace.rooms.by_slug(office.ann, "lobby")
    async with (
        plain.stream() as plain_stream,
        curious.stream(types="typing,presence") as stream,
    ):
        lobby.report_typing(office.bob)
        typing = await stream.event()
        assert (typing["type"], [each["name"] for each in typing["people"]]) == ("typing", ["Bob"])
        assert typing["room"]["slug"] == "lobby"
        await office.says(office.bob, "hello")
        assert (await stream.event())["people"] == []
        await new_user("Cid")
        online = await stream.event()
        while online["type"] != "presence":
            online = await stream.event()
        assert "Cid" in [each["name"] for each in online["people"]]
        assert (await plain_stream.event())["type"] == "message_posted"


async def test_typing_in_a_room_is_told_to_its_readers_only(office: Office) -> None:
    secret = await office.workspace.rooms.create(office.ann, "Secret", RoomKind.PRIVATE)
    lobby = await office.workspace.rooms.by_slug(office.ann, "lobby")
    client = await office.client()
    async with client.stream(types="typing") as stream:
        secret.report_typing(office.ann)
        lobby.report_typing(office.ann)
        assert (await stream.event())["room"]["slug"] == "lobby"


@pytest.mark.parametrize("timings", [MANY_AT_ONCE])
async def test_readers_of_a_token_are_limited(office: Office) -> None:
    client, other = await office.client(), await office.client()
    cursor = await client.cursor()
    async with AsyncExitStack() as streams:
        for _ in range(READERS_PER_TOKEN):
            last = await streams.enter_async_context(client.stream())
        refused = await client.poll(cursor)
        assert (refused.status_code, refused.json()["error"]) == (429, "too_many_readers")
        assert int(refused.headers["retry-after"]) == refused.json()["retry_after"] > 0
        assert (await other.poll(cursor, wait=0)).status_code == 200
        await last.response.aclose()
        events = office.workspace.program_events
        await wait_until(lambda: events.reader_count < READERS_PER_TOKEN)
        assert (await client.poll(cursor, wait=0)).status_code == 200
    await wait_until(lambda: not events.reader_count)


async def test_all_readers_are_limited(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_events, "READER_LIMIT", 1)
    client, other = await office.client(), await office.client()
    async with client.stream():
        refused = await other.poll()
        assert (refused.status_code, refused.json()["error"]) == (429, "slow_down")
        assert int(refused.headers["retry-after"]) == HEARTBEAT_SECONDS


async def test_token_may_not_ask_all_the_time(office: Office) -> None:
    client = await office.client()
    statuses = [(await client.poll()).status_code for _ in range(int(BURST))]
    assert statuses == [200] * int(BURST)
    refused = await client.poll()
    assert (refused.status_code, refused.json()["error"]) == (429, "slow_down")


@pytest.mark.parametrize(
    "timings", [Timings(events=EventTimings(heartbeat_seconds=0.2))], ids=["short"]
)
async def test_silent_stream_says_that_it_is_alive_and_how_far_it_has_read(office: Office) -> None:
    garden = await office.workspace.rooms.create(office.ann, "Garden")
    client = await office.client(rooms=[garden.info.id])
    async with client.stream() as stream:
        first_id = stream.last_id
        await office.says(office.ann, "not in the garden")
        heartbeat = await stream.block()
        while heartbeat["cursor"] == first_id:
            heartbeat = await stream.block()
        assert heartbeat == {"type": "heartbeat", "cursor": stream.last_id}
    assert stream.last_id == await (await office.client()).cursor()


async def test_stream_says_first_how_often_it_shows_a_sign_of_life(office: Office) -> None:
    client = await office.client()
    stream_headers = {**client.headers, "accept": "text/event-stream"}
    async with (
        http_client() as http,
        http.stream("GET", f"{office.chat.url}/api/events", headers=stream_headers) as response,
    ):
        hello = await EventStream(response).block()
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert hello == {
        "type": "hello",
        "heartbeat_seconds": HEARTBEAT_SECONDS,
        "cursor": await client.cursor(),
    }


async def test_cursor_of_another_chat_or_of_lost_data_asks_for_a_new_start(office: Office) -> None:
    client = await office.client()
    ahead = office.workspace.program_events.cursors.encode(10**6)
    foreign = EventCursors([SequenceRun("0" * 16, 0)]).encode(1)
    for cursor in (ahead, foreign):
        refused = await client.poll(cursor)
        assert (refused.status_code, refused.json()["error"]) == (410, "resync")
        async with client.stream(cursor) as stream:
            assert stream.response.status_code == 410


@pytest.mark.parametrize("timings", [MANY_AT_ONCE])
async def test_any_text_as_a_cursor_is_refused(office: Office) -> None:
    client = await office.client()
    cursor = await client.cursor()
    damaged = [cursor[:-1], cursor + "A", cursor.swapcase(), cursor[1:] + cursor[0], f" {cursor}"]
    for each in (*damaged, "x", "0", "a" * 28, "=" * 28, "ä" * 28, "\x00", "🌹", "a" * 5000):
        refused = await client.poll(each)
        assert (refused.status_code, refused.json()["error"]) == (422, "bad_cursor"), each


async def test_post_is_not_read_again_for_programs_and_wakes_those_who_may_read_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    garden = await office.workspace.rooms.create(office.ann, "Garden")
    everywhere = [await office.client() for _ in range(3)]
    in_the_garden = await office.client(rooms=[garden.info.id])
    reads, woken = list[int](), list[EventReader]()
    read, wake = SqlStore.sequence_page, EventReader.wake

    async def counted_read(store: SqlStore, after: int, *args: Any, **options: Any) -> Any:
        reads.append(after)
        return await read(store, after, *args, **options)

    def counted_wake(reader: EventReader, before: int) -> None:
        woken.append(reader)
        wake(reader, before)

    async with AsyncExitStack() as opened:
        streams = [
            await opened.enter_async_context(each.stream())
            for each in (*everywhere, *everywhere, in_the_garden)
        ]
        await wait_until(lambda: office.workspace.program_events.is_idle)
        monkeypatch.setattr(SqlStore, "sequence_page", counted_read)
        monkeypatch.setattr(EventReader, "wake", counted_wake)
        await office.says(office.ann, "not in the garden")
        for each in streams[:-1]:
            assert texts([await each.event()]) == ["not in the garden"]
        await wait_until(lambda: office.workspace.program_events.is_idle)
        assert len(set(woken)) == len(woken) == 6
        await office.says(office.ann, "in the garden", "garden")
        for each in streams:
            assert texts([await each.event()]) == ["in the garden"]
        assert not reads


async def test_client_that_does_not_read_gets_no_more_than_its_buffer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await office.client()
    cursor = await client.cursor()
    await asyncio.gather(*(office.says(office.ann, "x" * 9000) for _ in range(1000)))
    lines = [
        f"GET /api/events?after={cursor} HTTP/1.1",
        "Host: 127.0.0.1",
        "Accept: text/event-stream",
        f"Authorization: {client.headers['authorization']}",
    ]
    positions = list[int]()
    read = SqlStore.sequence_page

    async def recorded_read(store: SqlStore, after: int, *args: Any, **options: Any) -> Any:
        positions.append(after)
        return await read(store, after, *args, **options)

    monkeypatch.setattr(SqlStore, "sequence_page", recorded_read)
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect(("127.0.0.1", int(office.chat.url.rpartition(":")[2])))
        raw.sendall("\r\n".join([*lines, "", ""]).encode())
        await wait_until(lambda: any(map(waiting_bytes, office.chat.connections)))
        await wait_until(lambda: office.workspace.program_events.is_idle)
        assert 0 < sum(map(waiting_bytes, office.chat.connections)) < 3 * PART_BYTES
        # Most of the nine megabytes are in the store still, and not even read.
        assert positions[-1] < 700
    await wait_until(lambda: not office.workspace.program_events.reader_count)


def waiting_bytes(connection: asyncio.Protocol) -> int:
    """The bytes that a client has not taken yet."""
    size: int = connection.transport.get_write_buffer_size()  # type: ignore[attr-defined]
    return size


async def test_shutdown_ends_streams_at_once(tmp_path: Path) -> None:
    async with running_chat(await create_empty_database(tmp_path / "data")) as chat:
        (ann,) = await sign_in(chat.workspace, "Ann")
        bot = await make_bot(chat.workspace, ann)
        client = EventClient(chat.url, await make_token(chat.workspace, bot))
        cursor = await client.cursor()
        async with client.stream() as stream:
            waiting = asyncio.create_task(client.poll(cursor))
            await wait_until(lambda: chat.workspace.program_events.reader_count == 2)
            chat.stop()
            async with asyncio.timeout(2):
                with pytest.raises(StopAsyncIteration):
                    await stream.block()
                assert (await waiting).json()["events"] == []
