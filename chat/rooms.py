"""The rooms of a chat: found, made, joined, changed and left."""

import asyncio
from collections.abc import Iterable, Sequence

import structlog

from chat.errors import BadRoom, NoSuchMessage, NoSuchRoom
from chat.feed import Feed
from chat.messages import (
    Heed,
    Kind,
    NewRoom,
    Person,
    PersonId,
    Room,
    RoomId,
    RoomKind,
    RoomNow,
    Seat,
)
from chat.people import People
from chat.room import OpenRoom
from chat.seats import Seats
from chat.slugs import (
    TITLE_LIMIT,
    checked_title,
    checked_topic,
    direct_slug,
    slug_of,
    thread_slug,
)
from chat.store import Store

log = structlog.get_logger(__name__)

LOBBY = "lobby"

# So many people may be in a direct conversation; for more there are private rooms.
DIRECT_LIMIT = 9


class Rooms:
    """All rooms of one process; those that somebody was in stay open."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        seats: Seats,
        people: People,
    ) -> None:
        self._store = store
        self._feed = feed
        self._seats = seats
        self._people = people
        self._open: dict[RoomId, OpenRoom] = {}
        self._slugs: dict[str, RoomId] = {}
        self._opening = asyncio.Lock()

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
        room = await self._find(slug)
        room.check_reading(person)
        if room.room.kind is RoomKind.PUBLIC and not room.room.archived:
            await self.join(person, room)
        return room

    async def everybody(self) -> tuple[Person, ...]:
        """Who came in and has not left for good: all are in the lobby."""
        return tuple((await self._find(LOBBY)).members.values())

    async def look_up(self, person: Person, slug: str) -> OpenRoom:
        """As `enter`, without joining."""
        room = await self._find(slug)
        room.check_reading(person)
        return room

    async def of_id(self, person: Person, room: RoomId) -> OpenRoom:
        """As `look_up`, for a room whose number is known."""
        found = await self._opened(room)
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
        members = tuple(dict.fromkeys((maker.id, *(each.id for each in invited))))
        new = NewRoom(slug_of(title), title, topic, kind, maker, members)
        room = await self._opened((await self._store.make_room(new)).id)
        await room.tell(maker, Kind.MADE)
        for each in invited:
            await room.tell(maker, Kind.INVITED, each.name)
        await self._seat(room, members)
        log.info("made a room", room=room.room.id, kind=kind.value, person=maker.id)
        return room

    async def direct(self, person: Person, others: Sequence[Person]) -> OpenRoom:
        """The conversation between these people, made if there is none yet. Raises BadRoom."""
        people = {each.id: each for each in (person, *others)}
        if len(people) > DIRECT_LIMIT:
            raise BadRoom(
                f"{DIRECT_LIMIT} people fit in a direct conversation. Make a private room instead."
            )
        slug = direct_slug(frozenset(people))
        try:
            return await self.look_up(person, slug)
        except NoSuchRoom:
            return await self._direct(person, slug, people)

    async def thread(self, person: Person, room: OpenRoom, number: int) -> OpenRoom:
        """The thread about a message, made if there is none yet. Raises NoSuchMessage."""
        slug = thread_slug(room.room.id, number)
        room.check_reading(person)
        if (found := await self._store.room(slug)) is not None:
            return await self._opened(found.id)
        message = await room.message(person, number)
        if message.kind is not Kind.TEXT or message.deleted or room.parent is not None:
            raise NoSuchMessage
        author = (message.author.id,) if message.author.id in room.members else ()
        members = tuple(dict.fromkeys((*author, person.id)))
        title = message.text.strip().split("\n")[0][:TITLE_LIMIT]
        parent = (room.room.id, number)
        new = NewRoom(slug, title, "", RoomKind.THREAD, person, members, parent)
        async with self._opening:
            made = await self._store.room(slug) or await self._store.make_room(new)
        thread = await self._opened(made.id)
        await self._seat(thread, members)
        return thread

    async def join(self, person: Person, room: OpenRoom, *, aloud: bool = True) -> None:
        """Put `person` into a room that they may read, and tell those in it."""
        room.check_reading(person)
        if person.id in room.members:
            return
        room.members[person.id] = person
        if await self._store.join(room.room.id, person.id):
            if aloud and room.room.kind is not RoomKind.THREAD:
                await room.tell(person, Kind.JOINED, "" if room.room.slug == LOBBY else "room")
            await self._seat(room, [person.id])

    async def invite(self, person: Person, room: OpenRoom, guest: Person) -> None:
        """Put somebody else into a room. Raises BadRoom for a direct conversation."""
        room.check_reading(person)
        if room.room.kind not in {RoomKind.PUBLIC, RoomKind.PRIVATE}:
            raise BadRoom("Nobody can be added here. Start another conversation with them.")
        if person.id not in room.members:
            raise NoSuchRoom
        if guest.id in room.members:
            raise BadRoom(f"{guest.name} is in this room already.")
        room.members[guest.id] = guest
        await self._store.join(room.room.id, guest.id)
        await room.tell(person, Kind.INVITED, guest.name)
        await self._seat(room, [guest.id])

    async def leave(self, person: Person, room: OpenRoom) -> None:
        """Take `person` out of a room. Raises BadRoom where nobody can leave."""
        room.check_reading(person)
        if room.room.slug == LOBBY:
            raise BadRoom("Everybody is in this room. Mute it instead.")
        if person.id not in room.members:
            return
        if room.room.kind in {RoomKind.PUBLIC, RoomKind.PRIVATE}:
            await room.tell(person, Kind.LEFT, "room")
        await self._store.leave(room.room.id, person.id)
        room.members.pop(person.id, None)
        self._seats.put(person.id, room.room.id, None)

    async def forget(self, person: Person) -> None:
        """Somebody leaves the chat for good: they are in no room any more."""
        await self._store.leave(None, person.id)
        for room in self._open.values():
            room.members.pop(person.id, None)

    async def heed(self, person: Person, room: OpenRoom, what: Heed) -> None:
        """What of a room is to call `person`."""
        room.check_reading(person)
        await self._store.heed(room.room.id, person.id, what)
        await self._seat(room, [person.id])

    async def rename(self, person: Person, room: OpenRoom, title: str) -> None:
        """Call a room otherwise; its address stays. Raises BadRoom, NotYours."""
        title = checked_title(title)
        self._check_affairs(person, room, "rename it")
        if title != room.room.title:
            await self._become(room, await self._store.change_room(room.room.id, title=title))
            await room.tell(person, Kind.RENAMED, title)

    async def describe(self, person: Person, room: OpenRoom, topic: str) -> None:
        """Say what a room is about: anybody in it may. Raises BadRoom."""
        topic = checked_topic(topic)
        room.check_reading(person)
        if person.id not in room.members or room.room.kind not in {
            RoomKind.PUBLIC,
            RoomKind.PRIVATE,
        }:
            raise NoSuchRoom
        if topic != room.room.topic:
            await self._become(room, await self._store.change_room(room.room.id, topic=topic))
            await room.tell(person, Kind.TOPIC, topic)

    async def archive(self, person: Person, room: OpenRoom, *, archived: bool) -> None:
        """Let nothing more be said in a room, or open it again. Raises NotYours, BadRoom."""
        if room.room.slug == LOBBY:
            raise BadRoom("Everybody is in this room: it cannot be archived.")
        self._check_affairs(person, room, "archive or reopen it")
        if archived != room.room.archived:
            await self._become(room, await self._store.change_room(room.room.id, archived=archived))
            await room.tell(person, Kind.ARCHIVED if archived else Kind.REOPENED)

    async def close(self) -> None:
        """Wait for what is on its way."""
        for room in self._open.values():
            await room.close()

    def _check_affairs(self, person: Person, room: OpenRoom, what: str) -> None:
        room.check_care(person, what)
        if room.room.kind not in {RoomKind.PUBLIC, RoomKind.PRIVATE}:
            raise NoSuchRoom

    async def _direct(self, person: Person, slug: str, people: dict[PersonId, Person]) -> OpenRoom:
        new = NewRoom(slug, "", "", RoomKind.DIRECT, person, tuple(people))
        async with self._opening:
            made = await self._store.room(slug) or await self._store.make_room(new)
        room = await self._opened(made.id)
        await self._seat(room, people)
        return room

    async def _become(self, room: OpenRoom, now: Room) -> None:
        """The room is another now: those in it, and those who look at it, are told."""
        room.room = now
        self._feed.tell(now.id, RoomNow(now))
        await self._seat(room, room.members)

    async def _seat(self, room: OpenRoom, people: Iterable[PersonId]) -> None:
        """Tell these people of their place in a room as it is now."""
        for person in self._seats.connected(people):
            found: tuple[Seat, ...] = await self._store.seats(person, room.room.id)
            self._seats.put(person, room.room.id, found[0] if found else None)

    async def _find(self, slug: str) -> OpenRoom:
        known = self._slugs.get(slug)
        if known is None:
            found = await self._store.room(slug)
            if found is None:
                raise NoSuchRoom
            known = self._slugs[slug] = found.id
        return await self._opened(known)

    async def _opened(self, room: RoomId) -> OpenRoom:
        """The one object of a room. Raises NoSuchRoom."""
        if (found := self._open.get(room)) is not None:
            return found
        stored = await self._store.room(room)
        if stored is None:
            raise NoSuchRoom
        parent = None if stored.parent is None else await self._opened(stored.parent[0])
        await self._feed.follow(room)
        members = await self._store.members(room)
        opened = OpenRoom(stored, members, parent, self, self._store, self._feed)
        return self._open.setdefault(room, opened)
