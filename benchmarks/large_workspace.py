"""The data folder of a large workspace: a thousand rooms, one of which is very long.

SQL fills the tables, because it inserts a million messages in seconds;
`chat.store.queries.search.build_index` fills the search index.
"""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine

from benchmarks import seed
from chat.model.people import Person
from chat.model.rooms import NewRoom, RoomKind
from chat.store.queries.search import build_index
from chat.store.sqlite import open_sqlite

SLUG = "library"
ROOMS = 1_000

# Messages in each of the other rooms.
MESSAGES_PER_SHORT_ROOM = 10

# Unread messages of each membership.
UNREAD_PER_ROOM = 5

# Words to search for. The rare and the Chinese word are at fixed numbers of the long room, the
# common words in random messages.
WORD_IN_EVERY_MESSAGE, COMMON_WORDS, RARE_WORD, CHINESE_WORD = (
    "chat",
    ("garden", "river"),
    "quokka",
    "会议",
)
_RARE_EVERY, _CHINESE_EVERY, _COMMON_EVERY, _MENTION_EVERY = 100_000, 1_000, 20, 1_000

_MINUTE = 60_000_000
_CHUNK = 20_000


def build(folder: Path, messages: int, people: int) -> None:
    """Add people, who are members of every room, and their messages.

    The long room has one message a second until a minute ago.
    """
    accounts = asyncio.run(_add_people_and_room(folder, people))
    with sqlite3.connect(folder / "chat.db", isolation_level=None) as database:
        for pragma in ("synchronous=OFF", "cache_size=-200000", "temp_store=MEMORY"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("BEGIN")
        _insert_rooms(database)
        _insert_messages(database, messages, accounts)
        _insert_memberships(database)
        database.execute("COMMIT")
    database.close()
    _fill_search_index(folder / "chat.db")


async def _add_people_and_room(folder: Path, people: int) -> list[Person]:
    store = await open_sqlite(folder)
    try:
        accounts = [(await store.add_person(f"P{n}")).person for n in range(people)]
        for n, person in enumerate(accounts):
            await store.add_token(seed.token_hash(n), person.id)
        new = NewRoom(SLUG, "Library", "A very long room", RoomKind.PUBLIC, accounts[0], ())
        await store.create_room(new)
        return accounts
    finally:
        await store.close()


def _insert_rooms(database: sqlite3.Connection) -> None:
    """Add the other rooms as copies of the long one."""
    database.executemany(
        "INSERT INTO room (slug, title, topic, kind, made_by, last_number) "
        "SELECT ?, ?, topic, kind, made_by, 0 FROM room WHERE slug = ?",
        ((f"room-{n}", f"Room {n}", SLUG) for n in range(2, ROOMS)),
    )


def _insert_messages(database: sqlite3.Connection, messages: int, people: list[Person]) -> None:
    rooms = [row[0] for row in database.execute("SELECT id FROM room ORDER BY slug != ?", (SLUG,))]
    last_time = database.execute("SELECT max(came_at) FROM person").fetchone()[0] - _MINUTE
    rows = _message_rows(rooms, messages, people, last_time)
    while chunk := [row for row, _ in zip(rows, range(_CHUNK), strict=False)]:
        database.executemany(
            "INSERT INTO message (room, number, event, author, client_id, kind, text, at) "
            "VALUES (?, ?, ?, ?, ?, 'text', ?, ?)",
            chunk,
        )
    database.execute(
        "INSERT INTO mention SELECT id, (number / ?) % ? + 1 FROM message WHERE number % ? = 0",
        (_MENTION_EVERY, len(people), _MENTION_EVERY),
    )
    last = "coalesce((SELECT max(number) FROM message WHERE room = room.id), 0)"
    database.execute(f"UPDATE room SET last_number = {last}, last_event = {last}")


def _message_rows(
    rooms: list[int], messages: int, people: list[Person], last_time: int
) -> Iterator[tuple[object, ...]]:
    """Rows of the long room, then of the short rooms, whose messages are all from the last time."""
    rng = random.Random(1)
    words = [f"{a}{b}{c}" for a in _PREFIXES for b in _STEMS for c in _SUFFIXES]
    # Zipf's law: the frequency of a word is inverse to its rank.
    weights, total = [], 0.0
    for rank in range(1, len(words) + 1):
        total += 1 / rank
        weights.append(total)
    short = [(room, n) for room in rooms[1:] for n in range(1, MESSAGES_PER_SHORT_ROOM + 1)]
    long = ((rooms[0], n) for n in range(1, messages + 1))
    for count, (room, number) in enumerate((*long, *short)):
        text = [WORD_IN_EVERY_MESSAGE, *rng.choices(words, cum_weights=weights, k=8)]
        text += [word for word in COMMON_WORDS if rng.randrange(_COMMON_EVERY) == 0]
        text += [RARE_WORD] if number % _RARE_EVERY == 0 else []
        text += [f"我们明天{CHINESE_WORD}吧"] if number % _CHINESE_EVERY == 1 else []
        author = people[count % len(people)].id
        at = last_time - max(0, messages - count) * 1_000_000
        yield room, number, number, author, f"before-{count}", " ".join(text), at


def _insert_memberships(database: sqlite3.Connection) -> None:
    """Make each person a member of each room, with the last few messages unread."""
    database.execute(
        "INSERT OR REPLACE INTO member (room, person, last_read) "
        "SELECT room.id, person.id, max(0, last_number - ?) FROM room, person",
        (UNREAD_PER_ROOM,),
    )


def _fill_search_index(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA cache_size=-200000")
        build_index(connection)
    engine.dispose()


_PREFIXES = (
    "",
    "be",
    "con",
    "de",
    "ex",
    "for",
    "in",
    "mis",
    "out",
    "pre",
    "re",
    "sub",
    "un",
    "with",
)
_STEMS = ("act", "band", "cord", "dict", "fer", "gram", "hold", "ject", "kind", "lect", "mit",
           "note", "port", "quest", "rupt", "spect", "tend", "vert", "ward", "yield")  # fmt: skip
_SUFFIXES = ("", "able", "ed", "er", "ful", "ing", "ion", "ish", "ive", "less", "ly", "ment", "s")
