"""Deleted messages that can still be restored: for ten seconds, and in memory only.

A deleted message is gone from the database at once. So if the process ends before the time to undo
is over, nothing of the message is left.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chat.errors import TooLateToUndo
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store.contract import DeletedMessage

# Seconds in which a deleted message can be restored.
UNDO_TIME = 10.0

# The most characters of deleted messages that are kept in memory, with all their earlier texts. The
# oldest are dropped first.
UNDO_SIZE_LIMIT = 8_000_000

_Key = tuple[RoomId, int]


@dataclass(frozen=True, slots=True)
class _Kept:
    deleted: DeletedMessage
    person_id: PersonId
    timer: asyncio.TimerHandle


class Deletions:
    """The deleted messages of one process that can be restored."""

    def __init__(self, undo_time: float, *, on_dropped: Callable[[], None]) -> None:
        """`on_dropped` is called when a message can no longer be restored."""
        self._undo_time = undo_time
        self._on_dropped = on_dropped
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._size = 0

    @property
    def blob_hashes(self) -> Iterator[str]:
        """The hashes of the files that a restored message needs."""
        kept = self._kept.values()
        return (blob_hash for each in kept for blob_hash in each.deleted.blob_hashes)

    def add(self, deleted: DeletedMessage, person_id: PersonId) -> None:
        """Keep a message that a person has just deleted."""
        key = (deleted.room_id, deleted.number)
        timer = asyncio.get_running_loop().call_later(self._undo_time, self._drop, key)
        self._kept[key] = _Kept(deleted, person_id, timer)
        self._size += deleted.size
        while self._size > UNDO_SIZE_LIMIT:
            self._drop(next(iter(self._kept)))

    def take(self, room_id: RoomId, number: int, person_id: PersonId) -> DeletedMessage:
        """The message that this person deleted, once. Raises TooLateToUndo."""
        key = (room_id, number)
        kept = self._kept.get(key)
        if kept is None or kept.person_id != person_id:
            raise TooLateToUndo
        self._drop(key)
        return kept.deleted

    def close(self) -> None:
        """Forget all."""
        for key in tuple(self._kept):
            self._drop(key)

    def _drop(self, key: _Key) -> None:
        if (kept := self._kept.pop(key, None)) is not None:
            kept.timer.cancel()
            self._size -= kept.deleted.size
            self._on_dropped()
