"""The house: opens the store, and owns the rooms, the people and the feed."""

from pathlib import Path

import structlog

from chat.errors import NoSuchRoom
from chat.feed import Announce, Feed
from chat.people import People
from chat.room import OpenRoom
from chat.store import Store
from chat.store.sqlite import open_sqlite

log = structlog.get_logger(__name__)


class House:
    """One chat: everything that its sessions share."""

    def __init__(self, store: Store, house_id: str, announce: Announce) -> None:
        self.id = house_id
        self.people = People(store, announce)
        self._store = store
        self._feed = Feed(store, announce)
        self._rooms: dict[str, OpenRoom] = {}

    @classmethod
    async def open(cls, folder: Path, announce: Announce) -> "House":
        """Open the chat that rests in `folder`; `announce(topic, event)` reaches the sessions.

        Raises CannotStart.
        """
        store = await open_sqlite(folder)
        house = cls(store, await store.house_id(), announce)
        for room in await store.rooms():
            await house._feed.follow(room.id)
            house._rooms[room.slug] = OpenRoom(room, store, house._feed)
        log.info("opened", folder=str(folder), rooms=len(house._rooms))
        return house

    @property
    def rooms(self) -> tuple[OpenRoom, ...]:
        """All rooms, oldest first."""
        return tuple(self._rooms.values())

    @property
    def lobby(self) -> OpenRoom:
        """Where people come in: the oldest room."""
        return next(iter(self._rooms.values()))

    def room(self, slug: str) -> OpenRoom:
        """The room with this address. Raises NoSuchRoom."""
        try:
            return self._rooms[slug]
        except KeyError:
            raise NoSuchRoom from None

    def room_at(self, path: str) -> OpenRoom:
        """The room that an address of the page shows: `/room/<slug>`, else the lobby."""
        head, _, slug = path.strip("/").partition("/")
        return self.room(slug) if head == "room" and slug else self.lobby

    async def close(self) -> None:
        """Finish what was begun, and let go of the files."""
        for room in self._rooms.values():
            await room.close()
        await self._feed.close()
        self.people.close()
        await self._store.close()
