"""The loop that runs what is due: texts that are sent later, and reminders."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import structlog

from chat.tasks import Tasks

log = structlog.get_logger(__name__)

# In seconds. The clock is read at least so often: a timer stands still while the computer sleeps.
MAX_WAIT = 30.0

# In seconds, before what could not be stored is tried again.
RETRY_WAIT = 10.0


class DueSource(Protocol):
    """Something that has to be done at times which the store keeps."""

    async def next_due(self) -> datetime | None:
        """The next time; None if nothing waits."""

    async def run_due(self, moment: datetime) -> None:
        """Do what is due at `moment`, also what became due while no process ran."""


class DueLoop:
    """Runs its sources at their times. `check` has to be called when one has an earlier time."""

    def __init__(self, sources: Sequence[DueSource]) -> None:
        self._sources = sources
        self._changed = asyncio.Event()
        self._tasks = Tasks()

    def start(self) -> None:
        """Begin, with what became due in the meantime."""
        self._tasks.start(self._run(), "run what is due")

    def check(self) -> None:
        """Look at the times again."""
        self._changed.set()

    async def close(self) -> None:
        """End the loop."""
        await self._tasks.stop()

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            wait = MAX_WAIT
            for source in self._sources:
                wait = min(wait, await self._run_source(source))
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                pass

    async def _run_source(self, source: DueSource) -> float:
        """Run what is due; returns the seconds until more is."""
        try:
            await source.run_due(datetime.now(UTC))
            due_at = await source.next_due()
        except Exception:
            log.exception("could not run what is due")
            return RETRY_WAIT
        if due_at is None:
            return MAX_WAIT
        seconds = (due_at - datetime.now(UTC)).total_seconds()
        return max(seconds, 0.0)
