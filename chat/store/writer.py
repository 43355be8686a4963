"""The thread that writes: it runs all waiting jobs in one transaction with one commit.

A commit with `synchronous=FULL` waits for the disk. With one commit for all waiting jobs, a hundred
people post as fast as one.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from enum import Enum, auto
from itertools import count
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from chat.errors import ChatError, NotStored
from chat.histogram import Histogram

log = structlog.get_logger(__name__)

Result = TypeVar("Result")
Job = tuple[Callable[[Connection], Any], "Future[Any]"]

# Jobs in one commit: enough for a burst, few enough that the first job does not wait long.
_MAX_BATCH = 256

# Maintenance costs as much as a commit, and does little after fewer commits than this: the search
# index merges from four lists on.
_COMMITS_PER_MAINTENANCE = 4


def deferred_work(connection: Connection) -> list[Any]:
    """The list of changes that the jobs of a transaction defer to its end, in order."""
    deferred: list[Any] = connection.info.setdefault("left", [])
    return deferred


class Outcome(Enum):
    """What became of a transaction that raised an error."""

    FAILED = auto()
    """Nothing of it is stored, and to repeat it would change nothing."""

    REPEAT = auto()
    """Nothing of it is stored, and it should be repeated."""

    COMMITTED = auto()
    """It is stored: only the answer to the commit was lost."""


class CommitLog(Protocol):
    """What the database engine does at every commit: the log that it writes, and its errors."""

    def check(self) -> None:
        """Raise ChatError if nothing can be written now."""

    def begin(self, connection: Connection) -> None:
        """Called at the beginning of every transaction."""

    def ends_transaction(self, failure: Exception) -> bool:
        """Whether no other job can run in the transaction in which one raised this error."""

    def outcome(
        self, connection: Connection, failure: Exception, attempt: int, *, was_complete: bool
    ) -> Outcome:
        """What became of a transaction that has raised an error; may wait before it is repeated.

        `attempt` counts from 0. `was_complete` is whether the commit had begun.
        """

    def before_commit(self, connection: Connection) -> None:
        """Called at the end of every transaction."""

    def after_commit(self, connection: Connection, *, is_idle: bool) -> None:
        """Called between two transactions; `is_idle` is whether no job waits."""

    @property
    def idle_timeout(self) -> float | None:
        """The seconds without a job before `on_idle` is called; None if there is nothing to do."""

    def on_idle(self, connection: Connection) -> None:
        """Called between two transactions, when no job came for `idle_timeout`."""


class Writer:
    """Runs jobs one after another, on a connection and in a thread of its own.

    `before_commit` applies the deferred changes of a transaction; a failed job leaves none.
    `on_idle` does maintenance: it is called after some commits, when no job waits, in a transaction
    of its own. It has to be short.
    """

    def __init__(
        self,
        *,
        connect: Callable[[], Connection],
        before_commit: Callable[[Connection, list[Any]], None],
        on_idle: Callable[[Connection], None],
        commit_log: CommitLog,
    ) -> None:
        self._connect = connect
        self._commit_log = commit_log
        self._before_commit = before_commit
        self._on_idle = on_idle
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        # Whether the last commit failed for a reason that only another commit can show to be gone.
        self.is_failing = False
        # How long each commit took, with the jobs in it, and how many failed.
        self.commit_times = Histogram()
        self.failed_commits = 0
        self._thread = threading.Thread(target=self._run, name="chat-writer", daemon=True)
        self._thread.start()

    @property
    def waiting_jobs(self) -> int:
        """The jobs that wait for the next commit."""
        return self._jobs.qsize()

    async def write(self, job: Callable[[Connection], Result]) -> Result:
        """Run `job` and return its result once it is on the disk. Raises NotStored."""
        return await asyncio.wrap_future(self.submit(job))

    def submit(self, job: Callable[[Connection], Result]) -> "Future[Result]":
        """As `write`, for a caller outside the event loop."""
        future: Future[Result] = Future()
        with self._lock:
            if self._closed:
                future.set_exception(NotStored())
            else:
                self._jobs.put((job, future))
        return future

    async def close(self) -> None:
        """Finish all submitted jobs, then end the thread."""
        with self._lock:
            self._closed = True
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            with self._connect() as connection:
                closing, commits_since_maintenance = False, 0
                while not closing and (first := self._next_job(connection)) is not None:
                    batch, closing = self._collect_batch(first)
                    started = time.perf_counter()
                    self._commit_batch(connection, batch)
                    self.commit_times.observe(time.perf_counter() - started)
                    self._commit_log.after_commit(connection, is_idle=self._jobs.empty())
                    commits_since_maintenance += 1
                    if (
                        commits_since_maintenance >= _COMMITS_PER_MAINTENANCE
                        and not closing
                        and self._jobs.empty()
                    ):
                        commits_since_maintenance = 0
                        self._run_maintenance(connection)
        except Exception:
            log.exception("the writer ended")
        finally:
            self._fail_remaining()

    def _next_job(self, connection: Connection) -> Job | None:
        """Wait for a job; None ends the thread."""
        while (timeout := self._commit_log.idle_timeout) is not None:
            try:
                return self._jobs.get(timeout=timeout)
            except queue.Empty:
                self._commit_log.on_idle(connection)
        return self._jobs.get()

    def _collect_batch(self, first: Job) -> tuple[list[Job], bool]:
        batch = [first]
        while len(batch) < _MAX_BATCH:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, False
            if job is None:
                return batch, True
            batch.append(job)
        return batch, False

    def _commit_batch(self, connection: Connection, batch: list[Job]) -> None:
        """Run all jobs in one transaction with one commit."""
        # Cancelled jobs are skipped; the others cannot be cancelled any more.
        batch = [(job, future) for job, future in batch if future.set_running_or_notify_cancel()]
        if len(batch) == 1:
            self._run_single(connection, *batch[0])
        elif not self._run_batch(connection, batch):
            self._run_with_savepoints(connection, batch)

    def _run_transaction(self, connection: Connection, run: Callable[[], Result]) -> Result:
        """Call `run` in a transaction, again as often as the engine says, and commit.

        Its result must come from the last call alone.
        """
        for attempt in count():
            is_complete = False
            try:
                with connection.begin():
                    self._commit_log.begin(connection)
                    deferred_work(connection).clear()
                    result = run()
                    self._finish_transaction(connection)
                    is_complete = True
            except Exception as failure:
                outcome = self._commit_log.outcome(
                    connection, failure, attempt, was_complete=is_complete
                )
                if outcome is Outcome.FAILED:
                    raise
                if outcome is Outcome.REPEAT:
                    continue
            return result
        raise AssertionError("the attempts have no end")

    def _run_maintenance(self, connection: Connection) -> None:
        try:
            with connection.begin():
                self._on_idle(connection)
                self._commit_log.before_commit(connection)
        except Exception:
            log.exception("not tidied")

    def _run_batch(self, connection: Connection, batch: list[Job]) -> bool:
        """Run all jobs without savepoints; False if one failed, and nothing is stored.

        A savepoint costs as much as storing a message.
        """
        try:
            results = self._run_transaction(
                connection, lambda: [(future, job(connection)) for job, future in batch]
            )
        except Exception:
            return False
        self.is_failing = False
        for future, result in results:
            future.set_result(result)
        return True

    def _run_with_savepoints(self, connection: Connection, batch: list[Job]) -> None:
        """Run each job in a savepoint, so that a failed job does not undo the others."""

        errors: dict[Future[Any], ChatError] = {}

        def run() -> list[tuple[Future[Any], Any]]:
            errors.clear()
            results = []
            deferred = deferred_work(connection)
            for job, future in batch:
                deferred_count = len(deferred)
                try:
                    with connection.begin_nested():
                        results.append((future, job(connection)))
                except Exception as failure:
                    if self._commit_log.ends_transaction(failure):
                        raise
                    del deferred[deferred_count:]
                    errors[future] = _as_chat_error(failure)
            return results

        try:
            results = self._run_transaction(connection, run)
        except Exception as failure:
            error = self._note_failure(failure)
            for _, future in batch:
                future.set_exception(errors.get(future, error))
            return
        self.is_failing = False
        for future, error in errors.items():
            future.set_exception(error)
        for future, result in results:
            future.set_result(result)

    def _run_single(
        self, connection: Connection, job: Callable[[Connection], Any], future: "Future[Any]"
    ) -> None:
        """Run one job, which has the transaction for itself and needs no savepoint."""
        try:
            result = self._run_transaction(connection, lambda: job(connection))
        except Exception as failure:
            future.set_exception(self._note_failure(failure))
        else:
            self.is_failing = False
            future.set_result(result)

    def _note_failure(self, failure: Exception) -> ChatError:
        """A transaction failed: a refusal of its job, or nothing can be stored now."""
        error = _as_chat_error(failure)
        self.is_failing = type(error) is NotStored
        self.failed_commits += self.is_failing
        return error

    def _finish_transaction(self, connection: Connection) -> None:
        self._commit_log.check()
        self._before_commit(connection, deferred_work(connection))
        self._commit_log.before_commit(connection)

    def _fail_remaining(self) -> None:
        with self._lock:
            self._closed = True
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is not None and job[1].set_running_or_notify_cancel():
                job[1].set_exception(NotStored())


def _as_chat_error(failure: Exception) -> ChatError:
    """A ChatError as it is; any other failure is logged, and becomes NotStored."""
    if isinstance(failure, ChatError):
        return failure
    log.error("this was not stored", exc_info=failure)
    return NotStored()
