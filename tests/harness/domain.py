"""A workspace without a server: a recorder of its events, and views that follow them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, Protocol, TypeVar

from chat.files.limits import UploadLimits
from chat.files.storage import FolderStorage
from chat.model.events import (
    PRESENCE_TOPIC,
    MembershipUpdated,
    MessageChanged,
    MessageNotification,
    MessagesPosted,
    OnlinePeople,
    PersonUpdated,
    Publish,
    RoomUpdated,
    person_topic,
    room_topic,
)
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.model.rooms import RoomId, RoomInfo
from chat.rooms.feed import with_current_profiles
from chat.rooms.memberships import MembershipTimings
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.store.sqlite import open_sqlite
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.activity import MANY_ACTS
from tests.harness.waiting import wait_until

NO_LIMIT = 100_000

# Batched events are published in the next iteration of the event loop.
NO_DELAY = Timings(
    rename_seconds=0.0,
    feed_gap_wait=0.0,
    memberships=MembershipTimings(batch_delay=0.0),
    activity=MANY_ACTS,
)

_DEFAULT_LIMITS = UploadLimits()

Story = TypeVar("Story")

# A database without people, created once for all tests of a worker.
_empty_database = bytearray()


async def create_empty_database(folder: Path) -> Path:
    """Put an empty database into a folder.

    (The tests of the command create their database from the start.)
    """
    if not _empty_database:
        with TemporaryDirectory() as template_folder:
            store = await open_sqlite(Path(template_folder))
            await store.close()
            _empty_database.extend(_database_path(template_folder).read_bytes())
    _database_path(folder).write_bytes(_empty_database)
    return folder


def _database_path(folder: Path | str) -> Path:
    path = Path(folder) / "chat.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def names_in(event: object) -> list[str]:
    """The names of the people in a presence event."""
    assert isinstance(event, OnlinePeople)
    return [person.name for person in event.people]


def member_names(room: Room) -> set[str]:
    """The names of the members of a room."""
    return {person.name for person in room.members.values()}


class EventListener(Protocol):
    """A view that changes with events."""

    def on_event(self, event: object) -> None:
        """Called with each event of the topic."""


class EventRecorder:
    """Records all events of a workspace, and forwards them to the listeners of their topics."""

    def __init__(self) -> None:
        self.events: list[tuple[str, object]] = []
        self._event_arrived = asyncio.Event()
        self._listeners: list[tuple[str, EventListener]] = []

    def on_event(self, topic: str, event: object) -> None:
        """The `publish` of a workspace, a feed or a presence."""
        self.events.append((topic, event))
        self._event_arrived.set()
        for subscribed_topic, listener in self._listeners:
            if subscribed_topic == topic:
                listener.on_event(event)

    async def until(self, condition: Callable[[], object], seconds: float = 5) -> None:
        """Wait until a condition is true after an event. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._event_arrived.clear()
                await self._event_arrived.wait()

    @property
    def messages(self) -> list[Message]:
        """All posted messages in the order of their events."""
        posted = [event for _, event in self.events if isinstance(event, MessagesPosted)]
        return [message for event in posted for message in event.messages]

    async def wait_for_messages(self, count: int) -> None:
        """Wait until this number of messages was posted."""
        await self.until(lambda: len(self.messages) >= count)

    async def next_presence(self) -> list[str]:
        """Wait for the next presence event; returns the names of the people who are online."""
        before = len(self.events_of(PRESENCE_TOPIC))
        await self.until(lambda: len(self.events_of(PRESENCE_TOPIC)) > before)
        return names_in(self.events_of(PRESENCE_TOPIC)[-1])

    async def wait_for_presence(self, *names: str) -> None:
        """Wait until exactly these people are online."""
        while await self.next_presence() != list(names):
            pass

    def events_of(self, topic: str) -> list[object]:
        """The events of one topic."""
        return [event for each, event in self.events if each == topic]

    def subscribe(self, subscribed_topic: str, listener: EventListener) -> None:
        """Repeat the events of a topic to a listener from now on."""
        self._listeners.append((subscribed_topic, listener))

    def reset(self) -> None:
        """Forget all events and listeners."""
        self.events.clear()
        self._listeners.clear()

    def events_of_room(self, room: RoomId) -> list[object]:
        """The events of a room."""
        return [event for topic, event in self.events if topic == room_topic(room)]

    def membership_updates_of(self, person: Person) -> list[MembershipUpdated]:
        """The membership events of a person."""
        return [
            event
            for event in self._events_of_person(person)
            if isinstance(event, MembershipUpdated)
        ]

    def notified_texts_of(self, person: Person) -> list[str]:
        """The texts of the messages that a person was notified of."""
        return [
            event.message.text
            for event in self._events_of_person(person)
            if isinstance(event, MessageNotification)
        ]

    @contextmanager
    def recorded_notifications(self, *people: Person) -> Iterator[dict[str, list[str]]]:
        """The notifications of each person from here to the end of the block."""
        self.events.clear()
        texts_by_name = dict[str, list[str]]()
        yield texts_by_name
        texts_by_name |= {
            person.name: texts for person in people if (texts := self.notified_texts_of(person))
        }

    def _events_of_person(self, person: Person) -> list[object]:
        topic = person_topic(person.id)
        return [event for event_topic, event in self.events if event_topic == topic]


