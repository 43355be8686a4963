"""Rooms as rows: who is in them, what they have read, and what waits for them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from chat.errors import NoSuchRoom, SlugTaken
from chat.model.messages import MessageKind
from chat.model.people import Person, PersonId
from chat.model.rooms import Membership, NewRoom, NotificationLevel, RoomId, RoomInfo, RoomKind
from chat.store import schema, timestamps
from chat.text.room_names import thread_title, with_suffix

# Unread messages are counted up to here.
UNREAD_LIMIT = 100

# So many values one statement takes.
_AT_ONCE = 500

_room, _member, _message = schema.room.c, schema.member.c, schema.message.c


def make(connection: Connection, new: NewRoom) -> RoomInfo:
    """Store a room with its members. Raises SlugTaken."""
    if find(connection, new.slug) is not None:
        raise SlugTaken(new.slug, free_slug(connection, new.slug))
    parent_room, parent_number = new.thread_root or (None, None)
    row = insert(schema.room).values(
        slug=new.slug,
        title=new.title,
        topic=new.topic,
        kind=new.kind.value,
        made_by=new.creator.id,
        parent_room=parent_room,
        parent_number=parent_number,
        last_number=0,
        last_event=0,
    )
    room = connection.execute(row.returning(_room.id)).scalar_one()
    for person in new.member_ids:
        connection.execute(insert(schema.member).values(room=room, person=person))
    return RoomInfo(room, new.slug, new.title, new.topic, new.kind, new.thread_root, new.creator.id)


def free_slug(connection: Connection, slug: str) -> str:
    """The first of `slug-2`, `slug-3` … that no room has; it is a title that may be given, too."""
    number = 2
    while find(connection, free := with_suffix(slug, number)) is not None:
        number += 1
    return free


def find(connection: Connection, room: RoomId | str) -> RoomInfo | None:
    """The room with this id or slug."""
    this = _room.slug == room if isinstance(room, str) else _room.id == room
    row = connection.execute(select(schema.room).where(this)).first()
    return None if row is None else room_of(row._mapping)


def change(
    connection: Connection,
    room: RoomId,
    title: str | None,
    topic: str | None,
    archived: bool | None,
) -> RoomInfo:
    """Change what is not None."""
    values: dict[str, Any] = {"title": title, "topic": topic}
    values = {name: value for name, value in values.items() if value is not None}
    if archived is not None:
        values["archived_at"] = timestamps.now() if archived else None
    changed = update(schema.room).where(_room.id == room).values(**values)
    return room_of(connection.execute(changed.returning(schema.room)).one()._mapping)


def listed(connection: Connection) -> tuple[RoomInfo, ...]:
    """The public rooms in order of title."""
    wanted = (
        select(schema.room)
        .where(_room.kind == RoomKind.PUBLIC.value)
        .order_by(func.lower(_room.title), _room.id)
    )
    return tuple(room_of(row._mapping) for row in connection.execute(wanted))


def of_ids(connection: Connection, ids: Collection[RoomId]) -> dict[RoomId, RoomInfo]:
    """Rooms by their ids."""
    found = connection.execute(select(schema.room).where(_room.id.in_(ids)))
    return {row.id: room_of(row._mapping) for row in found}


def readable(connection: Connection, person: PersonId) -> list[tuple[RoomInfo, str]]:
    """The rooms that a person may read, threads aside, with what they are called for them."""
    mine = select(_member.room).where(_member.person == person)
    wanted = select(schema.room).where(
        _room.kind != RoomKind.THREAD.value,
        (_room.kind == RoomKind.PUBLIC.value) | _room.id.in_(mine),
    )
    found = [room_of(row._mapping) for row in connection.execute(wanted)]
    direct = [room.id for room in found if room.kind is RoomKind.DIRECT]
    others = _others(connection, person, direct)
    seats = (
        Membership(room, 0, NotificationLevel.ALL, others=tuple(others[room.id])) for room in found
    )
    return [(seat.room, seat.title) for seat in seats]


def members(connection: Connection, room: RoomId) -> tuple[Person, ...]:
    """Who is in a room."""
    wanted = (
        select(schema.person.c.id, schema.person.c.name, schema.person.c.avatar)
        .join(schema.member, _member.person == schema.person.c.id)
        .where(_member.room == room)
        .order_by(schema.person.c.id)
    )
    return tuple(Person(row.id, row.name, row.avatar) for row in connection.execute(wanted))


def join(connection: Connection, room: RoomId, person: PersonId) -> bool:
    """Put a person into a room, with all that was said so far as read; whether it is news."""
    there = (_member.room == room) & (_member.person == person)
    if connection.execute(select(_member.person).where(there)).first() is not None:
        return False
    now = select(_room.id, literal(person), _room.last_number).where(_room.id == room)
    into = insert(schema.member).from_select(["room", "person", "last_read"], now)
    connection.execute(into)
    return True


def leave(connection: Connection, room: RoomId | None, person: PersonId) -> bool:
    """Take a person out of a room and its threads, or of all but direct ones; whether it is news.

    A direct conversation is called by those in it, also by who left the chat.
    """
    gone = delete(schema.member).where(_member.person == person)
    if room is None:
        direct = select(_room.id).where(_room.kind == RoomKind.DIRECT.value)
        return bool(connection.execute(gone.where(_member.room.not_in(direct))).rowcount)
    threads = select(_room.id).where(_room.parent_room == room)
    connection.execute(gone.where(_member.room.in_(threads)))
    return bool(connection.execute(gone.where(_member.room == room)).rowcount)


def entitle(connection: Connection, room: RoomId, number: int, text: str) -> None:
    """The thread about a message is called by what it says now."""
    about = (_room.parent_room == room) & (_room.parent_number == number)
    connection.execute(update(schema.room).where(about).values(title=thread_title(text)))


def heed(connection: Connection, room: RoomId, person: PersonId, what: NotificationLevel) -> None:
    """What of a room is to call a person. Raises NoSuchRoom if they are not in it."""
    there = (_member.room == room) & (_member.person == person)
    done = connection.execute(update(schema.member).where(there).values(heed=what.value))
    if not done.rowcount:
        raise NoSuchRoom


def read(connection: Connection, marks: Iterable[tuple[RoomId, PersonId, int]]) -> None:
    """Up to which number each of these people has read each of these rooms."""
    # Those who look at one room have all read up to the same: one statement for all of them.
    together = defaultdict[tuple[RoomId, int], list[PersonId]](list)
    for room, person, number in marks:
        together[room, number].append(person)
    for (room, number), people in together.items():
        for first in range(0, len(people), _AT_ONCE):
            some = people[first : first + _AT_ONCE]
            there = (_member.room == room) & _member.person.in_(some)
            connection.execute(update(schema.member).where(there).values(last_read=number))


def seats(
    connection: Connection, person: PersonId, room: RoomId | None = None
) -> tuple[Membership, ...]:
    """A person's places, in all rooms or in one, oldest room first."""
    wanted = _SEATS if room is None else _SEATS.where(_member.room == room)
    rows = connection.execute(wanted, {"the_person": person}).all()
    calling = _mentions(connection, person, room)
    direct = [row.id for row in rows if row.kind == RoomKind.DIRECT.value]
    others = _others(connection, person, direct)
    return tuple(
        Membership(
            room_of(row._mapping),
            row.last_read,
            NotificationLevel(row.heed),
            row.unread,
            calling.get(row.id, 0),
            row.last_number,
            tuple(others[row.id]),
        )
        for row in rows
    )


