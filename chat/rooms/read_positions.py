"""Read positions: the last message that each person has read in each room.

A person who views the end of a room reads all of it. Their position is stored when they stop, and
every few seconds.
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


# The interval between two saves of the read positions of viewers, in seconds.
SAVE_INTERVAL = 5.0


class ReadPositions:
    """The sessions that view each room, and the positions to store."""

    def __init__(self, store: Store, save_interval: float = SAVE_INTERVAL) -> None:
        self._store = store
        self._save_interval = save_interval
        self._viewers = defaultdict[RoomId, dict[PersonId, set[str]]](dict)
        self._viewed_rooms: dict[str, tuple[PersonId, RoomId]] = {}
        self._last_numbers: dict[RoomId, int] = {}
        # Rooms whose viewers have a position that is not stored yet.
        self._dirty_rooms = set[RoomId]()
        self._unsaved: dict[tuple[RoomId, PersonId], int] = {}
        self._save_lock = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks = Tasks()

    @property
    def is_idle(self) -> bool:
        """Whether all positions are stored, except those of people who are viewing."""
        return self._tasks.is_idle and not self._unsaved

    def last_number(self, room_id: RoomId) -> int:
        """The number of the newest message that was reported; 0 before the first."""
        return self._last_numbers.get(room_id, 0)

    def is_viewing(self, person_id: PersonId, room_id: RoomId) -> bool:
        """Whether a session of `person` shows the end of a room."""
        return person_id in self._viewers.get(room_id, ())

    def viewers(self, room_id: RoomId) -> tuple[PersonId, ...]:
        """The ids of the people who view a room."""
        return tuple(self._viewers.get(room_id, ()))

    def viewing_sessions(self, person_id: PersonId, room_id: RoomId) -> tuple[str, ...]:
        """The sessions of `person` that view a room."""
        return tuple(self._viewers.get(room_id, {}).get(person_id, ()))

    def on_messages(self, room_id: RoomId, number: int) -> None:
        """Record the newest message of a room: its viewers have read it."""
        self._last_numbers[room_id] = max(number, self._last_numbers.get(room_id, 0))
        if self._viewers.get(room_id):
            self._save_later(room_id)

    def start_viewing(self, person_id: PersonId, session: str, room_id: RoomId) -> None:
        """Record that a session shows the end of a room."""
        self._viewed_rooms[session] = (person_id, room_id)
        self._viewers[room_id].setdefault(person_id, set()).add(session)
        self._save_later(room_id)

    def viewed_room(self, session: str) -> tuple[PersonId, RoomId] | None:
        """The person and the room of a session that views one."""
        return self._viewed_rooms.get(session)

    def stop_viewing(self, session: str) -> tuple[PersonId, RoomId] | None:
        """End the view of a session; return person and room if it was the person's last there."""
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
        """Set the read position of `person`; it is stored with the next save."""
        self._unsaved[room_id, person_id] = number

    def save_soon(self) -> None:
        """Store the positions in the background."""
        self._tasks.start(self.save(), "save read positions")

    async def save(self) -> None:
        """Store the positions. Afterwards no earlier save is still running."""
        async with self._save_lock:
            unsaved, self._unsaved = self._unsaved, {}
            if not unsaved:
                return
            try:
                await self._store.save_read_positions(
                    [(*key, number) for key, number in unsaved.items()]
                )
            except NotStored:
                log.warning("read positions are not stored yet", count=len(unsaved))
                self._unsaved = unsaved | self._unsaved
                self._start_timer()

    def with_unsaved_positions(
        self, person_id: PersonId, memberships: Sequence[Membership]
    ) -> tuple[Membership, ...]:
        """Stored memberships with the read positions that could not be stored yet."""
        positions = [
            self._unsaved.get((membership.room.id, person_id), -1) for membership in memberships
        ]
        return tuple(
            each
            if position < each.last_number
            else replace(each, unread=0, unread_mentions=0, last_read=position)
            for each, position in zip(memberships, positions, strict=True)
        )

    async def close(self) -> None:
        """Store all positions."""
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
            interval = self._save_interval
            self._timer = loop.call_later(interval, self._save_all)

    def _save_all(self) -> None:
        self._timer = None
        dirty_rooms, self._dirty_rooms = self._dirty_rooms, set()
        for room in dirty_rooms:
            for person in self.viewers(room):
                self.set_position(person, room, self.last_number(room))
        if self._unsaved:
            self.save_soon()
