"""The search index on PostgreSQL: a GIN index of our own tokens.

A row has the tokens of a message as a set (a `tsvector`, made by us and never by a dictionary of
PostgreSQL), and the tokens in order as a text, for phrases. PostgreSQL has limits for the positions
of a `tsvector`, and its index has no positions.

The index cannot read its lists from the newest message on, as that of SQLite does. So the block of
an id is a token, too: a search asks for the newest block first, then for four times as many, until
the page is full. A common word costs its share of the blocks; one in rooms of others costs nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

from sqlalchemy import Connection, text

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

# A block has 2^14 ids.
_BLOCK_BITS = 14

# How many times as many blocks, or found messages, the next step reads.
_GROWTH = 4

# The most blocks, and the most found messages, that a step reads.
_MOST_BLOCKS = 1024
_MOST_FOUND = 10_000

# The id of a message, and its tokens; None to delete the row.
IndexChange = tuple[int, str | None]


class TsvectorSearchIndex:
    """The SearchIndex on PostgreSQL."""

    def add(
        self, connection: Connection, message_id: int, room: ReadableRoom, new_message: NewMessage
    ) -> None:
        tokens = IndexDocument.of(new_message).tokens(room)
        deferred_work(connection).append((message_id, tokens))

    def remove(self, connection: Connection, message_id: int) -> None:
        deferred_work(connection).append((message_id, None))

    @contextmanager
    def updated(self, connection: Connection, message_id: int) -> Iterator[None]:
        yield
        documents = list(document_of(connection, message_id))
        deferred_work(connection).extend(documents or [(message_id, None)])

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
        search = _Search(connection, conditions=conditions, span=span, person_id=person_id)
        return search.newest(limit)

    def before_commit(self, connection: Connection, deferred: Sequence[IndexChange]) -> None:
        """Insert, replace and delete rows: of a message, the last change counts."""
        last = dict(deferred)
        removed = [{"id": each} for each, tokens in last.items() if tokens is None]
        written = [(each, tokens) for each, tokens in last.items() if tokens is not None]
        if removed:
            connection.execute(_DELETE, removed)
        if written:
            connection.execute(_WRITE, [_row(*each) for each in written])

    def maintain(self, connection: Connection) -> None:
        """Put the rows that were written last into the index."""
        connection.execute(_CLEAN)


def build_index(connection: Connection, batch_size: int = 1000) -> None:
    """Fill the empty table with all messages."""
    last_id = 0
    while documents := list(documents_after(connection, last_id, batch_size)):
        connection.execute(_WRITE, [_row(*each) for each in documents])
        last_id = documents[-1][0]


class _Search:
    """One search, from the newest block on."""

    def __init__(
        self,
        connection: Connection,
        *,
        conditions: Conditions,
        span: Span,
        person_id: PersonId,
    ) -> None:
        self._connection = connection
        self._span = span
        self._person_id = person_id
        self._expression = _match_expression(conditions)
        self._phrases = _phrases(conditions.terms)
        self._excluded_phrases = _phrases(conditions.excluded_terms)

    def newest(self, limit: int) -> list[int]:
        """The ids of the newest `limit` messages."""
        last_id = self._connection.execute(_SELECT_LAST_ID).scalar_one()
        end_id = min(self._span.end_id, last_id + 1)
        block_count, found_count = 1, 2 * limit
        results: list[int] = []
        while len(results) < limit and end_id > self._span.first_id:
            last_block = (end_id - 1) >> _BLOCK_BITS
            first_block = max(last_block - block_count + 1, self._span.first_id >> _BLOCK_BITS)
            blocks = range(first_block, last_block + 1)
            found = self._found(blocks, end_id, found_count)
            results += self._readable(found, limit - len(results))
            if len(found) < found_count:
                end_id = first_block << _BLOCK_BITS
                block_count = min(_GROWTH * block_count, _MOST_BLOCKS)
            else:
                end_id = found[-1]
                found_count = min(_GROWTH * found_count, _MOST_FOUND)
        return results

    def _found(self, blocks: Iterable[int], end_id: int, count: int) -> list[int]:
        """The newest `count` messages of these blocks that match, before `end_id`."""
        parameters = {
            "expression": f"{self._expression} & {_any_of(map(_block, blocks))}",
            "phrases": self._phrases,
            "excluded": self._excluded_phrases,
            "first_id": self._span.first_id,
            "end_id": end_id,
            "count": count,
        }
        return list(self._connection.execute(_SELECT_FOUND, parameters).scalars())

    def _readable(self, ids: Sequence[int], count: int) -> list[int]:
        """The first `count` of these messages that the person may read, in the same order."""
        if not ids:
            return []
        parameters = {
            "ids": list(ids),
            "since": self._span.since,
            "until": self._span.until,
            "person": self._person_id,
            "count": count,
        }
        return list(self._connection.execute(_SELECT_READABLE, parameters).scalars())


def _row(message_id: int, tokens: str) -> dict[str, object]:
    in_order = tokens.split(" ")
    distinct = list(dict.fromkeys([*in_order, f"_k{message_id >> _BLOCK_BITS}"]))
    return {"id": message_id, "tokens": distinct, "words": f" {tokens} "}


def _match_expression(conditions: Conditions) -> str:
    """The conditions as a `tsquery`; of a phrase it has the tokens, in any order."""
    terms = chain.from_iterable(map(_indexed_tokens, conditions.terms))
    parts = [*map(_quote_token, terms), *map(_quote_token, conditions.facts)]
    parts += map(_any_of, conditions.any_facts)
    exact = (each for each in conditions.excluded_terms if _phrase(each) is None)
    excluded = [*chain.from_iterable(map(_indexed_tokens, exact)), *conditions.excluded_facts]
    parts += (f"!{_quote_token(each)}" for each in excluded)
    return " & ".join(parts)


def _indexed_tokens(term: Term) -> list[str]:
    """The tokens that all messages with a term have."""
    if term.is_prefix:
        return [PREFIX_MARK + term.tokens[0][:MAX_PREFIX_LENGTH]]
    return list(dict.fromkeys(term.tokens))


def _phrase(term: Term) -> str | None:
    """What the words of a message must contain besides the tokens; None if those are enough."""
    if term.is_prefix:
        first = term.tokens[0]
        return f" {first}" if len(first) > MAX_PREFIX_LENGTH else None
    return f" {' '.join(term.tokens)} " if len(term.tokens) > 1 else None


def _phrases(terms: Iterable[Term]) -> list[str]:
    return [phrase for phrase in map(_phrase, terms) if phrase is not None]


def _quote_token(token: str) -> str:
    """A token as a lexeme of a `tsquery`. Tokens contain no quotes and no backslashes."""
    return f"'{token}'"


def _any_of(tokens: Iterable[str]) -> str:
    return f"({' | '.join(map(_quote_token, tokens))})"


def _block(number: int) -> str:
    return f"_k{number}"


_WRITE = text("""
INSERT INTO search (id, tokens, words)
VALUES (:id, array_to_tsvector(CAST(:tokens AS text[])), :words)
ON CONFLICT (id) DO UPDATE SET tokens = excluded.tokens, words = excluded.words
""")
_DELETE = text("DELETE FROM search WHERE id = :id")
_CLEAN = text("SELECT gin_clean_pending_list('search_by_tokens')")
_SELECT_LAST_ID = text("SELECT coalesce(max(id), 0) FROM search")
# With the sum, only the index of the tokens can be read: that of the ids would compare all rows.
_SELECT_FOUND = text("""
SELECT id FROM search
WHERE tokens @@ CAST(:expression AS tsquery) AND id + 0 >= :first_id AND id + 0 < :end_id
AND NOT EXISTS (
    SELECT 1 FROM unnest(CAST(:phrases AS text[])) AS phrase WHERE strpos(words, phrase) = 0
) AND NOT EXISTS (
    SELECT 1 FROM unnest(CAST(:excluded AS text[])) AS phrase WHERE strpos(words, phrase) > 0
)
ORDER BY id + 0 DESC LIMIT :count
""")
_SELECT_READABLE = text(f"""
SELECT m.id FROM message AS m
JOIN room ON room.id = m.room
JOIN room AS base ON base.id = coalesce(room.parent_room, room.id)
WHERE m.id = ANY(CAST(:ids AS bigint[])) AND {IS_READABLE}
ORDER BY m.id DESC LIMIT :count
""")
