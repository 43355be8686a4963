"""Who looks at which room at this moment, and how far everybody has read.

What is being read is stored when its reader looks elsewhere, and every few seconds.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import structlog

from chat.errors import NotStored
from chat.model.people import PersonId
from chat.model.rooms import Membership, RoomId
from chat.store.contract import Store
from chat.tasks import Tasks

log = structlog.get_logger(__name__)

# How often what is being read is stored, in seconds.
_KEEP_EVERY = 5.0


class Reading:
    """The readers of all rooms, in them or not."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._readers = defaultdict[RoomId, dict[PersonId, set[str]]](dict)
        self._looks_at: dict[str, tuple[PersonId, RoomId]] = {}
        self._last: dict[RoomId, int] = {}
        # Rooms of which something was read that is not stored yet.
        self._unkept = set[RoomId]()
        self._due: dict[tuple[RoomId, PersonId], int] = {}
        self._keeping = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks = Tasks()

    def last(self, room: RoomId) -> int:
        """The newest message that was heard of; 0 if there was none yet."""
        return self._last.get(room, 0)

    def looks(self, person: PersonId, room: RoomId) -> bool:
        """Whether a session of `person` shows the end of a room."""
        return person in self._readers.get(room, ())

    def readers(self, room: RoomId) -> tuple[PersonId, ...]:
        """Who looks at a room."""
        return tuple(self._readers.get(room, ()))

    def sessions(self, person: PersonId, room: RoomId) -> tuple[str, ...]:
        """The sessions with which `person` looks at a room."""
        return tuple(self._readers.get(room, {}).get(person, ()))

    def heard(self, room: RoomId, number: int) -> None:
        """This is the newest message: whoever looks has read it."""
        self._last[room] = max(number, self._last.get(room, 0))
        if self._readers.get(room):
            self._keep_later(room)

    def look(self, person: PersonId, session: str, room: RoomId) -> None:
        """A session shows the end of a room."""
        self._looks_at[session] = (person, room)
        self._readers[room].setdefault(person, set()).add(session)
        self._keep_later(room)

    def looks_at(self, session: str) -> tuple[PersonId, RoomId] | None:
        """Whose session it is, and which room it shows the end of."""
        return self._looks_at.get(session)

    def look_away(self, session: str) -> tuple[PersonId, RoomId] | None:
        """A session shows something else; who it was of which room, if none is left."""
        found = self._looks_at.pop(session, None)
        if found is None:
            return None
        person, room = found
        sessions = self._readers[room][person]
        sessions.discard(session)
        if sessions:
            return None
        del self._readers[room][person]
        return found

    def mark(self, person: PersonId, room: RoomId, number: int) -> None:
        """Up to here `person` has read a room: to be stored."""
        self._due[room, person] = number

    def keep_soon(self) -> None:
        """Store the marks without waiting for it."""
        self._tasks.start(self.keep(), "keep what is read")

    async def keep(self) -> None:
        """Store the marks; done, no older one is on its way."""
        async with self._keeping:
            due, self._due = self._due, {}
            if not due:
                return
            try:
                await self._store.read([(*key, number) for key, number in due.items()])
            except NotStored:
                log.warning("what was read is not stored yet", marks=len(due))
                self._due = due | self._due
                self._wake()

    def as_marked(self, person: PersonId, seats: Sequence[Membership]) -> tuple[Membership, ...]:
        """Places as they are stored, but read where the mark that says so could not be stored."""
        due = [self._due.get((seat.room.id, person), -1) for seat in seats]
        return tuple(
            seat if mark < seat.last_number else replace(seat, unread=0, mentions=0, last_read=mark)
            for seat, mark in zip(seats, due, strict=True)
        )

    async def close(self) -> None:
        """Store what was read."""
        if self._timer is not None:
            self._timer.cancel()
        self._keep_all()
        await self._tasks.finish()

    def _keep_later(self, room: RoomId) -> None:
        self._unkept.add(room)
        self._wake()

    def _wake(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_KEEP_EVERY, self._keep_all)

    def _keep_all(self) -> None:
        self._timer = None
        unkept, self._unkept = self._unkept, set()
        for room in unkept:
            for person in self.readers(room):
                self.mark(person, room, self.last(room))
        if self._due:
            self.keep_soon()
