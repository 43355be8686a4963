"""Polls as rows: the options of a message, and a row for each vote."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select

from chat.model.messages import Poll, PollOption
from chat.model.people import Person, PersonId
from chat.store import schema
from chat.store.rows import PERSON_COLUMNS, person_from_row

_option, _vote = schema.option.c, schema.vote.c


def add_options(connection: Connection, message_id: int, options: Sequence[str]) -> Poll:
    """Store the options of a message (id) that is a poll."""
    rows = [{"message": message_id, "position": n, "text": each} for n, each in enumerate(options)]
    connection.execute(insert(schema.option), rows)
    return Poll(tuple(PollOption(each) for each in options))


def toggle_vote(connection: Connection, message_id: int, option: int, person_id: PersonId) -> None:
    """Toggle a vote for an option (its index)."""
    own_vote = (
        (_vote.message == message_id) & (_vote.option == option) & (_vote.person == person_id)
    )
    if not connection.execute(delete(schema.vote).where(own_vote)).rowcount:
        statement = insert(schema.vote).values(message=message_id, option=option, person=person_id)
        connection.execute(statement)


def clear(connection: Connection, message_id: int) -> None:
    """Delete the options and votes of a deleted message (id)."""
    connection.execute(delete(schema.vote).where(_vote.message == message_id))
    connection.execute(delete(schema.option).where(_option.message == message_id))


def for_messages(connection: Connection, closed_by_id: Mapping[int, bool]) -> dict[int, Poll]:
    """The polls of these messages. The keys are ids, the values whether the poll is closed.

    The voters of an option are in the order of their votes.
    """
    if not closed_by_id:
        return {}
    votes = defaultdict[tuple[int, int], list[Person]](list)
    rows = connection.execute(
        select(_vote.message, _vote.option, *PERSON_COLUMNS)
        .join(schema.person, schema.person.c.id == _vote.person)
        .where(_vote.message.in_(closed_by_id))
        .order_by(_vote.id)
    )
    for row in rows:
        votes[row.message, row.option].append(person_from_row(row._mapping))
    options = defaultdict[int, list[PollOption]](list)
    for message, texts in option_texts(connection, list(closed_by_id)).items():
        for n, text in enumerate(texts):
            options[message].append(PollOption(text, tuple(votes[message, n])))
    return {each: Poll(tuple(found), closed_by_id[each]) for each, found in options.items()}


def option_texts(connection: Connection, message_ids: Sequence[int]) -> dict[int, list[str]]:
    """The options of these messages (ids), in order."""
    by_message = defaultdict[int, list[str]](list)
    if message_ids:
        statement = select(schema.option).where(_option.message.in_(message_ids))
        for row in connection.execute(statement.order_by(_option.message, _option.position)):
            by_message[row.message].append(row.text)
    return by_message
