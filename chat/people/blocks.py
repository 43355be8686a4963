"""Whom people have blocked for themselves: they see nothing of them, and nobody is told."""

import math
from collections.abc import Callable, Iterable

from chat.action_limits import ActionLimit
from chat.errors import BadBlock
from chat.model.events import BlocksChanged, Publish, person_topic
from chat.model.messages import Message
from chat.model.people import Person, PersonId
from chat.store.contract import Store

# The most people whom one person has blocked.
BLOCK_LIMIT = 500

# A person may block and unblock so many times within so many seconds: their rooms are read again.
MAX_BLOCK_CHANGES, BLOCK_SECONDS = 30, 60.0

_NOBODY = frozenset[PersonId]()


class Blocks:
    """The blocks of one chat, all of them in memory.

    While nobody has blocked anybody, to ask costs one look at an empty dictionary.
    """

    def __init__(self, store: Store, *, publish: Publish) -> None:
        self._store = store
        self._publish = publish
        self._blocked: dict[PersonId, frozenset[PersonId]] = {}
        self._blockers: dict[PersonId, frozenset[PersonId]] = {}
        self._limit = ActionLimit(BLOCK_SECONDS)
        # Called with the person who has blocked or unblocked somebody.
        self.on_changed: Callable[[PersonId], None] = _ignore

    async def open(self) -> None:
        """Read the blocks."""
        for person_id, blocked_id in await self._store.blocks():
            self._add(person_id, blocked_id)

    def of(self, person_id: PersonId) -> frozenset[PersonId]:
        """The people whom a person has blocked."""
        return self._blocked.get(person_id, _NOBODY)

    def hides(self, person_id: PersonId, message: Message) -> bool:
        """Whether a person does not see a message. They see what the author did, as joining a
        room; and all moderators see a report."""
        return (
            bool(self._blocked)
            and message.author.id in self._blocked.get(person_id, _NOBODY)
            and message.is_written
            and message.report is None
        )

    def blockers_of(self, person_ids: Iterable[PersonId]) -> frozenset[PersonId]:
        """The people who have blocked one of these."""
        if not self._blockers:
            return _NOBODY
        return _NOBODY.union(*(self._blockers.get(each, _NOBODY) for each in person_ids))

    async def block(self, person: Person, other: Person) -> None:
        """Hide another person from a person. Raises BadBlock and NotStored."""
        if person.id == other.id:
            raise BadBlock("You cannot block yourself.")
        blocked_ids = self.of(person.id)
        if other.id in blocked_ids:
            return
        if len(blocked_ids) >= BLOCK_LIMIT:
            raise BadBlock(
                "You have blocked {limit} people. Unblock somebody first: in the settings.",
                limit=BLOCK_LIMIT,
            )
        self._require_pace(person)
        await self._store.add_block(person.id, other.id)
        self._add(person.id, other.id)
        self._announce(person.id, other.id)

    async def unblock(self, person: Person, other_id: PersonId) -> None:
        """Show another person again. Raises BadBlock and NotStored."""
        if other_id not in self.of(person.id):
            return
        self._require_pace(person)
        await self._store.remove_block(person.id, other_id)
        self._remove(person.id, other_id)
        self._announce(person.id, other_id)

    async def people(self, person: Person) -> tuple[Person, ...]:
        """The people whom a person has blocked, also those who have left, the last one first."""
        return await self._store.blocked_people(person.id)

    async def forget(self, person_id: PersonId) -> None:
        """A person has left for good: forget whom they have blocked. Raises NotStored."""
        if blocked_ids := self.of(person_id):
            await self._store.forget_blocks(person_id)
            for each in blocked_ids:
                self._remove(person_id, each)

    def _require_pace(self, person: Person) -> None:
        if wait := self._limit.record(person.id, MAX_BLOCK_CHANGES):
            raise BadBlock(
                "You have blocked or unblocked many people within a minute. "
                "Wait {seconds} seconds.",
                seconds=math.ceil(wait),
            )

    def _add(self, person_id: PersonId, blocked_id: PersonId) -> None:
        self._blocked[person_id] = self.of(person_id) | {blocked_id}
        self._blockers[blocked_id] = self._blockers.get(blocked_id, _NOBODY) | {person_id}

    def _remove(self, person_id: PersonId, blocked_id: PersonId) -> None:
        for by_person, key, value in (
            (self._blocked, person_id, blocked_id),
            (self._blockers, blocked_id, person_id),
        ):
            left = by_person.pop(key, _NOBODY) - {value}
            if left:
                by_person[key] = left

    def _announce(self, person_id: PersonId, other_id: PersonId) -> None:
        self._publish(person_topic(person_id), BlocksChanged(other_id))
        self.on_changed(person_id)


def _ignore(person_id: PersonId) -> None:
    """Nobody wants to know."""
