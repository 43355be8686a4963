"""A large chat, made before anything is measured: a thousand rooms, and one that is very long.

The tables are filled with SQL, which makes a million messages in seconds; what the store keeps to
search them is made by `chat.store.queries.search.fill`, which the migration calls as well.
"""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import create_engine

from benchmarks import seed
from chat.model.people import Person
from chat.model.rooms import NewRoom, RoomKind
from chat.store.sqlite import open_sqlite

SLUG = "library"
ROOMS = 1_000

# How many messages the other rooms hold each.
SHORT = 10

# So many of the last messages of each room nobody has read.
UNREAD = 5

# What is searched for: in all messages, in many, in so few that they can be counted, and pinned
# to places that do not depend on chance.
EVERY, COMMON, RARE, CHINESE = "chat", ("garden", "river"), "quokka", "会议"
_RARE_EVERY, _CHINESE_EVERY, _COMMON_EVERY, _CALLS_EVERY = 100_000, 1_000, 20, 1_000

_MINUTE = 60_000_000
_CHUNK = 20_000


def build(folder: Path, messages: int, people: int) -> None:
    """People who are in every room, and what they said, one message a second until a minute ago."""
    known = asyncio.run(_people_and_room(folder, people))
    with sqlite3.connect(folder / "chat.db", isolation_level=None) as database:
        for pragma in ("synchronous=OFF", "cache_size=-200000", "temp_store=MEMORY"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("BEGIN")
        _rooms(database)
        _messages(database, messages, known)
        _seats(database)
        database.execute("COMMIT")
    database.close()
    _let_be_found(folder / "chat.db")


async def _people_and_room(folder: Path, people: int) -> list[Person]:
    store = await open_sqlite(folder)
    try:
        known = [await store.add_person(f"P{n}") for n in range(people)]
        for n, person in enumerate(known):
            await store.remember(seed.hashed(n), person.id)
        new = NewRoom(SLUG, "Library", "All that was said", RoomKind.PUBLIC, known[0], ())
        await store.make_room(new)
        return known
    finally:
        await store.close()


def _rooms(database: sqlite3.Connection) -> None:
    """The other rooms, as copies of the long one."""
    database.executemany(
        "INSERT INTO room (slug, title, topic, kind, made_by, last_number) "
        "SELECT ?, ?, topic, kind, made_by, 0 FROM room WHERE slug = ?",
        ((f"room-{n}", f"Room {n}", SLUG) for n in range(2, ROOMS)),
    )


def _messages(database: sqlite3.Connection, messages: int, people: list[Person]) -> None:
    rooms = [row[0] for row in database.execute("SELECT id FROM room ORDER BY slug != ?", (SLUG,))]
    until = database.execute("SELECT max(came_at) FROM person").fetchone()[0] - _MINUTE
    rows = _rows(rooms, messages, people, until)
    while chunk := [row for row, _ in zip(rows, range(_CHUNK), strict=False)]:
        database.executemany(
            "INSERT INTO message (room, number, event, author, client_id, kind, text, at) "
            "VALUES (?, ?, ?, ?, ?, 'text', ?, ?)",
            chunk,
        )
    database.execute(
        "INSERT INTO mention SELECT id, (number / ?) % ? + 1 FROM message WHERE number % ? = 0",
        (_CALLS_EVERY, len(people), _CALLS_EVERY),
    )
    last = "coalesce((SELECT max(number) FROM message WHERE room = room.id), 0)"
    database.execute(f"UPDATE room SET last_number = {last}, last_event = {last}")


def _rows(
    rooms: list[int], messages: int, people: list[Person], until: int
) -> Iterator[tuple[object, ...]]:
    """The long room first: the short ones are as new as its last messages."""
    chance = random.Random(1)
    words = [f"{a}{b}{c}" for a in _BEGIN for b in _MIDDLE for c in _END]
    # As in a language: few words are most of what is said.
    weights, total = [], 0.0
    for rank in range(1, len(words) + 1):
        total += 1 / rank
        weights.append(total)
    short = [(room, n) for room in rooms[1:] for n in range(1, SHORT + 1)]
    long = ((rooms[0], n) for n in range(1, messages + 1))
    for count, (room, number) in enumerate((*long, *short)):
        text = [EVERY, *chance.choices(words, cum_weights=weights, k=8)]
        text += [word for word in COMMON if chance.randrange(_COMMON_EVERY) == 0]
        text += [RARE] if number % _RARE_EVERY == 0 else []
        text += [f"我们明天{CHINESE}吧"] if number % _CHINESE_EVERY == 1 else []
        author = people[count % len(people)].id
        at = until - max(0, messages - count) * 1_000_000
        yield room, number, number, author, f"before-{count}", " ".join(text), at


def _seats(database: sqlite3.Connection) -> None:
    """Everybody is in every room and has read all but the last few messages."""
    database.execute(
        "INSERT OR REPLACE INTO member (room, person, last_read) "
        "SELECT room.id, person.id, max(0, last_number - ?) FROM room, person",
        (UNREAD,),
    )


def _let_be_found(path: Path) -> None:
    """Fill the index for searching, if this chat has one."""
    if find_spec("chat.store.queries.search") is None:
        return
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA cache_size=-200000")
        import_module("chat.store.queries.search").fill(connection)
    engine.dispose()


_BEGIN = ("", "be", "con", "de", "ex", "for", "in", "mis", "out", "pre", "re", "sub", "un", "with")
_MIDDLE = ("act", "band", "cord", "dict", "fer", "gram", "hold", "ject", "kind", "lect", "mit",
           "note", "port", "quest", "rupt", "spect", "tend", "vert", "ward", "yield")  # fmt: skip
_END = ("", "able", "ed", "er", "ful", "ing", "ion", "ish", "ive", "less", "ly", "ment", "s")
