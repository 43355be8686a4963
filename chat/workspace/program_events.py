"""Events for programs: readers that follow the sequence of the store, each at its own pace.

Nothing waits here for a program. A reader has a position, asks for the events after it, and is told
when there are more; what it has not read yet is in the store, also after the end of this process.
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from chat.activity.rate_limits import RateLimits
from chat.errors import BadToken, ChatError, SlowDown, TooManyReaders
from chat.model.events import (
    MessageChanged,
    MessagesPosted,
    OnlinePeople,
    TypingUpdated,
    room_of_topic,
)
from chat.model.messages import Message
from chat.model.people import PersonId
from chat.model.programs import ApiToken, ApiTokenId
from chat.model.rooms import RoomId, RoomInfo
from chat.model.sequence import SequencedChange
from chat.programs.actions import Actions
from chat.programs.event_cursor import RUN_LIMIT, EventCursors
from chat.programs.event_log import EventLog, EventPage
from chat.programs.events import (
    ActionEvent,
    EphemeralEvent,
    EventFilter,
    EventType,
    PresenceEvent,
    ProgramEvent,
    StoredEvent,
    TypingEvent,
    stored_event,
)
from chat.programs.rate_limits import BURST, REQUESTS_PER_SECOND
from chat.rooms.access import Access
from chat.rooms.directory import RoomDirectory
from chat.store.contract import Store
from chat.tasks import Tasks

log = structlog.get_logger(__name__)

# Readers of one token, and of all programs: open streams, and requests that wait.
READERS_PER_TOKEN = 20
READER_LIMIT = 10_000

# Seconds of silence after which a stream says that it is alive. Proxies end it after 60.
HEARTBEAT_SECONDS = 15.0

# Readers that go on in one turn of the loop: ten milliseconds.
RESUMED_AT_ONCE = 200

# The most rooms that one request may name.
ROOM_LIMIT = 100

# Rooms in which somebody types that a reader has not been told of; the oldest are dropped first.
TYPING_LIMIT = 100

# Actions that a reader gets at once: each has a state and values.
ACTIONS_AT_ONCE = 5

# Bots whose last reader of actions is remembered when it is gone.
_GONE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class EventTimings:
    """How often streams show that they are alive, and how often readers may begin."""

    heartbeat_seconds: float = HEARTBEAT_SECONDS
    # Readers of one token that begin at once.
    burst: float = BURST


class Audience:
    """The readers of one bot, token and filter, who may read the same."""

    def __init__(self, token: ApiToken, event_filter: EventFilter) -> None:
        self._bot = token.bot
        self._token_rooms = token.rooms
        self._filter = event_filter
        self.readers: dict[EventReader, None] = {}

    @property
    def room_ids(self) -> frozenset[RoomId] | None:
        """The only rooms that may matter to it, as far as they are named."""
        return self._token_rooms if self._filter.rooms is None else self._filter.rooms

    def may_read(self, info: RoomInfo, access: Access) -> bool:
        """Whether events of a room are for it; `access` has the rights in that room."""
        return (
            (self._token_rooms is None or access.info.id in self._token_rooms)
            and self._filter.accepts_room(info)
            and access.can_read(self._bot)
        )


class ProgramEvents:
    """The readers of all programs."""

    def __init__(
        self,
        store: Store,
        rooms: RoomDirectory,
        actions: Actions,
        *,
        timings: EventTimings,
    ) -> None:
        self._store = store
        self._rooms = rooms
        self.actions = actions
        # The readers of each bot that ask for actions, and when the last one was gone.
        self._action_readers: dict[PersonId, dict[EventReader, None]] = {}
        self._gone_at: dict[PersonId, float] = {}
        self._started_at = time.monotonic()
        self._cursors: EventCursors | None = None
        self.heartbeat_seconds = timings.heartbeat_seconds
        self.log = EventLog(store)
        self._audiences: dict[object, Audience] = {}
        self._reader_counts = Counter[ApiTokenId]()
        self._openings = RateLimits(timings.burst, REQUESTS_PER_SECOND)
        # The rights in each room that an event was in.
        self._accesses: dict[RoomId, Access] = {}
        # Whether the log is read on; it begins anew with the first reader.
        self._is_following = False
        self._is_behind = False
        self._checked_at = 0.0
        self._is_closed = False
        self._reading: asyncio.Task[None] | None = None
        self._tasks = Tasks()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being read."""
        return self._reading is None

    @property
    def reader_count(self) -> int:
        """The number of all readers."""
        return self._reader_counts.total()

    @property
    def program_count(self) -> int:
        """The number of tokens that have a reader."""
        return len(self._reader_counts)

    async def start(self) -> None:
        """Begin a run of this process, whose id is in its cursors."""
        runs = await self._store.begin_sequence_run(secrets.token_hex(8), RUN_LIMIT)
        self._cursors = EventCursors(runs)

    @property
    def cursors(self) -> EventCursors:
        """The cursors of this process."""
        assert self._cursors is not None, "it was started"
        return self._cursors

    async def open(
        self, token: ApiToken, event_filter: EventFilter, cursor: str | None = None
    ) -> "EventReader":
        """A reader of the events after a cursor, or from now on.

        Raises SlowDown, TooManyReaders, BadCursor, and CursorOutdated for a cursor of
        another chat, or of data that were replaced by an older copy.
        """
        if wait := self._openings.take(token.id):
            raise SlowDown(wait)
        if self._reader_counts[token.id] >= READERS_PER_TOKEN:
            raise TooManyReaders(READERS_PER_TOKEN)
        if self.reader_count >= READER_LIMIT:
            raise SlowDown(self.heartbeat_seconds)
        reader = EventReader(self, token, event_filter)
        self._add(reader)
        try:
            last = await self._store.last_sequence()
            position = last if cursor is None else self.cursors.decode(cursor, last)
        except BaseException:
            reader.close()
            raise
        if not self._is_following:
            self._is_following = True
            self.log.restart(last)
        reader.start(position)
        if reader.wants_actions:
            bot_id = token.bot.id
            self._action_readers.setdefault(bot_id, {})[reader] = None
            for each in self.actions.untold(bot_id):
                reader.tell_action(each)
        self._read_soon()
        return reader

    def seconds_without_reader(self, bot_id: PersonId) -> float:
        """For how long no program of this bot has read actions, at most since the start of the
        chat; 0 if one does."""
        if bot_id in self._action_readers:
            return 0.0
        return time.monotonic() - self._gone_at.get(bot_id, self._started_at)

    def tell_action(self, event: ActionEvent, access: Access) -> None:
        """Tell the readers of the program that wrote the message of an action.

        `access` has the rights in its room, or in that of its thread.
        """
        self._accesses[access.info.id] = access
        readers = list(self._action_readers.get(event.message.author.id, ()))
        for each in readers:
            each.tell_action(event)
        self._resume(readers)

    def on_published(self, topic: str, event: object) -> None:
        """An event was published to the screens."""
        if not self._audiences:
            return
        if isinstance(event, MessagesPosted):
            self._on_messages(topic, event.messages)
        elif isinstance(event, MessageChanged):
            self._on_messages(topic, (event.message,))
        elif isinstance(event, OnlinePeople):
            self._tell(PresenceEvent(event))
        elif (
            isinstance(event, TypingUpdated)
            and (room_id := room_of_topic(topic)) is not None
            and (room := self._rooms.opened(room_id)) is not None
        ):
            access = room.parent or room
            self._accesses[access.info.id] = access
            self._tell(TypingEvent(room.info, event.people))

    def on_revoked(self, bot_id: PersonId, token_id: ApiTokenId | None) -> None:
        """A token of a bot was revoked, or all: its readers end."""
        for reader in self._readers():
            if reader.token.bot.id == bot_id and token_id in (None, reader.token.id):
                reader.end(BadToken())

    def end_readers(self) -> None:
        """End all readers, as the chat is about to stop. Nobody can be added."""
        self._is_closed = True
        for reader in self._readers():
            reader.end()

    async def close(self) -> None:
        """End all readers, and the reads for them."""
        self.end_readers()
        await self._tasks.stop()
        await self.log.close()

    def check_store(self) -> None:
        """Look into the store, unless somebody has done so a moment ago.

        A change that was stored and not published is found so: its writer was stopped in between.
        """
        if time.monotonic() - self._checked_at >= self.heartbeat_seconds:
            self._read_soon()

    async def open_rooms(self, events: Iterable[StoredEvent]) -> None:
        """Open the rooms of events, so that `may_read` knows the rights in them."""
        for each in events:
            base_id = each.room.parent_id or each.room.id
            if base_id not in self._accesses:
                self._accesses[base_id] = await self._rooms.access(each.room)

    def rights_in(self, info: RoomInfo) -> Access:
        """The rights in an open room: its own, or those of the room of a thread."""
        return self._accesses[info.parent_id or info.id]

    def may_read(self, audience: Audience, info: RoomInfo) -> bool:
        """Whether events of an open room are for an audience, at this moment."""
        return audience.may_read(info, self.rights_in(info))

    def audience_of(self, token: ApiToken, event_filter: EventFilter) -> Audience:
        """Those who read the same."""
        key = (token.bot.id, token.rooms, event_filter.rooms)
        if (found := self._audiences.get(key)) is None:
            found = self._audiences[key] = Audience(token, event_filter)
        return found

    def remove(self, reader: "EventReader") -> None:
        """A reader was closed."""
        bot_id = reader.token.bot.id
        if reader in (of_bot := self._action_readers.get(bot_id, {})):
            del of_bot[reader]
            if not of_bot:
                del self._action_readers[bot_id]
                self._gone_at.pop(bot_id, None)
                self._gone_at[bot_id] = time.monotonic()
                if len(self._gone_at) > _GONE_LIMIT:
                    del self._gone_at[next(iter(self._gone_at))]
        self._reader_counts[reader.token.id] -= 1
        if not self._reader_counts[reader.token.id]:
            del self._reader_counts[reader.token.id]
        if not reader.audience.readers:
            self._audiences = {k: v for k, v in self._audiences.items() if v.readers}
        if not self._audiences:
            self._is_following = False
            self.log.restart(self.log.position)

    def _add(self, reader: "EventReader") -> None:
        self._reader_counts[reader.token.id] += 1
        reader.audience.readers[reader] = None
        if self._is_closed:
            reader.end()

    def _readers(self) -> list["EventReader"]:
        return [each for audience in self._audiences.values() for each in audience.readers]

    def _tell(self, event: EphemeralEvent) -> None:
        woken = list[EventReader]()
        for audience in self._audiences.values():
            if event.room is None or self.may_read(audience, event.room):
                woken += [each for each in audience.readers if each.tell(event)]
        self._resume(woken)

    def _on_messages(self, topic: str, messages: Sequence[Message]) -> None:
        """Append what was published, if it comes next in the sequence; else read the store."""
        position = self.log.position
        if messages[-1].sequence <= position:
            return
        room_id = room_of_topic(topic)
        room = None if room_id is None else self._rooms.opened(room_id)
        numbers = range(position + 1, position + 1 + len(messages))
        if (
            room is None
            or not self._is_following
            or self._is_behind
            or self._reading is not None
            or any(each.sequence != n for each, n in zip(messages, numbers, strict=True))
        ):
            self._read_soon()
            return
        access = room.parent or room
        self._accesses[access.info.id] = access
        changes = (
            SequencedChange(each.sequence, each.sequence == each.post_sequence, each, room.info)
            for each in messages
        )
        self._append(EventPage(tuple(map(stored_event, changes)), numbers[-1]))

    def _read_soon(self) -> None:
        self._is_behind = True
        if self._reading is None and self._is_following:
            self._reading = self._tasks.start(self._read_new(), "read new events")

    async def _read_new(self) -> None:
        """Read what is new once, and wake those whom it is for."""
        try:
            while self._is_behind and self._is_following:
                self._is_behind = False
                self._checked_at = time.monotonic()
                position = self.log.position
                page, has_more = await self.log.read_new()
                self._is_behind |= has_more
                await self.open_rooms(page.events)
                # Otherwise the log has begun anew meanwhile.
                if self.log.position == position:
                    self._append(page)
        finally:
            self._reading = None

    def _append(self, page: EventPage) -> None:
        """Without a pause: who waits has read all up to the position before."""
        before = self.log.position
        self.log.append(page)
        rooms = {each.room.id: each.room for each in page.events}.values()
        woken = list[EventReader]()
        for audience in self._audiences.values():
            if any(self.may_read(audience, each) for each in rooms):
                woken += audience.readers
        for reader in woken:
            reader.wake(before)
        self._resume(woken)

    def _resume(self, readers: list["EventReader"]) -> None:
        """Let readers go on, some in each turn of the loop: people wait for their turn, too."""
        now, later = readers[:RESUMED_AT_ONCE], readers[RESUMED_AT_ONCE:]
        for reader in now:
            reader.resume()
        if later:
            asyncio.get_running_loop().call_soon(self._resume, later)


