"""What is searched: SQLite's FTS5, whose row of a message has its tokens and facts about it.

The facts are tokens too (who said it, in which room, whether it is pinned …), so that all that has
to hold is one intersection of lists that FTS5 reads from the newest on: nothing is sorted, and what
somebody may not read is not looked at. The facts of a thread are of the room that it is in. The
table keeps no text: to take a row out it has to be told the tokens that it was given.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter

from sqlalchemy import Connection, RowMapping

from chat.model.attachments import Attachment
from chat.model.messages import NewMessage, SearchHit
from chat.model.people import PersonId
from chat.model.rooms import RoomId, RoomKind
from chat.store import timestamps
from chat.store.queries import files, message_queries, polls, rooms
from chat.store.writer import deferred_work
from chat.text.search_query import Query, Term
from chat.text.search_tokens import MAX_PREFIX_LENGTH, PREFIX_MARK, index_tokens, search_key

LIMIT = 30

# So many pages of 4 KiB are written by one merge.
_MERGED = 32

# Clocks are set back now and then: of the messages so long before and after a day each is asked.
_SLACK = 60 * 60 * 1_000_000

_LARGEST = 2**63 - 1

# Facts, which no word can look like.
_PUBLIC, _LINK, _PINNED = "_public", "_link", "_pinned"
_FILE, _IMAGE = "_file", "_image"

_URL = re.compile(r"\bhttps?://\S", re.IGNORECASE)


# The id of a message, its tokens, and whether they are put into the table or taken out.
Change = tuple[int, str, bool]


@dataclass(frozen=True, slots=True)
class Said:
    """What a message is found by."""

    text: str
    author: PersonId
    mentions: Iterable[PersonId]
    files: Sequence[Attachment] = ()
    options: Sequence[str] = ()
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Base:
    """The room that decides who may read a message: for a thread the one that it is in."""

    room: RoomId
    public: bool


def base(connection: Connection, room: RowMapping) -> Base:
    """The base of a room's row."""
    kind, parent = room["kind"], room["parent_room"]
    if parent is not None:
        wanted = "SELECT kind FROM room WHERE id = ?"
        kind = connection.exec_driver_sql(wanted, (parent,)).scalar_one()
    return Base(room["id"] if parent is None else parent, kind == RoomKind.PUBLIC.value)


def index(connection: Connection, message: int, place: Base, draft: NewMessage) -> None:
    """Let a message (id) that was just said be found."""
    said = Said(draft.text, draft.author.id, draft.mentions, draft.files, draft.options)
    row = _row(said, place)
    deferred_work(connection).append((message, row, True))


def unindex(connection: Connection, message: int) -> None:
    """Let a message (id) not be found any more; it and what hangs on it are as when it could."""
    _leave(connection, message, put=False)


@contextmanager
def renewed(connection: Connection, message: int) -> Iterator[None]:
    """A message (id) is changed inside, and found as it is afterwards."""
    _leave(connection, message, put=False)
    yield
    _leave(connection, message, put=True)


def write(connection: Connection, changes: Sequence[Change]) -> None:
    """Put rows into the table and take them out, in order.

    At once at the end of a transaction, since at each savepoint FTS5 writes all that it has.
    """
    for put, some in groupby(changes, itemgetter(2)):
        rows = [(message, row) for message, row, _ in some]
        if put:
            connection.exec_driver_sql(_PUT, rows)
            continue
        for message, row in rows:
            there = connection.exec_driver_sql(_THERE, (message,)).first()
            # What is not there must not be taken out: FTS5 calls the table malformed then.
            if there is not None:
                connection.exec_driver_sql(_TAKE, (message, row))


def fill(connection: Connection, batch: int = 1000) -> None:
    """Let everything be found that is there, into an empty table."""
    last = 0
    while rows := list(_rows(connection, f"m.id > ? ORDER BY m.id LIMIT {batch}", (last,))):
        connection.exec_driver_sql(_PUT, rows)
        last = rows[-1][0]
    connection.exec_driver_sql("INSERT INTO search (search) VALUES ('optimize')")


