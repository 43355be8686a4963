"""Memberships of connected people, with unread counts, published to all their sessions.

A person who views a room has read it: nothing is counted for them, and a new message costs no work
beyond recording its number.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chat.model.events import (
    MembershipUpdated,
    MessageChanged,
    MessageNotification,
    Publish,
    RemovedFromRoom,
    person_topic,
)
from chat.model.messages import Message, MessageKind
from chat.model.people import Person, PersonId
from chat.model.programs import StreamState
from chat.model.rooms import Membership, NotificationLevel, RoomId, RoomInfo, RoomKind
from chat.people.blocks import Blocks
from chat.people.notification_settings import NotificationSettingsService
from chat.rooms.read_positions import SAVE_INTERVAL, ReadPositions
from chat.rooms.unread_marks import UnreadMark, UnreadMarks
from chat.store.contract import Store
from chat.tasks import Tasks

_UNREAD_LIMIT = 100


@dataclass(frozen=True, slots=True, eq=False)
class _LoadInFlight:
    """Events received while `store.memberships()` runs. The result may or may not have them."""

    posted: list[Sequence[Message]] = field(default_factory=list)
    changed_rooms: set[RoomId] = field(default_factory=set)


_Loaded = tuple[tuple[Membership, ...], _LoadInFlight]


@dataclass(frozen=True, slots=True)
class MembershipTimings:
    """All in seconds."""

    # Changes of unread counts within this time are published together.
    batch_delay: float = 0.2
    # The interval between two saves of the read positions of viewers.
    save_interval: float = SAVE_INTERVAL


class Memberships:
    """The memberships of all connected people."""

    def __init__(
        self,
        store: Store,
        timings: MembershipTimings,
        *,
        notification_settings: NotificationSettingsService,
        blocks: Blocks,
        publish: Publish,
    ) -> None:
        self._store = store
        self._blocks = blocks
        self._notification_settings = notification_settings
        self._publish = publish
        self._timings = timings
        self._sessions = defaultdict[PersonId, set[str]](set)
        self._memberships: dict[PersonId, dict[RoomId, Membership]] = {}
        # The members of a room who do not view it: their unread messages are counted.
        self._not_viewing = defaultdict[RoomId, set[PersonId]](set)
        # When the last message of a room was sent, if it was since the start.
        self._last_at: dict[RoomId, datetime] = {}
        # The connected people who closed a direct conversation.
        self._closed = defaultdict[RoomId, set[PersonId]](set)
        self._read_positions = ReadPositions(store, timings.save_interval)
        self._unread_marks = UnreadMarks()
        self._loads: set[_LoadInFlight] = set()
        self._to_reload = set[tuple[PersonId, RoomId]]()
        self._to_publish = set[tuple[PersonId, RoomId]]()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks = Tasks()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to be read again, published or stored."""
        return (
            self._tasks.is_idle
            and not self._to_reload
            and not self._to_publish
            and self._read_positions.is_idle
        )

    @property
    def is_empty(self) -> bool:
        """Whether nobody is connected, and nothing is kept of people who were."""
        return not (
            self._sessions
            or self._memberships
            or any(self._not_viewing.values())
            or any(self._closed.values())
        )

    async def session_connected(self, person: Person, session: str) -> None:
        """Count a session as connected, and read the memberships of `person` if it is the first."""
        self._sessions[person.id].add(session)
        if person.id in self._memberships:
            return
        loaded, load = await self._load(person.id)
        if person.id in self._memberships or not self._sessions.get(person.id):
            return
        self._memberships[person.id] = {each.room.id: each for each in loaded}
        for membership in loaded:
            self._count_unless_viewing(person.id, membership.room.id)
            self._remember_closed(person.id, membership)
        for messages in load.posted:
            if person.id in self._not_viewing.get(messages[-1].room_id, ()):
                self._count_unread(person.id, messages)
        self._to_reload |= {(person.id, room) for room in load.changed_rooms}
        self._reload_soon()

    def session_disconnected(self, person: Person, session: str) -> None:
        """Count a session as disconnected."""
        self.stop_viewing(session)
        self._sessions[person.id].discard(session)
        if not self._sessions[person.id]:
            del self._sessions[person.id]
            for room in self._memberships.pop(person.id, {}):
                self._not_viewing[room].discard(person.id)
                if room in self._closed:
                    self._closed[room].discard(person.id)

    def for_person(self, person: Person) -> tuple[Membership, ...]:
        """The memberships of a connected person, oldest room first."""
        memberships = self._memberships.get(person.id, {})
        return tuple(self._current(person.id, memberships[room]) for room in sorted(memberships))

    def get(self, person: Person, room_id: RoomId) -> Membership | None:
        """The membership of a connected person in one room."""
        membership = self._memberships.get(person.id, {}).get(room_id)
        return None if membership is None else self._current(person.id, membership)

    def on_blocks_changed(self, person_id: PersonId) -> None:
        """A person has blocked somebody, or unblocked them: read their counts again."""
        if person_id in self._memberships:
            self._tasks.start(self._reload_person(person_id), "read memberships again")

    async def reload(self, person_ids: Iterable[PersonId], room_id: RoomId) -> None:
        """Read new or changed memberships again, and publish them to those who are connected."""
        self._invalidate(room_id)
        for person_id in [each for each in person_ids if each in self._memberships]:
            await self._reload(person_id, room_id)

    def remove(self, person_id: PersonId, room_id: RoomId, moderator: Person | None = None) -> None:
        """Remove the membership of a person in a room and in its threads.

        A person who was removed by a moderator is told so.
        """
        self._invalidate(room_id)
        memberships = self._memberships.get(person_id, {})
        if moderator is not None and room_id in memberships:
            removed = RemovedFromRoom(memberships[room_id].room, moderator)
            self._publish(person_topic(person_id), removed)
        for each in [
            each
            for each, membership in memberships.items()
            if room_id in (each, membership.room.parent_id)
        ]:
            self._invalidate(each)
            del memberships[each]
            self._not_viewing[each].discard(person_id)
            self._unread_marks.remove(person_id, (each,))
            self._publish(person_topic(person_id), MembershipUpdated(each, None))

    def room_updated(self, info: RoomInfo) -> None:
        """Publish the new title, topic or archived state of a room to its members."""
        self._invalidate(info.id)
        for person_id in {
            *self._not_viewing.get(info.id, ()),
            *self._read_positions.viewers(info.id),
        }:
            membership = self._memberships.get(person_id, {}).get(info.id)
            if membership is not None and membership.room != info:
                self._memberships[person_id][info.id] = membership = replace(membership, room=info)
                self._publish(
                    person_topic(person_id),
                    MembershipUpdated(info.id, self._current(person_id, membership)),
                )

    def open_room(self, person: Person, room_id: RoomId) -> UnreadMark | None:
        """Where the unread messages of a room begin that the person opens, until `unread_seen`."""
        membership = self.get(person, room_id)
        return None if membership is None else self._unread_marks.open(person.id, membership)

    def unread_seen(self, person: Person, room_id: RoomId) -> None:
        """The person has been where the unread messages of a room begin, or needs no mark there."""
        self._unread_marks.remove(person.id, (room_id,))

    def start_viewing(
        self, person: Person, session: str, room_id: RoomId, last_number: int
    ) -> None:
        """A session shows the end of a room to its person: all messages there are read."""
        if self._read_positions.viewed_room(session) == (person.id, room_id):
            return
        self.stop_viewing(session)
        self._read_positions.on_messages(room_id, last_number)
        self._read_positions.start_viewing(person.id, session, room_id)
        self._not_viewing[room_id].discard(person.id)
        membership = self._memberships.get(person.id, {}).get(room_id)
        if membership is not None and (
            membership.unread or membership.unread_mentions or membership.last_read < last_number
        ):
            self._mark_read(person.id, membership)
            self._publish_soon(person.id, room_id)

    def stop_viewing(self, session: str) -> None:
        """A session shows something else, or is hidden."""
        stopped = self._read_positions.stop_viewing(session)
        if (
            stopped is None
            or (membership := self._memberships.get(stopped[0], {}).get(stopped[1])) is None
        ):
            return
        person_id, room_id = stopped
        if membership.room.kind is RoomKind.THREAD:
            # Its viewers are not told of each message: the thread may have another place now.
            self._publish_soon(person_id, room_id)
        self._invalidate(room_id)
        self._not_viewing[room_id].add(person_id)
        self._mark_read(person_id, membership)
        self._read_positions.set_position(
            person_id, room_id, self._memberships[person_id][room_id].last_read
        )
        self._read_positions.save_soon()

    async def mark_unread(self, person: Person, room_id: RoomId, number: int) -> None:
        """Mark this message and all later ones as unread, even for sessions that view them."""
        membership = self.get(person, room_id)
        if membership is None:
            return
        self._unread_marks.remove(person.id, (room_id,))
        for session in self._read_positions.viewing_sessions(person.id, room_id):
            self.stop_viewing(session)
        self._read_positions.set_position(
            person.id, room_id, max(0, min(number - 1, membership.last_number))
        )
        self._invalidate(room_id)
        await self._reload(person.id, room_id)

    def mark_all_read(self, person: Person) -> None:
        """Mark all messages of all rooms as read for a person."""
        self._unread_marks.remove(person.id, self._memberships.get(person.id, ()))
        for membership in list(self._memberships.get(person.id, {}).values()):
            self._mark_room_read(person.id, membership)
        self._read_positions.save_soon()

    def mark_read(self, person: Person, room_id: RoomId) -> None:
        """Mark all messages of a room as read for a person."""
        membership = self._memberships.get(person.id, {}).get(room_id)
        if membership is not None:
            self._unread_marks.remove(person.id, (room_id,))
            self._mark_room_read(person.id, membership)
            self._read_positions.save_soon()

    def _mark_room_read(self, person_id: PersonId, membership: Membership) -> None:
        room_id = membership.room.id
        last_number = max(membership.last_number, self._read_positions.last_number(room_id))
        if membership.unread or membership.unread_mentions or membership.last_read < last_number:
            self._invalidate(room_id)
            self._read_positions.on_messages(room_id, last_number)
            self._mark_read(person_id, membership)
            self._read_positions.set_position(person_id, room_id, last_number)
            self._publish_soon(person_id, room_id)

    def on_draft_changed(self, person_id: PersonId, room_id: RoomId, *, has_draft: bool) -> None:
        """A draft was stored, or deleted. Only the first and the last of a text are published."""
        membership = self._memberships.get(person_id, {}).get(room_id)
        if membership is not None and membership.has_draft is has_draft:
            return
        self._invalidate(room_id)
        if membership is not None:
            self._memberships[person_id][room_id] = replace(membership, has_draft=has_draft)
            self._publish_soon(person_id, room_id)

    def on_messages(self, messages: Sequence[Message]) -> None:
        """Count new messages of a room for the members who do not view it."""
        room_id = messages[-1].room_id
        self._read_positions.on_messages(room_id, messages[-1].number)
        self._last_at[room_id] = messages[-1].sent_at
        for person_id in self._closed.pop(room_id, ()):
            self._reopen(person_id, room_id)
        for load in self._loads:
            load.posted.append(messages)
        if not_viewing := self._not_viewing.get(room_id):
            for person_id in (
                not_viewing if any(each.kind is MessageKind.TEXT for each in messages) else ()
            ):
                self._count_unread(person_id, messages)

    def _reopen(self, person_id: PersonId, room_id: RoomId) -> None:
        """List a closed conversation again: something new was said in it."""
        membership = self._memberships.get(person_id, {}).get(room_id)
        if membership is not None and membership.is_closed:
            self._memberships[person_id][room_id] = replace(membership, is_closed=False)
            self._publish_soon(person_id, room_id)

    def _remember_closed(self, person_id: PersonId, membership: Membership) -> None:
        if membership.is_closed:
            self._closed[membership.room.id].add(person_id)

    def on_change(self, change: MessageChanged) -> None:
        """Read the counts again of people who have not read an edited or deleted message.

        A message that is complete now notifies them.
        """
        message = change.message
        if message.kind is not MessageKind.TEXT:
            return
        if change.completes_stream:
            for person_id in self._not_viewing.get(message.room_id, ()):
                membership = self._memberships[person_id][message.room_id]
                if message.number > membership.last_read and self._counts(person_id, message):
                    self._notify(person_id, membership, message)
        if message.deleted or message.edited_at or (change.completes_stream and message.mentions):
            self.recount(message.room_id, message.number)

    def recount(self, room_id: RoomId, number: int) -> None:
        """Read the counts again of people who have not read a message that is restored or gone."""
        self._invalidate(room_id)
        for person_id in self._not_viewing.get(room_id, ()):
            if number > self._memberships[person_id][room_id].last_read:
                self._to_reload.add((person_id, room_id))
        self._reload_soon()

    async def close(self) -> None:
        """Store the read positions, and publish nothing more."""
        await self._tasks.finish()
        for timer in self._timers.values():
            timer.cancel()
        await self._read_positions.close()

    def _current(self, person_id: PersonId, membership: Membership) -> Membership:
        """The current membership: a viewer has read everything.

        A conversation with nobody but people whom the person has blocked is closed.
        """
        if (
            membership.room.kind is RoomKind.DIRECT
            and (blocked_ids := self._blocks.of(person_id))
            and membership.others
            and all(each.id in blocked_ids for each in membership.others)
        ):
            membership = replace(membership, is_closed=True)
        room_id = membership.room.id
        last_number = max(membership.last_number, self._read_positions.last_number(room_id))
        if membership.room.kind is RoomKind.THREAD and room_id in self._last_at:
            membership = replace(membership, last_at=self._last_at[room_id])
        if self._read_positions.is_viewing(person_id, room_id):
            return replace(
                membership,
                unread=0,
                unread_mentions=0,
                last_read=last_number,
                last_number=last_number,
            )
        return (
            membership
            if last_number == membership.last_number
            else replace(membership, last_number=last_number)
        )

    def _count_unless_viewing(self, person_id: PersonId, room_id: RoomId) -> None:
        """Count the messages of a room for a person, unless they view it."""
        if not self._read_positions.is_viewing(person_id, room_id):
            self._not_viewing[room_id].add(person_id)

    def _count_unread(
        self, person_id: PersonId, messages: Sequence[Message], *, notify: bool = True
    ) -> None:
        room_id = messages[-1].room_id
        membership = self._memberships[person_id][room_id]
        unread = [
            each
            for each in messages
            if each.number > membership.last_read and self._counts(person_id, each)
        ]
        # A membership that was just read may include the last of them already.
        uncounted = [each for each in unread if each.number > membership.last_number]
        if uncounted:
            membership = replace(
                membership,
                unread=min(_UNREAD_LIMIT, membership.unread + len(uncounted)),
                unread_mentions=membership.unread_mentions
                + sum(person_id in each.mentions for each in uncounted),
                last_number=uncounted[-1].number,
            )
            self._memberships[person_id][room_id] = membership
            self._publish_soon(person_id, room_id)
        for each in unread if notify else ():
            if each.stream_state is not StreamState.STREAMING:
                self._notify(person_id, membership, each)

    def _counts(self, person_id: PersonId, message: Message) -> bool:
        """Whether a message counts as unread for a person who has not read it yet."""
        return message.is_unread_for(person_id) and not self._blocks.hides(person_id, message)

    def _notify(self, person_id: PersonId, membership: Membership, message: Message) -> None:
        """Notify a person of an unread message, if their settings say so."""
        is_paused = self._notification_settings.is_paused(person_id)
        if _notifies(membership, message, person_id) and not is_paused:
            self._publish(person_topic(person_id), MessageNotification(membership, message))

    def _mark_read(self, person_id: PersonId, membership: Membership) -> None:
        last_number = self._read_positions.last_number(membership.room.id)
        last_read = max(last_number, membership.last_read)
        membership = replace(
            membership, unread=0, unread_mentions=0, last_read=last_read, last_number=last_number
        )
        self._memberships[person_id][membership.room.id] = membership

    def _publish_soon(self, person_id: PersonId, room_id: RoomId) -> None:
        self._to_publish.add((person_id, room_id))
        self._schedule("publish", self._publish_changes)

    def _publish_changes(self) -> None:
        to_publish, self._to_publish = self._to_publish, set()
        for person_id, room_id in to_publish:
            membership = self._memberships.get(person_id, {}).get(room_id)
            if membership is not None:
                self._publish(
                    person_topic(person_id),
                    MembershipUpdated(room_id, self._current(person_id, membership)),
                )

    async def _load(self, person_id: PersonId, room_id: RoomId | None = None) -> _Loaded:
        """The stored memberships, and the events received during the read."""
        load = _LoadInFlight()
        self._loads.add(load)
        try:
            # A position set from now on is stored later, perhaps after the memberships are read.
            await self._read_positions.save()
            stored = await self._store.memberships(person_id, room_id)
            return self._read_positions.with_unsaved_positions(person_id, stored), load
        finally:
            self._loads.discard(load)

    def _invalidate(self, room_id: RoomId) -> None:
        """Mark running reads of this room as possibly outdated."""
        for load in self._loads:
            load.changed_rooms.add(room_id)

    def _reload_soon(self) -> None:
        if self._to_reload:
            self._schedule("reload", self._reload_all)

    def _reload_all(self) -> None:
        to_reload, self._to_reload = self._to_reload, set()
        for person_id, room_id in to_reload:
            self._tasks.start(self._reload(person_id, room_id), "reload membership")

    async def _reload(self, person_id: PersonId, room_id: RoomId) -> None:
        """Read one membership again, and publish it."""
        loaded, load = await self._load(person_id, room_id)
        if person_id not in self._memberships:
            return
        if room_id in load.changed_rooms:
            self._to_reload.add((person_id, room_id))
            self._reload_soon()
        if not loaded:
            self.remove(person_id, room_id)
            return
        is_new = room_id not in self._memberships[person_id]
        self._memberships[person_id][room_id] = loaded[0]
        self._remember_closed(person_id, loaded[0])
        self._count_unless_viewing(person_id, room_id)
        for messages in load.posted:
            if messages[-1].room_id == room_id and person_id in self._not_viewing.get(room_id, ()):
                self._count_unread(person_id, messages, notify=is_new)
        membership = self._memberships[person_id][room_id]
        self._publish(
            person_topic(person_id),
            MembershipUpdated(room_id, self._current(person_id, membership)),
        )

    async def _reload_person(self, person_id: PersonId) -> None:
        """Read all memberships of a person again, and publish them."""
        loaded, load = await self._load(person_id)
        memberships = self._memberships.get(person_id, {})
        # One that has ended meanwhile is not brought back.
        for membership in [each for each in loaded if each.room.id in memberships]:
            memberships[membership.room.id] = membership
            self._remember_closed(person_id, membership)
            self._publish_soon(person_id, membership.room.id)
        for messages in load.posted:
            if person_id in self._not_viewing.get(messages[-1].room_id, ()):
                self._count_unread(person_id, messages, notify=False)
        self._to_reload |= {(person_id, room) for room in load.changed_rooms}
        self._reload_soon()

    def _schedule(self, name: str, callback: Callable[[], None]) -> None:
        timer, loop = self._timers.get(name), asyncio.get_running_loop()
        if timer is None or timer.when() <= loop.time():
            self._timers[name] = loop.call_later(self._timings.batch_delay, callback)


def _notifies(membership: Membership, message: Message, person_id: PersonId) -> bool:
    """Whether a message notifies a person."""
    match membership.notification_level:
        case NotificationLevel.NOTHING:
            return False
        case NotificationLevel.EVERYTHING:
            return True
        case NotificationLevel.ALL if membership.room.kind in {RoomKind.DIRECT, RoomKind.THREAD}:
            return True
    return person_id in message.mentions
