"""What waits for each connected person in each of their rooms, told to all their sessions.

Whoever looks at a room has read it: for them nothing is counted, and nothing is done for a message
but to remember its number.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from chat.model.events import Announce, Called, Changed, SeatNow, person_topic
from chat.model.messages import Kind, Message
from chat.model.people import Person, PersonId
from chat.model.rooms import Heed, RoomId, RoomInfo, RoomKind, Seat
from chat.rooms.read_positions import Reading
from chat.store.contract import Store
from chat.tasks import Tasks

# Counts that change quickly are told together, in seconds.
_GATHER = 0.2

_MANY = 100


@dataclass(frozen=True, slots=True, eq=False)
class _Meanwhile:
    """What happened while places were read from the store: it may be in them, or not."""

    heard: list[Sequence[Message]] = field(default_factory=list)
    changed: set[RoomId] = field(default_factory=set)


_Found = tuple[tuple[Seat, ...], _Meanwhile]


class Seats:
    """The places of all connected people."""

    def __init__(self, store: Store, announce: Announce) -> None:
        self._store = store
        self._announce = announce
        self._sessions = defaultdict[PersonId, set[str]](set)
        self._seats: dict[PersonId, dict[RoomId, Seat]] = {}
        # Those in a room that do not look at it: for them it is counted.
        self._away = defaultdict[RoomId, set[PersonId]](set)
        self._reading = Reading(store)
        self._reads: set[_Meanwhile] = set()
        self._stale = set[tuple[PersonId, RoomId]]()
        self._changed = set[tuple[PersonId, RoomId]]()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks = Tasks()

    async def arrive(self, person: Person, session: str) -> None:
        """A session of `person` is connected: from now on its rooms are counted."""
        self._sessions[person.id].add(session)
        if person.id in self._seats:
            return
        found, meanwhile = await self._read(person.id)
        if person.id in self._seats or not self._sessions.get(person.id):
            return
        self._seats[person.id] = {seat.room.id: seat for seat in found}
        for seat in found:
            self._wait_for(person.id, seat.room.id)
        for messages in meanwhile.heard:
            if person.id in self._away.get(messages[-1].room, ()):
                self._count(person.id, messages)
        self._stale |= {(person.id, room) for room in meanwhile.changed}
        self._renew_soon()

    def depart(self, person: Person, session: str) -> None:
        """A session of `person` is not connected any more."""
        self.look_away(session)
        self._sessions[person.id].discard(session)
        if not self._sessions[person.id]:
            del self._sessions[person.id]
            for room in self._seats.pop(person.id, {}):
                self._away[room].discard(person.id)

    def of(self, person: Person) -> tuple[Seat, ...]:
        """Their places, oldest room first."""
        seats = self._seats.get(person.id, {})
        return tuple(self._now(person.id, seats[room]) for room in sorted(seats))

    def seat(self, person: Person, room: RoomId) -> Seat | None:
        """Their place in one room."""
        seat = self._seats.get(person.id, {}).get(room)
        return None if seat is None else self._now(person.id, seat)

    async def renew(self, people: Iterable[PersonId], room: RoomId) -> None:
        """The places of these people in a room are new or others: those who are connected hear."""
        self._touch(room)
        for person in [each for each in people if each in self._seats]:
            await self._renew(person, room)

    def give_up(self, person: PersonId, room: RoomId) -> None:
        """Somebody is not in a room any more, nor in the threads of it."""
        self._touch(room)
        seats = self._seats.get(person, {})
        for each in [each for each, seat in seats.items() if room in (each, seat.room.parent_id)]:
            self._touch(each)
            del seats[each]
            self._away[each].discard(person)
            self._announce(person_topic(person), SeatNow(each, None))

    def become(self, now: RoomInfo) -> None:
        """A room is called otherwise, is about something else, or is archived or open again."""
        self._touch(now.id)
        for person in {*self._away.get(now.id, ()), *self._reading.readers(now.id)}:
            seat = self._seats.get(person, {}).get(now.id)
            if seat is not None and seat.room != now:
                self._seats[person][now.id] = seat = replace(seat, room=now)
                self._announce(person_topic(person), SeatNow(now.id, self._now(person, seat)))

    def look(self, person: Person, session: str, room: RoomId, last: int) -> None:
        """A session shows the end of a room, whose newest message is `last`, to somebody."""
        if self._reading.looks_at(session) == (person.id, room):
            return
        self.look_away(session)
        self._reading.heard(room, last)
        self._reading.look(person.id, session, room)
        self._away[room].discard(person.id)
        seat = self._seats.get(person.id, {}).get(room)
        if seat is not None and (seat.unread or seat.mentions or seat.last_read < last):
            self._read_here(person.id, seat)
            self._change_soon(person.id, room)

    def look_away(self, session: str) -> None:
        """A session shows something else, or nobody looks at it."""
        gone = self._reading.look_away(session)
        if gone is None or (seat := self._seats.get(gone[0], {}).get(gone[1])) is None:
            return
        person, room = gone
        self._touch(room)
        self._away[room].add(person)
        self._read_here(person, seat)
        self._reading.mark(person, room, self._seats[person][room].last_read)
        self._reading.keep_soon()

    async def mark_unread(self, person: Person, room: RoomId, number: int) -> None:
        """From this message on nothing is read, whoever looks at it."""
        seat = self.seat(person, room)
        if seat is None:
            return
        for session in self._reading.sessions(person.id, room):
            self.look_away(session)
        self._reading.mark(person.id, room, max(0, min(number - 1, seat.last_number)))
        self._touch(room)
        await self._renew(person.id, room)

    def read_all(self, person: Person) -> None:
        """Whatever waits for a person is read."""
        for room, seat in self._seats.get(person.id, {}).items():
            last = max(seat.last_number, self._reading.last(room))
            if seat.unread or seat.mentions or seat.last_read < last:
                self._touch(room)
                self._reading.heard(room, last)
                self._read_here(person.id, seat)
                self._reading.mark(person.id, room, last)
                self._change_soon(person.id, room)
        self._reading.keep_soon()

    def heard(self, messages: Sequence[Message]) -> None:
        """This was said in a room."""
        room = messages[-1].room
        self._reading.heard(room, messages[-1].number)
        for read in self._reads:
            read.heard.append(messages)
        if away := self._away.get(room):
            for person in away if any(each.kind is Kind.TEXT for each in messages) else ():
                self._count(person, messages)

    def changed(self, change: Changed) -> None:
        """A message was edited or deleted: what it counts for whoever has not read it is asked."""
        message = change.message
        if message.kind is not Kind.TEXT or not (message.deleted or message.edited_at):
            return
        self._touch(message.room)
        for person in self._away.get(message.room, ()):
            if message.number > self._seats[person][message.room].last_read:
                self._stale.add((person, message.room))
        self._renew_soon()

    async def close(self) -> None:
        """Store what was read, and tell nothing more."""
        await self._tasks.finish()
        for timer in self._timers.values():
            timer.cancel()
        await self._reading.close()

    def _now(self, person: PersonId, seat: Seat) -> Seat:
        """A place as it is: whoever looks has read all."""
        room = seat.room.id
        last = max(seat.last_number, self._reading.last(room))
        if self._reading.looks(person, room):
            return replace(seat, unread=0, mentions=0, last_read=last, last_number=last)
        return seat if last == seat.last_number else replace(seat, last_number=last)

    def _wait_for(self, person: PersonId, room: RoomId) -> None:
        """What is said in a room counts for somebody, unless they look at it."""
        if not self._reading.looks(person, room):
            self._away[room].add(person)

    def _count(self, person: PersonId, messages: Sequence[Message], *, aloud: bool = True) -> None:
        room = messages[-1].room
        seat = self._seats[person][room]
        new = [each for each in messages if each.number > seat.last_read and each.waits_for(person)]
        # A place that was just read from the store may have the last of them already.
        unknown = [each for each in new if each.number > seat.last_number]
        if unknown:
            seat = replace(
                seat,
                unread=min(_MANY, seat.unread + len(unknown)),
                mentions=seat.mentions + sum(person in each.mentions for each in unknown),
                last_number=unknown[-1].number,
            )
            self._seats[person][room] = seat
            self._change_soon(person, room)
        for each in new if aloud else ():
            if _calls(seat, each, person):
                self._announce(person_topic(person), Called(seat, each))

    def _read_here(self, person: PersonId, seat: Seat) -> None:
        last = self._reading.last(seat.room.id)
        read = max(last, seat.last_read)
        seat = replace(seat, unread=0, mentions=0, last_read=read, last_number=last)
        self._seats[person][seat.room.id] = seat

    def _change_soon(self, person: PersonId, room: RoomId) -> None:
        self._changed.add((person, room))
        self._later("tell", self._tell)

    def _tell(self) -> None:
        changed, self._changed = self._changed, set()
        for person, room in changed:
            seat = self._seats.get(person, {}).get(room)
            if seat is not None:
                self._announce(person_topic(person), SeatNow(room, self._now(person, seat)))

    async def _read(self, person: PersonId, room: RoomId | None = None) -> _Found:
        """Places as they are stored, and what happened meanwhile."""
        meanwhile = _Meanwhile()
        self._reads.add(meanwhile)
        try:
            # What is marked meanwhile is stored after these, and perhaps after the places are read.
            await self._reading.keep()
            stored = await self._store.seats(person, room)
            return self._reading.as_marked(person, stored), meanwhile
        finally:
            self._reads.discard(meanwhile)

    def _touch(self, room: RoomId) -> None:
        """What is read of this room at this moment may be old."""
        for read in self._reads:
            read.changed.add(room)

    def _renew_soon(self) -> None:
        if self._stale:
            self._later("renew", self._renew_all)

    def _renew_all(self) -> None:
        stale, self._stale = self._stale, set()
        for person, room in stale:
            self._tasks.start(self._renew(person, room), "count anew")

    async def _renew(self, person: PersonId, room: RoomId) -> None:
        """Ask the store what a person's place in a room is."""
        found, meanwhile = await self._read(person, room)
        if person not in self._seats:
            return
        if room in meanwhile.changed:
            self._stale.add((person, room))
            self._renew_soon()
        if not found:
            self.give_up(person, room)
            return
        is_new = room not in self._seats[person]
        self._seats[person][room] = found[0]
        self._wait_for(person, room)
        for messages in meanwhile.heard:
            if messages[-1].room == room and person in self._away.get(room, ()):
                self._count(person, messages, aloud=is_new)
        seat = self._seats[person][room]
        self._announce(person_topic(person), SeatNow(room, self._now(person, seat)))

    def _later(self, what: str, call: Callable[[], None]) -> None:
        timer, loop = self._timers.get(what), asyncio.get_running_loop()
        if timer is None or timer.when() <= loop.time():
            self._timers[what] = loop.call_later(_GATHER, call)


def _calls(seat: Seat, message: Message, person: PersonId) -> bool:
    """Whether a message calls somebody to its room."""
    if seat.heed is Heed.NOTHING:
        return False
    all_call = seat.room.kind in {RoomKind.DIRECT, RoomKind.THREAD} and seat.heed is Heed.ALL
    return all_call or person in message.mentions
