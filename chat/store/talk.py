"""Messages as rows: to say, edit, delete and read them, each within one transaction."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    Select,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy import delete as delete_from

from chat.errors import NoSuchMessage
from chat.messages import (
    Changed,
    Draft,
    Earlier,
    History,
    Kind,
    Message,
    Person,
    PersonId,
    RoomId,
)
from chat.store import schema

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_message = schema.message.c


def say(connection: Connection, draft: Draft) -> Message:
    """Store `draft` under its room's next number, unless its author sent it before."""
    said = {"author": draft.author.id, "client_id": draft.client_id}
    twin = connection.execute(_TWIN, said).first()
    if twin is not None:
        return message_of(twin._mapping)
    number, event = connection.execute(_NEXT_NUMBER, {"the_room": draft.room}).one()
    at = microseconds(datetime.now(UTC))
    more = {"room": draft.room, "number": number, "at": at, "event": event}
    text = {"kind": draft.kind.value, "text": draft.text}
    connection.execute(_SAY, said | more | text)
    return Message(draft.room, number, draft.author, draft.kind, draft.text, _time(at), event)


def edit(connection: Connection, room: RoomId, number: int, author: PersonId, text: str) -> Changed:
    """Give an own message another text, and keep the one that it had. Raises NoSuchMessage."""
    row = _own(connection, room, number, author)
    if row["text"] != text:
        since = row["edited_at"] or row["at"]
        had = insert(schema.earlier).values(message=row["id"], text=row["text"], at=since)
        connection.execute(had)
        at = microseconds(datetime.now(UTC))
        _change(connection, row, text=text, edited_at=at)
    return _pair(connection, room, number)


def delete(connection: Connection, room: RoomId, number: int, author: PersonId) -> Changed:
    """Take an own message's texts away for good. Raises NoSuchMessage."""
    row = _own(connection, room, number, author)
    connection.execute(delete_from(schema.earlier).where(schema.earlier.c.message == row["id"]))
    _change(connection, row, text="", deleted_at=microseconds(datetime.now(UTC)))
    return _pair(connection, room, number)


def earlier(connection: Connection, room: RoomId, number: int) -> tuple[Earlier, ...]:
    """What a message said before it was edited, oldest first."""
    wanted = (
        select(schema.earlier.c.text, schema.earlier.c.at)
        .join(schema.message, _message.id == schema.earlier.c.message)
        .where(_message.room == room, _message.number == number)
        .order_by(schema.earlier.c.id)
    )
    return tuple(Earlier(row.text, _time(row.at)) for row in connection.execute(wanted))


def changes(connection: Connection, room: RoomId, event: int, limit: int) -> tuple[Changed, ...]:
    """The messages to which something happened after `event`, in that order."""
    wanted = _messages(room).where(_message.event > event).order_by(_message.event).limit(limit)
    found = [message_of(row._mapping) for row in connection.execute(wanted)]
    return tuple(Changed(each, _at(connection, room, each.number - 1)) for each in found)


def last_own(connection: Connection, room: RoomId, author: PersonId) -> Message | None:
    """What this author said last and did not delete."""
    wanted = (
        _messages(room)
        .where(
            _message.author == author,
            _message.kind == Kind.TEXT.value,
            _message.deleted_at.is_(None),
        )
        .order_by(_message.number.desc())
        .limit(1)
    )
    row = connection.execute(wanted).first()
    return None if row is None else message_of(row._mapping)


def last_event(connection: Connection, room: RoomId) -> int:
    """The number of what happened in a room last."""
    return int(connection.execute(_LAST_EVENT, {"the_room": room}).scalar_one())


def backwards(
    connection: Connection, room: RoomId, condition: ColumnElement[bool] | None, limit: int
) -> History:
    """The last `limit` messages, and one more to know what stands before them."""
    wanted = _messages(room).order_by(_message.number.desc()).limit(limit + 1)
    if condition is not None:
        wanted = wanted.where(condition)
    event = last_event(connection, room)
    rows = reversed(connection.execute(wanted).all())
    found = [message_of(row._mapping) for row in rows]
    previous = found.pop(0) if len(found) > limit else None
    return History(tuple(found), previous, previous is not None, event=event)


def forwards(connection: Connection, room: RoomId, number: int, limit: int) -> History:
    """The page that begins just after `number`."""
    wanted = (
        _messages(room).where(_message.number >= number).order_by(_message.number).limit(limit + 2)
    )
    event = last_event(connection, room)
    found = [message_of(row._mapping) for row in connection.execute(wanted)]
    known = bool(found) and found[0].number == number
    previous, rest = (found[0], found[1:]) if known else (None, found)
    more = len(rest) > limit
    return History(tuple(rest[:limit]), previous, previous is not None, more, event)


def message_of(row: RowMapping) -> Message:
    """A message from its row, with its author's name."""
    author = Person(row["author"], row["name"])
    edited = row["edited_at"]
    return Message(
        row["room"],
        row["number"],
        author,
        Kind(row["kind"]),
        row["text"],
        _time(row["at"]),
        row["event"],
        None if edited is None else _time(edited),
        row["deleted_at"] is not None,
    )


def microseconds(moment: datetime) -> int:
    """Since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def _time(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND


def _own(connection: Connection, room: RoomId, number: int, author: PersonId) -> RowMapping:
    wanted = select(schema.message).where(
        _message.room == room,
        _message.number == number,
        _message.author == author,
        _message.kind == Kind.TEXT.value,
        _message.deleted_at.is_(None),
    )
    row = connection.execute(wanted).first()
    if row is None:
        raise NoSuchMessage
    return row._mapping


def _change(connection: Connection, row: RowMapping, **values: Any) -> None:
    event = connection.execute(_NEXT_EVENT, {"the_room": row["room"]}).scalar_one()
    changed = update(schema.message).where(_message.id == row["id"]).values(event=event, **values)
    connection.execute(changed)


def _pair(connection: Connection, room: RoomId, number: int) -> Changed:
    message = _at(connection, room, number)
    assert message is not None, "it was there in this transaction"
    return Changed(message, _at(connection, room, number - 1))


def _at(connection: Connection, room: RoomId, number: int) -> Message | None:
    row: Row[Any] | None = connection.execute(
        _messages(room).where(_message.number == number)
    ).first()
    return None if row is None else message_of(row._mapping)


def _messages(room: RoomId | None) -> Select[Any]:
    wanted = select(schema.message, schema.person.c.name).join(
        schema.person, schema.person.c.id == _message.author
    )
    return wanted if room is None else wanted.where(_message.room == room)


# The statements of each message, written once: to write them anew costs as much as to run them.
_TWIN = _messages(None).where(
    _message.author == bindparam("author"), _message.client_id == bindparam("client_id")
)
_NEXT_NUMBER = (
    update(schema.room)
    .where(schema.room.c.id == bindparam("the_room"))
    .values(last_number=schema.room.c.last_number + 1, last_event=schema.room.c.last_event + 1)
    .returning(schema.room.c.last_number, schema.room.c.last_event)
)
_NEXT_EVENT = (
    update(schema.room)
    .where(schema.room.c.id == bindparam("the_room"))
    .values(last_event=schema.room.c.last_event + 1)
    .returning(schema.room.c.last_event)
)
_LAST_EVENT = select(schema.room.c.last_event).where(schema.room.c.id == bindparam("the_room"))
_SAY = insert(schema.message)
