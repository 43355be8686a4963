"""Work in the background: every task is kept until it ends, and what goes wrong is logged."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

from chat.errors import ChatError

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class Tasks:
    """The tasks that one owner started and has not seen end."""

    __slots__ = ("_running",)

    def __init__(self) -> None:
        # Each session has several of these: an empty set is three times as large.
        self._running: dict[asyncio.Task[Any], None] = {}

    def start(self, work: Coroutine[Any, Any, Result], name: str) -> asyncio.Task[Result]:
        """Run `work` on the current loop; `name` is what the log calls it."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running[task] = None
        task.add_done_callback(self._on_done)
        return task

    async def stop(self) -> None:
        """Cancel what still runs and wait for it."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def finish(self) -> None:
        """Wait for all that was started."""
        while self._running:
            await asyncio.wait(list(self._running))

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._running.pop(task, None)
        failure = None if task.cancelled() else task.exception()
        # A refusal is the answer to whoever waits for it.
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
    """Do blocking `work` on a thread of its own, which the end of the process does not wait for.

    (`asyncio.to_thread` would be waited for, however long it takes.)
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
