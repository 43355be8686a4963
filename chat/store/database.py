"""A database with its threads: one that writes, and a few that read."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from chat.errors import ChatError, NotRead, NotStored
from chat.loop_time import run_in_thread
from chat.store import schema
from chat.store.contract import StoreLoad
from chat.store.search_index import SearchIndex
from chat.store.transaction import Transaction
from chat.store.writer import CommitLog, Writer

Result = TypeVar("Result")

# One thread may scan a large table while the others answer.
READ_THREADS = 4


class Files(CommitLog, Protocol):
    """The files of the database engine."""

    def size_bytes(self, connection: Connection) -> int:
        """The bytes of the database on the disk."""

    def close(self) -> None:
        """Called after the last connection is closed."""


class Database:
    """One database with its connections."""

    def __init__(
        self,
        write_engine: Engine,
        read_engine: Engine,
        search_index: SearchIndex,
        *,
        files: Files,
    ) -> None:
        self._files = files
        self._engines = (write_engine, read_engine)
        self._read_engine = read_engine
        self._search_index = search_index
        self._writer = Writer(
            connect=write_engine.connect,
            before_commit=search_index.before_commit,
            on_idle=search_index.maintain,
            commit_log=files,
        )
        self._read_executor = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="chat-reader")

    async def workspace_id(self) -> str:
        statement = select(schema.workspace.c.value).where(schema.workspace.c.key == "id")
        return str(await self._run_read(lambda c: c.execute(statement).scalar_one()))

    @property
    def load(self) -> StoreLoad:
        writer = self._writer
        return StoreLoad(writer.waiting_jobs, writer.commit_times.counts(), writer.failed_commits)

    async def size_bytes(self) -> int:
        return await self._run_read(self._files.size_bytes)

    def problem(self) -> ChatError | None:
        """Why nothing can be stored now, as far as it is known."""
        try:
            self._files.check()
        except ChatError as error:
            return error
        return NotStored() if self._writer.is_failing else None

    async def close(self) -> None:
        await self._writer.close()
        self._read_executor.shutdown()
        for engine in self._engines:
            engine.dispose()
        self._files.close()

    async def _run_write(self, job: Callable[[Connection], Result]) -> Result:
        """Run `job` in a transaction, in the thread that writes."""
        return await self._writer.write(job)

    async def _run_operation(self, operation: Callable[[Transaction], Result]) -> Result:
        """Run `operation` in a transaction, in the thread that writes."""
        return await self._run_write(lambda c: operation(Transaction(c, self._search_index)))

    async def _run_read(self, job: Callable[[Connection], Result]) -> Result:
        """Run `job` on one snapshot, in a thread that reads. Raises NotRead."""

        def run() -> Result:
            with self._read_engine.connect() as connection:
                return job(connection)

        def run_twice() -> Result:
            try:
                return run()
            except DBAPIError as failure:
                if not self._files.ends_transaction(failure):
                    raise
            # The connection to a server was cut: another one may be whole.
            try:
                return run()
            except DBAPIError as failure:
                if not self._files.ends_transaction(failure):
                    raise
                raise NotRead from failure

        return await run_in_thread(run_twice, self._read_executor)
