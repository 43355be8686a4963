"""Events with the Python client: in order, typed, and on after whatever ended the connection."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import pytest

from chat.model.people import Person
from chat.model.programs import Scope
from chat.server.app import ChatServer
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from flet_chat import AsyncChat, AsyncEvents, Chat, ChatError, Event, ResyncRequired, ThreadRoot
from tests.conftest import NewUser
from tests.harness.domain import create_empty_database, open_workspace, sign_in
from tests.harness.event_client import make_bot, make_token
from tests.harness.posting_server import LAST, PostingServer
from tests.harness.programs import Program, Programs, ann, ops, programs, workspace
from tests.harness.waiting import wait_until

__all__ = ["ann", "ops", "programs", "workspace"]


@pytest.fixture
def timings() -> Timings:
    """Programs may ask often: this file is not about that."""
    return Timings(program_burst=1000, room_burst=1000)


@pytest.fixture
async def client(chat: ChatServer, ops: Program) -> AsyncIterator[AsyncChat]:
    """The client of this bot with asyncio."""
    async with AsyncChat(chat.url, ops.secret) as client:
        yield client


async def begun(events: AsyncEvents) -> asyncio.Future[Event]:
    """The next event, once the stream has begun."""
    waiting = asyncio.ensure_future(anext(events))
    await wait_until(lambda: events.cursor is not None)
    return waiting


async def test_events_are_typed_and_in_their_order(
    workspace: Workspace, ann: Person, client: AsyncChat
) -> None:
    cursor = await client.cursor()
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    # A separator that is a line break for Python, and none in a stream of events.
    root = await lobby.post(ann, "one\u2028line\u0085of text", "1")
    thread = await workspace.rooms.get_or_create_thread(ann, lobby, root.number)
    await thread.post(ann, "a reply", "2")
    await lobby.react(ann, root.number, "👍")
    await workspace.rooms.rename(ann, await workspace.rooms.create(ann, "Plan"), "Plans")
    events = client.events(after=cursor)
    found = [await anext(events) for _ in range(5)]
    await events.aclose()
    posted, reply, changed, created, renamed = found
    assert posted.message is not None and posted.message.text == "one\u2028line\u0085of text"
    assert posted.message.author.name == "Ann"
    assert posted.room is not None and (posted.room.slug, posted.room.kind) == ("lobby", "public")
    assert reply.room is not None
    assert reply.room.thread_of == ThreadRoot("lobby", root.number)
    assert changed.message is not None and changed.message.reactions[0].emoji == "👍"
    assert [each.type for each in found] == [
        "message_posted",
        "message_posted",
        "message_changed",
        "room_created",
        "room_renamed",
    ]
    assert renamed.cursor == events.cursor != created.cursor


async def test_typing_comes_if_it_is_asked_for(
    workspace: Workspace, ann: Person, client: AsyncChat
) -> None:
    events = client.events(types=["typing"], rooms=["#lobby"])
    waiting = await begun(events)
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    lobby.report_typing(ann)
    event = await asyncio.wait_for(waiting, 5)
    assert (event.type, event.people[0].name, event.message, event.cursor) == (
        "typing",
        "Ann",
        None,
        None,
    )
    await events.aclose()


async def test_conversation_with_a_person_is_a_room_by_their_name(
    chat: ChatServer, ops: Program, ann: Person, client: AsyncChat, new_user: NewUser
) -> None:
    bob = await new_user("Bob")
    posted = await client.post("@bob", "Good morning.")
    people = {each.name: each async for each in client.people()}
    again = await client.post(people["Bob"], "It is nine.")
    assert posted.room == again.room == (await client.direct("Bob")).slug
    assert [each.text async for each in client.messages("@Bob")] == ["It is nine.", "Good morning."]
    await bob.until(lambda: bob.sees("ops"))
    group = await client.direct("Ann", people["Bob"])
    assert (group.kind, group.member_count) == ("direct", 3)
    events = client.events(rooms=["@Bob"], types=["message_posted"])
    waiting = await begun(events)
    await client.post("lobby", "elsewhere")
    await client.post("@Bob", "here")
    message = (await asyncio.wait_for(waiting, 5)).message
    assert message is not None and message.text == "here"
    await events.aclose()
    for name, code in (("@Nobody", "no_such_person"), ("@ops", "bad_room"), ("@", "no_such_room")):
        with pytest.raises(ChatError) as error:
            await client.post(name, "hello")
        assert error.value.code == code, name


async def test_conversations_have_the_rights_and_limits_of_rooms(
    workspace: Workspace, ann: Person, programs: Programs
) -> None:
    narrow = await programs.make(
        ann, "narrow", rooms=[(await workspace.rooms.by_slug(ann, "lobby")).info.id]
    )
    bound = await narrow.error("POST", "/direct", json={"names": ["Ann"]})
    assert bound == (403, "token_bound_to_rooms")
    direct = await workspace.rooms.get_or_create_direct(narrow.bot, [ann])
    within = await programs.another_token(narrow.bot, [Scope.WRITE], rooms=[direct.info.id])
    answer = await within.sends("POST", "/direct", people=[ann.id])
    assert answer.json()["slug"] == direct.info.slug
    wide = await programs.make(ann, "wide")
    people = [(await sign_in(workspace, f"Person {n}"))[0] for n in range(9)]
    many = await wide.error("POST", "/direct", json={"people": [each.id for each in people]})
    assert many == (422, "bad_room")
    assert (await wide.sends("POST", "/direct", names=["Person 3"])).status_code == 200


async def test_reader_goes_on_after_the_chat_was_killed(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    opened, store = await open_workspace(folder, lambda topic, event: None)
    (ann,) = await sign_in(opened, "Ann")
    secret = await make_token(opened, await make_bot(opened, ann))
    cursor = opened.program_events.cursors.encode(await store.last_sequence())
    await opened.close()
    count = 600
    server = PostingServer(folder, count)

    def read() -> list[str]:
        found = list[str]()
        with Chat(server.address, secret) as chat:
            for event in chat.events(types=["message_posted"], after=cursor):
                assert event.message is not None
                found.append(event.message.text.removesuffix(", edited"))
                if found[-1] == LAST:
                    return found
                if len(found) == count // 3:
                    server.kill()
                    server.start()
        return found

    try:
        await asyncio.to_thread(server.start)
        found = await asyncio.wait_for(asyncio.to_thread(read), 60)
        await asyncio.to_thread(server.stop)
    finally:
        server.kill_if_running()
    numbers = Counter(found)
    assert numbers == Counter([*map(str, range(1, count + 1)), LAST])


@asynccontextmanager
async def silent_from_the_second_time(connections: list[str]) -> AsyncIterator[str]:
    """A chat that tells one event and ends the connection; later ones fall silent instead.

    (The interval of the heartbeats, from which silence counts, is known from the first one.)
    """

    opened = set[asyncio.StreamWriter]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.add(writer)
        connections.append((await reader.readuntil(b"\r\n\r\n")).decode())
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
        hello = {"type": "hello", "heartbeat_seconds": 0.1, "cursor": "A"}
        event = {"type": "presence", "people": [], "cursor": f"B{len(connections)}"}
        blocks = "".join(f"data: {json.dumps(each)}\n\n" for each in (hello, event))
        writer.write(head + blocks.encode())
        if len(connections) > 1:
            await reader.read()
        writer.close()
        await writer.wait_closed()
        opened.remove(writer)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        await wait_until(lambda: not opened)


async def test_silent_connection_is_opened_again_after_the_last_event() -> None:
    connections = list[str]()
    async with silent_from_the_second_time(connections) as url, AsyncChat(url, "fc_x") as client:
        events = client.events()
        found = [await asyncio.wait_for(anext(events), 10) for _ in range(3)]
        await events.aclose()
        await client.close()
    assert [each.cursor for each in found] == ["B1", "B2", "B3"]
    assert "after=" not in connections[0].splitlines()[0]
    assert "after=B2" in connections[2].splitlines()[0]


async def test_what_a_reader_is_refused_with(
    chat: ChatServer, ops: Program, ann: Person, client: AsyncChat, workspace: Workspace
) -> None:
    def read(**options: str) -> list[Event]:
        with Chat(chat.url, ops.secret) as sync_client:
            return list(islice(sync_client.events(**options), 1))

    for cursor, kind, code in (
        ("nonsense", ChatError, "bad_cursor"),
        (_cursor_of_another_chat(), ResyncRequired, "resync"),
    ):
        with pytest.raises(kind) as error:
            await asyncio.to_thread(read, after=cursor)
        assert error.value.code == code
    events = client.events()
    waiting = await begun(events)
    await workspace.api_tokens.revoke(ops.bot)
    with pytest.raises(ChatError) as error:
        await asyncio.wait_for(waiting, 5)
    assert error.value.code == "bad_token"


def _cursor_of_another_chat() -> str:
    from chat.model.sequence import SequenceRun
    from chat.programs.event_cursor import EventCursors

    return EventCursors([SequenceRun("00" * 8, 0)]).encode(3)
