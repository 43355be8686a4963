"""One thread that writes: it takes all that waits, runs it in one transaction, commits once.

A commit with `synchronous=FULL` waits for the disk; sharing it between those who wait is what
makes a hundred posters as fast as one.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection

from chat.errors import ChatError, NotStored

log = structlog.get_logger(__name__)

Result = TypeVar("Result")
Job = tuple[Callable[[Connection], Any], "Future[Any]"]

# Enough for a burst to share one commit, few enough that the first of them does not wait long.
_GROUP = 256

# So many transactions are tidied up after at once: what costs as much as one of them does little
# for fewer (FTS5 brings lists together from four of them on).
_UNTIDY = 4


def left(connection: Connection) -> list[Any]:
    """What the jobs of a transaction leave to be done together at its end, in order."""
    waiting: list[Any] = connection.info.setdefault("left", [])
    return waiting


class Writer:
    """Runs jobs one after another on a connection of its own, in its own thread.

    `finish` does what they have left, in the same transaction; a job that fails leaves nothing.
    `tidy` is called after some in a transaction of its own, when nothing waits: it has to be short.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        finish: Callable[[Connection, list[Any]], None],
        tidy: Callable[[Connection], None],
    ) -> None:
        self._connect = connect
        self._finish = finish
        self._tidy = tidy
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._open = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="chat-writer", daemon=True)
        self._thread.start()

    async def write(self, job: Callable[[Connection], Result]) -> Result:
        """Run `job` and return its result once it is on the disk. Raises NotStored."""
        return await asyncio.wrap_future(self.submit(job))

    def submit(self, job: Callable[[Connection], Result]) -> "Future[Result]":
        """As `write`, for a caller outside the event loop."""
        future: Future[Result] = Future()
        with self._open:
            if self._closed:
                future.set_exception(NotStored())
            else:
                self._jobs.put((job, future))
        return future

    async def close(self) -> None:
        """Finish all that was submitted, then end the thread."""
        with self._open:
            self._closed = True
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            with self._connect() as connection:
                ended, untidy = False, 0
                while not ended and (first := self._jobs.get()) is not None:
                    group, ended = self._gather(first)
                    self._commit(connection, group)
                    untidy += 1
                    if untidy >= _UNTIDY and not ended and self._jobs.empty():
                        untidy = 0
                        self._tidies(connection)
        except Exception:
            log.exception("the writer ended")
        finally:
            self._refuse_the_rest()

    def _gather(self, first: Job) -> tuple[list[Job], bool]:
        group = [first]
        while len(group) < _GROUP:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, False
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _commit(self, connection: Connection, group: list[Job]) -> None:
        """All jobs in one transaction with one commit."""
        # Those who gave up waiting are left out; the others cannot give up any more.
        group = [(job, future) for job, future in group if future.set_running_or_notify_cancel()]
        waiting = left(connection)
        waiting.clear()
        if len(group) == 1:
            self._alone(connection, *group[0])
        elif not self._together(connection, group):
            self._one_by_one(connection, group)

    def _tidies(self, connection: Connection) -> None:
        try:
            with connection.begin():
                self._tidy(connection)
        except Exception:
            log.exception("not tidied")

    def _together(self, connection: Connection, group: list[Job]) -> bool:
        """Without savepoints, which cost as much as a message does; False if nothing is stored
        because one of them failed."""
        try:
            with connection.begin():
                results = [(future, job(connection)) for job, future in group]
                self._finish(connection, left(connection))
        except Exception:
            return False
        for future, result in results:
            future.set_result(result)
        return True

    def _one_by_one(self, connection: Connection, group: list[Job]) -> None:
        """Each job in a savepoint, so that a bad one takes no other with it."""
        waiting = left(connection)
        waiting.clear()
        results: list[tuple[Future[Any], Any]] = []
        try:
            with connection.begin():
                for job, future in group:
                    before = len(waiting)
                    try:
                        with connection.begin_nested():
                            results.append((future, job(connection)))
                    except Exception as failure:
                        del waiting[before:]
                        future.set_exception(_told(failure))
                self._finish(connection, waiting)
        except Exception:
            log.exception("nothing of this group was stored", jobs=len(group))
            for _, future in group:
                if not future.done():
                    future.set_exception(NotStored())
            return
        for future, result in results:
            future.set_result(result)

    def _alone(
        self, connection: Connection, job: Callable[[Connection], Any], future: "Future[Any]"
    ) -> None:
        """One job needs no savepoint: the transaction is its own."""
        try:
            with connection.begin():
                result = job(connection)
                self._finish(connection, left(connection))
        except Exception as failure:
            future.set_exception(_told(failure))
        else:
            future.set_result(result)

    def _refuse_the_rest(self) -> None:
        with self._open:
            self._closed = True
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is not None and job[1].set_running_or_notify_cancel():
                job[1].set_exception(NotStored())


def _told(failure: Exception) -> ChatError:
    """A refusal is the answer; whatever else went wrong is the log's."""
    if isinstance(failure, ChatError):
        return failure
    log.error("this was not stored", exc_info=failure)
    return NotStored()
