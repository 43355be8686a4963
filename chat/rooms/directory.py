"""The rooms of a chat: found, made, joined, changed and left."""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

import structlog

from chat.errors import BadRoom, NoSuchMessage, NoSuchRoom, Phrase, phrase
from chat.files.uploads import Uploads
from chat.model.events import RoomNow
from chat.model.messages import Kind
from chat.model.people import Person, PersonId
from chat.model.rooms import Heed, NewRoom, Room, RoomId, RoomKind
from chat.people.people import People
from chat.rooms.feed import Feed
from chat.rooms.memberships import Seats
from chat.rooms.open_rooms import OpenRooms
from chat.rooms.room import OpenRoom
from chat.store.contract import Store
from chat.tasks import Tasks
from chat.text.room_names import (
    checked_title,
    checked_topic,
    direct_slug,
    slug_of,
    thread_slug,
    thread_title,
)

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

LOBBY = "lobby"

# The kinds that people make, name and leave.
_MADE = (RoomKind.PUBLIC, RoomKind.PRIVATE)

# So many people may be in a direct conversation; for more there are private rooms.
DIRECT_LIMIT = 9


class Rooms:
    """All rooms of one process."""

    def __init__(
        self, store: Store, feed: Feed, seats: Seats, people: People, uploads: Uploads
    ) -> None:
        self._store = store
        self._feed = feed
        self._seats = seats
        self._people = people
        self._open = OpenRooms(store, feed, self, uploads)
        self._retitling = asyncio.Lock()
        self._tasks = Tasks()

    @property
    def owner(self) -> PersonId | None:
        """Who came in first."""
        return self._people.owner

    def here(self) -> Iterable[PersonId]:
        """Who is connected now."""
        return [each.id for each in self._people.here.people]

    async def enter(self, person: Person, slug: str) -> OpenRoom:
        """The room with this address, for somebody who may read it; a public one is joined.

        Raises NoSuchRoom.
        """
        room = await self._open.at(slug)
        room.check_reading(person)
        if room.room.kind is RoomKind.PUBLIC and not room.room.archived:
            await self.join(person, room)
        return room

    async def everybody(self) -> tuple[Person, ...]:
        """Who came in and has not left for good: all are in the lobby."""
        return tuple((await self._open.at(LOBBY)).members.values())

    async def look_up(self, person: Person, slug: str) -> OpenRoom:
        """As `enter`, without joining."""
        room = await self._open.at(slug)
        room.check_reading(person)
        return room

    async def of_id(self, person: Person, room: RoomId) -> OpenRoom:
        """As `look_up`, for a room whose number is known."""
        found = await self._open.of_id(room)
        found.check_reading(person)
        return found

    async def listed(self) -> tuple[Room, ...]:
        """The public rooms in order of title, archived ones too."""
        return await self._store.rooms()

    async def make(
        self,
        maker: Person,
        title: str,
        kind: RoomKind = RoomKind.PUBLIC,
        topic: str = "",
        invited: Sequence[Person] = (),
    ) -> OpenRoom:
        """A new public or private room with its maker and those invited in it.

        Raises BadRoom, whose child SlugTaken has a suggestion.
        """
        title, topic = checked_title(title), checked_topic(topic)
        if kind not in _MADE:
            raise BadRoom("A room is public or private. Choose one of these.")
        people = {each.id: each for each in (maker, *invited)}
        new = NewRoom(slug_of(title), title, topic, kind, maker, tuple(people))
        return await self._done(self._make(new, list(people.values())[1:]))

    async def direct(self, person: Person, others: Sequence[Person]) -> OpenRoom:
        """The conversation between these people, made if there is none yet. Raises BadRoom."""
        people = {each.id: each for each in (person, *others)}
        if len(people) > DIRECT_LIMIT:
            raise BadRoom(
                "{limit} people fit in a direct conversation. Make a private room instead.",
                limit=DIRECT_LIMIT,
            )
        slug = direct_slug(frozenset(people))
        new = NewRoom(slug, "", "", RoomKind.DIRECT, person, tuple(people))
        return await self._done(self._one_of(new))

    async def thread(self, person: Person, room: OpenRoom, number: int) -> OpenRoom:
        """The thread about a message, made if there is none yet. Raises NoSuchMessage.

        Its author follows it, and so do all who reply.
        """
        message = await room.message(person, number)
        if message.kind is not Kind.TEXT or message.gone or room.parent is not None:
            raise NoSuchMessage
        slug = thread_slug(room.room.id, number)
        if (found := await self._store.room(slug)) is not None:
            return await self._open.of_id(found.id)
        room.check_writing(person)
        if message.deleted:
            raise NoSuchMessage
        author = (message.author.id,) if message.author.id in room.members else ()
        title, parent = thread_title(message.gist), (room.room.id, number)
        new = NewRoom(slug, title, "", RoomKind.THREAD, person, author, parent)
        return await self._done(self._one_of(new))

    async def join(self, person: Person, room: OpenRoom, *, aloud: bool = True) -> None:
        """Put `person` into a room that they may read, and tell those in it."""
        room.check_reading(person)
        if room.parent is not None and person.id not in room.parent.members:
            raise NoSuchRoom
        if person.id not in room.members:
            await self._done(self._join(person, room, aloud))

    async def invite(self, person: Person, room: OpenRoom, guest: Person) -> None:
        """Put somebody else into a room. Raises BadRoom for a direct conversation."""
        room.check_writing(person)
        if room.room.kind not in _MADE:
            raise BadRoom("Nobody can be added here. Start another conversation with them.")
        if guest.id in room.members or not await self._done(self._invite(person, room, guest)):
            raise BadRoom("{name} is in this room already.", name=guest.name)

    async def leave(self, person: Person, room: OpenRoom) -> None:
        """Take `person` out of a room and its threads. Raises BadRoom where nobody can leave."""
        room.check_reading(person)
        if room.room.slug == LOBBY:
            raise BadRoom("Everybody is in this room. Mute it instead.")
        if room.room.kind is RoomKind.DIRECT:
            raise BadRoom("A direct conversation cannot be left. Mute it instead.")
        if person.id in room.members:
            await self._done(self._leave(person, room))

    async def forget(self, person: Person) -> None:
        """Somebody leaves the chat for good: they are in no room any more.

        In a direct conversation they stay, so that it is still called by their name.
        """
        await self._store.leave(None, person.id)
        self._open.drop(person.id, lambda each: each.room.kind is not RoomKind.DIRECT)

    async def heed(self, person: Person, room: OpenRoom, what: Heed) -> None:
        """What of a room is to call `person`. Raises NoSuchRoom if they are not in it."""
        room.check_reading(person)
        await self._store.heed(room.room.id, person.id, what)
        await self._seats.renew([person.id], room.room.id)

    async def rename(self, person: Person, room: OpenRoom, title: str) -> None:
        """Call a room otherwise; its address stays. Raises BadRoom, NotYours."""
        self._check_affairs(person, room, phrase("rename it"))
        title = checked_title(title)
        if title != room.room.title:
            changing = self._store.change_room(room.room.id, title=title)
            await self._done(self._become(room, changing, person, Kind.RENAMED, title))

    async def describe(self, person: Person, room: OpenRoom, topic: str) -> None:
        """Say what a room is about: anybody in it may. Raises BadRoom."""
        room.check_reading(person)
        if person.id not in room.members or room.room.kind not in _MADE:
            raise NoSuchRoom
        topic = checked_topic(topic)
        if topic != room.room.topic:
            changing = self._store.change_room(room.room.id, topic=topic)
            await self._done(self._become(room, changing, person, Kind.TOPIC, topic))

    async def archive(self, person: Person, room: OpenRoom, *, archived: bool) -> None:
        """Let nothing more be said in a room, or open it again. Raises NotYours, BadRoom."""
        if room.room.slug == LOBBY:
            raise BadRoom("Everybody is in this room: it cannot be archived.")
        self._check_affairs(person, room, phrase("archive or reopen it"))
        if archived != room.room.archived:
            changing = self._store.change_room(room.room.id, archived=archived)
            kind = Kind.ARCHIVED if archived else Kind.REOPENED
            await self._done(self._become(room, changing, person, kind))

    async def retitle(self, room: OpenRoom, number: int) -> None:
        """A message says something else now: the thread about it is called by what it says."""
        async with self._retitling:
            now = await self._store.room(thread_slug(room.room.id, number))
            if now is not None:
                # Was it not open, it is called so already; for those who follow it, it is not.
                self._announce(await self._open.of_id(now.id), now)

    def look(self, person: Person) -> None:
        """A person looks otherwise."""
        for room in self._open:
            if person.id in room.members:
                room.members[person.id] = person

    async def close(self) -> None:
        """Wait for what is on its way."""
        await self._tasks.finish()
        for room in self._open:
            await room.close()

    def _check_affairs(self, person: Person, room: OpenRoom, what: Phrase) -> None:
        room.check_reading(person)
        if room.room.kind not in _MADE:
            raise NoSuchRoom
        room.check_care(person, what)

    async def _done(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Store and announce, even if the one who asked is gone before it is done."""
        return await asyncio.shield(self._tasks.start(work, "room"))

    async def _make(self, new: NewRoom, invited: Sequence[Person]) -> OpenRoom:
        room = await self._open.of_id((await self._store.make_room(new)).id)
        await room.tell(new.maker, Kind.MADE)
        for each in invited:
            await room.tell(new.maker, Kind.INVITED, each.name)
        await self._seats.renew(new.members, room.room.id)
        log.info("made a room", room=room.room.id, kind=new.kind.value, person=new.maker.id)
        return room

    async def _one_of(self, new: NewRoom) -> OpenRoom:
        room, is_new = await self._open.one_of(new)
        if is_new:
            await self._seats.renew(new.members, room.room.id)
        return room

    async def _join(self, person: Person, room: OpenRoom, aloud: bool) -> None:
        is_new = await self._store.join(room.room.id, person.id)
        room.members[person.id] = person = self._feed.known(person)
        if is_new:
            await self._seats.renew([person.id], room.room.id)
            if aloud and room.room.kind is not RoomKind.THREAD:
                await room.tell(person, Kind.JOINED, "" if room.room.slug == LOBBY else "room")

    async def _invite(self, person: Person, room: OpenRoom, guest: Person) -> bool:
        is_new = await self._store.join(room.room.id, guest.id)
        room.members[guest.id] = guest
        if is_new:
            await self._seats.renew([guest.id], room.room.id)
            await room.tell(person, Kind.INVITED, guest.name)
        return is_new

    async def _leave(self, person: Person, room: OpenRoom) -> None:
        if not await self._store.leave(room.room.id, person.id):
            return
        self._open.drop(person.id, lambda each: each is room or each.parent is room)
        self._seats.give_up(person.id, room.room.id)
        if room.room.kind is not RoomKind.THREAD:
            await room.tell(person, Kind.LEFT, "room")

    async def _become(
        self, room: OpenRoom, changing: Awaitable[Room], person: Person, kind: Kind, what: str = ""
    ) -> None:
        self._announce(room, await changing)
        await room.tell(person, kind, what)

    def _announce(self, room: OpenRoom, now: Room) -> None:
        """The room is another now: those in it, and those who look at it, are told."""
        if room.room != now:
            room.room = now
            self._feed.tell(now.id, RoomNow(now))
        self._seats.become(now)
