"""Guests: people whose invitation says so. They leave the chat when it expires or is taken back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from chat.model.people import Person
from chat.store.contract import Store
from chat.tasks import Tasks

log = structlog.get_logger(__name__)

# Seconds between two looks at which guests are to leave, at most; and after one that failed.
CHECK_INTERVAL, RETRY_SECONDS = 3600.0, 10.0


class Guests:
    """Ends the accounts of guests. `end_account` signs a person out of all their devices."""

    def __init__(self, store: Store, *, end_account: Callable[[Person], Awaitable[None]]) -> None:
        self._store = store
        self._end_account = end_account
        self._timer: asyncio.TimerHandle | None = None
        self._tasks = Tasks()
        self._lock = asyncio.Lock()

    async def check(self) -> None:
        """End the accounts of guests whose invitation has ended, and look again at the next end."""
        async with self._lock:
            await self._check()

    async def _check(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait = RETRY_SECONDS
        try:
            ended, next_end = await self._store.ended_guests()
            for each in ended:
                log.info("a guest leaves", person=each.id)
                await self._end_account(each)
            wait = CHECK_INTERVAL
            if next_end is not None:
                wait = min(wait, max(0.0, (next_end - datetime.now(UTC)).total_seconds()))
        finally:
            self._timer = asyncio.get_running_loop().call_later(wait, self._check_soon)

    async def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
        await self._tasks.finish()

    def _check_soon(self) -> None:
        self._tasks.start(self.check(), "end guests")
