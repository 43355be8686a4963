"""Saved messages as rows: the messages that a person keeps for later."""

from sqlalchemy import Connection, delete, func, insert, literal, select

from chat.errors import NoSuchMessage, TooManySaved
from chat.model.messages import SearchHit
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store import schema
from chat.store.queries import messages, rooms

_saved = schema.saved.c
_message = schema.message.c


def save(
    connection: Connection, person_id: PersonId, room_id: RoomId, number: int, limit: int
) -> None:
    """Save a message, unless it is saved. Raises NoSuchMessage, and TooManySaved."""
    row = messages.find_row(connection, room_id, number)
    if row is None or row["deleted_at"] is not None:
        raise NoSuchMessage
    is_same = (_saved.person == person_id) & (_saved.message == row["id"])
    if connection.execute(select(_saved.id).where(is_same)).first() is not None:
        return
    count = (
        select(func.count())
        .select_from(schema.saved)
        .join(schema.message, _message.id == _saved.message)
        .where(_saved.person == person_id, _message.deleted_at.is_(None))
    )
    if connection.execute(count).scalar_one() >= limit:
        raise TooManySaved(limit)
    connection.execute(insert(schema.saved).values(person=person_id, message=row["id"]))


def forget(connection: Connection, person_id: PersonId, room_id: RoomId, number: int) -> None:
    """Do not keep a message any more."""
    message_id = select(_message.id).where(_message.room == room_id, _message.number == number)
    is_own = (_saved.person == person_id) & _saved.message.in_(message_id)
    connection.execute(delete(schema.saved).where(is_own))


def is_saved(connection: Connection, person_id: PersonId, room_id: RoomId, number: int) -> bool:
    """Whether a person has saved a message."""
    statement = (
        select(_saved.id)
        .join(schema.message, _message.id == _saved.message)
        .where(_saved.person == person_id, _message.room == room_id, _message.number == number)
    )
    return connection.execute(statement).first() is not None


def page(
    connection: Connection, person_id: PersonId, before_id: int | None, limit: int
) -> tuple[SearchHit, ...]:
    """The saved messages that a person may still read, the last saved first."""
    statement = (
        select(_saved.id, _saved.message)
        .join(schema.message, _message.id == _saved.message)
        .where(
            _saved.person == person_id,
            _message.deleted_at.is_(None),
            rooms.is_readable(_message.room, literal(person_id)),
        )
        .order_by(_saved.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        statement = statement.where(_saved.id < before_id)
    saved_ids = {row.message: row.id for row in connection.execute(statement)}
    found = messages.search_hits(connection, list(saved_ids))
    return tuple(SearchHit(saved_ids[hit.id], hit.room, hit.message) for hit in found)
