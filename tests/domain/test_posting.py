"""Posting: a message is checked, stored, and only then published."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from chat.errors import BadText, NoSuchRoom, NotStored
from chat.model.events import MessagesPosted
from chat.model.messages import MessageKind
from chat.model.people import Person
from chat.rooms.drafts import DRAFT_LIMIT
from chat.rooms.history import PAGE_SIZE
from chat.rooms.room import Room
from chat.text.message_text import TEXT_LIMIT
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder


class MessageRecorder(EventRecorder):
    """Records, with each event of new messages, the last number that is stored at that moment."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.last_stored_numbers: list[int] = []
        self._folder = folder

    def on_event(self, topic: str, event: object) -> None:
        if isinstance(event, MessagesPosted):
            with closing(sqlite3.connect(self._folder / "chat.db")) as database:
                last = database.execute("SELECT max(number) FROM message").fetchone()[0]
            self.last_stored_numbers.append(last or 0)
            super().on_event(topic, event)

    @property
    def topics(self) -> set[str]:
        """The topics of the messages."""
        return {topic for topic, _ in self.events}

    @property
    def texts(self) -> list[str]:
        """The texts of the messages."""
        return [message.text for message in self.messages]


@pytest.fixture
def recorder(tmp_path: Path) -> MessageRecorder:
    """The recorder of the workspace's events."""
    return MessageRecorder(tmp_path)


@pytest.fixture
async def ann(workspace: Workspace) -> Person:
    """A person."""
    return await workspace.identity.sign_in("Ann", "token of Ann")


@pytest.fixture
async def bob(workspace: Workspace) -> Person:
    """Another person."""
    return await workspace.identity.sign_in("Bob", "token of Bob")


@pytest.fixture
async def lobby(workspace: Workspace, ann: Person, bob: Person) -> Room:
    """The lobby, with both people."""
    room = await workspace.resolve(ann, "/")
    for person in (ann, bob):
        await workspace.rooms.join(person, room, announce=False)
    return room


async def test_post_is_stored_and_published(
    lobby: Room, ann: Person, recorder: MessageRecorder
) -> None:
    message = await lobby.post(ann, "hello", "a1")
    assert (message.number, message.author, message.text) == (1, ann, "hello")
    assert message.kind is MessageKind.TEXT
    assert recorder.messages == [message]
    assert recorder.topics == {lobby.pubsub_topic}
    assert (await lobby.newest(ann)).messages == (message,)


async def test_message_is_published_only_after_it_is_stored(
    lobby: Room, ann: Person, recorder: MessageRecorder
) -> None:
    await asyncio.gather(*(lobby.post(ann, str(n), str(n)) for n in range(100)))
    assert [m.number for m in recorder.messages] == list(range(1, 101))
    pairs = zip(recorder.messages, recorder.last_stored_numbers, strict=True)
    assert all(message.number <= stored for message, stored in pairs)


@pytest.mark.parametrize(
    "text",
    ["", "  \n", "\u200b", "a\x00b", "\ud83d", "x" * (TEXT_LIMIT + 1)],
    ids=["nothing", "blank", "invisible", "NUL", "half a character", "too long"],
)
async def test_refused_text_is_neither_stored_nor_published(
    lobby: Room, ann: Person, recorder: MessageRecorder, text: str
) -> None:
    with pytest.raises(BadText):
        await lobby.post(ann, text, "a1")
    assert recorder.messages == []
    assert (await lobby.newest(ann)).messages == ()
    assert (await lobby.post(ann, "sorry", "a1")).number == 1


async def test_failed_write_raises_not_stored_and_publishes_nothing(
    workspace: Workspace, lobby: Room, ann: Person, recorder: MessageRecorder
) -> None:
    await workspace.close()
    with pytest.raises(NotStored) as error:
        await lobby.post(ann, "hello", "a1")
    assert "Nothing is lost" in str(error.value)
    assert recorder.messages == []


