"""Changes of names and pictures: all messages and lists show the new one, a line tells of it."""

import asyncio
import math
from collections.abc import Coroutine
from typing import Any

from chat.action_limits import ActionLimit
from chat.errors import BadName
from chat.files.crop import Crop
from chat.files.upload import Upload
from chat.model.events import PRESENCE_TOPIC, PersonUpdated, Publish
from chat.model.messages import MessageKind
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.people.names import Names
from chat.rooms.directory import LOBBY, RoomDirectory
from chat.rooms.services import RoomServices
from chat.tasks import Tasks

# A person may take so many names within so many seconds: every screen shows each of them.
MAX_RENAMES, RENAME_SECONDS = 5, 60.0


class Profiles:
    """Stores a new name or picture of a person, and publishes it to all who see the person."""

    def __init__(
        self,
        services: RoomServices,
        rooms: RoomDirectory,
        *,
        names: Names,
        publish: Publish,
        rename_seconds: float = RENAME_SECONDS,
    ) -> None:
        self._store = services.store
        self._sanctions = services.sanctions
        self._uploads = services.uploads
        self._activity = services.activity
        self._publish = publish
        self._names = names
        self._presence = services.presence
        self._rooms = rooms
        self._feed = services.feed
        self._memberships = services.memberships
        self._rename_limit = ActionLimit(rename_seconds)
        self._lock = asyncio.Lock()
        self._tasks = Tasks()

    async def begin_avatar_upload(self, person: Person, name: str, size: int) -> Upload:
        """Begin the upload of a person's picture. Raises BadUpload.

        The picture is reduced when it has arrived, and waits ten minutes for `set_avatar`; a file
        of another kind is refused. A person has one such upload: the one before is cancelled.
        """
        network = self._activity.networks.of(person.id)
        return await self._uploads.begin(person, None, name, size, network=network)

    async def set_avatar(
        self, person: Person, upload_id: str | None, crop: Crop | None = None
    ) -> Person:
        """Make a part of a READY upload (its id), or its middle, the person's picture.

        It becomes 256 pixels square. Without an upload the picture is removed.

        Raises NoSuchUpload, BadCrop and NotStored.
        """
        if upload_id is None:
            return await self.set_avatar_hash(person, "")
        blob = await self._uploads.crop_avatar(person.id, upload_id, crop)
        updated = await self.set_avatar_hash(person, blob.hash)
        self._uploads.mark_sent([upload_id])
        # The picture that it was chosen from is not needed any more.
        self._uploads.request_cleanup()
        return updated

    async def set_avatar_hash(self, person: Person, avatar_hash: str) -> Person:
        """Make a stored content the person's picture; "" removes it. Raises NotStored."""
        return await self._run_shielded(self._set_avatar(person, avatar_hash))

    async def rename(self, person: Person, name: str) -> Person:
        """Change a person's name, also on past messages; a line in the lobby says so.

        Mentions in texts keep the old name. Raises BadName, NameTaken, Muted and NotStored.
        """
        self._sanctions.require_may_write(person)
        return await self._run_shielded(self._rename(person, name))

    async def close(self) -> None:
        """Wait for changes that are being stored."""
        await self._tasks.finish()

    async def _run_shielded(self, work: Coroutine[Any, Any, Person]) -> Person:
        """Finish storing and publishing even if the caller is cancelled."""
        return await asyncio.shield(self._tasks.start(work, "update profile"))

    async def _set_avatar(self, person: Person, avatar: str) -> Person:
        async with self._lock:
            updated = await self._store.set_avatar(person.id, avatar)
            self.publish(updated)
        self._uploads.request_cleanup()
        await self._reload_direct_memberships(person)
        return updated

    async def _rename(self, person: Person, name: str) -> Person:
        async with self._lock:
            old_name = self._feed.current_profile(person).name
            self._require_rename(person)
            updated = await self._names.rename(person, name)
            self._rename_limit.record(person.id, MAX_RENAMES)
            self.publish(updated)
        await self._reload_direct_memberships(person)
        if updated.name != old_name:
            lobby = await self._rooms.by_slug(person, LOBBY)
            names = f"{old_name}\n{updated.name}"
            await lobby.post_system_message(updated, MessageKind.PERSON_RENAMED, names)
        return updated

    def _require_rename(self, person: Person) -> None:
        """Raises BadName for a person who has changed their name too often."""
        if wait := self._rename_limit.wait(person.id, MAX_RENAMES):
            raise BadName(
                "You have changed your name {limit} times within a minute. Wait {seconds} seconds, "
                "then change it again.",
                limit=MAX_RENAMES,
                seconds=math.ceil(wait),
            )

    def on_former(self, person: Person) -> None:
        """Somebody else has taken the name of a person, who is called otherwise from now on."""
        self.publish(person)
        self._tasks.start(self._reload_direct_memberships(person), "rename conversations")

    def publish(self, updated: Person) -> None:
        """Show the name and the picture of a person in all messages and lists."""
        self._feed.update_person(updated)
        self._presence.update_person(updated)
        self._rooms.update_person(updated)
        self._publish(PRESENCE_TOPIC, PersonUpdated(updated))

    async def _reload_direct_memberships(self, person: Person) -> None:
        """Direct conversations take their titles from the names of their members."""
        for membership in await self._store.memberships(person.id):
            if membership.room.kind is RoomKind.DIRECT:
                await self._memberships.reload(
                    [each.id for each in membership.others], membership.room.id
                )
