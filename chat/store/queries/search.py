"""The search index on SQLite's FTS5. The row of a message has the tokens of its text, and facts.

A fact is a token for a property of the message: its author, its room, whether it is pinned … A
search is then one intersection of lists, which FTS5 reads from the newest message on: nothing is
sorted, and messages of rooms that the person may not read are skipped. A message of a thread has
the room facts of the parent room. The table stores no text: to delete a row, FTS5 needs the same
tokens that were inserted.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter

from sqlalchemy import Connection

from chat.model.attachments import Attachment
from chat.model.messages import NewMessage
from chat.model.people import PersonId
from chat.model.rooms import RoomKind
from chat.store import timestamps
from chat.store.queries import files, polls, rooms
from chat.store.search_index import ReadableRoom
from chat.store.writer import deferred_work
from chat.text.search_query import Query, Term
from chat.text.search_tokens import MAX_PREFIX_LENGTH, PREFIX_MARK, index_tokens, search_key

# Pages of 4 KiB that one merge writes.
_MERGE_PAGES = 32

# Microseconds. Ids are not exactly in order of time, because a clock may have been set back. The
# range of ids is wider by this much, and the time of each message is compared, too.
_CLOCK_TOLERANCE = 60 * 60 * 1_000_000

_MAX_INTEGER = 2**63 - 1

# Facts; no token of a text begins with an underscore.
_PUBLIC, _LINK, _PINNED = "_public", "_link", "_pinned"
_FILE, _IMAGE = "_file", "_image"

_URL = re.compile(r"\bhttps?://\S", re.IGNORECASE)


# The id of a message, its tokens, and whether they are inserted (True) or deleted.
IndexChange = tuple[int, str, bool]


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """The searchable content of a message."""

    text: str
    author_id: PersonId
    mentioned_ids: Iterable[PersonId]
    files: Sequence[Attachment] = ()
    options: Sequence[str] = ()
    pinned: bool = False


class Fts5SearchIndex:
    """The SearchIndex on SQLite's FTS5."""

    def add(
        self, connection: Connection, message_id: int, room: ReadableRoom, new_message: NewMessage
    ) -> None:
        document = IndexDocument(
            new_message.text,
            new_message.author.id,
            new_message.mentions,
            new_message.files,
            new_message.options,
        )
        deferred_work(connection).append((message_id, _index_tokens(document, room), True))

    def remove(self, connection: Connection, message_id: int) -> None:
        _defer_index_change(connection, message_id, is_insert=False)

    @contextmanager
    def updated(self, connection: Connection, message_id: int) -> Iterator[None]:
        _defer_index_change(connection, message_id, is_insert=False)
        yield
        _defer_index_change(connection, message_id, is_insert=True)

    def find(
        self,
        connection: Connection,
        query: Query,
        person_id: PersonId,
        before_id: int | None,
        limit: int,
    ) -> list[int]:
        match = _match_expression(connection, query, person_id)
        if match is None:
            return []
        since = 0 if query.since is None else timestamps.to_microseconds(query.since)
        until = _MAX_INTEGER if query.until is None else timestamps.to_microseconds(query.until)
        first_id = 0 if query.since is None else _first_id_at(connection, since - _CLOCK_TOLERANCE)
        end_id = (
            _MAX_INTEGER
            if query.until is None
            else _first_id_at(connection, until + _CLOCK_TOLERANCE)
        )
        end_id = end_id if before_id is None else max(min(end_id, before_id), 0)
        readers = 4 * (person_id,)
        parameters = (match, first_id, end_id, since, until, *readers, limit)
        return [row[0] for row in connection.exec_driver_sql(_SEARCH, parameters)]

    def before_commit(self, connection: Connection, deferred: Sequence[IndexChange]) -> None:
        """Insert and delete rows in order.

        This happens at the end of the transaction, because FTS5 writes its buffer to the database
        at each savepoint.
        """
        for is_insert, group in groupby(deferred, itemgetter(2)):
            rows = [(message, row) for message, row, _ in group]
            if is_insert:
                connection.exec_driver_sql(_INSERT, rows)
                continue
            for message, tokens in rows:
                exists = connection.exec_driver_sql(_EXISTS, (message,)).first()
                # Deleting a row that does not exist would make the table malformed for FTS5.
                if exists is not None:
                    connection.exec_driver_sql(_DELETE, (message, tokens))

    def maintain(self, connection: Connection) -> None:
        """Merge some of the lists that were written last.

        FTS5's automatic merge within a commit is switched off (migration 0005): it took up to 80 ms
        in a large chat.
        """
        connection.exec_driver_sql(
            "INSERT INTO search (search, rank) VALUES ('merge', ?)", (_MERGE_PAGES,)
        )


