"""Names and pictures of people: whoever takes another is seen with it wherever they are seen."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from chat.files.upload import Upload
from chat.files.uploads import Uploads
from chat.model.events import PRESENCE_TOPIC, PersonUpdated, Publish
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.people.people import People
from chat.rooms.directory import RoomDirectory
from chat.rooms.feed import Feed
from chat.rooms.memberships import Memberships
from chat.store.contract import Store
from chat.tasks import Tasks


class Portraits:
    """The looks of all people of one process."""

    def __init__(
        self,
        store: Store,
        uploads: Uploads,
        publish: Publish,
        everywhere: tuple[People, RoomDirectory, Feed, Memberships],
    ) -> None:
        self._store = store
        self._uploads = uploads
        self._publish = publish
        self._people, self._rooms, self._feed, self._memberships = everywhere
        self._one_by_one = asyncio.Lock()
        self._tasks = Tasks()

    async def begin(self, person: Person, name: str, size: int) -> Upload:
        """Let a person send what is to be their picture. Raises BadUpload.

        Its middle is kept, 256 pixels square; what is no picture is refused once it came.
        """
        return await self._uploads.begin(person, None, name, size)

    async def set(self, person: Person, upload: str | None) -> Person:
        """Let an upload (id) that is READY be a person's picture; None takes it away.

        Raises NoSuchUpload and NotStored.
        """
        if upload is None:
            return await self._done(self._look(person, ""))
        content = self._uploads.avatar_blob(person.id, upload)
        now = await self._done(self._look(person, content.hash))
        self._uploads.mark_sent([upload])
        return now

    async def rename(self, person: Person, name: str) -> Person:
        """Let a person be called otherwise. Raises BadName, NameTaken and NotStored."""
        return await self._done(self._name(person, name))

    async def close(self) -> None:
        """Wait for what is on its way."""
        await self._tasks.finish()

    async def _done(self, work: Coroutine[Any, Any, Person]) -> Person:
        """Store and announce, even if the one who asked is gone before it is done."""
        return await asyncio.shield(self._tasks.start(work, "portray"))

    async def _look(self, person: Person, avatar: str) -> Person:
        async with self._one_by_one:
            now = await self._store.portray(person.id, avatar)
            self._tell(now)
        self._uploads.request_cleanup()
        await self._renew(person)
        return now

    async def _name(self, person: Person, name: str) -> Person:
        async with self._one_by_one:
            with self._people.reserve_name(person, name) as checked:
                now = await self._store.rename(person.id, checked)
                self._tell(now)
        await self._renew(person)
        return now

    def _tell(self, now: Person) -> None:
        self._feed.update_person(now)
        self._people.update_person(now)
        self._rooms.update_person(now)
        self._publish(PRESENCE_TOPIC, PersonUpdated(now))

    async def _renew(self, person: Person) -> None:
        """Direct conversations are called by those in them."""
        for membership in await self._store.seats(person.id):
            if membership.room.kind is RoomKind.DIRECT:
                await self._memberships.reload(
                    [each.id for each in membership.others], membership.room.id
                )
