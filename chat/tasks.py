"""Background tasks: each is referenced until it ends, and its failure is logged."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Hashable
from typing import Any, TypeVar

import structlog

from chat.errors import ChatError

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class Tasks:
    """The running tasks of one owner."""

    __slots__ = ("_running",)

    def __init__(self) -> None:
        # Each session has several of these. An empty dict is a third of an empty set in size.
        self._running: dict[asyncio.Task[Any], None] = {}

    def start(self, work: Coroutine[Any, Any, Result], name: str) -> asyncio.Task[Result]:
        """Run `work` on the current loop. The log shows `name`."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running[task] = None
        task.add_done_callback(self._on_done)
        return task

    @property
    def is_idle(self) -> bool:
        """Whether no task is running."""
        return not self._running

    async def stop(self) -> None:
        """Cancel all running tasks, and wait until they end."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def finish(self) -> None:
        """Wait until all tasks end."""
        while self._running:
            await asyncio.wait(list(self._running))

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._running.pop(task, None)
        failure = None if task.cancelled() else task.exception()
        # A ChatError is for the caller who awaits the task.
        if failure is not None and not isinstance(failure, ChatError):
            log.error("a task failed", task=task.get_name(), exc_info=failure)


class Latest:
    """Tells whether a later load has overtaken an earlier one.

    A view that loads something starts a load, and asks after each `await` whether the person has
    gone on to something else meanwhile:

        load = self._loads.start()
        page = await read_page()
        if not self._loads.has_overtaken(load):
            self.show(page)
    """

    __slots__ = ("current",)

    def __init__(self) -> None:
        # The number of the latest load.
        self.current = 0

    def start(self) -> int:
        """Start a load, and return its number: those before it are overtaken."""
        self.current += 1
        return self.current

    def has_overtaken(self, load: int) -> bool:
        """Whether another load was started after `load`."""
        return load != self.current


async def run_in_daemon_thread(work: Callable[[], Result]) -> Result:
    """Run blocking `work` on a daemon thread, which the end of the process does not wait for.

    (The process would wait for `asyncio.to_thread`, however long it takes.)
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def resolve(set_outcome: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(lambda: None if future.done() else set_outcome())

    def run() -> None:
        try:
            result = work()
        except Exception as raised:
            failure = raised
            resolve(lambda: future.set_exception(failure))
        else:
            resolve(lambda: future.set_result(result))

    threading.Thread(target=run, daemon=True).start()
    return await future


class OnePlaceEach:
    """A place for each person: their works are done one after the other, all others' meanwhile.

        async with self._places.of(person_id):
            await heavy_work()

    Only people who have work under way are kept.
    """

    def __init__(self) -> None:
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @contextlib.asynccontextmanager
    async def of(self, person: Hashable) -> AsyncIterator[None]:
        """Wait for the place of `person`, and hold it."""
        lock, users = self._locks.get(person, (asyncio.Lock(), 0))
        self._locks[person] = lock, users + 1
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks.pop(person)
            if users > 1:
                self._locks[person] = lock, users - 1