def merge(connection: Connection) -> None:
    """Bring some of the lists that were written last together, in a few milliseconds.

    FTS5 would do that by itself in a commit now and then, which took up to 80 ms in a large chat.
    """
    connection.exec_driver_sql("INSERT INTO search (search, rank) VALUES ('merge', ?)", (_MERGED,))


def _leave(connection: Connection, message: int, *, put: bool) -> None:
    for known, row in _rows(connection, "m.id = ?", (message,)):
        deferred_work(connection).append((known, row, put))


def find(
    connection: Connection, query: Query, person: PersonId, before: int | None, limit: int
) -> tuple[SearchHit, ...]:
    """What `person` may read of what a query asks for, newest first."""
    limit = min(limit, LIMIT)
    if not query or limit <= 0:
        return ()
    match = _match(connection, query, person)
    if match is None:
        return ()
    since = 0 if query.since is None else timestamps.to_microseconds(query.since)
    until = _LARGEST if query.until is None else timestamps.to_microseconds(query.until)
    first = 0 if query.since is None else _first_at(connection, since - _SLACK)
    end = _LARGEST if query.until is None else _first_at(connection, until + _SLACK)
    end = end if before is None else max(min(end, before), 0)
    wanted = (match, first, end, since, until, person, limit)
    ids = [row[0] for row in connection.exec_driver_sql(_FIND, wanted)]
    messages = message_queries.by_ids(connection, ids)
    places = rooms.by_ids(connection, {each.room_id for each in messages.values()})
    return tuple(SearchHit(each, places[messages[each].room_id], messages[each]) for each in ids)


def _match(connection: Connection, query: Query, person: PersonId) -> str | None:
    """The query in FTS5's words, None if nothing can be found."""
    readable = _readable(connection, query, person)
    authors = [f"_a{each}" for each in _bearers(connection, query.authors)]
    if not readable or (query.authors and not authors):
        return None
    parts = [_term(each) for each in query.terms]
    facts = {_LINK: query.has_link, _PINNED: query.pinned, f"_m{person}": query.mentions_me}
    facts |= {_FILE: query.has_file, _IMAGE: query.has_image}
    parts += [_quoted(fact) for fact, wanted in facts.items() if wanted]
    if authors:
        parts.append(_any(map(_quoted, authors)))
    # Last, since they are many: they are looked at where everything else is.
    parts.append(_any(map(_quoted, readable)))
    match = " AND ".join(parts)
    return (
        f"({match}) NOT {_any(map(_term, query.excluded_terms))}" if query.excluded_terms else match
    )


def _term(term: Term) -> str:
    first = term.tokens[0]
    if not term.is_prefix:
        return " + ".join(map(_quoted, term.tokens))
    if len(first) <= MAX_PREFIX_LENGTH:
        return _quoted(PREFIX_MARK + first)
    return f"{_quoted(first)} *"


def _quoted(token: str) -> str:
    """A token has no quotes: nothing in it means anything to FTS5."""
    return f'"{token}"'


def _any(parts: Iterable[str]) -> str:
    return f"({' OR '.join(parts)})"


def _readable(connection: Connection, query: Query, person: PersonId) -> list[str]:
    """The facts of rooms that a person may read, of those that are asked for."""
    if not query.rooms:
        mine = connection.exec_driver_sql(_MINE, (person,))
        return [_PUBLIC, *(f"_r{row.id}" for row in mine)]
    wanted = set(query.rooms)
    places = rooms.readable_rooms(connection, person)
    names = ((room, {search_key(room.slug), search_key(title)}) for room, title in places)
    return [f"_r{room.id}" for room, called in names if called & wanted]


def _bearers(connection: Connection, names: Sequence[str]) -> list[PersonId]:
    """Everybody who bears one of these names (keys)."""
    found: list[PersonId] = []
    for name in dict.fromkeys(names):
        rows = connection.exec_driver_sql(_NAMED, (name,))
        found += (row.id for row in rows if search_key(row.name) == name)
    return found


