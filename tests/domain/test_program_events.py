"""Events of programs without a server: what a reader is told, whatever happens meanwhile."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from chat.errors import CursorOutdated
from chat.model.messages import MessageKind, NewMessage
from chat.model.people import Person
from chat.model.programs import Scope
from chat.model.rooms import RoomKind
from chat.programs.event_log import KEPT_EVENTS, PAGE_SIZE
from chat.programs.events import STORED_TYPES, EventType, ProgramEvent, StoredEvent
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.store.sql_store import SqlStore
from chat.workspace import program_events
from chat.workspace.program_events import EventReader, EventTimings
from chat.workspace.program_session import open_program_session
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.domain import open_workspace, sign_in
from tests.harness.event_client import make_bot, make_token
from tests.harness.waiting import wait_until

OpenReader = Callable[..., Awaitable[EventReader]]


@pytest.fixture
async def lobby(workspace: Workspace, ann: Person) -> Room:
    """The room that all are in."""
    return await workspace.rooms.by_slug(ann, "lobby")


@pytest.fixture
async def bot(workspace: Workspace, ann: Person) -> Person:
    """A bot of Ann's."""
    return await make_bot(workspace, ann)


@pytest.fixture
async def open_reader(workspace: Workspace, bot: Person) -> AsyncIterator[OpenReader]:
    """`await open_reader(cursor)` reads with a new token; options are those of `read_events`."""
    readers = list[EventReader]()

    async def open_reader(cursor: str | None = None, **options: Any) -> EventReader:
        secret = await make_token(workspace, bot, Scope.READ)
        session = await open_program_session(workspace, secret)
        readers.append(await session.read_events(cursor=cursor, **options))
        return readers[-1]

    yield open_reader
    for each in readers:
        each.close()


async def post_numbers(room: Room, person: Person, first: int, last: int) -> None:
    """Post the numbers from `first` to `last`."""
    for n in range(first, last + 1):
        await room.post(person, str(n), f"number {n}")


def texts_of(events: tuple[ProgramEvent, ...]) -> list[str]:
    """The texts of stored events."""
    return [each.change.message.text for each in events if isinstance(each, StoredEvent)]


async def read_texts(reader: EventReader, count: int) -> list[str]:
    """The texts of the next events."""
    found = list[str]()
    async with asyncio.timeout(20):
        while len(found) < count:
            events = await reader.next_events()
            found += texts_of(events)
            if not events:
                await reader.wait(5)
    return found


async def test_reader_that_falls_far_behind_misses_nothing(
    open_reader: OpenReader, lobby: Room, ann: Person
) -> None:
    slow, fast = await open_reader(), await open_reader()
    count = KEPT_EVENTS + 3 * PAGE_SIZE
    reading = asyncio.create_task(read_texts(fast, count))
    await post_numbers(lobby, ann, 1, count)
    expected = [str(n) for n in range(1, count + 1)]
    assert await reading == expected
    # What is kept in memory begins after the place of the slow one.
    assert await read_texts(slow, count) == expected


