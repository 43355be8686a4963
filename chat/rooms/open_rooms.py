"""The rooms that are open: one object each, from the first time that somebody asks for it."""

import asyncio
from collections.abc import Callable, Iterator

from chat.errors import NoSuchRoom
from chat.files.uploads import Uploads
from chat.model.people import Person, PersonId
from chat.model.rooms import NewRoom, RoomId
from chat.rooms.feed import Feed
from chat.rooms.room import Household, OpenRoom
from chat.store.contract import Store


class OpenRooms:
    """Those that somebody was in stay open."""

    def __init__(self, store: Store, feed: Feed, house: Household, uploads: Uploads) -> None:
        self._store = store
        self._feed = feed
        self._house = house
        self._uploads = uploads
        self._open: dict[RoomId, OpenRoom] = {}
        self._slugs: dict[str, RoomId] = {}
        self._making = asyncio.Lock()
        self._drops = 0

    def __iter__(self) -> Iterator[OpenRoom]:
        return iter(tuple(self._open.values()))

    async def at(self, slug: str) -> OpenRoom:
        """The room with this address. Raises NoSuchRoom."""
        known = self._slugs.get(slug)
        if known is None:
            found = await self._store.room(slug)
            if found is None:
                raise NoSuchRoom
            known = self._slugs[slug] = found.id
        return await self.of_id(known)

    async def of_id(self, room: RoomId) -> OpenRoom:
        """The room with this number. Raises NoSuchRoom."""
        if (found := self._open.get(room)) is not None:
            return found
        stored = await self._store.room(room)
        if stored is None:
            raise NoSuchRoom
        parent = None if stored.parent is None else await self.of_id(stored.parent[0])
        await self._feed.follow(room)
        members = await self._members(room)
        opened = OpenRoom(
            stored, members, parent, self._house, self._store, self._feed, self._uploads
        )
        return self._open.setdefault(room, opened)

    def drop(self, person: PersonId, leaves: Callable[[OpenRoom], bool]) -> None:
        """Somebody who is not in these of the rooms any more, as it is stored, is in none of them
        that is open, nor in one that is just being opened.
        """
        self._drops += 1
        for each in self:
            if leaves(each):
                each.members.pop(person, None)

    async def one_of(self, new: NewRoom) -> tuple[OpenRoom, bool]:
        """The room with this address, if need be this new one, and whether it is."""
        async with self._making:
            found = await self._store.room(new.slug)
            made = found or await self._store.make_room(new)
            return await self.of_id(made.id), found is None

    async def _members(self, room: RoomId) -> list[Person]:
        while True:
            drops = self._drops
            found = await self._store.members(room)
            # Else one of these may have left since.
            if drops == self._drops:
                return [self._feed.known(each) for each in found]
