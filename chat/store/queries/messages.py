"""Reading messages: pages of a room, its pinned messages, and messages across rooms."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
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
from chat.model.messages import (
    MentionNames,
    Message,
    MessageKind,
    MessagePage,
    Revision,
    SearchHit,
)
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store import schema, timestamps
from chat.store.queries import annotations, blocks, files, polls, rooms
from chat.store.rows import PROFILE_COLUMNS, Annotations, message_from_row, person_from_row

_message = schema.message.c

_NO_MENTIONS: tuple[frozenset[PersonId], MentionNames] = (frozenset(), ())


def page_before(
    connection: Connection, room_id: RoomId, condition: ColumnElement[bool] | None, limit: int
) -> MessagePage:
    """The page of the last `limit` messages of a room that match the condition."""
    statement = _select_messages(room_id).order_by(_message.number.desc()).limit(limit + 1)
    if condition is not None:
        statement = statement.where(condition)
    change_number = last_change_number(connection, room_id)
    rows = list(reversed([row._mapping for row in connection.execute(statement)]))
    messages = load_messages(connection, rows)
    previous = messages.pop(0) if len(messages) > limit else None
    return MessagePage(tuple(messages), previous, previous is not None, change_number=change_number)


def page_before_number(
    connection: Connection, room_id: RoomId, number: int, limit: int
) -> MessagePage:
    """The page that ends just before `number`."""
    page = page_before(connection, room_id, _message.number < number, limit)
    return replace(page, has_newer=rooms.last_number(connection, room_id) >= number)


def page_after(connection: Connection, room_id: RoomId, number: int, limit: int) -> MessagePage:
    """The page that begins just after `number`."""
    statement = (
        _select_messages(room_id)
        .where(_message.number >= number)
        .order_by(_message.number)
        .limit(limit + 2)
    )
    change_number = last_change_number(connection, room_id)
    messages = load_messages(connection, [row._mapping for row in connection.execute(statement)])
    includes_number = bool(messages) and messages[0].number == number
    previous, newer = (messages[0], messages[1:]) if includes_number else (None, messages)
    has_newer = len(newer) > limit
    return MessagePage(
        tuple(newer[:limit]), previous, previous is not None, has_newer, change_number
    )


def page_around(connection: Connection, room_id: RoomId, number: int, limit: int) -> MessagePage:
    """The page with `number` in its middle."""
    newer = page_after(connection, room_id, number - 1, limit // 2)
    first = newer.messages[0].number if newer.messages else number
    older = page_before(connection, room_id, _message.number < first, limit - limit // 2)
    return MessagePage(
        (*older.messages, *newer.messages),
        older.previous,
        older.has_older,
        newer.has_newer,
        newer.change_number,
    )


def revisions(
    connection: Connection, room_id: RoomId, number: int, skipped: int, limit: int
) -> tuple[Revision, ...]:
    """At most `limit` earlier texts of a message, the latest first, after `skipped` ones."""
    if find_row(connection, room_id, number) is None:
        return ()
    statement = (
        select(schema.revision.c.text, schema.revision.c.at)
        .join(schema.message, _message.id == schema.revision.c.message)
        .where(_message.room == room_id, _message.number == number)
        .order_by(schema.revision.c.id.desc())
        .offset(skipped)
        .limit(limit)
    )
    rows = connection.execute(statement)
    return tuple(Revision(row.text, timestamps.to_datetime(row.at)) for row in rows)


def changes(
    connection: Connection, room_id: RoomId, change_number: int, limit: int
) -> tuple[MessageChanged, ...]:
    """The first `limit` messages changed after `change_number`, in order of change number."""
    statement = (
        select(_message.number)
        .where(_message.room == room_id, _message.event > change_number)
        .order_by(_message.event)
        .limit(limit)
    )
    numbers = [row.number for row in connection.execute(statement)]
    return tuple(load_change(connection, room_id, number, with_quoting=True) for number in numbers)


def load_change(
    connection: Connection, room_id: RoomId, number: int, *, with_quoting: bool = False
) -> MessageChanged:
    """A message and its neighbours as they are now.

    `with_quoting` is for a change after which quotes of the message may differ: it was edited,
    deleted or restored.
    """
    statement = _select_messages(room_id).where(_message.number.between(number - 1, number + 1))
    rows = {row.number: row._mapping for row in connection.execute(statement)}
    messages = load_messages(connection, list(rows.values()))
    by_number = {each.number: each for each in messages}
    message = by_number[number]
    quoting: tuple[int, ...] = ()
    if with_quoting:
        quoting = annotations.numbers_quoting(connection, rows[number])
    return MessageChanged(message, by_number.get(number - 1), by_number.get(number + 1), quoting)


def last_own_message(
    connection: Connection, room_id: RoomId, author_id: PersonId
) -> Message | None:
    """The author's last message that can be edited: not deleted, and not a poll."""
    conditions = (
        _message.author == author_id,
        _message.kind == MessageKind.TEXT.value,
        _message.deleted_at.is_(None),
        _message.options == 0,
    )
    statement = (
        _select_messages(room_id).where(*conditions).order_by(_message.number.desc()).limit(1)
    )
    row = connection.execute(statement).first()
    return None if row is None else load_messages(connection, [row._mapping])[0]


