"""The log of events: the newest ones in memory, read from the store once for all readers."""

import asyncio
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice, takewhile

from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.programs.events import StoredEvent, stored_event
from chat.store.contract import Store
from chat.tasks import Tasks

# Events of one read, and of one page of a reader.
PAGE_SIZE = 100

# Numbers of the sequence that one read of the store looks at, for a reader of few rooms.
READ_SPAN = 50_000

# The newest events, for readers that are a moment behind. All others read the store.
KEPT_EVENTS = 500

# Reads of the store at once for readers that are behind: it has threads for others then.
CONCURRENT_READS = 2


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in their order; all that comes before `position` was looked at."""

    events: tuple[StoredEvent, ...]
    position: int


class EventLog:
    """The events up to `position`, the last number that was read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = deque[StoredEvent]()
        # The kept events are all those after this number.
        self._kept_after = 0
        self.position = 0
        self._slots = asyncio.Semaphore(CONCURRENT_READS)
        self._reads: dict[object, asyncio.Task[EventPage]] = {}
        self._tasks = Tasks()

    def restart(self, position: int) -> None:
        """Keep the events from here on."""
        self._kept.clear()
        self.position = self._kept_after = position

    async def read_new(self) -> tuple[EventPage, bool]:
        """The next page for `append`, and whether there is more after it."""
        page = await self._store.sequence_page(self.position, PAGE_SIZE, READ_SPAN)
        events = tuple(map(stored_event, page.changes))
        return EventPage(events, page.position), page.position < page.last

    def append(self, page: EventPage) -> None:
        """Keep the page that comes next."""
        self._kept.extend(page.events)
        self.position = page.position
        while len(self._kept) > KEPT_EVENTS:
            self._kept_after = self._kept.popleft().change.sequence

    def kept_page(self, position: int) -> EventPage | None:
        """The page after a position, or None if some of it are not kept any more."""
        if position < self._kept_after:
            return None
        # A reader is a moment behind, mostly: the newest events are the first to look at.
        newest_first = reversed(self._kept)
        later = sum(1 for _ in takewhile(lambda e: e.change.sequence > position, newest_first))
        start = len(self._kept) - later
        events = tuple(islice(self._kept, start, start + PAGE_SIZE))
        is_last = later <= PAGE_SIZE
        return EventPage(events, self.position if is_last else events[-1].change.sequence)

    async def stored_page(
        self, position: int, reader_id: PersonId, room_ids: Collection[RoomId] | None
    ) -> EventPage:
        """The page after a position of what a person may read, from the store.

        Readers that want the same at the same time share one read, as after a restart.
        """
        key = (position, reader_id, room_ids if room_ids is None else frozenset(room_ids))
        task = self._reads.get(key)
        if task is None:
            work = self._read(position, reader_id, room_ids)
            task = self._reads[key] = self._tasks.start(work, "read events")
            task.add_done_callback(lambda _: self._reads.pop(key, None))
        return await asyncio.shield(task)

    async def _read(
        self, position: int, reader_id: PersonId, room_ids: Collection[RoomId] | None
    ) -> EventPage:
        async with self._slots:
            page = await self._store.sequence_page(
                position, PAGE_SIZE, READ_SPAN, reader_id=reader_id, room_ids=room_ids
            )
        return EventPage(tuple(map(stored_event, page.changes)), page.position)

    async def close(self) -> None:
        """End the reads."""
        await self._tasks.stop()
