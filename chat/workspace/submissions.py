"""Submissions: a text that a client sends twice, because it got no answer, is run once.

The store knows the client ids of messages. This remembers those of everything else: of commands
that post nothing, of edits, and of texts that are being stored at the moment.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from chat.model.people import PersonId
from chat.tasks import Tasks

# The number of remembered results, of all people. Each is small: a path, or nothing.
REMEMBERED_RESULTS = 2000

Result = TypeVar("Result")


class Submissions:
    """The submissions of one process, by person and client id."""

    def __init__(self) -> None:
        self._tasks = Tasks()
        self._by_key: OrderedDict[tuple[PersonId, str], asyncio.Task[Any]] = OrderedDict()

    async def run(
        self,
        person_id: PersonId,
        client_id: str,
        work: Callable[[], Coroutine[Any, Any, Result]],
        *,
        is_remembered: Callable[[Result], bool] = lambda result: True,
    ) -> Result:
        """Run `work`, or return the result of the work with this client id.

        Work that failed is run again, and so is work whose result is not `is_remembered`. It goes
        on if the caller is cancelled. Without a client id it is always run.
        """
        if not client_id:
            return await work()
        key = (person_id, client_id)
        task: asyncio.Task[Result] | None = self._by_key.get(key)
        if task is None:
            self._by_key[key] = task = self._tasks.start(work(), "run a submission")
            while len(self._by_key) > REMEMBERED_RESULTS:
                self._by_key.popitem(last=False)

            def forget(done: asyncio.Task[Result]) -> None:
                failed = done.cancelled() or done.exception() is not None
                if (failed or not is_remembered(done.result())) and self._by_key.get(key) is done:
                    del self._by_key[key]

            task.add_done_callback(forget)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for the work that is under way."""
        await self._tasks.finish()