class ReplayedRoom:
    """A room as a client shows it that loaded it once and has received its events since."""

    def __init__(self, recorder: EventRecorder, room: Room, person: Person) -> None:
        self.info: RoomInfo = room.info
        self.messages: dict[int, Message] = {}
        self._room = room
        self._person = person
        self._recorder = recorder

    async def load(self, *, subscribe_first: bool = True) -> "ReplayedRoom":
        """Load the room and subscribe to its events.

        Events received during the load may be newer than the page: `_apply` keeps the newer
        version of each message. With `subscribe_first=False` the messages posted between the load
        and the subscription come from the recent messages of the feed.
        """
        if subscribe_first:
            self._subscribe()
        # One page is mostly what the feed holds, the other one is read from the store.
        room, person = self._room, self._person
        page = await (
            room.newest(person, NO_LIMIT) if subscribe_first else room.after(person, 0, NO_LIMIT)
        )
        for message in page.messages:
            self._apply(message)
        if not subscribe_first:
            self._subscribe()
            self.info = self._room.info
            for message in self._room.recent(max(self.messages, default=0)) or ():
                self._apply(message)
        return self

    def on_event(self, event: object) -> None:
        """Apply an event of the room."""
        if isinstance(event, MessagesPosted):
            for message in event.messages:
                self._apply(message)
        elif isinstance(event, MessageChanged):
            self._apply(event.message)
            for number in event.quoting:
                if (quoting := self.messages.get(number)) is not None:
                    self.messages[number] = quoting.with_quoted(event.message)
        elif isinstance(event, RoomUpdated):
            self.info = event.room
        elif isinstance(event, PersonUpdated):
            profiles = {event.person.id: event.person}
            self.messages = {
                n: with_current_profiles(each, profiles) for n, each in self.messages.items()
            }

    async def assert_matches_store(self) -> None:
        """Compare the messages shown with those in the store."""
        stored = await self._room.after(self._person, 0, NO_LIMIT)
        shown = tuple(self.messages[number] for number in sorted(self.messages))
        assert shown == stored.messages
        assert self.info == self._room.info

    def _subscribe(self) -> None:
        self._recorder.subscribe(self._room.pubsub_topic, self)
        self._recorder.subscribe(PRESENCE_TOPIC, self)

    def _apply(self, message: Message) -> None:
        current = self.messages.get(message.number)
        if current is None or message.change_number > current.change_number:
            self.messages[message.number] = message


async def upload_file(
    workspace: Workspace, person: Person, room: Room, name: str, data: bytes
) -> str:
    """Upload a file. Returns the id of the upload, for a message."""

    async def chunks() -> AsyncIterator[bytes]:
        yield data

    upload = await room.begin_upload(person, name, len(data))
    await workspace.uploads.receive(upload, len(data), chunks())
    return upload.id


async def open_workspace(folder: Path, publish: Publish) -> tuple[Workspace, Store]:
    """The workspace of a folder, with its store, as after a restart of the process."""
    store = await open_sqlite(folder)
    storage, timings = FolderStorage(folder / "files"), Timings(activity=MANY_ACTS)
    return await Workspace.start(store, storage, publish, timings=timings), store


async def settled(workspace: Workspace) -> None:
    """Wait until the workspace is idle."""
    await wait_until(lambda: workspace.is_idle, 20, 0.001)


async def sign_in(workspace: Workspace, *names: str) -> list[Person]:
    """Sign people in on the computer of the chat, and add them to the lobby."""
    people = [
        await workspace.identity.sign_in(name, f"token of {name}", is_local=True) for name in names
    ]
    for person in people:
        await workspace.on_signed_in(person)
    return people


async def entries_of(room: Room, person: Person) -> list[tuple[MessageKind, str]]:
    """The kinds and texts of all messages of a room."""
    return [(each.kind, each.text) for each in (await room.newest(person)).messages]


class StoryRunner(Generic[Story]):
    """One workspace, in a loop of its own, for many stories."""

    def __init__(self, folder: Path, limits: UploadLimits = _DEFAULT_LIMITS) -> None:
        self._runner = asyncio.Runner()
        self._recorder = EventRecorder()
        self._store = self._runner.run(open_sqlite(folder))
        self._workspace = self._runner.run(
            Workspace.start(
                self._store,
                FolderStorage(folder / "files"),
                self._recorder.on_event,
                limits,
                NO_DELAY,
            )
        )

    def run(self, story: Story) -> None:
        """Run a story."""
        self._runner.run(self._run_story(story))

    def close(self) -> None:
        """Close the workspace."""
        self._runner.run(self._workspace.close())
        self._runner.close()

    async def _run_story(self, story: Story) -> None:
        raise NotImplementedError
