"""The contract in SQL that every engine understands: reads in threads, writes in one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, Select, select

from chat.store import schema
from chat.store.queries import search
from chat.store.writer import Writer

Result = TypeVar("Result")

# Reading threads: one may scan while the others answer.
_READERS = 4


class Sql:
    """One database: a thread that writes, and a few that read.

    When it closes, `rest` is called before the last connection goes, and `release` after it.
    """

    def __init__(
        self,
        write: Engine,
        read: Engine,
        *,
        rest: Callable[[], None],
        release: Callable[[], None],
    ) -> None:
        self._rest = rest
        self._engines = (write, read)
        self._read = read
        self._release = release
        self._writer = Writer(write.connect, search.write, search.merge)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="chat-reader")

    async def house_id(self) -> str:
        wanted = select(schema.house.c.value).where(schema.house.c.key == "id")
        return str(await self._one(wanted, lambda row: row[0]))

    async def close(self) -> None:
        await self._writer.close()
        self._readers.shutdown()
        self._rest()
        for engine in self._engines:
            engine.dispose()
        self._release()

    async def _writing(self, job: Callable[[Connection], Result]) -> Result:
        """Run `job` in a transaction, in the thread that writes."""
        return await self._writer.write(job)

    async def _reading(self, job: Callable[[Connection], Result]) -> Result:
        """Run `job` on one snapshot, in a thread."""

        def read() -> Result:
            with self._read.connect() as connection:
                return job(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, read)

    async def _all(self, wanted: Select[Any]) -> list[Row[Any]]:
        return await self._reading(lambda connection: list(connection.execute(wanted)))

    async def _one(self, wanted: Select[Any], make: Callable[[Row[Any]], Result]) -> Result | None:
        rows = await self._all(wanted.limit(1))
        return make(rows[0]) if rows else None
