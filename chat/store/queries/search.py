"""The search index on SQLite's FTS5. The row of a message has the tokens of its text, and facts.

A search is one intersection of lists, which FTS5 reads from the newest message on: nothing is
sorted, and messages of rooms that the person may not read are skipped. The table stores no text: to
delete a row, FTS5 needs the same tokens that were inserted.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection

from chat.model.messages import NewMessage
from chat.model.people import PersonId
from chat.store.queries.search_documents import (
    IS_READABLE,
    Conditions,
    IndexDocument,
    Span,
    document_of,
    documents_after,
)
from chat.store.search_index import ReadableRoom
from chat.store.writer import deferred_work
from chat.text.search_query import Query, Term
from chat.text.search_tokens import MAX_PREFIX_LENGTH, PREFIX_MARK

# Pages of 4 KiB that one merge writes.
_MERGE_PAGES = 32

# The id of a message, its tokens, and whether they are inserted (True) or deleted.
IndexChange = tuple[int, str, bool]


class Fts5SearchIndex:
    """The SearchIndex on SQLite's FTS5."""

    def add(
        self, connection: Connection, message_id: int, room: ReadableRoom, new_message: NewMessage
    ) -> None:
        tokens = IndexDocument.of(new_message).tokens(room)
        deferred_work(connection).append((message_id, tokens, True))

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
        conditions = Conditions.of(connection, query, person_id)
        if conditions is None:
            return []
        span = Span.of(connection, query, before_id)
        parameters = {
            "match": _match_expression(conditions),
            "first_id": span.first_id,
            "end_id": span.end_id,
            "since": span.since,
            "until": span.until,
            "person": person_id,
            "count": limit,
        }
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
    while rows := list(documents_after(connection, last_id, batch_size)):
        connection.exec_driver_sql(_INSERT, rows)
        last_id = rows[-1][0]
    connection.exec_driver_sql("INSERT INTO search (search) VALUES ('optimize')")


def _defer_index_change(connection: Connection, message_id: int, *, is_insert: bool) -> None:
    for indexed_id, tokens in document_of(connection, message_id):
        deferred_work(connection).append((indexed_id, tokens, is_insert))


def _match_expression(conditions: Conditions) -> str:
    """The conditions as an expression of FTS5."""
    parts = [_term_expression(each) for each in conditions.terms]
    parts += map(_quote_token, conditions.facts)
    # The rooms last, because there can be many: they are read only where all else matches.
    parts += [_any_of(map(_quote_token, group)) for group in conditions.any_facts]
    match = " AND ".join(parts)
    excluded = [_term_expression(each) for each in conditions.excluded_terms]
    excluded += map(_quote_token, conditions.excluded_facts)
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


_INSERT = "INSERT INTO search (rowid, words) VALUES (?, ?)"
_DELETE = "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)"
_EXISTS = "SELECT 1 FROM search WHERE rowid = ?"
_SEARCH = f"""
SELECT m.id FROM search
CROSS JOIN message AS m ON m.id = search.rowid
CROSS JOIN room ON room.id = m.room
CROSS JOIN room AS base ON base.id = coalesce(room.parent_room, room.id)
WHERE search MATCH :match AND search.rowid >= :first_id AND search.rowid < :end_id
AND {IS_READABLE}
ORDER BY search.rowid DESC LIMIT :count
"""
