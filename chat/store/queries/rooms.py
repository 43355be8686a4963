"""Rooms as rows: their members, read positions and unread counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import count
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    ScalarSelect,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from chat.errors import NoSuchRoom, SlugTaken, TitleTaken
from chat.model.messages import MessageKind
from chat.model.moderation import Role
from chat.model.people import Person, PersonId
from chat.model.rooms import (
    Membership,
    NewRoom,
    NotificationLevel,
    RoomId,
    RoomInfo,
    RoomKind,
    RoomSummary,
)
from chat.store import schema, timestamps
from chat.store.queries import blocks
from chat.store.rows import PERSON_COLUMNS, person_from_row, room_from_row
from chat.store.search_index import ReadableRoom
from chat.text.names import name_key
from chat.text.room_names import thread_title, title_with_suffix, with_suffix

# The kinds of rooms that people name. No two of these that a person may read get the same title.
TITLED_KINDS = (RoomKind.PUBLIC, RoomKind.PRIVATE)

# Unread messages are counted up to here.
UNREAD_LIMIT = 100

# The most values in one statement.
_MAX_PARAMETERS = 500

_room, _member, _message = schema.room.c, schema.member.c, schema.message.c
_role = schema.role.c


def create_room(connection: Connection, new_room: NewRoom) -> RoomInfo:
    """Store a room with its members.

    Raises SlugTaken and TitleTaken for what the creator may know. If a room that they may not read
    has the address, this one gets another one.
    """
    slug, creator_id = new_room.slug, new_room.creator.id
    if find_room(connection, slug) is not None:
        free = free_slug(connection, slug)
        if find_readable_room(connection, slug, creator_id) is not None:
            raise SlugTaken(slug, free)
        slug = free
    if new_room.kind in TITLED_KINDS:
        _require_free_title(connection, new_room.title, creator_id)
    parent_room, parent_number = new_room.thread_root or (None, None)
    statement = insert(schema.room).values(
        slug=slug,
        title=new_room.title,
        topic=new_room.topic,
        kind=new_room.kind.value,
        made_by=new_room.creator.id,
        parent_room=parent_room,
        parent_number=parent_number,
        last_number=0,
        last_event=0,
    )
    room = room_from_row(connection.execute(statement.returning(schema.room)).one()._mapping)
    for person in new_room.member_ids:
        connection.execute(insert(schema.member).values(room=room.id, person=person))
    return room


def free_slug(connection: Connection, slug: str) -> str:
    """The first of `slug-2`, `slug-3` … that no room has, within the length limit of a slug."""
    number = 2
    while find_room(connection, free := with_suffix(slug, number)) is not None:
        number += 1
    return free


def _require_free_title(
    connection: Connection, title: str, person_id: PersonId, own_id: RoomId | None = None
) -> None:
    """Raises TitleTaken if another room that a person may read has a title that reads the same."""
    own_rooms = select(_member.room).where(_member.person == person_id)
    statement = select(_room.id, _room.title).where(
        _room.kind.in_([each.value for each in TITLED_KINDS]),
        or_(_room.kind == RoomKind.PUBLIC.value, _room.id.in_(own_rooms)),
    )
    titles = (row.title for row in connection.execute(statement) if row.id != own_id)
    taken_keys = {name_key(each) for each in titles}
    if name_key(title) in taken_keys:
        candidates = (title_with_suffix(title, number) for number in count(2))
        raise TitleTaken(
            title, next(each for each in candidates if name_key(each) not in taken_keys)
        )


def find_room(connection: Connection, id_or_slug: RoomId | str) -> RoomInfo | None:
    """The room with this id or slug."""
    condition = _room.slug == id_or_slug if isinstance(id_or_slug, str) else _room.id == id_or_slug
    row = connection.execute(select(schema.room).where(condition)).first()
    return None if row is None else room_from_row(row._mapping)


def find_readable_room(
    connection: Connection, slug: str, person_id: PersonId, *, is_guest: bool = False
) -> RoomInfo | None:
    """The room with this slug, if a person may read it. A guest reads what they are in.

    One statement, whether there is no such room or one of others.
    """
    base = schema.room.alias()
    is_member = exists().where(_member.room == base.c.id, _member.person == person_id)
    is_public = base.c.kind == RoomKind.PUBLIC.value
    statement = (
        select(schema.room)
        .join(base, base.c.id == func.coalesce(_room.parent_room, _room.id))
        .where(_room.slug == slug, is_member if is_guest else or_(is_public, is_member))
    )
    row = connection.execute(statement).first()
    return None if row is None else room_from_row(row._mapping)


def update_room(
    connection: Connection,
    room_id: RoomId,
    new_title: tuple[str, PersonId] | None,
    topic: str | None,
    archived: bool | None,
    slow_seconds: int | None,
) -> RoomInfo:
    """Change the values that are not None; a new title has the person who gives it.

    Raises TitleTaken.
    """
    title = None
    if new_title is not None:
        title, person_id = new_title
        _require_free_title(connection, title, person_id, room_id)
    values: dict[str, Any] = {"title": title, "topic": topic, "slow_seconds": slow_seconds}
    values = {name: value for name, value in values.items() if value is not None}
    if archived is not None:
        values["archived_at"] = timestamps.now() if archived else None
    statement = update(schema.room).where(_room.id == room_id).values(**values)
    return room_from_row(connection.execute(statement.returning(schema.room)).one()._mapping)


def public_rooms(connection: Connection) -> tuple[RoomInfo, ...]:
    """The public rooms, by title."""
    statement = (
        select(schema.room)
        .where(_room.kind == RoomKind.PUBLIC.value)
        .order_by(func.lower(_room.title), _room.id)
    )
    return tuple(room_from_row(row._mapping) for row in connection.execute(statement))


def public_room_summaries(connection: Connection) -> tuple[RoomSummary, ...]:
    """The public rooms with their members and their last activity, by title."""
    member_count = (
        select(func.count()).where(_member.room == _room.id).correlate(schema.room)
    ).scalar_subquery()
    statement = (
        select(schema.room, member_count.label("member_count"), _last_at().label("last_at"))
        .where(_room.kind == RoomKind.PUBLIC.value)
        .order_by(func.lower(_room.title), _room.id)
    )
    return tuple(
        RoomSummary(
            room_from_row(row._mapping),
            row.member_count,
            timestamps.to_datetime_or_none(row.last_at),
        )
        for row in connection.execute(statement)
    )


def by_ids(connection: Connection, ids: Collection[RoomId]) -> dict[RoomId, RoomInfo]:
    """Rooms by their ids."""
    result = connection.execute(select(schema.room).where(_room.id.in_(ids)))
    return {row.id: room_from_row(row._mapping) for row in result}


def readable_rooms(connection: Connection, person_id: PersonId) -> list[tuple[RoomInfo, str]]:
    """The rooms that a person may read, except threads, with their titles for this person."""
    own_room_ids = select(_member.room).where(_member.person == person_id)
    is_public = _room.kind == RoomKind.PUBLIC.value
    statement = select(schema.room).where(
        _room.kind != RoomKind.THREAD.value,
        (is_public & _is_no_guest(literal(person_id))) | _room.id.in_(own_room_ids),
    )
    rows = connection.execute(statement.order_by(_room.id))
    infos = [room_from_row(row._mapping) for row in rows]
    direct_ids = [room.id for room in infos if room.kind is RoomKind.DIRECT]
    others = _other_members(connection, person_id, direct_ids)
    entries = (
        Membership(room, 0, NotificationLevel.ALL, others=tuple(others[room.id])) for room in infos
    )
    return [(seat.room, seat.title) for seat in entries]


def is_readable(
    room_id: ColumnElement[RoomId], person_id: ColumnElement[PersonId]
) -> ColumnElement[bool]:
    """Whether a person may read a room; for a thread, the room that it is in."""
    room = schema.room.alias().c
    parent_id = select(func.coalesce(room.parent_room, room.id)).where(room.id == room_id)
    return is_base_readable(parent_id.scalar_subquery(), person_id)


def is_base_readable(
    base_id: ColumnElement[Any], person_id: ColumnElement[PersonId]
) -> ColumnElement[bool]:
    """Whether a person may read a room that is no thread: a guest only where they are a member."""
    parent = schema.room.alias().c
    public_ids = select(parent.id).where(parent.kind == RoomKind.PUBLIC.value)
    own_ids = select(_member.room).where(_member.person == person_id)
    return (base_id.in_(public_ids) & _is_no_guest(person_id)) | base_id.in_(own_ids)


def is_guest(connection: Connection, person_id: PersonId) -> bool:
    """Whether a person is a guest of the chat."""
    return connection.execute(_SELECT_GUESTS.where(_role.person == person_id)).first() is not None


def _is_no_guest(person_id: ColumnElement[PersonId]) -> ColumnElement[bool]:
    return person_id.not_in(_SELECT_GUESTS)


def last_number(connection: Connection, room_id: RoomId) -> int:
    """The number of the last message of a room, 0 if there is none."""
    statement = select(_room.last_number).where(_room.id == room_id)
    return connection.execute(statement).scalar_one_or_none() or 0


def readable_room(connection: Connection, room_row: RowMapping) -> ReadableRoom:
    """The room whose access rights apply to the room of this row."""
    kind, parent_id = room_row["kind"], room_row["parent_room"]
    if parent_id is not None:
        kind = connection.execute(_SELECT_KIND, {"the_room": parent_id}).scalar_one()
    room_id = room_row["id"] if parent_id is None else parent_id
    return ReadableRoom(room_id, kind == RoomKind.PUBLIC.value)


def members(connection: Connection, room_id: RoomId) -> tuple[Person, ...]:
    """The members of a room."""
    statement = (
        select(*PERSON_COLUMNS)
        .join(schema.member, _member.person == schema.person.c.id)
        .where(_member.room == room_id)
        .order_by(schema.person.c.id)
    )
    return tuple(person_from_row(row._mapping) for row in connection.execute(statement))


def rooms_in_common(
    connection: Connection, person_id: PersonId, other_id: PersonId, limit: int
) -> tuple[RoomInfo, ...]:
    """At most `limit` public and private rooms that both are members of, by title."""
    own_ids = select(_member.room).where(_member.person == person_id)
    statement = (
        select(schema.room)
        .join(schema.member, _member.room == _room.id)
        .where(
            _member.person == other_id,
            _room.id.in_(own_ids),
            _room.kind.in_([each.value for each in TITLED_KINDS]),
            _room.archived_at.is_(None),
        )
        .order_by(func.lower(_room.title), _room.id)
        .limit(limit)
    )
    return tuple(room_from_row(row._mapping) for row in connection.execute(statement))


def join(connection: Connection, room_id: RoomId, person_id: PersonId) -> bool:
    """Make a person a member who has read everything; False if they were one already."""
    is_member = (_member.room == room_id) & (_member.person == person_id)
    if connection.execute(select(_member.person).where(is_member)).first() is not None:
        return False
    source = select(_room.id, literal(person_id), _room.last_number).where(_room.id == room_id)
    statement = insert(schema.member).from_select(["room", "person", "last_read"], source)
    connection.execute(statement)
    return True


def leave(connection: Connection, room_id: RoomId | None, person_id: PersonId) -> bool:
    """Remove a person from a room and its threads, with their roles there.

    False if they were not a member.

    None means all rooms except direct conversations, whose titles are their members' names, also
    of members who left the chat.
    """
    statement = delete(schema.member).where(_member.person == person_id)
    roles = delete(schema.role).where(_role.person == person_id)
    connection.execute(roles if room_id is None else roles.where(_role.room == room_id))
    if room_id is None:
        direct = select(_room.id).where(_room.kind == RoomKind.DIRECT.value)
        return bool(connection.execute(statement.where(_member.room.not_in(direct))).rowcount)
    threads = select(_room.id).where(_room.parent_room == room_id)
    connection.execute(statement.where(_member.room.in_(threads)))
    return bool(connection.execute(statement.where(_member.room == room_id)).rowcount)


def update_thread_title(connection: Connection, room_id: RoomId, number: int, text: str) -> None:
    """Give the thread about a message a title from its current text."""
    is_thread = (_room.parent_room == room_id) & (_room.parent_number == number)
    connection.execute(update(schema.room).where(is_thread).values(title=thread_title(text)))


def set_notification_level(
    connection: Connection, room_id: RoomId, person_id: PersonId, level: NotificationLevel
) -> None:
    """Set the notification level of a member. Raises NoSuchRoom if they are not a member."""
    is_member = (_member.room == room_id) & (_member.person == person_id)
    result = connection.execute(update(schema.member).where(is_member).values(heed=level.value))
    if not result.rowcount:
        raise NoSuchRoom


def set_favourite(
    connection: Connection, room_id: RoomId, person_id: PersonId, favourite: bool
) -> None:
    """Make a room a favourite of a member, or end that. Raises NoSuchRoom for anybody else."""
    is_member = (_member.room == room_id) & (_member.person == person_id)
    statement = update(schema.member).where(is_member).values(favourite=int(favourite))
    if not connection.execute(statement).rowcount:
        raise NoSuchRoom


def close_conversation(connection: Connection, room_id: RoomId, person_id: PersonId) -> None:
    """Take a room off the list of a member until there is a new message in it."""
    last = select(_room.last_number).where(_room.id == room_id).scalar_subquery()
    is_member = (_member.room == room_id) & (_member.person == person_id)
    connection.execute(update(schema.member).where(is_member).values(closed_at_number=last))


def save_read_positions(
    connection: Connection, positions: Iterable[tuple[RoomId, PersonId, int]]
) -> None:
    """Store read positions: for a room and a person, the number of the last read message."""
    # People who look at the same room have the same read position: one statement for all of them.
    people_by_position = defaultdict[tuple[RoomId, int], list[PersonId]](list)
    for room_id, person_id, number in positions:
        people_by_position[room_id, number].append(person_id)
    for (room_id, number), person_ids in people_by_position.items():
        for first in range(0, len(person_ids), _MAX_PARAMETERS):
            batch = person_ids[first : first + _MAX_PARAMETERS]
            is_member = (_member.room == room_id) & _member.person.in_(batch)
            connection.execute(update(schema.member).where(is_member).values(last_read=number))


def memberships(
    connection: Connection, person_id: PersonId, room_id: RoomId | None = None
) -> tuple[Membership, ...]:
    """The memberships of a person in all rooms, or in one, oldest room first."""
    has_blocked = blocks.has_blocked(connection, person_id)
    statement = _SELECT_MEMBERSHIPS_WITH_BLOCKS if has_blocked else _SELECT_MEMBERSHIPS
    if room_id is not None:
        statement = statement.where(_member.room == room_id)
    rows = connection.execute(statement, {"the_person": person_id}).all()
    unread_mentions = _unread_mentions(connection, person_id, room_id)
    direct_ids = [row.id for row in rows if row.kind == RoomKind.DIRECT.value]
    others = _other_members(connection, person_id, direct_ids)
    return tuple(
        Membership(
            room_from_row(row._mapping),
            row.last_read,
            NotificationLevel(row.heed),
            row.unread,
            unread_mentions.get(row.id, 0),
            row.last_number,
            tuple(others[row.id]),
            row.closed_at_number is not None and row.closed_at_number >= row.last_number,
            bool(row.favourite),
            row.draft_room is not None,
            timestamps.to_datetime_or_none(row.last_at),
        )
        for row in rows
    )


def _unread_mentions(
    connection: Connection, person_id: PersonId, room_id: RoomId | None
) -> dict[RoomId, int]:
    """The unread mentions of a person, counted for each room, or for one."""
    statement = (
        _SELECT_UNREAD_MENTIONS
        if room_id is None
        else _SELECT_UNREAD_MENTIONS.where(_member.room == room_id)
    )
    result = connection.execute(statement, {"the_person": person_id})
    return {row.room: row.waiting for row in result}


def _other_members(
    connection: Connection, person_id: PersonId, room_ids: Sequence[RoomId]
) -> dict[RoomId, list[Person]]:
    """The members of these rooms besides a person."""
    by_room = defaultdict[RoomId, list[Person]](list)
    if room_ids:
        statement = (
            select(_member.room, *PERSON_COLUMNS)
            .join(schema.person, schema.person.c.id == _member.person)
            .where(_member.room.in_(room_ids), _member.person != person_id)
            .order_by(schema.person.c.id)
        )
        for row in connection.execute(statement):
            by_room[row.room].append(person_from_row(row._mapping))
    return by_room


def _last_at() -> ScalarSelect[Any]:
    """When the last message of a room was sent."""
    return (
        select(_message.at)
        .where(_message.room == _room.id, _message.number == _room.last_number)
        .correlate(schema.room)
    ).scalar_subquery()


def _select_memberships(*, with_blocks: bool) -> Select[Any]:
    """The statement for memberships; `with_blocks` for a person who has blocked others.

    The unread count stops at UNREAD_LIMIT, so that a room that was not read for years costs no
    more.
    """
    unread_rows = (
        select(_message.id)
        .where(
            _message.room == _room.id,
            _message.number > _member.last_read,
            _message.kind == MessageKind.TEXT.value,
            _message.deleted_at.is_(None),
            _message.author != bindparam("the_person"),
            *([blocks.is_shown()] if with_blocks else []),
        )
        .limit(UNREAD_LIMIT)
        .correlate(schema.room, schema.member)
        .subquery()
    )
    unread_count = (
        select(func.count()).select_from(unread_rows).correlate(schema.room, schema.member)
    )
    # Most rooms are read to the end, and need no count.
    unread_or_zero = case(
        (_member.last_read >= _room.last_number, 0), else_=unread_count.scalar_subquery()
    )
    is_thread = _room.kind == RoomKind.THREAD.value
    return (
        select(
            schema.room,
            case((is_thread, _last_at())).label("last_at"),
            _member.last_read,
            _member.heed,
            _member.closed_at_number,
            _member.favourite,
            schema.draft.c.room.label("draft_room"),
            unread_or_zero.label("unread"),
        )
        .join(schema.member, _member.room == _room.id)
        .outerjoin(
            schema.draft,
            (schema.draft.c.room == _member.room) & (schema.draft.c.person == _member.person),
        )
        .where(_member.person == bindparam("the_person"))
        .order_by(_room.id)
    )


_SELECT_GUESTS = select(_role.person).where(_role.room == 0, _role.role == Role.GUEST.value)
_SELECT_KIND = select(_room.kind).where(_room.id == bindparam("the_room"))
_SELECT_MEMBERSHIPS = _select_memberships(with_blocks=False)
_SELECT_MEMBERSHIPS_WITH_BLOCKS = _select_memberships(with_blocks=True)
_SELECT_UNREAD_MENTIONS = (
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
        blocks.is_shown(),
    )
    .group_by(_message.room)
)
