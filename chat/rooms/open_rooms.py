"""The cache of open rooms: one `Room` object for each room, opened on first use."""

import asyncio
from collections.abc import Callable, Iterator

from chat.errors import NoSuchRoom
from chat.model.people import Person, PersonId
from chat.model.rooms import NewRoom, RoomId
from chat.rooms.room import Room, RoomHost
from chat.rooms.services import RoomServices


class RoomCache:
    """Opens rooms, and keeps them until the end of the process."""

    def __init__(
        self,
        services: RoomServices,
        host: RoomHost,
    ) -> None:
        self._services = services
        self._store = services.store
        self._feed = services.feed
        self._host = host
        self._rooms: dict[RoomId, Room] = {}
        self._ids_by_slug: dict[str, RoomId] = {}
        self._create_lock = asyncio.Lock()
        self._removals = 0

    def __iter__(self) -> Iterator[Room]:
        return iter(tuple(self._rooms.values()))

    async def by_slug(self, slug: str) -> Room:
        """The room with this address. Raises NoSuchRoom."""
        room_id = self._ids_by_slug.get(slug)
        if room_id is None:
            found = await self._store.room(slug)
            if found is None:
                raise NoSuchRoom
            room_id = self._ids_by_slug[slug] = found.id
        return await self.by_id(room_id)

    async def by_id(self, room_id: RoomId) -> Room:
        """The room with this id. Raises NoSuchRoom."""
        if (found := self._rooms.get(room_id)) is not None:
            return found
        info = await self._store.room(room_id)
        if info is None:
            raise NoSuchRoom
        parent = None if info.thread_root is None else await self.by_id(info.thread_root[0])
        await self._feed.track(room_id)
        members = await self._members(room_id)
        created = Room(info, members, parent, host=self._host, services=self._services)
        self._ids_by_slug[info.slug] = room_id
        return self._rooms.setdefault(room_id, created)

    def opened(self, room_id: RoomId) -> Room | None:
        """The room with this id, if it is open."""
        return self._rooms.get(room_id)

    def opened_by_slug(self, slug: str) -> Room | None:
        """The room with this address, if it is open."""
        return self._rooms.get(self._ids_by_slug.get(slug, 0))

    def remove_member(self, person_id: PersonId, matches: Callable[[Room], bool]) -> None:
        """Remove a person from the matching open rooms, after the store has removed them.

        A room that is being opened at this moment reads its members again.
        """
        self._removals += 1
        for each in self:
            if matches(each):
                each.members.pop(person_id, None)

    async def get_or_create(self, new: NewRoom) -> tuple[Room, bool]:
        """The room with the address of `new`, created if there is none; and whether it is new."""
        async with self._create_lock:
            found = await self._store.room(new.slug)
            info = found or await self._store.create_room(new)
            return await self.by_id(info.id), found is None

    async def _members(self, room_id: RoomId) -> list[Person]:
        while True:
            removals = self._removals
            found = await self._store.members(room_id)
            # Otherwise one of them may have left during the read.
            if removals == self._removals:
                return [self._feed.current_profile(each) for each in found]