def build_index(connection: Connection, batch_size: int = 1000) -> None:
    """Fill the empty table with all messages."""
    last_id = 0
    while rows := list(
        _index_rows(connection, f"m.id > ? ORDER BY m.id LIMIT {batch_size}", (last_id,))
    ):
        connection.exec_driver_sql(_INSERT, rows)
        last_id = rows[-1][0]
    connection.exec_driver_sql("INSERT INTO search (search) VALUES ('optimize')")


def _defer_index_change(connection: Connection, message_id: int, *, is_insert: bool) -> None:
    for indexed_id, tokens in _index_rows(connection, "m.id = ?", (message_id,)):
        deferred_work(connection).append((indexed_id, tokens, is_insert))


def _match_expression(connection: Connection, query: Query, person_id: PersonId) -> str | None:
    """The query as an expression of FTS5; None if it cannot match."""
    room_tokens = _readable_room_tokens(connection, query, person_id)
    author_tokens = [f"_a{each}" for each in _people_named(connection, query.authors)]
    if not room_tokens or (query.authors and not author_tokens):
        return None
    parts = [_term_expression(each) for each in query.terms]
    facts = {
        "has_link": _LINK,
        "has_file": _FILE,
        "has_image": _IMAGE,
        "pinned": _PINNED,
        "mentions_me": f"_m{person_id}",
    }
    parts += [_quote_token(fact) for name, fact in facts.items() if getattr(query, name)]
    if author_tokens:
        parts.append(_any_of(map(_quote_token, author_tokens)))
    # Last, because there can be many: they are read only where everything else matches.
    parts.append(_any_of(map(_quote_token, room_tokens)))
    match = " AND ".join(parts)
    excluded = [_term_expression(each) for each in query.excluded_terms]
    excluded += [_quote_token(facts[name]) for name in query.excluded_facts]
    excluded += [
        _quote_token(f"_a{each}") for each in _people_named(connection, query.excluded_authors)
    ]
    if query.excluded_rooms:
        excluded += map(_quote_token, _rooms_named(connection, query.excluded_rooms, person_id))
    return f"({match}) NOT {_any_of(excluded)}" if excluded else match


def _term_expression(term: Term) -> str:
    first = term.tokens[0]
    if not term.is_prefix:
        return " + ".join(map(_quote_token, term.tokens))
    if len(first) <= MAX_PREFIX_LENGTH:
        return _quote_token(PREFIX_MARK + first)
    return f"{_quote_token(first)} *"


def _quote_token(token: str) -> str:
    """A token as an FTS5 string. Tokens contain no quotes."""
    return f'"{token}"'


def _any_of(parts: Iterable[str]) -> str:
    return f"({' OR '.join(parts)})"


def _readable_room_tokens(connection: Connection, query: Query, person_id: PersonId) -> list[str]:
    """The room facts of the rooms that the person may read and the query asks for."""
    if query.room_ids is not None:
        here = [f"_r{each}" for each in sorted(query.room_ids)]
        named = _rooms_named(connection, query.rooms, person_id) if query.rooms else here
        return [each for each in here if each in named]
    if not query.rooms:
        if rooms.is_guest(connection, person_id):
            rows = connection.exec_driver_sql(_SELECT_ALL_OWN_ROOMS, (person_id,))
            return [f"_r{row.id}" for row in rows]
        rows = connection.exec_driver_sql(_SELECT_OWN_ROOMS, (person_id,))
        return [_PUBLIC, *(f"_r{row.id}" for row in rows)]
    return _rooms_named(connection, query.rooms, person_id)


def _rooms_named(connection: Connection, names: Sequence[str], person_id: PersonId) -> list[str]:
    """The room facts of the readable rooms with one of these names, which are search keys."""
    room_keys = set(names)
    readable = rooms.readable_rooms(connection, person_id)
    keys_by_room = ((room, {search_key(room.slug), search_key(title)}) for room, title in readable)
    return [f"_r{room.id}" for room, called in keys_by_room if called & room_keys]


def _people_named(connection: Connection, names: Sequence[str]) -> list[PersonId]:
    """The people with one of these names, which are search keys."""
    person_ids: list[PersonId] = []
    for name in dict.fromkeys(names):
        rows = connection.exec_driver_sql(_SELECT_PEOPLE_NAMED, (name,))
        person_ids += (row.id for row in rows if search_key(row.name) == name)
    return person_ids


def _first_id_at(connection: Connection, microseconds: int) -> int:
    """The id of the first message at a time or later, by bisection: ids grow with time."""
    low = 0
    high = connection.exec_driver_sql("SELECT coalesce(max(id), 0) + 1 FROM message").scalar_one()
    while low < high:
        middle = (low + high) // 2
        row = connection.exec_driver_sql(_SELECT_NEXT, (middle,)).one()
        if row.at >= microseconds:
            high = middle
        else:
            low = row.id + 1
    return int(low)


