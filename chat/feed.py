"""What happens in the rooms, announced once and in number order, whatever order it came in."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable

import structlog

from chat.messages import Fresh, Message, RoomId
from chat.store import Store
from chat.tasks import Tasks

log = structlog.get_logger(__name__)

Announce = Callable[[str, object], None]

# A message whose poster is a moment behind its successor's needs no reading.
_PATIENCE = 0.05
_PAGE = 200

# What was announced last is kept for sessions that are a moment behind.
_RECENT = 500


def room_topic(room: RoomId) -> str:
    """The PubSub topic that carries a room's messages."""
    return f"room/{room}"


class Feed:
    """Every room's last announced number, and what waits for a number before it."""

    def __init__(self, store: Store, announce: Announce) -> None:
        self._store = store
        self._announce = announce
        self._last: dict[RoomId, int] = {}
        self._recent: dict[RoomId, deque[Message]] = {}
        self._waiting: dict[RoomId, dict[int, Message]] = defaultdict(dict)
        self._asked: dict[RoomId, tuple[int, int, tuple[Message, ...]]] = {}
        self._filling: set[RoomId] = set()
        self._tasks = Tasks()

    async def follow(self, room: RoomId) -> None:
        """Begin after what the store already holds."""
        newest = await self._store.newest(room, 1)
        self._last[room] = newest.messages[-1].number if newest.messages else 0
        self._recent[room] = deque(newest.messages, maxlen=_RECENT)

    def recent(self, room: RoomId, after: int) -> tuple[Message, ...] | None:
        """What was announced after number `after`, or None if that is longer than it is kept."""
        kept = self._recent[room]
        missed = self._last[room] - after
        if missed <= 0:
            return ()
        if missed > len(kept):
            return None
        # Whoever is behind is behind by the same: one tuple for all, which is drawn once for all.
        if self._asked.get(room, (0, 0, ()))[:2] != (after, self._last[room]):
            self._asked[room] = (after, self._last[room], tuple(kept)[-missed:])
        return self._asked[room][2]

    def ring(self, message: Message) -> None:
        """Announce `message` as soon as all before it have been; a repeat is dropped."""
        room = message.room
        if message.number <= self._last[room]:
            return
        self._waiting[room][message.number] = message
        self._announce_ready(room)
        if self._waiting[room] and room not in self._filling:
            self._filling.add(room)
            self._tasks.start(self._fill(room), f"fill the gap of room {room}")

    async def close(self) -> None:
        """Stop reading for gaps."""
        await self._tasks.stop()

    def _announce_ready(self, room: RoomId) -> None:
        waiting, ready = self._waiting[room], list[Message]()
        while (message := waiting.pop(self._last[room] + 1, None)) is not None:
            self._last[room] = message.number
            ready.append(message)
        if ready:
            self._recent[room].extend(ready)
            self._announce(room_topic(room), Fresh(tuple(ready)))

    async def _fill(self, room: RoomId) -> None:
        """Read what was stored but never rung: its poster went away between the two."""
        try:
            await asyncio.sleep(_PATIENCE)
            while self._waiting[room]:
                page = await self._store.after(room, self._last[room], _PAGE)
                for message in page.messages:
                    # Some may have been rung while they were read.
                    if message.number > self._last[room]:
                        self._waiting[room].setdefault(message.number, message)
                self._announce_ready(room)
                if not page.messages:
                    log.error("a number is missing", room=room, after=self._last[room])
                    return
        finally:
            self._filling.discard(room)
