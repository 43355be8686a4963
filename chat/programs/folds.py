"""Folds: the requests to a webhook beyond its limit, counted on one message."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from time import monotonic

from chat.errors import ChatError, NotStored
from chat.model.messages import Message
from chat.model.people import Person
from chat.model.programs import HookId, Via
from chat.rooms.room import Room
from chat.tasks import Tasks

# A fold ends when no request came for so many seconds, and the next one begins after so many.
QUIET_SECONDS = 10.0
FOLD_SECONDS = 300.0

# The count is stored at most once in so many seconds: a flood must not cost a write for each
# request.
WRITE_SECONDS = 1.0

# The folds that are remembered; the oldest end first.
FOLD_LIMIT = 1000


@dataclass(slots=True)
class _Fold:
    """A message, and how many requests are counted on it. Times are those of `monotonic`."""

    bot: Person
    room: Room
    message: Message
    began_at: float
    last_at: float
    count: int = 0
    stored_count: int = 0


class Folds:
    """The message of each webhook on which requests are counted."""

    def __init__(self) -> None:
        self._folds: OrderedDict[HookId, _Fold] = OrderedDict()
        self._tasks = Tasks()

    def is_open(self, hook_id: HookId) -> bool:
        """Whether requests to a webhook are counted at this moment."""
        fold, now = self._folds.get(hook_id), monotonic()
        return (
            fold is not None
            and now - fold.last_at < QUIET_SECONDS
            and now - fold.began_at < FOLD_SECONDS
        )

    def begin(self, hook_id: HookId, bot: Person, room: Room, message: Message) -> None:
        """Count the requests that come next on this message of the bot."""
        now = monotonic()
        self._folds.pop(hook_id, None)
        self._folds[hook_id] = _Fold(bot, room, message, now, now)
        if len(self._folds) > FOLD_LIMIT:
            self._folds.popitem(last=False)

    def count(self, hook_id: HookId) -> Message:
        """Count a request on the message of an open fold; returns that message."""
        fold = self._folds[hook_id]
        if fold.count == fold.stored_count:
            self._tasks.start(self._store_soon(hook_id, fold), "store the count of a fold")
        fold.count += 1
        fold.last_at = monotonic()
        return fold.message

    def forget(self, hook_id: HookId) -> None:
        """End the fold of a webhook."""
        self._folds.pop(hook_id, None)

    async def close(self) -> None:
        """Store the counts that are not stored yet."""
        await self._tasks.stop()
        for hook_id, fold in tuple(self._folds.items()):
            if fold.count != fold.stored_count:
                await self._store(hook_id, fold)

    async def _store_soon(self, hook_id: HookId, fold: _Fold) -> None:
        while fold.count != fold.stored_count:
            await asyncio.sleep(WRITE_SECONDS)
            await self._store(hook_id, fold)

    async def _store(self, hook_id: HookId, fold: _Fold) -> None:
        """Show the count of now on the message, unless nothing can be stored at this moment."""
        count = fold.count
        via = replace(fold.message.via or Via(), folded=count)
        try:
            await fold.room.set_via(fold.bot, fold.message.number, via)
        except NotStored:
            return
        except ChatError:
            # The message was deleted: what comes next needs another one.
            if self._folds.get(hook_id) is fold:
                self.forget(hook_id)
        fold.stored_count = count
