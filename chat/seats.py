"""What waits for each connected person in each of their rooms, told to all their sessions.

Whoever looks at a room has read it: for them nothing is counted, and nothing is done for a message
but to remember its number. What they have read is stored when they look elsewhere, and every few
seconds.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import structlog

from chat.feed import Announce, person_topic
from chat.messages import (
    Called,
    Changed,
    Heed,
    Kind,
    Message,
    Person,
    PersonId,
    RoomId,
    RoomKind,
    Seat,
    SeatNow,
)
from chat.store import Store
from chat.tasks import Tasks

log = structlog.get_logger(__name__)

# Counts that change quickly are told together, in seconds.
_GATHER = 0.2

# How often what is being read is stored, in seconds.
_KEEP_EVERY = 5.0

_MANY = 100


class Seats:
    """The places of all connected people."""

    def __init__(self, store: Store, announce: Announce) -> None:
        self._store = store
        self._announce = announce
        self._sessions = defaultdict[PersonId, set[str]](set)
        self._seats: dict[PersonId, dict[RoomId, Seat]] = {}
        # Those in a room that do not look at it, and those that do, with their sessions.
        self._away = defaultdict[RoomId, set[PersonId]](set)
        self._looking = defaultdict[RoomId, dict[PersonId, set[str]]](dict)
        self._looks_at: dict[str, tuple[PersonId, RoomId]] = {}
        self._last: dict[RoomId, int] = {}
        self._unkept = set[RoomId]()
        self._stale = set[tuple[PersonId, RoomId]]()
        self._changed = set[tuple[PersonId, RoomId]]()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks = Tasks()

    async def arrive(self, person: Person, session: str) -> None:
        """A session of `person` is connected: from now on its rooms are counted."""
        self._sessions[person.id].add(session)
        if person.id in self._seats:
            return
        found = {seat.room.id: seat for seat in await self._store.seats(person.id)}
        if person.id in self._seats or not self._sessions.get(person.id):
            return
        self._seats[person.id] = found
        for room, seat in found.items():
            self._away[room].add(person.id)
            if self._last.get(room, 0) > seat.last_number:
                # It was said while they were read.
                self._stale.add((person.id, room))
        self._renew_soon()

    def depart(self, person: Person, session: str) -> None:
        """A session of `person` is not connected any more."""
        self.look_away(session)
        self._sessions[person.id].discard(session)
        if not self._sessions[person.id]:
            del self._sessions[person.id]
            for room in self._seats.pop(person.id, {}):
                self._away[room].discard(person.id)

    def connected(self, people: Iterable[PersonId]) -> list[PersonId]:
        """Those of these people who are connected."""
        return [each for each in people if each in self._seats]

    def of(self, person: Person) -> tuple[Seat, ...]:
        """Their places, oldest room first."""
        seats = self._seats.get(person.id, {})
        return tuple(self._now(person.id, seat) for seat in seats.values())

    def seat(self, person: Person, room: RoomId) -> Seat | None:
        """Their place in one room."""
        seat = self._seats.get(person.id, {}).get(room)
        return None if seat is None else self._now(person.id, seat)

    def put(self, person: PersonId, room: RoomId, seat: Seat | None) -> None:
        """A place is new, changed, or given up."""
        seats = self._seats.get(person)
        if seats is None:
            return
        if seat is None:
            seats.pop(room, None)
            self._away[room].discard(person)
        else:
            seats[room] = seat
            if person not in self._looking[room]:
                self._away[room].add(person)
        self._announce(person_topic(person), SeatNow(room, seat))

    def look(self, person: Person, session: str, room: RoomId, last: int) -> None:
        """A session shows the end of a room, whose newest message is `last`, to somebody."""
        if self._looks_at.get(session) == (person.id, room):
            return
        self.look_away(session)
        seat = self._seats.get(person.id, {}).get(room)
        if seat is None:
            return
        self._looks_at[session] = (person.id, room)
        self._looking[room].setdefault(person.id, set()).add(session)
        self._away[room].discard(person.id)
        self._last[room] = max(last, self._last.get(room, 0))
        self._stale.discard((person.id, room))
        self._keep_later(room)
        if seat.unread or seat.mentions or seat.last_read < last:
            self._read_here(person.id, room)
            self._change_soon(person.id, room)

    def look_away(self, session: str) -> None:
        """A session shows something else, or nobody looks at it."""
        if (mark := self._look_away(session)) is not None:
            self._tasks.start(self._store.read([mark]), "keep what is read")

    def _look_away(self, session: str) -> tuple[RoomId, PersonId, int] | None:
        """What was read, if it was the last session that looked."""
        person, room = self._looks_at.pop(session, (0, 0))
        sessions = self._looking[room].get(person) if room in self._looking else None
        if sessions is None:
            return None
        sessions.discard(session)
        if sessions:
            return None
        del self._looking[room][person]
        if room not in self._seats.get(person, {}):
            return None
        self._away[room].add(person)
        self._read_here(person, room)
        return room, person, self._last[room]

    async def mark_unread(self, person: Person, room: RoomId, number: int) -> None:
        """From this message on nothing is read, whoever looks at it."""
        for session in tuple(self._looking[room].get(person.id, ())):
            self._look_away(session)
        await self._store.read([(room, person.id, number - 1)])
        await self._renew(person.id, room)

    def heard(self, messages: Sequence[Message]) -> None:
        """This was said in a room."""
        room = messages[-1].room
        self._last[room] = messages[-1].number
        if self._looking.get(room):
            self._keep_later(room)
        if not (away := self._away.get(room)):
            return
        talk = [each for each in messages if each.kind is Kind.TEXT and not each.deleted]
        for person in away if talk else ():
            self._count(person, room, talk)

    def changed(self, change: Changed) -> None:
        """A message was edited or deleted: what it counts for whoever has not read it is asked."""
        message = change.message
        if message.kind is not Kind.TEXT or not (message.deleted or message.edited_at):
            return
        for person in self._away.get(message.room, ()):
            if message.number > self._seats[person][message.room].last_read:
                self._stale.add((person, message.room))
        self._renew_soon()

    async def close(self) -> None:
        """Store what was read, and tell nothing more."""
        for timer in self._timers.values():
            timer.cancel()
        self._keep()
        await self._tasks.finish()

    def _now(self, person: PersonId, seat: Seat) -> Seat:
        """A place as it is: whoever looks has read all."""
        if person in self._looking.get(seat.room.id, {}):
            return replace(seat, unread=0, mentions=0, last_read=self._last[seat.room.id])
        return seat

    def _count(self, person: PersonId, room: RoomId, talk: Sequence[Message]) -> None:
        seat = self._seats[person][room]
        new = [each for each in talk if each.author.id != person and each.number > seat.last_read]
        if not new:
            return
        calling = [each for each in new if person in each.mentions]
        seat = replace(
            seat,
            unread=min(_MANY, seat.unread + len(new)),
            mentions=seat.mentions + len(calling),
            last_number=new[-1].number,
        )
        self._seats[person][room] = seat
        self._change_soon(person, room)
        if seat.room.kind in {RoomKind.DIRECT, RoomKind.THREAD} and seat.heed is Heed.ALL:
            calling = new
        if calling and seat.heed is not Heed.NOTHING:
            self._announce(person_topic(person), Called(seat, calling[-1]))

    def _read_here(self, person: PersonId, room: RoomId) -> None:
        seat = self._seats[person][room]
        last = self._last[room]
        self._seats[person][room] = replace(
            seat, unread=0, mentions=0, last_read=max(last, seat.last_read), last_number=last
        )

    def _change_soon(self, person: PersonId, room: RoomId) -> None:
        self._changed.add((person, room))
        self._later("tell", _GATHER, self._tell)

    def _tell(self) -> None:
        changed, self._changed = self._changed, set()
        for person, room in changed:
            seat = self._seats.get(person, {}).get(room)
            if seat is not None:
                self._announce(person_topic(person), SeatNow(room, self._now(person, seat)))

    def _keep_later(self, room: RoomId) -> None:
        if room not in self._unkept:
            self._unkept.add(room)
            self._later("keep", _KEEP_EVERY, self._keep)

    def _keep(self) -> None:
        marks = list(self._marks())
        self._unkept = set()
        if marks:
            self._tasks.start(self._store.read(marks), "keep what is read")

    def _marks(self) -> Iterator[tuple[RoomId, PersonId, int]]:
        for room in self._unkept:
            for person in self._looking.get(room, {}):
                yield room, person, self._last[room]

    def _renew_soon(self) -> None:
        if self._stale:
            self._later("renew", _GATHER, self._renew_all)

    def _renew_all(self) -> None:
        stale, self._stale = self._stale, set()
        for person, room in stale:
            self._tasks.start(self._renew(person, room), "count anew")

    async def _renew(self, person: PersonId, room: RoomId) -> None:
        found = await self._store.seats(person, room)
        while found and found[0].last_number < self._last.get(room, 0):
            found = await self._store.seats(person, room)
        if found and room in self._seats.get(person, {}):
            self._seats[person][room] = found[0]
            self._change_soon(person, room)

    def _later(self, what: str, seconds: float, call: object) -> None:
        timer = self._timers.get(what)
        if timer is None or timer.cancelled() or timer.when() <= asyncio.get_running_loop().time():
            loop = asyncio.get_running_loop()
            self._timers[what] = loop.call_later(seconds, call)  # type: ignore[arg-type]