class EventReader:
    """One program that reads events: a stream, or a request that waits.

    Ask for `next_events` until there are none, then `wait`. It reads no further than it is asked
    for: a program that takes nothing costs nothing.
    """

    __slots__ = (
        "_actions",
        "_ephemeral",
        "_events",
        "_filter",
        "_is_ended",
        "_is_resting",
        "_is_woken",
        "_position",
        "_refusal",
        "_waiter",
        "audience",
        "token",
    )

    def __init__(self, events: ProgramEvents, token: ApiToken, event_filter: EventFilter) -> None:
        self._events = events
        self._filter = event_filter
        self.token = token
        self.audience = events.audience_of(token, event_filter)
        self._position = 0
        # Whether it has read everything, and nothing since then was for it.
        self._is_resting = False
        self._is_woken = False
        self._waiter: asyncio.Future[None] | None = None
        # What was told and not read: the last of each room, and of presence.
        self._ephemeral: dict[RoomId | None, EphemeralEvent] | None = None
        # The actions that were told and not read.
        self._actions: list[ActionEvent] = []
        self._is_ended = False
        self._refusal: ChatError | None = None

    @property
    def cursor(self) -> str:
        """The cursor after all that was read."""
        return self._events.cursors.encode(self._current_position)

    @property
    def wants_actions(self) -> bool:
        """Whether it asks for actions."""
        return EventType.ACTION in self._filter.types

    @property
    def is_behind(self) -> bool:
        """Whether there is more to read."""
        return bool(self._actions) or self._has_stored

    @property
    def _has_stored(self) -> bool:
        return self._current_position < self._events.log.position

    @property
    def is_ended(self) -> bool:
        """Whether it was closed, or the chat is about to stop."""
        return self._is_ended

    def start(self, position: int) -> None:
        """Begin after this number."""
        self._position = position

    async def next_events(self) -> tuple[ProgramEvent, ...]:
        """The next events; none if all were read. Raises BadToken."""
        while not self._is_ended:
            self._is_woken = False
            self._require_valid()
            if actions := self._take_actions():
                return actions
            if self._ephemeral:
                told, self._ephemeral = tuple(self._ephemeral.values()), None
                if allowed := tuple(filter(self.may_read, told)):
                    return allowed
            if not self._has_stored:
                return ()
            page = self._events.log.kept_page(self._position)
            if page is None:
                page = await self._events.log.stored_page(
                    self._position, self.token.bot.id, self.audience.room_ids
                )
            await self._events.open_rooms(page.events)
            self._require_valid()
            self._position = page.position
            types = self._filter.types
            events = tuple(e for e in page.events if e.type in types and self.may_read(e))
            if events:
                return events
        self._require_valid()
        return ()

    def may_read(self, event: ProgramEvent) -> bool:
        """Whether the program may read an event at this moment."""
        if self._refusal is not None:
            return False
        return event.room is None or self._events.may_read(self.audience, event.room)

    def cursor_of(self, event: ProgramEvent) -> str | None:
        """The cursor after an event; None for one that is not stored."""
        if isinstance(event, StoredEvent):
            return self._events.cursors.encode(event.change.sequence)
        return None

    def parent_of(self, event: ProgramEvent) -> RoomInfo | None:
        """The room of the thread in which an event was."""
        if event.room is None or event.room.parent_id is None:
            return None
        return self._events.rights_in(event.room).info

    async def wait(self, seconds: float) -> bool:
        """Wait until there may be something to read; False if the time is over before."""
        if self._is_woken or self._is_ended:
            return True
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(min(seconds, self._seconds_left()), self.resume)
        self._is_resting = True
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None
            # Nothing up to here was for it, or it would have been woken.
            self._position, self._is_resting = self._current_position, False
        if not self._is_woken:
            self._events.check_store()
        return self._is_woken

    def wake(self, before: int) -> None:
        """There is something to read after the number `before`; `resume` comes later."""
        if self._is_resting:
            self._position, self._is_resting = max(self._position, before), False
        self._is_woken = True

    def resume(self) -> None:
        """Go on, if it waits."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def tell(self, event: EphemeralEvent) -> bool:
        """Something happened that is not stored; only the last of each room counts.

        Returns whether it is for this reader; `resume` comes later.
        """
        if event.type not in self._filter.types:
            return False
        if self._ephemeral is None:
            self._ephemeral = {}
        key = None if event.room is None else event.room.id
        self._ephemeral.pop(key, None)
        self._ephemeral[key] = event
        if len(self._ephemeral) > TYPING_LIMIT:
            self._ephemeral.pop(next(iter(self._ephemeral)))
        self.wake(self._events.log.position)
        return True

    def tell_action(self, event: ActionEvent) -> None:
        """A person used a control of a message of its bot; `resume` comes later."""
        self._actions.append(event)
        self.wake(self._events.log.position)

    def _take_actions(self) -> tuple[ActionEvent, ...]:
        """The next actions. Those that are left when it is closed are for another reader."""
        taken, self._actions = self._actions[:ACTIONS_AT_ONCE], self._actions[ACTIONS_AT_ONCE:]
        allowed = tuple(each for each in taken if self.may_read(each))
        for each in allowed:
            self._events.actions.on_told(each)
        return allowed

    def end(self, refusal: ChatError | None = None) -> None:
        """Nothing more is read; with a refusal, `next_events` raises it."""
        self._is_ended = True
        self._refusal = self._refusal or refusal
        self._is_woken = True
        self.resume()

    def close(self) -> None:
        """The program is gone, or has enough."""
        self.end()
        if self in self.audience.readers:
            del self.audience.readers[self]
            self._events.remove(self)

    @property
    def _current_position(self) -> int:
        return (
            max(self._position, self._events.log.position) if self._is_resting else self._position
        )

    def _seconds_left(self) -> float:
        """Until the token expires."""
        expires_at = self.token.expires_at
        if expires_at is None:
            return float("inf")
        return max(0.0, (expires_at - datetime.now(UTC)).total_seconds())

    def _require_valid(self) -> None:
        if self._refusal is None and self.token.is_expired(datetime.now(UTC)):
            self.end(BadToken())
        if self._refusal is not None:
            raise self._refusal
