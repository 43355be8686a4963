"""The contract in SQL that every engine understands: reads in threads, writes in one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    RowMapping,
    Select,
    delete,
    insert,
    select,
    update,
)

from chat.messages import (
    Changed,
    Draft,
    Earlier,
    History,
    Kind,
    Message,
    Person,
    PersonId,
    Room,
    RoomId,
)
from chat.store import schema, talk
from chat.store.talk import microseconds
from chat.store.writer import Writer

Result = TypeVar("Result")

# Reading threads: one may scan while the others answer.
_READERS = 4


class SqlStore:
    """Store on SQLAlchemy Core."""

    def __init__(self, write: Engine, read: Engine, *, release: Callable[[], None]) -> None:
        self._engines = (write, read)
        self._read = read
        self._release = release
        self._writer = Writer(write.connect)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="chat-reader")

    async def house_id(self) -> str:
        wanted = select(schema.house.c.value).where(schema.house.c.key == "id")
        return str(await self._one(wanted, lambda row: row[0]))

    async def rooms(self) -> tuple[Room, ...]:
        wanted = select(schema.room).order_by(schema.room.c.id)
        return tuple(_room(row._mapping) for row in await self._all(wanted))

    async def append(self, draft: Draft) -> Message:
        return await self._writer.write(lambda connection: talk.say(connection, draft))

    async def edit(self, room: RoomId, number: int, author: PersonId, text: str) -> Changed:
        return await self._writer.write(lambda c: talk.edit(c, room, number, author, text))

    async def delete(self, room: RoomId, number: int, author: PersonId) -> Changed:
        return await self._writer.write(lambda c: talk.delete(c, room, number, author))

    async def earlier(self, room: RoomId, number: int) -> tuple[Earlier, ...]:
        return await self._reading(lambda c: talk.earlier(c, room, number))

    async def changes(self, room: RoomId, event: int, limit: int) -> tuple[Changed, ...]:
        return await self._reading(lambda c: talk.changes(c, room, event, limit))

    async def last_own(self, room: RoomId, author: PersonId) -> Message | None:
        return await self._reading(lambda c: talk.last_own(c, room, author))

    async def newest(self, room: RoomId, limit: int) -> History:
        return await self._reading(lambda c: talk.backwards(c, room, None, limit))

    async def before(self, room: RoomId, number: int, limit: int) -> History:
        older = schema.message.c.number < number
        page = await self._reading(lambda c: talk.backwards(c, room, older, limit))
        return replace(page, has_newer=await self._last_number(room) >= number)

    async def after(self, room: RoomId, number: int, limit: int) -> History:
        return await self._reading(lambda c: talk.forwards(c, room, number, limit))

    async def add_person(self, name: str) -> Person:
        def job(connection: Connection) -> Person:
            row = insert(schema.person).values(name=name, came_at=microseconds(datetime.now(UTC)))
            return Person(connection.execute(row.returning(schema.person.c.id)).scalar_one(), name)

        return await self._writer.write(job)

    async def remember(self, token_hash: bytes, person: PersonId) -> None:
        def job(connection: Connection) -> None:
            connection.execute(delete(schema.token).where(schema.token.c.hash == token_hash))
            connection.execute(insert(schema.token).values(hash=token_hash, person=person))

        await self._writer.write(job)

    async def forget(self, person: PersonId) -> None:
        spent = update(schema.token).where(schema.token.c.person == person).values(person=None)
        await self._writer.write(lambda connection: _done(connection.execute(spent)))

    async def whose(self, token_hash: bytes) -> Person | None:
        wanted = (
            select(schema.person.c.id, schema.person.c.name)
            .join(schema.token, schema.token.c.person == schema.person.c.id)
            .where(schema.token.c.hash == token_hash)
        )
        return await self._one(wanted, lambda row: Person(row.id, row.name))

    async def is_spent(self, token_hash: bytes) -> bool:
        wanted = select(schema.token.c.hash).where(
            schema.token.c.hash == token_hash, schema.token.c.person.is_(None)
        )
        return bool(await self._one(wanted, lambda row: True))

    async def last_texts(self, room: RoomId, author: PersonId, limit: int) -> tuple[str, ...]:
        wanted = (
            select(schema.message.c.text)
            .where(
                schema.message.c.room == room,
                schema.message.c.author == author,
                schema.message.c.kind == Kind.TEXT.value,
            )
            .order_by(schema.message.c.number.desc())
            .limit(limit)
        )
        return tuple(str(row[0]) for row in await self._all(wanted))

    async def keep_words(self, room: RoomId, person: PersonId, text: str) -> None:
        def job(connection: Connection) -> None:
            mine = (schema.words.c.room == room) & (schema.words.c.person == person)
            connection.execute(delete(schema.words).where(mine))
            if text:
                row = insert(schema.words).values(room=room, person=person, text=text)
                connection.execute(row)

        await self._writer.write(job)

    async def words(self, room: RoomId, person: PersonId) -> str:
        wanted = select(schema.words.c.text).where(
            schema.words.c.room == room, schema.words.c.person == person
        )
        return str(await self._one(wanted, lambda row: row[0]) or "")

    async def close(self) -> None:
        await self._writer.close()
        self._readers.shutdown()
        for engine in self._engines:
            engine.dispose()
        self._release()

    async def _last_number(self, room: RoomId) -> int:
        wanted = select(schema.room.c.last_number).where(schema.room.c.id == room)
        return await self._one(wanted, lambda row: int(row[0])) or 0

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


def _room(row: RowMapping) -> Room:
    return Room(row["id"], row["slug"], row["title"], row["topic"])


def _done(_: object) -> None:
    return None
