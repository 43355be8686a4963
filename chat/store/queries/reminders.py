"""Reminders of messages as rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from chat.errors import NoSuchMessage, TooLateToChange, TooManyReminders
from chat.model.later import Reminder
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store import schema, timestamps
from chat.store.queries import messages, rooms

_reminder = schema.reminder.c


def add(
    connection: Connection,
    person_id: PersonId,
    room_id: RoomId,
    number: int,
    due_at: datetime,
    limit: int,
) -> None:
    """Set the reminder of a message, in place of an earlier one.

    Raises NoSuchMessage and TooManyReminders.
    """
    row = messages.find_row(connection, room_id, number)
    if row is None or row["deleted_at"] is not None:
        raise NoSuchMessage
    own = _reminder.person == person_id
    values = {"due_at": timestamps.to_microseconds(due_at), "is_due": 0}
    same = update(schema.reminder).where(own, _reminder.message == row["id"]).values(**values)
    if connection.execute(same).rowcount:
        return
    count = select(func.count()).select_from(schema.reminder).where(own)
    if connection.execute(count).scalar_one() >= limit:
        raise TooManyReminders(limit)
    values |= {"person": person_id, "message": row["id"]}
    connection.execute(insert(schema.reminder).values(**values))


def of_person(connection: Connection, person_id: PersonId) -> tuple[Reminder, ...]:
    """The reminders of a person, the next one first, except of messages that they may not read."""
    return _load(connection, _select().where(_reminder.person == person_id))


def due(connection: Connection, moment: datetime, limit: int) -> tuple[Reminder, ...]:
    """The reminders that become due by now."""
    return _load(connection, _select().where(_is_waiting(), _is_reached(moment)).limit(limit))


def due_count(connection: Connection, person_id: PersonId) -> int:
    """The number of a person's reminders that are marked as due."""
    own = (_reminder.person == person_id) & (_reminder.is_due == 1)
    statement = select(func.count()).select_from(schema.reminder).where(own)
    return int(connection.execute(statement).scalar_one())


def next_due(connection: Connection) -> datetime | None:
    """When the next reminder becomes due."""
    statement = select(func.min(_reminder.due_at)).where(_is_waiting())
    return timestamps.to_datetime_or_none(connection.execute(statement).scalar_one())


def mark_due(connection: Connection, moment: datetime) -> None:
    """Mark all reminders that are due by now, also those of deleted messages."""
    statement = update(schema.reminder).where(_is_waiting(), _is_reached(moment))
    connection.execute(statement.values(is_due=1))


def change(connection: Connection, person_id: PersonId, reminder_id: int, due_at: datetime) -> None:
    """Move a reminder to another time. Raises TooLateToChange if it is not there any more."""
    values = {"due_at": timestamps.to_microseconds(due_at), "is_due": 0}
    statement = update(schema.reminder).where(_is_own(person_id, reminder_id)).values(**values)
    if not connection.execute(statement).rowcount:
        raise TooLateToChange


def remove(connection: Connection, person_id: PersonId, reminder_id: int) -> None:
    """Delete a reminder, if it is there."""
    connection.execute(delete(schema.reminder).where(_is_own(person_id, reminder_id)))


def remove_all(connection: Connection, person_id: PersonId) -> None:
    """Delete all reminders of a person."""
    connection.execute(delete(schema.reminder).where(_reminder.person == person_id))


def _select() -> Select[Any]:
    message = schema.message.c
    return (
        select(schema.reminder)
        .join(schema.message, message.id == _reminder.message)
        .where(
            message.deleted_at.is_(None),
            rooms.is_readable(message.room, _reminder.person),
        )
        .order_by(_reminder.due_at, _reminder.id)
    )


def _load(connection: Connection, statement: Select[Any]) -> tuple[Reminder, ...]:
    rows = [row._mapping for row in connection.execute(statement)]
    hits = messages.search_hits(connection, [row["message"] for row in rows])
    return tuple(
        Reminder(
            row["id"],
            row["person"],
            hit.room,
            hit.message,
            timestamps.to_datetime(row["due_at"]),
            bool(row["is_due"]),
        )
        for row, hit in zip(rows, hits, strict=True)
    )


def _is_waiting() -> ColumnElement[bool]:
    return _reminder.is_due == 0


def _is_reached(moment: datetime) -> ColumnElement[bool]:
    return _reminder.due_at <= timestamps.to_microseconds(moment)


def _is_own(person_id: PersonId, reminder_id: int) -> ColumnElement[bool]:
    return (_reminder.id == reminder_id) & (_reminder.person == person_id)
