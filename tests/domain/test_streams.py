"""Streamed messages: pieces, the pace of the row, the end, and what happens without an end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from chat.errors import ChatError, StreamEnded, StreamFull, StreamGap, TooManyStreams
from chat.model.events import MessageChanged, MessageNotification, MessagesPosted
from chat.model.messages import Message
from chat.model.people import Person
from chat.model.programs import StreamState
from chat.programs.streams import (
    LENGTH_LIMIT,
    STREAMS_PER_AUTHOR,
    WRITE_SECONDS,
    Stream,
    Streams,
)
from chat.rooms.room import Room
from chat.text.message_text import TEXT_LIMIT
from chat.workspace.workspace import Workspace
from tests.harness.domain import open_workspace
from tests.harness.waiting import wait_until


@dataclass
class Desk:
    """A workspace with Ann, Bob, and Ann's bot in the lobby; and what was published."""

    folder: Path
    published: list[tuple[str, object]] = field(default_factory=list)

    async def start(self) -> None:
        """Open the workspace."""
        self.workspace: Workspace
        self.workspace, self.store = await open_workspace(
            self.folder, lambda topic, event: self.published.append((topic, event))
        )

    async def joins(self, name: str) -> Person:
        """Sign somebody in."""
        person = await self.workspace.identity.sign_in(name, name)
        await self.workspace.on_signed_in(person)
        return person

    async def fill(self) -> None:
        """Let everybody in."""
        self.ann, self.bob = await self.joins("Ann"), await self.joins("Bob")
        self.bot = await self.workspace.bots.create(self.ann, "ops")
        self.lobby: Room = await self.workspace.rooms.enter(self.bot, "lobby")

    async def begins(self, *, is_code: bool = False) -> Stream:
        """Begin a message of the bot."""
        return await self.workspace.streams.begin(self.lobby, self.bot, is_code=is_code)

    async def message(self, stream: Stream) -> Message:
        """The message as a reader finds it."""
        return await self.lobby.message(self.ann, stream.number)

    async def waits_until_written(self) -> None:
        """Wait until the message that grows has its first piece."""
        await wait_until(lambda: self.changes)

    @property
    def changes(self) -> list[MessageChanged]:
        """The published changes of messages."""
        return [event for _, event in self.published if isinstance(event, MessageChanged)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """The desk."""
    desk = Desk(tmp_path)
    await desk.start()
    await desk.fill()
    yield desk
    await desk.workspace.close()


async def test_pieces_become_one_message(desk: Desk) -> None:
    stream = await desk.begins()
    for word in ("Building", " the", " page"):
        stream.append(word)
    await stream.finish()
    message = await desk.message(stream)
    assert (message.text, message.stream_state, message.edited_at) == (
        "Building the page",
        None,
        None,
    )
    assert await desk.lobby.revisions(desk.ann, stream.number) == ()
    assert len(desk.workspace.streams) == desk.workspace.streams.total_length == 0


async def test_row_follows_at_a_limited_pace(desk: Desk) -> None:
    stream = await desk.begins()
    loop = asyncio.get_running_loop()
    started = loop.time()
    for n in range(200):
        stream.append(f"token {n} ")
        await asyncio.sleep(0.005)
    await stream.finish()
    elapsed = loop.time() - started
    # One at once, one for each interval, and the end.
    assert 3 <= len(desk.changes) <= elapsed / WRITE_SECONDS + 2
    assert [each.completes_stream for each in desk.changes][-1]
    texts = [each.message.text for each in desk.changes]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert texts[-1].endswith("token 199 ")


async def test_repeated_piece_is_dropped_and_a_lost_one_is_named(desk: Desk) -> None:
    stream = await desk.begins()
    stream.append("Hello", at=0)
    stream.append("Hello", at=0)
    stream.append("lo, world", at=3)
    with pytest.raises(StreamGap, match="12 characters so far") as gap:
        stream.append("!", at=13)
    assert gap.value.length == 12
    stream.append("!", at=12)
    await stream.finish()
    assert (await desk.message(stream)).text == "Hello, world!"


async def test_long_stream_shows_its_last_lines_and_has_all_as_a_file(desk: Desk) -> None:
    stream = await desk.begins(is_code=True)
    lines = [f"{n:05} a line of the build" for n in range(2000)]
    for each in lines:
        stream.append(each + "\n")
    await stream.finish()
    message = await desk.message(stream)
    assert len(message.text) <= TEXT_LIMIT
    assert message.text.startswith("```\n…\n01")
    assert message.text.endswith("01999 a line of the build\n```")
    (file,) = message.files
    whole = "\n".join([*lines, ""])
    assert (file.name, file.blob.size) == ("output.txt", len(whole))


async def test_complete_message_is_found_and_notifies_once(desk: Desk) -> None:
    stream = await desk.begins()
    desk.published.clear()
    stream.append("@Ann the garden ")
    await desk.waits_until_written()
    assert (await desk.workspace.search(desk.ann, "garden", None))[1] == ()
    stream.append("is watered")
    await stream.finish()
    _, hits = await desk.workspace.search(desk.ann, "watered mentions:me", None)
    assert [each.message.number for each in hits] == [stream.number]
    message = await desk.message(stream)
    assert message.mentions == {desk.ann.id}


async def test_nobody_is_called_by_a_stream(desk: Desk) -> None:
    stream = await desk.begins()
    stream.append("@everyone @here look")
    await stream.finish()
    assert (await desk.message(stream)).mentions == frozenset()


async def test_stream_without_an_end_is_marked_at_the_next_start(desk: Desk) -> None:
    stream = await desk.begins()
    stream.append("half a sen")
    await desk.waits_until_written()
    # As after a power cut: nothing ends the stream.
    store = desk.store
    await store.interrupt_streams()
    page = await store.newest(desk.lobby.info.id, 1)
    (message,) = page.messages
    assert (message.text, message.stream_state) == ("half a sen", StreamState.INTERRUPTED)
    with pytest.raises(StreamEnded):
        await stream.finish()


async def test_end_of_the_chat_interrupts_what_is_being_written(desk: Desk) -> None:
    stream = await desk.begins()
    stream.append("half a sen")
    await desk.workspace.close()
    await desk.start()
    lobby = await desk.workspace.rooms.by_slug(desk.ann, "lobby")
    message = await lobby.message(desk.ann, stream.number)
    assert (message.text, message.stream_state) == ("half a sen", StreamState.INTERRUPTED)


async def test_silent_writer_is_taken_to_be_gone(desk: Desk) -> None:
    streams = Streams(idle_seconds=0.3)
    stream = await streams.begin(desk.lobby, desk.bot)
    stream.append("half a sen")
    await wait_until(lambda: not len(streams))
    assert (await desk.message(stream)).stream_state is StreamState.INTERRUPTED
    with pytest.raises(StreamEnded):
        stream.append("tence")


async def test_deleted_message_ends_its_stream(desk: Desk) -> None:
    stream = await desk.begins()
    stream.append("wrong")
    await desk.waits_until_written()
    await desk.lobby.delete(desk.bot, stream.number)
    stream.append(" and more")
    with pytest.raises(ChatError):
        await stream.finish()
    await desk.lobby.restore(desk.bot, stream.number)
    message = await desk.message(stream)
    assert (message.text, message.stream_state) == ("wrong", None)
    _, hits = await desk.workspace.search(desk.ann, "wrong", None)
    assert len(hits) == 1


async def test_streams_are_limited(desk: Desk) -> None:
    streams = [await desk.begins() for _ in range(STREAMS_PER_AUTHOR)]
    with pytest.raises(TooManyStreams):
        await desk.begins()
    streams[0].append("x" * LENGTH_LIMIT)
    with pytest.raises(StreamFull):
        streams[0].append("x")
    await streams[0].finish()
    assert desk.workspace.streams.total_length == 0
    assert await desk.begins()


async def test_repeated_client_id_is_the_same_message(desk: Desk) -> None:
    streams = desk.workspace.streams
    first = await streams.begin(desk.lobby, desk.bot, client_id="once")
    assert await streams.begin(desk.lobby, desk.bot, client_id="once") is first
    await first.finish()
    with pytest.raises(StreamEnded):
        await streams.begin(desk.lobby, desk.bot, client_id="once")


async def test_person_who_is_elsewhere_is_notified_at_the_end(desk: Desk) -> None:
    await desk.workspace.memberships.session_connected(desk.bob, "tab")
    stream = await desk.begins()
    stream.append("@Bob look")
    await desk.waits_until_written()
    assert not any(isinstance(event, MessageNotification) for _, event in desk.published)
    await stream.finish()
    notified = [event for _, event in desk.published if isinstance(event, MessageNotification)]
    assert [(each.message.number, each.message.text) for each in notified] == [
        (stream.number, "@Bob look")
    ]
    posted = [event for _, event in desk.published if isinstance(event, MessagesPosted)]
    assert posted[-1].messages[-1].stream_state is StreamState.STREAMING


async def test_archived_room_interrupts_what_is_written_there(desk: Desk) -> None:
    room = await desk.workspace.rooms.create(desk.ann, "Builds", invited=[desk.bot])
    stream = await desk.workspace.streams.begin(room, desk.bot)
    stream.append("half a sen")
    await desk.waits_until_written()
    await desk.workspace.rooms.set_archived(desk.ann, room, archived=True)
    stream.append("tence")
    await wait_until(lambda: desk.changes[-1].message.stream_state is StreamState.INTERRUPTED)
    assert len(desk.workspace.streams) == 0
    message = await room.message(desk.ann, stream.number)
    assert (message.text, message.stream_state) == ("half a sentence", StreamState.INTERRUPTED)
