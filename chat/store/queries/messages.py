"""Messages as rows: to say, edit, delete and mark them, each within one transaction."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, update

from chat.errors import BadPoll, NoSuchMessage, PollClosed
from chat.model.events import MessageChanged
from chat.model.messages import Message, MessageKind, NewMessage
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store import schema, timestamps
from chat.store.queries import annotations, files, message_queries, polls, rooms, search

_message = schema.message.c


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes a message; `any_author` is whether they may touch what others said."""

    person: PersonId
    any_author: bool = False


def say(connection: Connection, draft: NewMessage) -> Message:
    """Store `draft` under its room's next number, unless its author sent it before.

    Raises NoSuchMessage if what it answers is not there.
    """
    return _say(connection, draft)[0]


def reply(connection: Connection, draft: NewMessage) -> tuple[Message, MessageChanged | None]:
    """As `say`, in a thread: the message that it is about has one reply more, if this is new.

    Raises NoSuchMessage if that one is gone.
    """
    message, is_new = _say(connection, draft)
    counts = is_new and message.kind is MessageKind.TEXT
    return message, _count(connection, draft.room_id, 1) if counts else None


def edit(
    connection: Connection,
    room: RoomId,
    number: int,
    author: PersonId,
    text: str,
    mentions: frozenset[PersonId],
) -> tuple[MessageChanged, ...]:
    """Give an own message another text, and keep the one that it had; what quotes it changes too.

    Raises NoSuchMessage, and BadPoll for a poll.
    """
    row = _talk(connection, room, number, Actor(author))
    if row["options"]:
        raise BadPoll(
            "A poll is not edited: people voted on what it says. Delete it, and ask anew."
        )
    if row["text"] == text:
        return (message_queries.changed(connection, room, number),)
    since = row["edited_at"] or row["at"]
    had = insert(schema.revision).values(message=row["id"], text=row["text"], at=since)
    connection.execute(had)
    with search.renewed(connection, row["id"]):
        annotations.call(connection, row["id"], mentions)
        _change(connection, row, text=text, edited_at=timestamps.now())
    changes = _with_quoting(connection, row)
    rooms.entitle(connection, room, number, changes[0].message.preview)
    return changes


def delete(
    connection: Connection, room: RoomId, number: int, actor: Actor
) -> tuple[MessageChanged, ...]:
    """Take a message away for good, with its files; where something hangs on it, it leaves a trace.

    Raises NoSuchMessage.
    """
    row = _talk(connection, room, number, actor)
    trace = bool(row["replies"] or annotations.quoting(connection, row))
    search.unindex(connection, row["id"])
    annotations.clear(connection, row["id"])
    if row["files"]:
        files.detach(connection, row["id"])
    if row["options"]:
        polls.clear(connection, row["id"])
    gone = {"text": "", "files": 0, "options": 0, "deleted_at": timestamps.now(), "pinned_at": None}
    _change(connection, row, **gone, leaves_trace=int(trace))
    rooms.entitle(connection, room, number, "")
    above = _count(connection, room, -1)
    return (*_with_quoting(connection, row), *(() if above is None else (above,)))


def react(
    connection: Connection, room: RoomId, number: int, person: PersonId, emoji: str
) -> MessageChanged:
    """Put an emoji below a message, or take one's own away. Raises NoSuchMessage, BadReaction."""
    row = _talk(connection, room, number)
    annotations.react(connection, row["id"], person, emoji)
    _change(connection, row)
    return message_queries.changed(connection, room, number)


def vote(
    connection: Connection, room: RoomId, number: int, person: PersonId, option: int
) -> MessageChanged:
    """Vote in a poll, or take that vote back. Raises NoSuchMessage, PollClosed."""
    row = _talk(connection, room, number)
    if not 0 <= option < row["options"]:
        raise NoSuchMessage
    if row["closed_at"] is not None:
        raise PollClosed
    polls.vote(connection, row["id"], option, person)
    _change(connection, row)
    return message_queries.changed(connection, room, number)


def close_poll(connection: Connection, room: RoomId, number: int, actor: Actor) -> MessageChanged:
    """Let nobody vote any more. Raises NoSuchMessage."""
    row = _talk(connection, room, number, actor)
    if not row["options"]:
        raise NoSuchMessage
    if row["closed_at"] is None:
        _change(connection, row, closed_at=timestamps.now())
    return message_queries.changed(connection, room, number)


def pin(connection: Connection, room: RoomId, number: int, pinned: bool) -> MessageChanged:
    """Pin a message to its room, or take it down. Raises NoSuchMessage."""
    row = _talk(connection, room, number)
    if pinned != (row["pinned_at"] is not None):
        with search.renewed(connection, row["id"]):
            _change(connection, row, pinned_at=timestamps.now() if pinned else None)
    return message_queries.changed(connection, room, number)


