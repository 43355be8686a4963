"""What every search index has in common: the tokens of a message, and the conditions of a query.

The document of a message has the tokens of its texts, and facts. A fact is a token for a property
of the message: its author, its room, whether it is pinned … A message of a thread has the room
facts of the parent room.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean

from chat.model.attachments import Attachment
from chat.model.messages import MessageKind, NewMessage
from chat.model.people import PersonId
from chat.model.programs import StreamState
from chat.model.rooms import RoomKind
from chat.store import schema, timestamps
from chat.store.queries import files, polls, rooms
from chat.store.search_index import ReadableRoom
from chat.text.search_query import Query, Term
from chat.text.search_tokens import index_tokens, search_key

# Microseconds. Ids are not exactly in order of time, because a clock may have been set back. The
# range of ids is wider by this much, and the time of each message is compared, too.
_CLOCK_TOLERANCE = 60 * 60 * 1_000_000

MAX_INTEGER = 2**63 - 1

# Facts; no token of a text begins with an underscore.
_PUBLIC, _LINK, _PINNED = "_public", "_link", "_pinned"
_FILE, _IMAGE = "_file", "_image"

# Whether a person may read a message `m` that was sent within a span: a condition in SQL. `room` is
# its room, and `base` that or the parent room. The facts make a search fast; here the rights are
# checked again, so that an outdated fact cannot disclose a message.
IS_READABLE = """
m.at >= :since AND m.at < :until AND m.kind = 'text' AND m.deleted_at IS NULL
AND ((base.kind = 'public' AND NOT EXISTS (
    SELECT 1 FROM role WHERE role.person = :person AND role.room = 0 AND role.role = 'guest'
)) OR EXISTS (
    SELECT 1 FROM member WHERE member.room = base.id AND member.person = :person
)) AND (m.report IS NOT NULL OR NOT EXISTS (
    SELECT 1 FROM block WHERE block.person = :person AND block.blocked = m.author
))
AND NOT EXISTS (
    SELECT 1 FROM invitation_use JOIN role ON role.person = invitation_use.person
    WHERE invitation_use.person = :person AND role.room = 0 AND role.role = 'guest'
    AND invitation_use.at > coalesce((
        SELECT root.at FROM message AS root
        WHERE root.room = room.parent_room AND root.number = room.parent_number
    ), m.at)
)
"""

_URL = re.compile(r"\bhttps?://\S", re.IGNORECASE)

_message, _room, _member = schema.message.c, schema.room.c, schema.member.c
_person, _mention = schema.person.c, schema.mention.c


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """The searchable content of a message."""

    text: str
    author_id: PersonId
    mentioned_ids: Iterable[PersonId]
    files: Sequence[Attachment] = ()
    options: Sequence[str] = ()
    pinned: bool = False

    @classmethod
    def of(cls, new_message: NewMessage) -> "IndexDocument":
        """The content of a message that was just stored."""
        return cls(
            new_message.text,
            new_message.author.id,
            new_message.mentions,
            new_message.files,
            new_message.options,
        )

    def tokens(self, readable_room: ReadableRoom) -> str:
        """The tokens and facts, separated by spaces."""
        facts = [f"_r{readable_room.room_id} _a{self.author_id}"]
        if readable_room.is_public:
            facts.append(_PUBLIC)
        if _URL.search(self.text):
            facts.append(_LINK)
        if self.pinned:
            facts.append(_PINNED)
        if self.files:
            facts.append(_FILE)
        if any(each.is_picture for each in self.files):
            facts.append(_IMAGE)
        facts += (f"_m{person}" for person in sorted(self.mentioned_ids))
        texts = [self.text, *(each.name for each in self.files), *self.options]
        tokens = map(index_tokens, texts)
        return " ".join([*chain(*tokens), *facts])


@dataclass(frozen=True, slots=True)
class Span:
    """The messages that a query is about: ids from `first_id` to before `end_id`, and times.

    The times are timestamps, the second one is excluded.
    """

    first_id: int
    end_id: int
    since: int
    until: int

    @classmethod
    def of(cls, connection: Connection, query: Query, before_id: int | None) -> "Span":
        """The span of a query; `before_id` is the last id of the page before."""
        since = 0 if query.since is None else timestamps.to_microseconds(query.since)
        until = MAX_INTEGER if query.until is None else timestamps.to_microseconds(query.until)
        first_id = 0 if query.since is None else _first_id_at(connection, since - _CLOCK_TOLERANCE)
        end_id = (
            MAX_INTEGER
            if query.until is None
            else _first_id_at(connection, until + _CLOCK_TOLERANCE)
        )
        end_id = end_id if before_id is None else max(min(end_id, before_id), 0)
        return cls(first_id, end_id, since, until)


@dataclass(frozen=True, slots=True)
class Conditions:
    """A query as terms and facts. All of `terms` and `facts` are needed, one of each group of
    `any_facts`, and none of the excluded ones. The last group is that of the rooms: the largest."""

    terms: tuple[Term, ...]
    facts: tuple[str, ...]
    any_facts: tuple[tuple[str, ...], ...]
    excluded_terms: tuple[Term, ...]
    excluded_facts: tuple[str, ...]

    @classmethod
    def of(cls, connection: Connection, query: Query, person_id: PersonId) -> "Conditions | None":
        """The conditions for what a person may read; None if nothing can match."""
        room_facts = _readable_room_facts(connection, query, person_id)
        author_facts = _author_facts(connection, query.authors)
        if not room_facts or (query.authors and not author_facts):
            return None
        facts = {
            "has_link": _LINK,
            "has_file": _FILE,
            "has_image": _IMAGE,
            "pinned": _PINNED,
            "mentions_me": f"_m{person_id}",
        }
        excluded_facts = [facts[name] for name in query.excluded_facts]
        excluded_facts += _author_facts(connection, query.excluded_authors)
        if query.excluded_rooms:
            excluded_facts += _rooms_named(connection, query.excluded_rooms, person_id)
        return cls(
            query.terms,
            tuple(fact for name, fact in facts.items() if getattr(query, name)),
            tuple(tuple(group) for group in (author_facts, room_facts) if group),
            query.excluded_terms,
            tuple(excluded_facts),
        )


def documents_after(connection: Connection, last_id: int, limit: int) -> Iterator[tuple[int, str]]:
    """The first `limit` searchable messages after an id, each with its tokens and facts."""
    statement = _SELECT_DOCUMENTS.where(_message.id > last_id).order_by(_message.id).limit(limit)
    return _documents(connection, connection.execute(statement).all())


def document_of(connection: Connection, message_id: int) -> Iterator[tuple[int, str]]:
    """A message with its tokens and facts; nothing if it is not searchable."""
    rows = connection.execute(_SELECT_DOCUMENT, {"the_message": message_id}).all()
    return _documents(connection, rows)


def _documents(connection: Connection, rows: Sequence[Any]) -> Iterator[tuple[int, str]]:
    if not rows:
        return
    mentions: dict[int, list[PersonId]] = {}
    ends = {"first": rows[0].id, "last": rows[-1].id}
    for row in connection.execute(_SELECT_MENTIONS, ends):
        mentions.setdefault(row.message, []).append(row.person)
    attachments = files.for_messages(connection, [row.id for row in rows if row.files])
    options = polls.option_texts(connection, [row.id for row in rows if row.options])
    for row in rows:
        readable_room = ReadableRoom(row.base, row.kind == RoomKind.PUBLIC.value)
        annotations = mentions.get(row.id, ()), attachments.get(row.id, ()), options.get(row.id, ())
        document = IndexDocument(row.text, row.author, *annotations, bool(row.pinned))
        yield row.id, document.tokens(readable_room)


def _readable_room_facts(connection: Connection, query: Query, person_id: PersonId) -> list[str]:
    """The room facts of the rooms that the person may read and the query asks for."""
    if query.room_ids is not None:
        here = [f"_r{each}" for each in sorted(query.room_ids)]
        named = _rooms_named(connection, query.rooms, person_id) if query.rooms else here
        return [each for each in here if each in named]
    if query.rooms:
        return _rooms_named(connection, query.rooms, person_id)
    the_person = {"the_person": person_id}
    if rooms.is_guest(connection, person_id):
        return [f"_r{row.room}" for row in connection.execute(_SELECT_ALL_OWN_ROOMS, the_person)]
    own_rooms = connection.execute(_SELECT_OWN_ROOMS, the_person)
    return [_PUBLIC, *(f"_r{row.room}" for row in own_rooms)]


def _rooms_named(connection: Connection, names: Sequence[str], person_id: PersonId) -> list[str]:
    """The room facts of the readable rooms with one of these names, which are search keys."""
    room_keys = set(names)
    readable = rooms.readable_rooms(connection, person_id)
    keys_by_room = ((room, {search_key(room.slug), search_key(title)}) for room, title in readable)
    return [f"_r{room.id}" for room, called in keys_by_room if called & room_keys]


def _author_facts(connection: Connection, names: Sequence[str]) -> list[str]:
    """The facts of the people with one of these names, which are search keys."""
    facts: list[str] = []
    for name in dict.fromkeys(names):
        rows = connection.execute(_SELECT_PEOPLE_NAMED, {"the_name": name})
        facts += (f"_a{row.id}" for row in rows if search_key(row.name) == name)
    return facts


def _first_id_at(connection: Connection, microseconds: int) -> int:
    """The id of the first message at a time or later, by bisection: ids grow with time."""
    low, high = 0, (connection.execute(_SELECT_LAST_ID).scalar_one() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(_SELECT_NEXT, {"the_message": middle}).one()
        if row.at >= microseconds:
            high = middle
        else:
            low = row.id + 1
    return int(low)


class _HasMoreThanAscii(FunctionElement[bool]):
    """Whether a text has a character that is not printable ASCII."""

    type = Boolean()
    inherit_cache = True


@compiles(_HasMoreThanAscii, "sqlite")
def _in_sqlite(element: _HasMoreThanAscii, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"({compiler.process(element.clauses, **kwargs)} GLOB '*[^ -~]*')"


@compiles(_HasMoreThanAscii, "postgresql")
def _in_postgresql(element: _HasMoreThanAscii, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"({compiler.process(element.clauses, **kwargs)} ~ '[^ -~]')"


def _has_more_than_ascii(text: ColumnElement[str]) -> ColumnElement[bool]:
    return _HasMoreThanAscii(text)


# Built once: building such a statement takes as long as running it.
_base = schema.room.alias()
# A message that is being written is indexed when it is complete.
_SELECT_DOCUMENTS = (
    select(
        _message.id,
        _message.text,
        _message.files,
        _message.options,
        _message.author,
        _message.pinned_at.is_not(None).label("pinned"),
        _base.c.id.label("base"),
        _base.c.kind,
    )
    .join(schema.room, _room.id == _message.room)
    .join(_base, _base.c.id == func.coalesce(_room.parent_room, _room.id))
    .where(
        _message.kind == MessageKind.TEXT.value,
        _message.deleted_at.is_(None),
        or_(_message.state.is_(None), _message.state != StreamState.STREAMING.value),
    )
)
_SELECT_DOCUMENT = _SELECT_DOCUMENTS.where(_message.id == bindparam("the_message"))
_SELECT_MENTIONS = select(_mention.message, _mention.person).where(
    _mention.message.between(bindparam("first"), bindparam("last"))
)
_SELECT_LAST_ID = select(func.max(_message.id))
_SELECT_NEXT = (
    select(_message.id, _message.at)
    .where(_message.id >= bindparam("the_message"))
    .order_by(_message.id)
    .limit(1)
)
_SELECT_ALL_OWN_ROOMS = select(_member.room).where(_member.person == bindparam("the_person"))
_SELECT_OWN_ROOMS = _SELECT_ALL_OWN_ROOMS.join(schema.room, _room.id == _member.room).where(
    _room.kind.in_([RoomKind.PRIVATE.value, RoomKind.DIRECT.value])
)
# The search key of an ASCII name is its lower case; all other names are compared in Python.
_SELECT_PEOPLE_NAMED = select(_person.id, _person.name).where(
    or_(func.lower(_person.name) == bindparam("the_name"), _has_more_than_ascii(_person.name))
)
