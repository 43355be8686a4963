"""Seed data: people with known tokens, and history, in a data folder of this chat."""

import asyncio
import hashlib
import sqlite3
from pathlib import Path

from chat.model.messages import MessageKind, NewMessage
from chat.model.people import Person
from chat.store.sqlite import open_sqlite

_ROOM = 1
_MINUTE = 60_000_000


def token(index: int) -> str:
    """The token in the cookie of the person with this index."""
    return f"benchmark-token-of-person-{index}"


def fill_folder(folder: Path, people: int, messages: int) -> None:
    """Add people, and messages of theirs in the first room, one a second until a minute ago.

    The store appends the first message. The others are copies of its row with another number,
    author, text and time, because SQL copies a million in seconds. The search index does not have
    them.
    """
    asyncio.run(_add_people_and_first_message(folder, people, messages > 0))
    if messages:
        _copy_messages(folder / "chat.db", people, messages)


async def _add_people_and_first_message(folder: Path, people: int, with_message: bool) -> None:
    store = await open_sqlite(folder)
    try:
        added = await asyncio.gather(*(store.add_person(f"P{n}") for n in range(people)))
        accounts = [each.person for each in added]
        await asyncio.gather(
            *(store.add_token(token_hash(n), accounts[n].id) for n in range(people))
        )
        if with_message:
            first = Person(min(each.id for each in accounts), "P")
            await store.append(
                NewMessage(
                    _ROOM, first, MessageKind.TEXT, "This is an earlier message.", "before-1"
                )
            )
    finally:
        await store.close()


def token_hash(index: int) -> bytes:
    """The hash of this token, as the store keeps it."""
    return hashlib.sha256(token(index).encode()).digest()


def _copy_messages(path: Path, people: int, messages: int) -> None:
    connection = sqlite3.connect(path)
    with connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(message)")]
        overrides = {
            "number": "n",
            "event": "n",
            "author": f"author + n % {people}",
            "client_id": "'before-' || n",
            "text": "'This is an earlier message, number ' || n || '.'",
            "at": f"at - {_MINUTE} - ({messages} - n) * 1000000",
        }
        columns = [name for name in names if name != "id"]
        values = ", ".join(overrides.get(name, name) for name in columns)
        connection.execute(
            f"WITH RECURSIVE count(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM count LIMIT ?) "
            f"INSERT INTO message ({', '.join(columns)}) "
            f"SELECT {values} FROM message, count WHERE message.number = 1 AND room = ?",
            (messages - 1, _ROOM),
        )
        connection.execute(
            f"UPDATE message SET at = {overrides['at'].replace('n)', '1)')} WHERE number = 1"
        )
        connection.execute(
            "UPDATE room SET last_number = ?1, last_event = ?1 WHERE id = ?2", (messages, _ROOM)
        )
    connection.close()