def _index_rows(
    connection: Connection, condition: str, parameters: tuple[int]
) -> Iterator[tuple[int, str]]:
    """The ids of the searchable messages that match a condition, each with its tokens and facts."""
    rows = connection.exec_driver_sql(f"{_SELECT_DOCUMENTS} AND {condition}", parameters).all()
    if not rows:
        return
    mentions: dict[int, list[PersonId]] = {}
    for row in connection.exec_driver_sql(_SELECT_MENTIONS, (rows[0].id, rows[-1].id)):
        mentions.setdefault(row.message, []).append(row.person)
    attachments = files.for_messages(connection, [row.id for row in rows if row.files])
    options = polls.option_texts(connection, [row.id for row in rows if row.options])
    for row in rows:
        readable_room = ReadableRoom(row.base, row.kind == RoomKind.PUBLIC.value)
        annotations = mentions.get(row.id, ()), attachments.get(row.id, ()), options.get(row.id, ())
        yield (
            row.id,
            _index_tokens(
                IndexDocument(row.text, row.author, *annotations, bool(row.pinned)), readable_room
            ),
        )


def _index_tokens(document: IndexDocument, readable_room: ReadableRoom) -> str:
    facts = [f"_r{readable_room.room_id} _a{document.author_id}"]
    if readable_room.is_public:
        facts.append(_PUBLIC)
    if _URL.search(document.text):
        facts.append(_LINK)
    if document.pinned:
        facts.append(_PINNED)
    if document.files:
        facts.append(_FILE)
    if any(each.is_picture for each in document.files):
        facts.append(_IMAGE)
    facts += (f"_m{person}" for person in sorted(document.mentioned_ids))
    texts = [document.text, *(each.name for each in document.files), *document.options]
    tokens = map(index_tokens, texts)
    return " ".join([*chain(*tokens), *facts])


_INSERT = "INSERT INTO search (rowid, words) VALUES (?, ?)"
_DELETE = "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)"
_EXISTS = "SELECT 1 FROM search WHERE rowid = ?"
# A message that is being written is indexed when it is complete.
_SELECT_DOCUMENTS = """
SELECT m.id, m.text, m.files, m.options, m.author, m.pinned_at IS NOT NULL AS pinned,
    base.id AS base, base.kind
FROM message AS m
JOIN room ON room.id = m.room
JOIN room AS base ON base.id = coalesce(room.parent_room, room.id)
WHERE m.kind = 'text' AND m.deleted_at IS NULL AND m.state IS NOT 'streaming'
"""
_SELECT_MENTIONS = "SELECT message, person FROM mention WHERE message BETWEEN ? AND ?"
_SELECT_NEXT = "SELECT id, at FROM message WHERE id >= ? ORDER BY id LIMIT 1"
_SELECT_OWN_ROOMS = """
SELECT room.id FROM member JOIN room ON room.id = member.room
WHERE member.person = ? AND room.kind IN ('private', 'direct')
"""
_SELECT_ALL_OWN_ROOMS = "SELECT member.room AS id FROM member WHERE member.person = ?"
# The search key of an ASCII name is its lower case; all other names are compared in Python.
_SELECT_PEOPLE_NAMED = "SELECT id, name FROM person WHERE lower(name) = ? OR name GLOB '*[^ -~]*'"
# The facts make the search fast. The rights are checked again here, so that an outdated fact cannot
# disclose a message.
_SEARCH = """
SELECT m.id FROM search
CROSS JOIN message AS m ON m.id = search.rowid
CROSS JOIN room ON room.id = m.room
CROSS JOIN room AS base ON base.id = coalesce(room.parent_room, room.id)
WHERE search MATCH ? AND search.rowid >= ? AND search.rowid < ?
AND m.at >= ? AND m.at < ? AND m.kind = 'text' AND m.deleted_at IS NULL
AND ((base.kind = 'public' AND NOT EXISTS (
    SELECT 1 FROM role WHERE role.person = ? AND role.room = 0 AND role.role = 'guest'
)) OR EXISTS (
    SELECT 1 FROM member WHERE member.room = base.id AND member.person = ?
)) AND (m.report IS NOT NULL OR NOT EXISTS (
    SELECT 1 FROM block WHERE block.person = ? AND block.blocked = m.author
))
AND NOT EXISTS (
    SELECT 1 FROM invitation_use JOIN role ON role.person = invitation_use.person
    WHERE invitation_use.person = ? AND role.room = 0 AND role.role = 'guest'
    AND invitation_use.at > coalesce((
        SELECT root.at FROM message AS root
        WHERE root.room = room.parent_room AND root.number = room.parent_number
    ), m.at)
)
ORDER BY search.rowid DESC LIMIT ?
"""
