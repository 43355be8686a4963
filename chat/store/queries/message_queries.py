"""Messages as they are read: pages of a room, and what is found across rooms."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    select,
)

from chat.model.events import MessageChanged
from chat.model.messages import Message, MessageKind, MessagePage, Revision
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId
from chat.store import schema, timestamps
from chat.store.queries import annotations, files, polls

_message = schema.message.c


def backwards(
    connection: Connection, room: RoomId, condition: ColumnElement[bool] | None, limit: int
) -> MessagePage:
    """The last `limit` messages, and one more to know what stands before them."""
    wanted = _messages(room).order_by(_message.number.desc()).limit(limit + 1)
    if condition is not None:
        wanted = wanted.where(condition)
    event = last_event(connection, room)
    rows = list(reversed([row._mapping for row in connection.execute(wanted)]))
    found = whole(connection, rows)
    previous = found.pop(0) if len(found) > limit else None
    return MessagePage(tuple(found), previous, previous is not None, change_number=event)


def forwards(connection: Connection, room: RoomId, number: int, limit: int) -> MessagePage:
    """The page that begins just after `number`."""
    wanted = (
        _messages(room).where(_message.number >= number).order_by(_message.number).limit(limit + 2)
    )
    event = last_event(connection, room)
    found = whole(connection, [row._mapping for row in connection.execute(wanted)])
    known = bool(found) and found[0].number == number
    previous, rest = (found[0], found[1:]) if known else (None, found)
    more = len(rest) > limit
    return MessagePage(tuple(rest[:limit]), previous, previous is not None, more, event)


def around(connection: Connection, room: RoomId, number: int, limit: int) -> MessagePage:
    """The page in whose middle `number` stands."""
    newer = forwards(connection, room, number - 1, limit // 2)
    first = newer.messages[0].number if newer.messages else number
    older = backwards(connection, room, _message.number < first, limit - limit // 2)
    return MessagePage(
        (*older.messages, *newer.messages),
        older.previous,
        older.has_older,
        newer.has_newer,
        newer.change_number,
    )


def earlier(connection: Connection, room: RoomId, number: int) -> tuple[Revision, ...]:
    """What a message said before it was edited, oldest first."""
    if row_of(connection, room, number) is None:
        return ()
    wanted = (
        select(schema.revision.c.text, schema.revision.c.at)
        .join(schema.message, _message.id == schema.revision.c.message)
        .where(_message.room == room, _message.number == number)
        .order_by(schema.revision.c.id)
    )
    found = connection.execute(wanted)
    return tuple(Revision(row.text, timestamps.to_datetime(row.at)) for row in found)


def changes(
    connection: Connection, room: RoomId, event: int, limit: int
) -> tuple[MessageChanged, ...]:
    """The messages to which something happened after `event`, in that order."""
    wanted = (
        select(_message.number)
        .where(_message.room == room, _message.event > event)
        .order_by(_message.event)
        .limit(limit)
    )
    numbers = [row.number for row in connection.execute(wanted)]
    return tuple(changed(connection, room, number) for number in numbers)


def changed(connection: Connection, room: RoomId, number: int) -> MessageChanged:
    """A message with its neighbours, as they are now."""
    beside = _messages(room).where(_message.number.between(number - 1, number + 1))
    found = whole(connection, [row._mapping for row in connection.execute(beside)])
    by_number = {each.number: each for each in found}
    return MessageChanged(by_number[number], by_number.get(number - 1), by_number.get(number + 1))


def last_own(connection: Connection, room: RoomId, author: PersonId) -> Message | None:
    """What this author said last and did not delete; a poll cannot be edited, and is not it."""
    mine = (
        _message.author == author,
        _message.kind == MessageKind.TEXT.value,
        _message.deleted_at.is_(None),
        _message.options == 0,
    )
    wanted = _messages(room).where(*mine).order_by(_message.number.desc()).limit(1)
    row = connection.execute(wanted).first()
    return None if row is None else whole(connection, [row._mapping])[0]


def pinned(connection: Connection, room: RoomId) -> tuple[Message, ...]:
    """What is pinned to a room, the last pinned first."""
    wanted = _messages(room).where(_message.pinned_at.is_not(None))
    rows = connection.execute(wanted.order_by(_message.pinned_at.desc()))
    return tuple(whole(connection, [row._mapping for row in rows]))


def mentions(
    connection: Connection, person: PersonId, before: int | None, limit: int
) -> tuple[tuple[int, Message], ...]:
    """The messages of rooms that a person is in which call them, newest first, each with its id.

    `before` is the id of the last one that is known already.
    """
    wanted = (
        _messages(None)
        .join(schema.mention, schema.mention.c.message == _message.id)
        .join(
            schema.member,
            (schema.member.c.room == _message.room) & (schema.member.c.person == person),
        )
        .where(schema.mention.c.person == person, _message.deleted_at.is_(None))
        .order_by(_message.id.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(_message.id < before)
    rows = [row._mapping for row in connection.execute(wanted)]
    return tuple(zip([row["id"] for row in rows], whole(connection, rows), strict=True))


def of_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Message]:
    """Messages by their ids."""
    if not ids:
        return {}
    found = connection.execute(_messages(None).where(_message.id.in_(ids)))
    rows = [row._mapping for row in found]
    return dict(zip([row["id"] for row in rows], whole(connection, rows), strict=True))


def number_at(connection: Connection, room: RoomId, at: int) -> int | None:
    """The number of the first message that was sent at this time (microseconds) or later."""
    wanted = select(_message.number).where(_message.room == room, _message.at >= at)
    # In this order one step of the index answers it, also in a long room.
    first = wanted.order_by(_message.at, _message.id).limit(1)
    number: int | None = connection.execute(first).scalar_one_or_none()
    return number


def last_event(connection: Connection, room: RoomId) -> int:
    """The number of what happened in a room last."""
    return int(connection.execute(_LAST_EVENT, {"the_room": room}).scalar_one())


def last_at(connection: Connection, room: RoomId) -> int | None:
    """When something was said last in a room that is not deleted, in microseconds."""
    talk = (_message.kind == MessageKind.TEXT.value, _message.deleted_at.is_(None))
    wanted = select(_message.at).where(_message.room == room, *talk)
    at: int | None = connection.execute(
        wanted.order_by(_message.number.desc()).limit(1)
    ).scalar_one_or_none()
    return at


def row_of(connection: Connection, room: RoomId, number: int) -> RowMapping | None:
    """The row of a message."""
    if not 0 < number < annotations.NUMBERS:
        return None
    found = connection.execute(_ROW, {"the_room": room, "the_number": number}).first()
    return None if found is None else found._mapping


def whole(connection: Connection, rows: Sequence[RowMapping]) -> list[Message]:
    """Messages from their rows, with all that hangs on them."""
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    reactions = annotations.reactions(connection, ids)
    mentions = annotations.mentions(connection, ids)
    answers = [(row["room"], row["quoted"]) for row in rows if row["quoted"] is not None]
    quotes = annotations.quotes(connection, answers)
    attached = files.below(connection, [row["id"] for row in rows if row["files"]])
    asks = {row["id"]: row["closed_at"] is not None for row in rows if row["options"]}
    asked = polls.below(connection, asks)
    return [
        Message(
            row["room"],
            row["number"],
            Person(row["author"], row["name"], row["avatar"]),
            MessageKind(row["kind"]),
            row["text"],
            timestamps.to_datetime(row["at"]),
            row["event"],
            timestamps.to_datetime_or_none(row["edited_at"]),
            row["deleted_at"] is not None,
            row["deleted_at"] is not None and not row["leaves_trace"],
            row["pinned_at"] is not None,
            quotes.get((row["room"], row["quoted"])) if row["deleted_at"] is None else None,
            tuple(reactions.get(row["id"], ())),
            mentions.get(row["id"], frozenset()),
            row["replies"],
            timestamps.to_datetime_or_none(row["last_reply_at"]),
            attached.get(row["id"], ()),
            asked.get(row["id"]),
        )
        for row in rows
    ]


def _messages(room: RoomId | None) -> Select[Any]:
    who = (schema.person.c.name, schema.person.c.avatar)
    wanted = select(schema.message, *who).join(schema.person, schema.person.c.id == _message.author)
    return wanted if room is None else wanted.where(_message.room == room)


# Written once: to write them anew costs as much as to run them.
TWIN = _messages(None).where(
    _message.author == bindparam("author"), _message.client_id == bindparam("client_id")
)
_ROW = select(schema.message).where(
    _message.room == bindparam("the_room"), _message.number == bindparam("the_number")
)
_LAST_EVENT = select(schema.room.c.last_event).where(schema.room.c.id == bindparam("the_room"))
