"""A house without a server: what it announces is heard, and screens show what they were told."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, Protocol, TypeVar

from chat.files.limits import UploadLimits
from chat.model.events import (
    PRESENCE_TOPIC,
    MembershipUpdated,
    MessageChanged,
    MessageNotification,
    MessagesPosted,
    PersonUpdated,
    RoomUpdated,
    person_topic,
    room_topic,
)
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.model.rooms import RoomId, RoomInfo
from chat.rooms.feed import with_current_profiles
from chat.rooms.room import Room
from chat.store.sqlite import open_sqlite
from chat.workspace.workspace import Workspace
from tests.harness.waiting import wait_until

EVERYTHING = 100_000

_LIMITS = UploadLimits()

Story = TypeVar("Story")

# A database in which nobody has been, as the product makes it: once for all tests of a worker.
_empty = bytearray()


async def nobody_was_in(folder: Path) -> Path:
    """Make a folder in which a chat ended before anybody came.

    The steps from no folder at all are taken by the command in each of its tests.
    """
    if not _empty:
        with TemporaryDirectory() as made:
            store = await open_sqlite(Path(made))
            await store.close()
            _empty.extend(_database(made).read_bytes())
    _database(folder).write_bytes(_empty)
    return folder


def _database(folder: Path | str) -> Path:
    path = Path(folder) / "chat.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


class Listener(Protocol):
    """What shows something that changes by what is announced."""

    def hear(self, event: object) -> None:
        """What is announced."""


class Ear:
    """Hears all that a house announces, and repeats it to whoever listens to a topic."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, object]] = []
        self._listeners: list[tuple[str, Listener]] = []

    def hear(self, topic: str, event: object) -> None:
        """What is given to the house as `announce`."""
        self.heard.append((topic, event))
        for wanted, listener in self._listeners:
            if wanted == topic:
                listener.hear(event)

    def listen(self, topic: str, listener: Listener) -> None:
        """From now on a listener hears of a topic."""
        self._listeners.append((topic, listener))

    def forget(self) -> None:
        """What was heard so far is of no interest, nor who listened."""
        self.heard.clear()
        self._listeners.clear()

    def of_room(self, room: RoomId) -> list[object]:
        """What was announced in a room."""
        return [event for topic, event in self.heard if topic == room_topic(room)]

    def seats_of(self, person: Person) -> list[MembershipUpdated]:
        """What a person was told of their places."""
        return [event for event in self._told(person) if isinstance(event, MembershipUpdated)]

    def calls_of(self, person: Person) -> list[str]:
        """The texts by which a person was called."""
        return [
            event.message.text
            for event in self._told(person)
            if isinstance(event, MessageNotification)
        ]

    @contextmanager
    def calls(self, *people: Person) -> Iterator[dict[str, list[str]]]:
        """Who is called by what, from here to the end of the block."""
        self.heard.clear()
        called = dict[str, list[str]]()
        yield called
        called |= {who.name: texts for who in people if (texts := self.calls_of(who))}

    def _told(self, person: Person) -> list[object]:
        topic = person_topic(person.id)
        return [event for heard, event in self.heard if heard == topic]


class Screen:
    """A room as somebody shows it who read it once and hears what happens since."""

    def __init__(self, recorder: Ear, room: Room, person: Person) -> None:
        self.room: RoomInfo = room.info
        self.messages: dict[int, Message] = {}
        self._open_room = room
        self._person = person
        self._ear = recorder

    async def begins(self, *, hears_first: bool = True) -> "Screen":
        """Read the room: what is heard meanwhile is newer than what is read, or the same.

        A page is of the moment at which it comes: who hears first from then on has to ask only
        for what was said since it was read.
        """
        if hears_first:
            self._listens()
        page = await self._open_room.newest(self._person, EVERYTHING)
        for message in page.messages:
            self._place(message)
        if not hears_first:
            self._listens()
            self.room = self._open_room.info
            for message in self._open_room.recent(max(self.messages, default=0)) or ():
                self._place(message)
        return self

    def hear(self, event: object) -> None:
        """What is announced in the room."""
        if isinstance(event, MessagesPosted):
            for message in event.messages:
                self._place(message)
        elif isinstance(event, MessageChanged):
            self._place(event.message)
        elif isinstance(event, RoomUpdated):
            self.room = event.room
        elif isinstance(event, PersonUpdated):
            known = {event.person.id: event.person}
            self.messages = {
                n: with_current_profiles(each, known) for n, each in self.messages.items()
            }

    async def is_true(self) -> None:
        """Hold what it shows against the room as it is."""
        fresh = await self._open_room.newest(self._person, EVERYTHING)
        shown = tuple(self.messages[number] for number in sorted(self.messages))
        assert shown == fresh.messages
        assert self.room == self._open_room.info

    def _listens(self) -> None:
        self._ear.listen(self._open_room.pubsub_topic, self)
        self._ear.listen(PRESENCE_TOPIC, self)

    def _place(self, message: Message) -> None:
        known = self.messages.get(message.number)
        if known is None or message.change_number > known.change_number:
            self.messages[message.number] = message


async def sends(workspace: Workspace, person: Person, room: Room, name: str, data: bytes) -> str:
    """Somebody sends a file: the id of the upload, which can be part of a message."""

    async def pieces() -> AsyncIterator[bytes]:
        yield data

    upload = await room.begin_upload(person, name, len(data))
    await workspace.uploads.receive(upload, len(data), pieces())
    return upload.id


async def settled(workspace: Workspace) -> None:
    """Wait until the house does nothing any more, and nothing is due in it."""
    seats, reading = workspace.memberships, workspace.memberships._read_positions
    owners = [each._tasks for each in (seats, reading, workspace._feed, workspace.rooms)]

    def rests() -> bool:
        now = (seats._to_reload, seats._to_publish, reading._unsaved)
        return not any(owner._running for owner in owners) and not any(now)

    await wait_until(rests, 20, 0.001)


async def come_in(workspace: Workspace, *names: str) -> list[Person]:
    """People who have come in and are where everybody is."""
    people = [await workspace.people.sign_in(name, f"token of {name}") for name in names]
    for person in people:
        await workspace.on_signed_in(person)
    return people


async def said(room: Room, person: Person) -> list[tuple[MessageKind, str]]:
    """What stands in a room."""
    return [(each.kind, each.text) for each in (await room.newest(person)).messages]


class Stage(Generic[Story]):
    """One house, in a loop of its own, in which story after story happens."""

    def __init__(self, folder: Path, limits: UploadLimits = _LIMITS) -> None:
        self._runner = asyncio.Runner()
        self._ear = Ear()
        self._house = self._runner.run(Workspace.open(folder, self._ear.hear, limits))

    def plays(self, story: Story) -> None:
        """Let a story happen."""
        self._runner.run(self._story(story))

    def ends(self) -> None:
        """Everybody goes home."""
        self._runner.run(self._house.close())
        self._runner.close()

    async def _story(self, story: Story) -> None:
        raise NotImplementedError
