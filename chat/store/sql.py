"""The contract in SQL that every engine understands: reads in threads, writes in one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    RowMapping,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from chat.messages import Draft, History, Kind, Message, Person, PersonId, Room, RoomId
from chat.store import schema
from chat.store.writer import Writer

Result = TypeVar("Result")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

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
        return await self._writer.write(lambda connection: _append(connection, draft))

    async def newest(self, room: RoomId, limit: int) -> History:
        return await self._backwards(room, None, limit)

    async def before(self, room: RoomId, number: int, limit: int) -> History:
        page = await self._backwards(room, schema.message.c.number < number, limit)
        return replace(page, has_newer=await self._last_number(room) >= number)

    async def after(self, room: RoomId, number: int, limit: int) -> History:
        wanted = (
            _messages(room)
            .where(schema.message.c.number >= number)
            .order_by(schema.message.c.number)
            .limit(limit + 2)
        )
        found = [_message(row._mapping) for row in await self._all(wanted)]
        known = bool(found) and found[0].number == number
        previous, rest = (found[0], found[1:]) if known else (None, found)
        return History(tuple(rest[:limit]), previous, previous is not None, len(rest) > limit)

    async def _backwards(
        self, room: RoomId, condition: ColumnElement[bool] | None, limit: int
    ) -> History:
        """The last `limit` messages, and one more to know what stands before them."""
        wanted = _messages(room).order_by(schema.message.c.number.desc()).limit(limit + 1)
        if condition is not None:
            wanted = wanted.where(condition)
        found = [_message(row._mapping) for row in reversed(await self._all(wanted))]
        previous = found.pop(0) if len(found) > limit else None
        return History(tuple(found), previous, previous is not None)

    async def add_person(self, name: str) -> Person:
        def job(connection: Connection) -> Person:
            row = insert(schema.person).values(name=name, came_at=_microseconds(datetime.now(UTC)))
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

    async def _all(self, wanted: Select[Any]) -> list[Row[Any]]:
        def job() -> list[Row[Any]]:
            with self._read.connect() as connection:
                return list(connection.execute(wanted))

        return await asyncio.get_running_loop().run_in_executor(self._readers, job)

    async def _one(self, wanted: Select[Any], make: Callable[[Row[Any]], Result]) -> Result | None:
        rows = await self._all(wanted.limit(1))
        return make(rows[0]) if rows else None


def _append(connection: Connection, draft: Draft) -> Message:
    """Store `draft` under its room's next number, unless its author sent it before."""
    said = {"author": draft.author.id, "client_id": draft.client_id}
    twin = connection.execute(_TWIN, said).first()
    if twin is not None:
        return _message(twin._mapping)
    number = connection.execute(_NEXT_NUMBER, {"the_room": draft.room}).scalar_one()
    at = _microseconds(datetime.now(UTC))
    more = {"room": draft.room, "number": number, "at": at}
    text = {"kind": draft.kind.value, "text": draft.text}
    connection.execute(_SAY, said | more | text)
    return Message(draft.room, number, draft.author, draft.kind, draft.text, _time(at))


def _messages(room: RoomId | None) -> Select[Any]:
    wanted = select(schema.message, schema.person.c.name).join(
        schema.person, schema.person.c.id == schema.message.c.author
    )
    return wanted if room is None else wanted.where(schema.message.c.room == room)


# The statements of each message, written once: to write them anew costs as much as to run them.
_TWIN = _messages(None).where(
    schema.message.c.author == bindparam("author"),
    schema.message.c.client_id == bindparam("client_id"),
)
_NEXT_NUMBER = (
    update(schema.room)
    .where(schema.room.c.id == bindparam("the_room"))
    .values(last_number=schema.room.c.last_number + 1)
    .returning(schema.room.c.last_number)
)
_SAY = insert(schema.message)


def _message(row: RowMapping) -> Message:
    author = Person(row["author"], row["name"])
    return Message(
        row["room"], row["number"], author, Kind(row["kind"]), row["text"], _time(row["at"])
    )


def _room(row: RowMapping) -> Room:
    return Room(row["id"], row["slug"], row["title"], row["topic"])


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _time(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND


def _done(_: object) -> None:
    return None