async def test_readers_that_come_back_together_share_the_reads(
    workspace: Workspace,
    open_reader: OpenReader,
    lobby: Room,
    ann: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = await make_token(workspace, await make_bot(workspace, ann, "many"), Scope.READ)
    session = await open_program_session(workspace, secret)
    cursor = (await open_reader()).cursor
    await post_numbers(lobby, ann, 1, 250)
    readers = [await session.read_events(cursor=cursor) for _ in range(10)]
    reads, read = list[int](), SqlStore.sequence_page

    async def counted_read(store: SqlStore, after: int, *args: Any, **options: Any) -> Any:
        reads.append(after)
        return await read(store, after, *args, **options)

    # Without what is kept in memory, as after a restart.
    workspace.program_events.log.restart(workspace.program_events.log.position)
    monkeypatch.setattr(SqlStore, "sequence_page", counted_read)
    found = await asyncio.gather(*(read_texts(each, 250) for each in readers))
    assert found == [[str(n) for n in range(1, 251)]] * 10
    # Three pages, and one look at what is new.
    assert len(reads) == len(set(reads)) <= 4
    for each in readers:
        each.close()


@pytest.mark.parametrize(
    "timings", [Timings(events=EventTimings(heartbeat_seconds=0.05))], ids=["short"]
)
async def test_change_that_was_stored_and_not_published_is_found_at_the_next_heartbeat(
    store: Store, open_reader: OpenReader, lobby: Room, ann: Person
) -> None:
    reader = await open_reader()
    new = NewMessage(lobby.info.id, ann, MessageKind.TEXT, "unpublished", "an id")
    await store.append(new)
    async with asyncio.timeout(20):
        while not (events := await reader.next_events()):
            await reader.wait(0.05)
    assert texts_of(events) == ["unpublished"]


async def test_many_readers_go_on_in_turns(
    open_reader: OpenReader, lobby: Room, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_events, "RESUMED_AT_ONCE", 2)
    readers = [await open_reader() for _ in range(9)]
    turn = 0
    turns = Counter[int]()

    async def count_turns() -> None:
        nonlocal turn
        while turns.total() < len(readers):
            turn += 1
            await asyncio.sleep(0)

    async def read(reader: EventReader) -> None:
        assert await reader.wait(20)
        turns[turn] += 1
        assert texts_of(await reader.next_events()) == ["1"]

    counting = asyncio.create_task(count_turns())
    reading = [asyncio.create_task(read(each)) for each in readers]
    await post_numbers(lobby, ann, 1, 1)
    await asyncio.gather(counting, *reading)
    assert max(turns.values()) <= 2


async def test_each_kind_of_message_has_a_type(
    open_reader: OpenReader, store: Store, lobby: Room, ann: Person
) -> None:
    reader = await open_reader()
    for kind in MessageKind:
        await store.append(NewMessage(lobby.info.id, ann, kind, "text", f"of kind {kind}"))
    await lobby.post(ann, "the last", "the last")
    events = list[ProgramEvent]()
    while len(events) <= len(MessageKind):
        events += await reader.next_events()
        await reader.wait(0.1)
    assert {each.type for each in events} == STORED_TYPES - {
        EventType.MESSAGE_CHANGED,
        EventType.MESSAGE_DELETED,
    }


async def test_events_that_are_told_as_they_are_published_are_those_of_the_store(
    workspace: Workspace,
    open_reader: OpenReader,
    lobby: Room,
    bot: Person,
    ann: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = await open_reader()
    await wait_until(lambda: workspace.program_events.is_idle)
    start = workspace.program_events.log.position
    read = SqlStore.sequence_page
    monkeypatch.setattr(SqlStore, "sequence_page", None)
    told = list[StoredEvent]()

    async def hear() -> None:
        while events := await reader.next_events():
            told.extend(each for each in events if isinstance(each, StoredEvent))

    first = await lobby.post(ann, "a text for @Ann", "first")
    await hear()
    await lobby.edit(ann, first.number, "an edited text")
    await lobby.react(ann, first.number, "👍")
    await hear()
    thread = await workspace.rooms.get_or_create_thread(ann, lobby, first.number)
    await thread.post(ann, "a reply", "second")
    await hear()
    third = await lobby.post(ann, "gone soon", "third", quoted_number=first.number)
    await hear()
    await lobby.delete(ann, third.number)
    await hear()
    monkeypatch.setattr(SqlStore, "sequence_page", read)

    stored = (await workspace.program_events.log.stored_page(start, bot.id, None)).events
    by_sequence = {each.change.sequence: each for each in told}
    assert stored and list(by_sequence) == sorted(by_sequence)
    for each in stored:
        same = by_sequence[each.change.sequence]
        assert (same.type, same.room) == (each.type, each.room)
        if same.change.message.sequence == each.change.message.sequence:
            assert same.change == each.change
    assert {each.type for each in told} == {
        EventType.MESSAGE_POSTED,
        EventType.MESSAGE_CHANGED,
        EventType.MESSAGE_DELETED,
    }


async def test_right_that_ends_between_two_pages_ends_the_reading(
    workspace: Workspace, open_reader: OpenReader, bot: Person, ann: Person
) -> None:
    cellar = await workspace.rooms.create(ann, "Cellar", RoomKind.PRIVATE, invited=[bot])
    reader = await open_reader()
    await post_numbers(cellar, ann, 1, 2 * PAGE_SIZE)
    first = await reader.next_events()
    assert 0 < len(first) <= PAGE_SIZE
    await workspace.rooms.remove(ann, cellar, bot)
    # Also of what was read already and is not sent yet.
    assert not any(map(reader.may_read, first))
    assert await reader.next_events() == ()


async def test_direct_conversation_is_told_to_the_bot_in_it_only(
    workspace: Workspace, open_reader: OpenReader, bot: Person, ann: Person, bob: Person
) -> None:
    others = await workspace.rooms.get_or_create_direct(ann, [bob])
    own = await workspace.rooms.get_or_create_direct(ann, [bot])
    reader = await open_reader()
    await others.post(ann, "between us", "1")
    await own.post(ann, "to the bot", "2")
    assert await read_texts(reader, 1) == ["to the bot"]
    assert await reader.next_events() == ()


async def test_reader_that_opens_while_another_leaves_reads_on_from_its_place(
    open_reader: OpenReader, lobby: Room, ann: Person
) -> None:
    first = await open_reader()
    cursor = first.cursor
    await post_numbers(lobby, ann, 1, 20)
    first.close()
    await post_numbers(lobby, ann, 21, 40)
    second = await open_reader(cursor)
    await post_numbers(lobby, ann, 41, 60)
    assert await read_texts(second, 60) == [str(n) for n in range(1, 61)]
    third = await open_reader(second.cursor)
    second.close()
    await post_numbers(lobby, ann, 61, 65)
    assert await read_texts(third, 5) == [str(n) for n in range(61, 66)]
    assert await third.next_events() == ()
    assert await third.wait(0.01) is False
    assert not third.is_behind


async def test_cursor_from_before_a_restored_copy_is_refused_however_far_the_chat_has_gone_on(
    tmp_path: Path,
) -> None:
    folder, copy = tmp_path / "data", tmp_path / "copy"
    folder.mkdir()
    workspace, _ = await open_workspace(folder, lambda topic, event: None)
    (ann,) = await sign_in(workspace, "Ann")
    secret = await make_token(workspace, await make_bot(workspace, ann), Scope.READ)
    before = await cursor_of_now(workspace, secret)
    await workspace.close()
    shutil.copytree(folder, copy)
    workspace, _ = await open_workspace(folder, lambda topic, event: None)
    await post_numbers(await workspace.rooms.by_slug(ann, "lobby"), ann, 1, 3)
    lost = await cursor_of_now(workspace, secret)
    await workspace.close()
    workspace, _ = await open_workspace(copy, lambda topic, event: None)
    await post_numbers(await workspace.rooms.by_slug(ann, "lobby"), ann, 11, 16)
    session = await open_program_session(workspace, secret)
    with pytest.raises(CursorOutdated):
        await session.read_events(cursor=lost)
    reader = await session.read_events(cursor=before)
    assert await read_texts(reader, 6) == ["11", "12", "13", "14", "15", "16"]
    await workspace.close()


async def cursor_of_now(workspace: Workspace, secret: str) -> str:
    """The cursor that a program gets which begins now."""
    reader = await (await open_program_session(workspace, secret)).read_events()
    reader.close()
    return reader.cursor
