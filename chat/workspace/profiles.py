"""Names and pictures of people: whoever takes another is seen with it wherever they are seen."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from chat.files.upload import Upload
from chat.files.uploads import Uploads
from chat.model.events import PRESENCE_TOPIC, PersonUpdated, Publish
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.people.identity import Identity
from chat.people.presence import Presence
from chat.rooms.directory import RoomDirectory
from chat.rooms.feed import Feed
from chat.rooms.memberships import Memberships
from chat.store.contract import Store
from chat.tasks import Tasks


class Profiles:
    """The looks of all people of one process."""

    def __init__(
        self,
        store: Store,
        uploads: Uploads,
        publish: Publish,
        services: tuple[Identity, Presence, RoomDirectory, Feed, Memberships],
    ) -> None:
        self._store = store
        self._uploads = uploads
        self._publish = publish
        self._identity, self._presence, self._rooms, self._feed, self._memberships = services
        self._lock = asyncio.Lock()
        self._tasks = Tasks()

    async def begin_avatar_upload(self, person: Person, name: str, size: int) -> Upload:
        """Let a person send what is to be their picture. Raises BadUpload.

        Its middle is kept, 256 pixels square; what is no picture is refused once it came.
        """
        return await self._uploads.begin(person, None, name, size)

    async def set_avatar(self, person: Person, upload_id: str | None) -> Person:
        """Let an upload (id) that is READY be a person's picture; None takes it away.

        Raises NoSuchUpload and NotStored.
        """
        if upload_id is None:
            return await self._run_shielded(self._set_avatar(person, ""))
        blob = self._uploads.avatar_blob(person.id, upload_id)
        updated = await self._run_shielded(self._set_avatar(person, blob.hash))
        self._uploads.mark_sent([upload_id])
        return updated

    async def rename(self, person: Person, name: str) -> Person:
        """Let a person be called otherwise. Raises BadName, NameTaken and NotStored."""
        return await self._run_shielded(self._rename(person, name))

    async def close(self) -> None:
        """Wait for what is on its way."""
        await self._tasks.finish()

    async def _run_shielded(self, work: Coroutine[Any, Any, Person]) -> Person:
        """Store and announce, even if the one who asked is gone before it is done."""
        return await asyncio.shield(self._tasks.start(work, "portray"))

    async def _set_avatar(self, person: Person, avatar: str) -> Person:
        async with self._lock:
            updated = await self._store.set_avatar(person.id, avatar)
            self._publish_profile(updated)
        self._uploads.request_cleanup()
        await self._reload_direct_memberships(person)
        return updated

    async def _rename(self, person: Person, name: str) -> Person:
        async with self._lock:
            with self._identity.reserve_name(person, name) as valid_name:
                updated = await self._store.rename_person(person.id, valid_name)
                self._publish_profile(updated)
        await self._reload_direct_memberships(person)
        return updated

    def _publish_profile(self, updated: Person) -> None:
        self._feed.update_person(updated)
        self._presence.update_person(updated)
        self._rooms.update_person(updated)
        self._publish(PRESENCE_TOPIC, PersonUpdated(updated))

    async def _reload_direct_memberships(self, person: Person) -> None:
        """Direct conversations are called by those in them."""
        for membership in await self._store.memberships(person.id):
            if membership.room.kind is RoomKind.DIRECT:
                await self._memberships.reload(
                    [each.id for each in membership.others], membership.room.id
                )