def _first_at(connection: Connection, at: int) -> int:
    """The id before which everything was said before a time: ids and times grow together."""
    low = 0
    high = connection.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM message").scalar_one()
    while low < high:
        middle = (low + high) // 2
        row = connection.exec_driver_sql(_NEXT, (middle,)).one()
        if row.at >= at:
            high = middle
        else:
            low = row.id + 1
    return int(low)


def _rows(connection: Connection, which: str, given: tuple[int]) -> Iterator[tuple[int, str]]:
    """The ids of messages that can be found, each with all that it is found by."""
    found = connection.exec_driver_sql(f"{_SAID} AND {which}", given).all()
    if not found:
        return
    called: dict[int, list[PersonId]] = {}
    for row in connection.exec_driver_sql(_CALLED, (found[0].id, found[-1].id)):
        called.setdefault(row.message, []).append(row.person)
    attached = files.for_messages(connection, [row.id for row in found if row.files])
    asked = polls.option_texts(connection, [row.id for row in found if row.options])
    for row in found:
        place = Base(row.base, row.kind == RoomKind.PUBLIC.value)
        hangs = called.get(row.id, ()), attached.get(row.id, ()), asked.get(row.id, ())
        yield row.id, _row(Said(row.text, row.author, *hangs, bool(row.pinned)), place)


def _row(said: Said, place: Base) -> str:
    facts = [f"_r{place.room} _a{said.author}"]
    if place.public:
        facts.append(_PUBLIC)
    if _URL.search(said.text):
        facts.append(_LINK)
    if said.pinned:
        facts.append(_PINNED)
    if said.files:
        facts.append(_FILE)
    if any(each.is_picture for each in said.files):
        facts.append(_IMAGE)
    facts += (f"_m{person}" for person in sorted(said.mentions))
    texts = [said.text, *(each.name for each in said.files), *said.options]
    words = map(index_tokens, texts)
    return " ".join([*chain(*words), *facts])


TABLE = """
CREATE VIRTUAL TABLE search USING fts5(
    words, content='', tokenize="ascii tokenchars '_='"
)
"""
NO_MERGES = "INSERT INTO search (search, rank) VALUES ('automerge', 0)"
_PUT = "INSERT INTO search (rowid, words) VALUES (?, ?)"
_TAKE = "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)"
_THERE = "SELECT 1 FROM search WHERE rowid = ?"
_SAID = """
SELECT m.id, m.text, m.files, m.options, m.author, m.pinned_at IS NOT NULL AS pinned,
    base.id AS base, base.kind
FROM message AS m
JOIN room ON room.id = m.room
JOIN room AS base ON base.id = coalesce(room.parent_room, room.id)
WHERE m.kind = 'text' AND m.deleted_at IS NULL
"""
_CALLED = "SELECT message, person FROM mention WHERE message BETWEEN ? AND ?"
_NEXT = "SELECT id, at FROM message WHERE id >= ? ORDER BY id LIMIT 1"
_MINE = """
SELECT room.id FROM member JOIN room ON room.id = member.room
WHERE member.person = ? AND room.kind IN ('private', 'direct')
"""
# Of a name in ASCII the key is the name in small letters; the others are compared one by one.
_NAMED = "SELECT id, name FROM person WHERE lower(name) = ? OR name GLOB '*[^ -~]*'"
# The rooms are asked once more: the facts make it fast, and this keeps it right.
_FIND = """
SELECT m.id FROM search
CROSS JOIN message AS m ON m.id = search.rowid
CROSS JOIN room ON room.id = m.room
CROSS JOIN room AS base ON base.id = coalesce(room.parent_room, room.id)
WHERE search MATCH ? AND search.rowid >= ? AND search.rowid < ?
AND m.at >= ? AND m.at < ? AND m.kind = 'text' AND m.deleted_at IS NULL
AND (base.kind = 'public' OR EXISTS (
    SELECT 1 FROM member WHERE member.room = base.id AND member.person = ?
))
ORDER BY search.rowid DESC LIMIT ?
"""
