"""Texts that are sent later as rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from chat.errors import TooLateToChange, TooManyScheduled
from chat.model.later import NewScheduledText, ScheduledText
from chat.model.people import PersonId
from chat.store import schema, timestamps
from chat.store.queries import drafts, rooms
from chat.store.rows import PROFILE_COLUMNS, person_from_row

_scheduled = schema.scheduled.c


def add(connection: Connection, new: NewScheduledText, limit: int) -> int:
    """Store a text, and delete its draft; returns its id. A repeated client id changes nothing.

    Raises TooManyScheduled.
    """
    own = _scheduled.person == new.author_id
    same = select(_scheduled.id).where(own, _scheduled.client_id == new.client_id)
    found: int | None = connection.execute(same).scalar_one_or_none()
    if found is None:
        count = select(func.count()).select_from(schema.scheduled).where(own)
        if connection.execute(count).scalar_one() >= limit:
            raise TooManyScheduled(limit)
        values = {
            "person": new.author_id,
            "room": new.room_id,
            "text": new.text,
            "client_id": new.client_id,
            "quoted": new.quoted_number,
            "due_at": timestamps.to_microseconds(new.due_at),
        }
        statement = insert(schema.scheduled).values(**values).returning(_scheduled.id)
        found = int(connection.execute(statement).scalar_one())
    if new.draft:
        drafts.delete_if_equal(connection, new.room_id, new.author_id, new.draft)
    return found


def of_person(connection: Connection, person_id: PersonId) -> tuple[ScheduledText, ...]:
    """The texts of a person, the next one first."""
    return _load(connection, _select().where(_scheduled.person == person_id))


def due(connection: Connection, moment: datetime) -> ScheduledText | None:
    """The first text that has to be sent by now; None if there is none."""
    statement = _select().where(_is_waiting(), _scheduled.due_at <= _microseconds(moment))
    found = _load(connection, statement.limit(1))
    return found[0] if found else None


def next_due(connection: Connection) -> datetime | None:
    """When the next text is sent."""
    statement = select(func.min(_scheduled.due_at)).where(_is_waiting())
    return timestamps.to_datetime_or_none(connection.execute(statement).scalar_one())


def change(connection: Connection, person_id: PersonId, text_id: int, due_at: datetime) -> None:
    """Send a text at another time. Raises TooLateToChange if it is not there any more."""
    statement = update(schema.scheduled).where(_is_own(person_id, text_id))
    values = {"due_at": _microseconds(due_at), "problem": ""}
    if not connection.execute(statement.values(**values)).rowcount:
        raise TooLateToChange


def refuse(connection: Connection, text_id: int, problem: str) -> None:
    """Keep a text with the reason why it was not sent."""
    statement = update(schema.scheduled).where(_scheduled.id == text_id)
    connection.execute(statement.values(problem=problem))


def remove(connection: Connection, person_id: PersonId, text_id: int) -> None:
    """Delete a text. Raises TooLateToChange if it is not there any more."""
    statement = delete(schema.scheduled).where(_is_own(person_id, text_id))
    if not connection.execute(statement).rowcount:
        raise TooLateToChange


def remove_all(connection: Connection, person_id: PersonId) -> None:
    """Delete all texts of a person."""
    connection.execute(delete(schema.scheduled).where(_scheduled.person == person_id))


def _select() -> Select[Any]:
    person = schema.person.c
    author = (person.id.label("author"), *PROFILE_COLUMNS)
    return (
        select(schema.scheduled, *author)
        .join(schema.person, person.id == _scheduled.person)
        .order_by(_scheduled.due_at, _scheduled.id)
    )


def _load(connection: Connection, statement: Select[Any]) -> tuple[ScheduledText, ...]:
    rows = [row._mapping for row in connection.execute(statement)]
    rooms_by_id = rooms.by_ids(connection, {row["room"] for row in rows})
    return tuple(
        ScheduledText(
            row["id"],
            person_from_row(row, "author"),
            rooms_by_id[row["room"]],
            row["text"],
            row["client_id"],
            timestamps.to_datetime(row["due_at"]),
            row["quoted"],
            row["problem"],
        )
        for row in rows
    )


def _is_waiting() -> ColumnElement[bool]:
    return _scheduled.problem == ""


def _is_own(person_id: PersonId, text_id: int) -> ColumnElement[bool]:
    return (_scheduled.id == text_id) & (_scheduled.person == person_id)


def _microseconds(moment: datetime) -> int:
    return timestamps.to_microseconds(moment)