def pinned_messages(
    connection: Connection,
    room_id: RoomId,
    skipped: int,
    limit: int,
    since: datetime | None = None,
) -> tuple[Message, ...]:
    """At most `limit` pinned messages of a room, the last pinned first, after `skipped` ones.

    None of those that were sent before `since`.
    """
    first_at = 0 if since is None else timestamps.to_microseconds(since)
    statement = (
        _select_messages(room_id)
        .where(_message.pinned_at.is_not(None), _message.at >= first_at)
        .order_by(_message.pinned_at.desc(), _message.id.desc())
        .offset(skipped)
        .limit(limit)
    )
    rows = connection.execute(statement)
    return tuple(load_messages(connection, [row._mapping for row in rows]))


def messages_mentioning(
    connection: Connection, person_id: PersonId, before_id: int | None, limit: int
) -> tuple[tuple[int, Message], ...]:
    """The messages that mention a person in their rooms, newest first, each with its id.

    `before_id` is the last id of the page before, None for the first page.
    """
    statement = (
        _select_messages(None)
        .join(schema.mention, schema.mention.c.message == _message.id)
        .join(
            schema.member,
            (schema.member.c.room == _message.room) & (schema.member.c.person == person_id),
        )
        .where(
            schema.mention.c.person == person_id,
            _message.deleted_at.is_(None),
            blocks.is_shown(),
        )
        .order_by(_message.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        statement = statement.where(_message.id < before_id)
    rows = [row._mapping for row in connection.execute(statement, {"the_person": person_id})]
    return tuple(zip([row["id"] for row in rows], load_messages(connection, rows), strict=True))


def by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Message]:
    """Messages by their ids."""
    if not ids:
        return {}
    result = connection.execute(_select_messages(None).where(_message.id.in_(ids)))
    rows = [row._mapping for row in result]
    return dict(zip([row["id"] for row in rows], load_messages(connection, rows), strict=True))


def search_hits(connection: Connection, ids: Sequence[int]) -> tuple[SearchHit, ...]:
    """The messages with these ids and their rooms, in this order."""
    messages = by_ids(connection, ids)
    rooms_by_id = rooms.by_ids(connection, {each.room_id for each in messages.values()})
    return tuple(
        SearchHit(each, rooms_by_id[messages[each].room_id], messages[each]) for each in ids
    )


def number_at(connection: Connection, room_id: RoomId, microseconds: int) -> int | None:
    """The number of the first message that was sent at this time (microseconds) or later."""
    statement = select(_message.number).where(_message.room == room_id, _message.at >= microseconds)
    # With this order, one step in the index finds it, also in a long room.
    first = statement.order_by(_message.at, _message.id).limit(1)
    number: int | None = connection.execute(first).scalar_one_or_none()
    return number


def last_change_number(connection: Connection, room_id: RoomId) -> int:
    """The change number of the last change in a room."""
    return int(connection.execute(_SELECT_LAST_CHANGE_NUMBER, {"the_room": room_id}).scalar_one())


def last_message_at(connection: Connection, room_id: RoomId) -> int | None:
    """The timestamp of the last text in a room that is not deleted."""
    is_text = (_message.kind == MessageKind.TEXT.value, _message.deleted_at.is_(None))
    statement = select(_message.at).where(_message.room == room_id, *is_text)
    at: int | None = connection.execute(
        statement.order_by(_message.number.desc()).limit(1)
    ).scalar_one_or_none()
    return at


def find_row(connection: Connection, room_id: RoomId, number: int) -> RowMapping | None:
    """The row of a message."""
    if not 0 < number < annotations.MESSAGE_NUMBER_LIMIT:
        return None
    row = connection.execute(_SELECT_ROW, {"the_room": room_id, "the_number": number}).first()
    return None if row is None else row._mapping


def is_stored(connection: Connection, author_id: PersonId, client_id: str) -> bool:
    """Whether a message of this author has this client id."""
    identity = {"author": author_id, "client_id": client_id}
    return connection.execute(_SELECT_STORED, identity).first() is not None


def since(
    connection: Connection, author_id: PersonId, moment: datetime, limit: int
) -> tuple[tuple[RoomId, int], ...]:
    """The last `limit` texts of an author since a time: room and number, the newest first."""
    statement = (
        select(_message.room, _message.number)
        .where(
            _message.author == author_id,
            _message.at >= timestamps.to_microseconds(moment),
            _message.kind == MessageKind.TEXT.value,
            _message.deleted_at.is_(None),
        )
        .order_by(_message.id.desc())
        .limit(limit)
    )
    return tuple((row.room, row.number) for row in connection.execute(statement))


def stored_message(connection: Connection, author_id: PersonId, client_id: str) -> Message | None:
    """The message of this author with this client id."""
    identity = {"author": author_id, "client_id": client_id}
    row = connection.execute(SELECT_DUPLICATE, identity).first()
    return None if row is None else load_messages(connection, [row._mapping])[0]


def load_messages(connection: Connection, rows: Sequence[RowMapping]) -> list[Message]:
    """Messages from their rows, with all annotations."""
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    reactions = annotations.reactions(connection, ids)
    mentions = annotations.mentions(connection, ids)
    quoted_keys = [(row["room"], row["quoted"]) for row in rows if row["quoted"] is not None]
    quotes = annotations.quotes(connection, quoted_keys)
    attachments = files.for_messages(connection, [row["id"] for row in rows if row["files"]])
    closed_by_id = {row["id"]: row["closed_at"] is not None for row in rows if row["options"]}
    polls_by_id = polls.for_messages(connection, closed_by_id)
    replied_keys = [(row["room"], row["number"]) for row in rows if row["replies"]]
    repliers = annotations.repliers(connection, replied_keys)
    return [
        message_from_row(
            row,
            person_from_row(row, "author"),
            Annotations(
                quotes.get((row["room"], row["quoted"])),
                tuple(reactions.get(row["id"], ())),
                mentions.get(row["id"], _NO_MENTIONS)[0],
                attachments.get(row["id"], ()),
                polls_by_id.get(row["id"]),
                mentions.get(row["id"], _NO_MENTIONS)[1],
                repliers.get((row["room"], row["number"]), ()),
            ),
        )
        for row in rows
    ]


def _select_messages(room_id: RoomId | None) -> Select[Any]:
    statement = select(schema.message, *PROFILE_COLUMNS).join(
        schema.person, schema.person.c.id == _message.author
    )
    return statement if room_id is None else statement.where(_message.room == room_id)


# Built once: building such a statement takes as long as running it.
SELECT_DUPLICATE = _select_messages(None).where(
    _message.author == bindparam("author"), _message.client_id == bindparam("client_id")
)
_SELECT_STORED = select(_message.id).where(
    _message.author == bindparam("author"), _message.client_id == bindparam("client_id")
)
_SELECT_ROW = select(schema.message).where(
    _message.room == bindparam("the_room"), _message.number == bindparam("the_number")
)
_SELECT_LAST_CHANGE_NUMBER = select(schema.room.c.last_event).where(
    schema.room.c.id == bindparam("the_room")
)