def _say(connection: Connection, draft: NewMessage) -> tuple[Message, bool]:
    said = {"author": draft.author.id, "client_id": draft.client_id}
    twin = connection.execute(message_queries.TWIN, said).first()
    if twin is not None:
        return message_queries.whole(connection, [twin._mapping])[0], False
    quote = annotations.quote(connection, draft.room_id, draft.quoted_number)
    if draft.quoted_number is not None and (quote is None or not quote.text):
        raise NoSuchMessage
    place = connection.execute(_NEXT_NUMBER, {"the_room": draft.room_id}).one()
    number, event = place.last_number, place.last_event
    at = timestamps.now()
    more = {"room": draft.room_id, "number": number, "at": at, "event": event}
    text = {"kind": draft.kind.value, "text": draft.text, "quoted": draft.quoted_number}
    hangs = {"files": len(draft.files), "options": len(draft.options)}
    stored = connection.execute(_SAY, {**said, **more, **text, **hangs})
    assert stored.inserted_primary_key is not None, "a message has a key"
    key = stored.inserted_primary_key[0]
    if draft.mentions:
        annotations.call(connection, key, draft.mentions)
    if draft.files:
        files.attach(connection, key, draft)
    poll = polls.hang(connection, key, draft.options) if draft.options else None
    if draft.kind is MessageKind.TEXT:
        search.index(connection, key, search.base(connection, place._mapping), draft)
    message = Message(
        draft.room_id,
        number,
        draft.author,
        draft.kind,
        draft.text,
        timestamps.to_datetime(at),
        event,
        quote=quote,
        mentions=draft.mentions,
        files=draft.files,
        poll=poll,
    )
    return message, True


def _talk(
    connection: Connection, room: RoomId, number: int, actor: Actor | None = None
) -> RowMapping:
    """The row of a message that something can be done with. Raises NoSuchMessage."""
    row = message_queries.row_of(connection, room, number)
    is_talk = (
        row is not None and row["kind"] == MessageKind.TEXT.value and row["deleted_at"] is None
    )
    if row is None or not is_talk:
        raise NoSuchMessage
    if actor is not None and not actor.any_author and row["author"] != actor.person:
        raise NoSuchMessage
    return row


def _with_quoting(connection: Connection, row: RowMapping) -> tuple[MessageChanged, ...]:
    """What changed, and the messages that quote it, which have changed with it."""
    room, number = row["room"], row["number"]
    numbers = [number]
    for each in annotations.quoting(connection, row):
        _touch(connection, room, each)
        numbers.append(each)
    return tuple(message_queries.changed(connection, room, each) for each in numbers)


def _count(connection: Connection, thread: RoomId, more: int) -> MessageChanged | None:
    """So many replies more or less below the message that a thread is about."""
    wanted = schema.room.select().where(schema.room.c.id == thread)
    room = connection.execute(wanted).one()._mapping
    if room["parent_room"] is None:
        return None
    parent = message_queries.row_of(connection, room["parent_room"], room["parent_number"])
    assert parent is not None, "a message is never taken out of its table"
    if more > 0 and parent["deleted_at"] is not None and not parent["leaves_trace"]:
        raise NoSuchMessage
    last = message_queries.last_at(connection, thread)
    _change(connection, parent, replies=_message.replies + more, last_reply_at=last)
    return message_queries.changed(connection, parent["room"], parent["number"])


def _change(connection: Connection, row: RowMapping, **values: Any) -> None:
    event = connection.execute(_NEXT_EVENT, {"the_room": row["room"]}).scalar_one()
    changed = update(schema.message).where(_message.id == row["id"]).values(event=event, **values)
    connection.execute(changed)


def _touch(connection: Connection, room: RoomId, number: int) -> None:
    row = message_queries.row_of(connection, room, number)
    assert row is not None, "it was found in this transaction"
    _change(connection, row)


_PLACE = ("id", "kind", "parent_room", "last_number", "last_event")

# The statements of each message, written once: to write them anew costs as much as to run them.
_NEXT_NUMBER = (
    update(schema.room)
    .where(schema.room.c.id == bindparam("the_room"))
    .values(last_number=schema.room.c.last_number + 1, last_event=schema.room.c.last_event + 1)
    .returning(*(schema.room.c[name] for name in _PLACE))
)
_NEXT_EVENT = (
    update(schema.room)
    .where(schema.room.c.id == bindparam("the_room"))
    .values(last_event=schema.room.c.last_event + 1)
    .returning(schema.room.c.last_event)
)
_SAY = insert(schema.message)
