"""Names of people and bots: a name is its bearer's until they leave, or were not seen for long."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chat.model.joining import InvitationId
from chat.model.people import KeptNames, NamedPerson, Person, PersonId
from chat.people.presence import Presence
from chat.store.contract import Store
from chat.tasks import Tasks
from chat.text.look_alikes import load_table
from chat.text.name_rules import validate_name

# Days after which somebody else may take the name of a person who was not seen; a setting.
NAME_DAYS = 30

# Seconds between two saves of who was seen. A crash loses no more than that.
SAVE_INTERVAL = 600.0

# Seconds until the first save after a quiet time.
_FIRST_SAVE = 2.0

# Seconds for which somebody who comes in has the name before they are seen. Their browser may never
# have got the answer.
_ARRIVAL_SECONDS = 10.0


class Names:
    """Gives names to people, and remembers when each was seen.

    The store looks a name up and takes it in one transaction: of several people who ask for it at
    once, one gets it.
    """

    def __init__(self, store: Store, presence: Presence, days: float = NAME_DAYS) -> None:
        self._store = store
        self._presence = presence
        self._kept_for = timedelta(days=days)
        # People who were seen since the last save.
        self._seen: set[PersonId] = set()
        presence.on_connected = self.saw
        self._save_timer: asyncio.TimerHandle | None = None
        self._tasks = Tasks()
        # Called with each person who has another name, because somebody else took theirs.
        self.on_former: Callable[[Person], None] = lambda person: None

    async def open(self, lobby_slug: str) -> None:
        """Store the keys of the names of a database of an earlier version."""
        await self._store.index_names(lobby_slug)
        self._tasks.start(asyncio.to_thread(load_table), "read the table of look-alikes")

    async def add_person(self, name: str, invitation_id: InvitationId | None = None) -> Person:
        """Create a person; with an invitation, a use of it is counted.

        If the caller is cancelled, the name is free again. Raises BadName, NameTaken for a name
        that somebody bears, and InvitationRefused.
        """
        adding = self._tasks.start(
            self._add_person(validate_name(name), invitation_id), "add a person"
        )
        try:
            return await asyncio.shield(adding)
        except asyncio.CancelledError:
            releasing = self._tasks.start(self._release_added(adding), "release a name")
            await asyncio.shield(releasing)
            raise

    async def require_free(self, name: str) -> str:
        """The name as it would be given to somebody new. Raises BadName and NameTaken."""
        name = validate_name(name)
        await self._store.require_free_name(name, self._kept())
        return name

    async def add_bot(self, name: str, owner: Person, limit: int) -> Person:
        """Create a bot of a person, who has at most `limit`.

        Raises BadName, NameTaken and TooManyPrograms.
        """
        added = await self._store.add_bot(validate_name(name), owner.id, limit, self._kept())
        return self._named(added)

    async def rename(self, person: Person, name: str) -> Person:
        """Change the name of a person. Raises BadName and NameTaken."""
        name = validate_name(name)
        return self._named(await self._store.rename_person(person.id, name, self._kept()))

    async def release(self, person: Person) -> None:
        """Let a person who leaves bear their name no more."""
        self._seen.discard(person.id)
        await self._store.release_name(person.id)

    def release_soon(self, person: Person) -> None:
        """As `release`, for a person whose arrival has failed."""
        self._tasks.start(self.release(person), "release a name")

    def saw(self, person_id: PersonId) -> None:
        """A person uses the chat now."""
        self._seen.add(person_id)
        if self._save_timer is None:
            loop = asyncio.get_running_loop()
            self._save_timer = loop.call_later(_FIRST_SAVE, self._save_seen)

    async def close(self) -> None:
        """Store who was seen."""
        self._save_seen()
        if self._save_timer is not None:
            self._save_timer.cancel()
        await self._tasks.finish()

    def _kept(self) -> KeptNames:
        online_ids = {each.id for each in self._presence.online.people}
        now = datetime.now(UTC)
        return KeptNames(
            now - self._kept_for,
            now - timedelta(seconds=_ARRIVAL_SECONDS),
            frozenset(online_ids | self._seen),
        )

    async def _add_person(self, name: str, invitation_id: InvitationId | None) -> Person:
        return self._named(await self._store.add_person(name, self._kept(), invitation_id))

    async def _release_added(self, adding: asyncio.Task[Person]) -> None:
        await asyncio.wait({adding})
        if not adding.cancelled() and adding.exception() is None:
            await self.release(adding.result())

    def _named(self, named: NamedPerson) -> Person:
        for each in named.former:
            self.on_former(each)
        return named.person

    def _save_seen(self) -> None:
        """Store who was seen, and go on while anybody is online."""
        self._save_timer = None
        seen, self._seen = self._seen, set()
        if seen:
            self._tasks.start(self._store.set_seen(seen), "store who was seen")
        online = self._presence.online.people
        self._seen |= {each.id for each in online}
        if online:
            loop = asyncio.get_running_loop()
            self._save_timer = loop.call_later(SAVE_INTERVAL, self._save_seen)
