"""Drafts as rows: the unsent text of a person in a room."""

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store import schema

_draft = schema.draft.c


def save(connection: Connection, room_id: RoomId, person_id: PersonId, text: str) -> None:
    """Replace the draft of a person in a room; an empty text deletes it."""
    connection.execute(delete(schema.draft).where(_is_own(room_id, person_id)))
    if text:
        connection.execute(insert(schema.draft).values(room=room_id, person=person_id, text=text))


def delete_if_equal(
    connection: Connection, room_id: RoomId, person_id: PersonId, text: str
) -> None:
    """Delete the draft of a person in a room if it is `text`: a later draft stays."""
    is_sent = _is_own(room_id, person_id) & (_draft.text == text)
    connection.execute(delete(schema.draft).where(is_sent))


def find(connection: Connection, room_id: RoomId, person_id: PersonId) -> str:
    """The draft of a person in a room, or an empty string."""
    statement = select(_draft.text).where(_is_own(room_id, person_id))
    return connection.execute(statement).scalar_one_or_none() or ""


def _is_own(room_id: RoomId, person_id: PersonId) -> ColumnElement[bool]:
    return and_(_draft.room == room_id, _draft.person == person_id)
