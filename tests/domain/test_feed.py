"""The feed: events arrive in any order, and each is published once, in order."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from chat.model.events import MessageChanged, MessagesPosted, room_topic
from chat.model.messages import Message, MessageKind, NewMessage
from chat.model.people import Person
from chat.model.rooms import RoomId
from chat.people.blocks import Blocks
from chat.rooms.feed import Feed
from chat.store.contract import Store
from chat.store.sqlite import open_sqlite
from tests.harness.domain import EventRecorder

ROOM: RoomId = 1


def numbers_of(recorder: EventRecorder) -> list[int]:
    """The numbers of the published messages, in the order of their events."""
    return [message.number for message in recorder.messages]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A fresh store."""
    opened = await open_sqlite(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
def recorder() -> EventRecorder:
    """The recorder of the published events."""
    return EventRecorder()


@pytest.fixture
async def feed(store: Store, recorder: EventRecorder) -> AsyncIterator[Feed]:
    """A feed that follows an empty room."""
    feed = Feed(store, blocks=Blocks(store, publish=recorder.on_event), publish=recorder.on_event)
    await feed.track(ROOM)
    yield feed
    await feed.close()


async def store_messages(store: Store, count: int) -> list[Message]:
    """Store messages of a new person without publishing them."""
    author = (await store.add_person(f"Author {uuid4().hex}")).person
    new_messages = (
        NewMessage(ROOM, author, MessageKind.TEXT, f"line {n}", f"{author.id}-{n}")
        for n in range(count)
    )
    return sorted(await asyncio.gather(*map(store.append, new_messages)), key=lambda m: m.number)


async def wait_for_tasks() -> None:
    """Wait for the feed's background tasks."""
    async with asyncio.timeout(20):
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


async def test_message_is_published_on_its_rooms_topic(
    store: Store, feed: Feed, recorder: EventRecorder
) -> None:
    (message,) = await store_messages(store, 1)
    feed.publish(MessageChanged(message, None))
    assert recorder.events == [(room_topic(ROOM), MessagesPosted((message,)))]


async def test_events_that_arrive_out_of_order_are_published_in_order(
    store: Store, feed: Feed, recorder: EventRecorder
) -> None:
    one, two, three, four, five = messages = await store_messages(store, 5)
    for message in (three, one, five, four):
        feed.publish(MessageChanged(message, None))
    assert numbers_of(recorder) == [1]
    feed.publish(MessageChanged(two, None))
    assert recorder.messages == messages


async def test_repeated_event_is_published_once(
    store: Store, feed: Feed, recorder: EventRecorder
) -> None:
    one, two, three = await store_messages(store, 3)
    with capture_logs() as logs:
        for message in (one, one, three, three, two, one, two, three):
            feed.publish(MessageChanged(message, None))
        assert numbers_of(recorder) == [1, 2, 3]
        await wait_for_tasks()
    assert numbers_of(recorder) == [1, 2, 3]
    assert logs == []


async def test_missing_event_is_read_from_the_store_when_its_successor_arrives(
    store: Store, feed: Feed, recorder: EventRecorder
) -> None:
    messages = await store_messages(store, 4)
    feed.publish(MessageChanged(messages[0], None))
    feed.publish(MessageChanged(messages[3], None))
    assert numbers_of(recorder) == [1]
    await recorder.wait_for_messages(4)
    assert recorder.messages == messages


async def test_gap_longer_than_a_page_is_published_completely(
    store: Store, feed: Feed, recorder: EventRecorder
) -> None:
    messages = await store_messages(store, 450)
    feed.publish(MessageChanged(messages[-1], None))
    await recorder.wait_for_messages(450)
    assert recorder.messages == messages


async def test_late_event_after_its_gap_was_filled_is_ignored(
    store: Store, feed: Feed, recorder: EventRecorder
) -> None:
    one, two, three = await store_messages(store, 3)
    feed.publish(MessageChanged(three, None))
    await recorder.wait_for_messages(3)
    feed.publish(MessageChanged(one, None))
    feed.publish(MessageChanged(two, None))
    await wait_for_tasks()
    assert numbers_of(recorder) == [1, 2, 3]


async def test_events_before_tracking_began_are_not_published(
    store: Store, recorder: EventRecorder
) -> None:
    untracked = await store_messages(store, 3)
    feed = Feed(store, blocks=Blocks(store, publish=recorder.on_event), publish=recorder.on_event)
    await feed.track(ROOM)
    (new,) = await store_messages(store, 1)
    for message in (*untracked, new):
        feed.publish(MessageChanged(message, None))
    assert numbers_of(recorder) == [4]
    await feed.close()


async def test_event_that_arrives_during_a_gap_read_closes_the_gap(
    store: Store, feed: Feed, recorder: EventRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_started, resume, read_count = asyncio.Event(), asyncio.Event(), 0
    read_changes = store.changes

    async def slow_read(room: RoomId, number: int, limit: int) -> tuple[MessageChanged, ...]:
        nonlocal read_count
        read_count += 1
        page = await read_changes(room, number, limit)
        read_started.set()
        await resume.wait()
        return page

    monkeypatch.setattr(store, "changes", slow_read)
    one, two = await store_messages(store, 2)
    with capture_logs() as logs:
        feed.publish(MessageChanged(two, None))
        await read_started.wait()
        feed.publish(MessageChanged(one, None))
        assert numbers_of(recorder) == [1, 2]
        resume.set()
        await wait_for_tasks()
        read_count = 0
        (three,) = await store_messages(store, 1)
        feed.publish(MessageChanged(three, None))
        await wait_for_tasks()
    assert numbers_of(recorder) == [1, 2, 3]
    assert read_count == 0, "there is no gap to read any more"
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == []


async def test_concurrent_posts_are_published_in_number_order(
    store: Store, feed: Feed, recorder: EventRecorder
) -> None:
    ann, bob = (await store.add_person("Ann")).person, (await store.add_person("Bob")).person

    async def post(author: Person, n: int) -> None:
        message = await store.append(
            NewMessage(ROOM, author, MessageKind.TEXT, f"{author.name} {n}", str(n))
        )
        feed.publish(MessageChanged(message, None))

    await asyncio.gather(*(post(person, n) for n in range(100) for person in (ann, bob)))
    await recorder.wait_for_messages(200)
    assert numbers_of(recorder) == list(range(1, 201))


async def test_announced_message_is_held_by_the_feed_as_it_is_now(store: Store, feed: Feed) -> None:
    messages = await store_messages(store, 600)
    for message in messages:
        feed.publish(MessageChanged(message, None))
    # The feed holds the last 500 messages.
    assert feed.message(ROOM, 600) == messages[-1]
    assert feed.message(ROOM, 101) == messages[100]
    for number in (-1, 0, 100, 601):
        assert feed.message(ROOM, number) is None
    for number in (1, 600):
        (reaction,) = await store.react(ROOM, number, messages[0].author.id, "👍")
        feed.publish(reaction)
        assert feed.message(ROOM, number) == reaction.message


async def test_feed_holds_no_message_while_an_event_is_missing(store: Store, feed: Feed) -> None:
    one, two, three = await store_messages(store, 3)
    for message in (one, three):
        feed.publish(MessageChanged(message, None))
    assert feed.message(ROOM, one.number) is None
    feed.publish(MessageChanged(two, None))
    assert feed.message(ROOM, one.number) == one


async def test_newest_page_of_the_feed_is_that_of_the_store(store: Store, feed: Feed) -> None:
    assert feed.newest(ROOM, 5) == await store.newest(ROOM, 5)
    for message in await store_messages(store, 4):
        feed.publish(MessageChanged(message, None))
    for limit in range(1, 7):
        assert feed.newest(ROOM, limit) == await store.newest(ROOM, limit)


async def test_newest_page_that_was_read_once_is_held_for_the_next_reader(store: Store) -> None:
    author = (await store_messages(store, 5))[0].author
    recorder = EventRecorder()
    feed = Feed(store, blocks=Blocks(store, publish=recorder.on_event), publish=recorder.on_event)
    await feed.track(ROOM)
    assert feed.newest(ROOM, 3) is None
    page = await store.newest(ROOM, 3)
    feed.keep_newest(ROOM, page)
    kept = feed.newest(ROOM, 3)
    assert kept == page
    assert kept is not None
    assert all(mine is theirs for mine, theirs in zip(kept.messages, page.messages, strict=True))
    assert feed.newest(ROOM, 4) is None, "the message before the page is missing"
    # An older page, or a shorter one, replaces nothing.
    feed.keep_newest(ROOM, await store.newest(ROOM, 2))
    assert feed.newest(ROOM, 3) == page
    for change in await store.edit(ROOM, 5, author.id, "edited"):
        feed.publish(change)
    feed.keep_newest(ROOM, page)
    assert feed.newest(ROOM, 1) == await store.newest(ROOM, 1)
    await feed.close()


async def test_feed_has_no_newest_page_while_an_event_is_missing(store: Store, feed: Feed) -> None:
    first, _, third = await store_messages(store, 3)
    feed.publish(MessageChanged(first, None))
    assert feed.newest(ROOM, 1) is not None
    feed.publish(MessageChanged(third, None))
    assert feed.newest(ROOM, 1) is None
    await wait_for_tasks()
    assert feed.newest(ROOM, 1) == await store.newest(ROOM, 1)