async def test_retried_post_is_one_message_published_once(
    lobby: Room, ann: Person, recorder: MessageRecorder
) -> None:
    first = await lobby.post(ann, "hello", "a1")
    assert await lobby.post(ann, "hello", "a1") == first
    await lobby.post(ann, "next", "a2")
    assert recorder.texts == ["hello", "next"]


async def test_cancelled_post_is_still_stored_and_published(
    lobby: Room, ann: Person, recorder: MessageRecorder
) -> None:
    post_task = asyncio.create_task(lobby.post(ann, "and then I", "a1"))
    await asyncio.sleep(0)
    post_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await post_task
    await recorder.wait_for_messages(1)
    assert recorder.texts == ["and then I"]
    assert (await lobby.newest(ann)).messages == tuple(recorder.messages)


async def test_closing_the_workspace_waits_for_running_posts(
    workspace: Workspace, lobby: Room, ann: Person, recorder: MessageRecorder
) -> None:
    post_task = asyncio.create_task(lobby.post(ann, "last words", "a1"))
    await asyncio.sleep(0)
    await workspace.close()
    assert recorder.texts == ["last words"]
    assert (await post_task).number == 1


async def test_system_messages_and_posts_share_one_order(
    lobby: Room, ann: Person, recorder: MessageRecorder
) -> None:
    await lobby.post_system_message(ann, MessageKind.JOINED)
    await lobby.post(ann, "hello", "a1")
    await lobby.post_system_message(ann, MessageKind.LEFT)
    assert [(m.number, m.kind) for m in recorder.messages] == [
        (1, MessageKind.JOINED),
        (2, MessageKind.TEXT),
        (3, MessageKind.LEFT),
    ]
    assert (await lobby.newest(ann)).messages == tuple(recorder.messages)


async def test_history_is_read_page_by_page(lobby: Room, ann: Person) -> None:
    posted = await asyncio.gather(*(lobby.post(ann, str(n), str(n)) for n in range(PAGE_SIZE + 10)))
    newest = await lobby.newest(ann)
    older = await lobby.before(ann, newest.messages[0].number)
    assert (len(newest.messages), len(older.messages)) == (PAGE_SIZE, 10)
    assert (*older.messages, *newest.messages) == tuple(sorted(posted, key=lambda m: m.number))
    assert (await lobby.after(ann, older.messages[-1].number)).messages == newest.messages


async def test_draft_is_private_and_cut_to_its_limit(lobby: Room, ann: Person, bob: Person) -> None:
    await lobby.save_draft(ann, "dear Bob,")
    assert await lobby.draft(ann) == "dear Bob,"
    assert await lobby.draft(bob) == ""
    await lobby.save_draft(ann, "x" * 1_000_000)
    assert TEXT_LIMIT < len(await lobby.draft(ann)) <= DRAFT_LIMIT


async def test_path_resolves_to_its_room_or_raises(
    workspace: Workspace, lobby: Room, ann: Person
) -> None:
    assert lobby.info.slug == "lobby"
    assert await workspace.rooms.by_slug(ann, "lobby") is lobby
    for path in ("", "/", "/chat", "/room/lobby", "room/lobby/", "/room/", "/room/lobby/7", "/x/y"):
        assert await workspace.resolve(ann, path) is lobby
    for slug in ("nowhere", "Lobby", "", "../lobby"):
        with pytest.raises(NoSuchRoom):
            await workspace.rooms.by_slug(ann, slug)
    with pytest.raises(NoSuchRoom):
        await workspace.resolve(ann, "/room/nowhere")


async def test_log_holds_no_message_draft_or_token(
    lobby: Room, ann: Person, workspace: Workspace
) -> None:
    with capture_logs() as logs:
        await lobby.post(ann, "my secret words", "a1")
        await lobby.save_draft(ann, "my secret words, unsent")
        await workspace.identity.sign_in("Cid", "the secret token")
    assert logs != []
    assert "secret" not in str(logs)