def room_of(row: RowMapping) -> RoomInfo:
    """A room from its row."""
    parent = row["parent_room"]
    return RoomInfo(
        row["id"],
        row["slug"],
        row["title"],
        row["topic"],
        RoomKind(row["kind"]),
        None if parent is None else (parent, row["parent_number"]),
        row["made_by"],
        row["archived_at"] is not None,
    )


def _mentions(connection: Connection, person: PersonId, room: RoomId | None) -> dict[RoomId, int]:
    """How many unread messages of each room, or of one, call a person."""
    wanted = _MENTIONS if room is None else _MENTIONS.where(_member.room == room)
    found = connection.execute(wanted, {"the_person": person})
    return {row.room: row.waiting for row in found}


def _others(
    connection: Connection, person: PersonId, rooms: Sequence[RoomId]
) -> dict[RoomId, list[Person]]:
    """Who is in these rooms besides a person."""
    found = defaultdict[RoomId, list[Person]](list)
    if rooms:
        wanted = (
            select(_member.room, *(schema.person.c[each] for each in ("id", "name", "avatar")))
            .join(schema.person, schema.person.c.id == _member.person)
            .where(_member.room.in_(rooms), _member.person != person)
            .order_by(schema.person.c.id)
        )
        for row in connection.execute(wanted):
            found[row.room].append(Person(row.id, row.name, row.avatar))
    return found


def _seats() -> Select[Any]:
    """The count stops at the limit: a room that nobody read for years costs no more."""
    waiting = (
        select(_message.id)
        .where(
            _message.room == _room.id,
            _message.number > _member.last_read,
            _message.kind == MessageKind.TEXT.value,
            _message.deleted_at.is_(None),
            _message.author != bindparam("the_person"),
        )
        .limit(UNREAD_LIMIT)
        .correlate(schema.room, schema.member)
        .subquery()
    )
    unread = select(func.count()).select_from(waiting).correlate(schema.room, schema.member)
    # Most rooms are read to the end: there nothing has to be counted.
    counted = case((_member.last_read >= _room.last_number, 0), else_=unread.scalar_subquery())
    return (
        select(schema.room, _member.last_read, _member.heed, counted.label("unread"))
        .join(schema.member, _member.room == _room.id)
        .where(_member.person == bindparam("the_person"))
        .order_by(_room.id)
    )


_SEATS = _seats()
_MENTIONS = (
    select(_message.room, func.count().label("waiting"))
    .join(schema.mention, schema.mention.c.message == _message.id)
    .join(
        schema.member, (_member.room == _message.room) & (_member.person == schema.mention.c.person)
    )
    .where(
        schema.mention.c.person == bindparam("the_person"),
        _message.number > _member.last_read,
        _message.author != bindparam("the_person"),
        _message.deleted_at.is_(None),
    )
    .group_by(_message.room)
)
