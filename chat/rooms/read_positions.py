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
_SAVE_INTERVAL = 5.0


class ReadPositions:
    """The readers of all rooms, in them or not."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._viewers = defaultdict[RoomId, dict[PersonId, set[str]]](dict)
        self._viewed_rooms: dict[str, tuple[PersonId, RoomId]] = {}
        self._last_numbers: dict[RoomId, int] = {}
        # Rooms of which something was read that is not stored yet.
        self._dirty_rooms = set[RoomId]()
        self._unsaved: dict[tuple[RoomId, PersonId], int] = {}
        self._save_lock = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks = Tasks()

    def last_number(self, room_id: RoomId) -> int:
        """The newest message that was heard of; 0 if there was none yet."""
        return self._last_numbers.get(room_id, 0)

    def is_viewing(self, person_id: PersonId, room_id: RoomId) -> bool:
        """Whether a session of `person` shows the end of a room."""
        return person_id in self._viewers.get(room_id, ())

    def viewers(self, room_id: RoomId) -> tuple[PersonId, ...]:
        """Who looks at a room."""
        return tuple(self._viewers.get(room_id, ()))

    def viewing_sessions(self, person_id: PersonId, room_id: RoomId) -> tuple[str, ...]:
        """The sessions with which `person` looks at a room."""
        return tuple(self._viewers.get(room_id, {}).get(person_id, ()))

    def on_messages(self, room_id: RoomId, number: int) -> None:
        """This is the newest message: whoever looks has read it."""
        self._last_numbers[room_id] = max(number, self._last_numbers.get(room_id, 0))
        if self._viewers.get(room_id):
            self._save_later(room_id)

    def start_viewing(self, person_id: PersonId, session: str, room_id: RoomId) -> None:
        """A session shows the end of a room."""
        self._viewed_rooms[session] = (person_id, room_id)
        self._viewers[room_id].setdefault(person_id, set()).add(session)
        self._save_later(room_id)

    def viewed_room(self, session: str) -> tuple[PersonId, RoomId] | None:
        """Whose session it is, and which room it shows the end of."""
        return self._viewed_rooms.get(session)

    def stop_viewing(self, session: str) -> tuple[PersonId, RoomId] | None:
        """A session shows something else; who it was of which room, if none is left."""
        viewed = self._viewed_rooms.pop(session, None)
        if viewed is None:
            return None
        person, room = viewed
        sessions = self._viewers[room][person]
        sessions.discard(session)
        if sessions:
            return None
        del self._viewers[room][person]
        return viewed

    def set_position(self, person_id: PersonId, room_id: RoomId, number: int) -> None:
        """Up to here `person` has read a room: to be stored."""
        self._unsaved[room_id, person_id] = number

    def save_soon(self) -> None:
        """Store the marks without waiting for it."""
        self._tasks.start(self.save(), "keep what is read")

    async def save(self) -> None:
        """Store the marks; done, no older one is on its way."""
        async with self._save_lock:
            unsaved, self._unsaved = self._unsaved, {}
            if not unsaved:
                return
            try:
                await self._store.save_read_positions(
                    [(*key, number) for key, number in unsaved.items()]
                )
            except NotStored:
                log.warning("what was read is not stored yet", marks=len(unsaved))
                self._unsaved = unsaved | self._unsaved
                self._start_timer()

    def with_unsaved_positions(
        self, person_id: PersonId, memberships: Sequence[Membership]
    ) -> tuple[Membership, ...]:
        """Places as they are stored, but read where the mark that says so could not be stored."""
        positions = [
            self._unsaved.get((membership.room.id, person_id), -1) for membership in memberships
        ]
        return tuple(
            seat
            if position < seat.last_number
            else replace(seat, unread=0, unread_mentions=0, last_read=position)
            for seat, position in zip(memberships, positions, strict=True)
        )

    async def close(self) -> None:
        """Store what was read."""
        if self._timer is not None:
            self._timer.cancel()
        self._save_all()
        await self._tasks.finish()

    def _save_later(self, room_id: RoomId) -> None:
        self._dirty_rooms.add(room_id)
        self._start_timer()

    def _start_timer(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_SAVE_INTERVAL, self._save_all)

    def _save_all(self) -> None:
        self._timer = None
        dirty_rooms, self._dirty_rooms = self._dirty_rooms, set()
        for room in dirty_rooms:
            for person in self.viewers(room):
                self.set_position(person, room, self.last_number(room))
        if self._unsaved:
            self.save_soon()
