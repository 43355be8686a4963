"""Blocks as rows: whom a person has blocked for themselves."""

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, or_, select

from chat.model.people import Person, PersonId
from chat.store import schema, timestamps
from chat.store.rows import PERSON_COLUMNS, person_from_row

_block, _message = schema.block.c, schema.message.c


def blocks(connection: Connection) -> tuple[tuple[PersonId, PersonId], ...]:
    """All blocks: who has blocked whom."""
    rows = connection.execute(select(_block.person, _block.blocked))
    return tuple((row.person, row.blocked) for row in rows)


def blocked_people(connection: Connection, person_id: PersonId) -> tuple[Person, ...]:
    """The people whom a person has blocked, the last one first."""
    statement = (
        select(*PERSON_COLUMNS)
        .join(schema.block, _block.blocked == schema.person.c.id)
        .where(_block.person == person_id)
        .order_by(_block.at.desc(), _block.blocked.desc())
    )
    return tuple(person_from_row(row._mapping) for row in connection.execute(statement))


def add_block(connection: Connection, person_id: PersonId, blocked_id: PersonId) -> None:
    """Store a block, unless it is stored."""
    remove_block(connection, person_id, blocked_id)
    values = {"person": person_id, "blocked": blocked_id, "at": timestamps.now()}
    connection.execute(insert(schema.block).values(**values))


def remove_block(connection: Connection, person_id: PersonId, blocked_id: PersonId) -> None:
    """Delete a block."""
    is_same = (_block.person == person_id) & (_block.blocked == blocked_id)
    connection.execute(delete(schema.block).where(is_same))


def forget_blocks(connection: Connection, person_id: PersonId) -> None:
    """Delete the blocks of a person."""
    connection.execute(delete(schema.block).where(_block.person == person_id))


def has_blocked(connection: Connection, person_id: PersonId) -> bool:
    """Whether a person has blocked anybody."""
    statement = select(_block.person).where(_block.person == person_id).limit(1)
    return connection.execute(statement).first() is not None


def is_shown() -> ColumnElement[bool]:
    """Whether the person of the parameter `the_person` sees a message: they have not blocked its
    author, or it is a report."""
    is_blocked = (
        select(_block.blocked)
        .where(_block.person == bindparam("the_person"), _block.blocked == _message.author)
        .correlate(schema.message)
        .exists()
    )
    return or_(_message.report.is_not(None), ~is_blocked)
