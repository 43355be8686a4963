"""The annotations of a message: its quote, reactions and mentions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, case, delete, func, insert, select

from chat.errors import BadReaction
from chat.model.attachments import Attachment
from chat.model.messages import (
    MAX_REPLIERS,
    QUOTE_LENGTH,
    MentionNames,
    MessageKind,
    Quote,
    Reaction,
    quoted_text,
)
from chat.model.people import Person, PersonId
from chat.model.programs import Via
from chat.model.rooms import RoomId
from chat.store import schema
from chat.store.queries import files
from chat.store.rows import BOT, PERSON_COLUMNS, person_from_row
from chat.text.emoji import canonical_emoji

# The most messages that an event names as quoting a changed message: the newest ones. The others
# show its new text when they are loaded again.
MAX_QUOTING_MESSAGES = 5000

# The most different emoji on one message.
MAX_REACTION_EMOJI = 16

# No message has a number this large, and SQLite refuses integers over 64 bits.
MESSAGE_NUMBER_LIMIT = 2**53

# Of a thread, the last messages among whose authors are those that its link shows.
_LAST_REPLIES = 50

_message, _reaction, _mention = schema.message.c, schema.reaction.c, schema.mention.c
_room = schema.room.c


def quote(connection: Connection, room_id: RoomId, number: int | None) -> Quote | None:
    """The quote of message `number`; None if it cannot be quoted."""
    if number is None or not 0 < number < MESSAGE_NUMBER_LIMIT:
        return None
    found = quotes(connection, [(room_id, number)]).get((room_id, number))
    return found if found is not None and found.text else None


def quotes(
    connection: Connection, message_keys: Sequence[tuple[RoomId, int]]
) -> dict[tuple[RoomId, int], Quote]:
    """The quotes of these messages (room and number), by the same keys."""
    found = dict[tuple[RoomId, int], Quote]()
    for room in {room for room, _ in message_keys}:
        numbers = {number for room_of_key, number in message_keys if room_of_key == room}
        rows = connection.execute(
            select(
                _message.id,
                _message.number,
                case(
                    (
                        _message.kind == MessageKind.TEXT.value,
                        func.substr(_message.text, 1, QUOTE_LENGTH),
                    ),
                    else_="",
                ).label("text"),
                schema.person.c.name,
                schema.person.c.account_kind,
                _message.author,
                _message.event,
                _message.via,
            )
            .join(schema.person, schema.person.c.id == _message.author)
            .where(_message.room == room, _message.number.in_(numbers))
        ).all()
        # The quote of a message without text is its first file; a deleted message has no files.
        attachments = files.for_messages(connection, [row.id for row in rows if not row.text])
        found.update(
            {(room, row.number): _quote_from_row(row, attachments.get(row.id)) for row in rows}
        )
    return found


def _quote_from_row(row: Any, attachments: Sequence[Attachment] | None) -> Quote:
    file = attachments[0] if attachments else None
    via = None if row.via is None else Via.from_json(row.via)
    text = quoted_text(row.text, via) if file is None else file.name
    is_bot = row.account_kind == BOT
    return Quote(row.number, row.name, text, row.author, file, row.event, is_bot)


def numbers_quoting(
    connection: Connection, row: RowMapping | Mapping[str, Any], limit: int = MAX_QUOTING_MESSAGES
) -> tuple[int, ...]:
    """The numbers of the newest messages that quote this one, oldest first."""
    statement = (
        select(_message.number)
        .where(
            _message.room == row["room"],
            _message.quoted == row["number"],
            _message.deleted_at.is_(None),
        )
        .order_by(_message.id.desc())
        .limit(limit)
    )
    return tuple(reversed(connection.execute(statement).scalars().all()))


def reactions(connection: Connection, message_ids: Sequence[int]) -> dict[int, list[Reaction]]:
    """The reactions to these messages (ids), the first emoji first."""
    rows = connection.execute(
        select(
            _reaction.message,
            _reaction.emoji,
            *PERSON_COLUMNS,
        )
        .join(schema.person, schema.person.c.id == _reaction.person)
        .where(_reaction.message.in_(message_ids))
        .order_by(_reaction.id)
    )
    # Older rows may have another form of an emoji, and a person two of them.
    by_message = defaultdict[int, dict[str, dict[Person, None]]](dict)
    for row in rows:
        person = person_from_row(row._mapping)
        by_message[row.message].setdefault(canonical_emoji(row.emoji), {})[person] = None
    return {
        message: [Reaction(emoji, tuple(people)) for emoji, people in below.items()]
        for message, below in by_message.items()
    }


def mentions(
    connection: Connection, message_ids: Sequence[int]
) -> dict[int, tuple[frozenset[PersonId], MentionNames]]:
    """The people that these messages (ids) mention, and the names that do so."""
    by_message = defaultdict[int, dict[PersonId, str | None]](dict)
    for row in connection.execute(select(schema.mention).where(_mention.message.in_(message_ids))):
        by_message[row.message][row.person] = row.name
    return {
        message: (
            frozenset(people),
            tuple((name, person) for person, name in sorted(people.items()) if name),
        )
        for message, people in by_message.items()
    }


def repliers(
    connection: Connection, message_keys: Sequence[tuple[RoomId, int]]
) -> dict[tuple[RoomId, int], tuple[Person, ...]]:
    """Who wrote last in the threads of these messages (room and number), by the same keys."""
    found = defaultdict[tuple[RoomId, int], tuple[Person, ...]](tuple)
    for parent in {room for room, _ in message_keys}:
        numbers = {number for room_of_key, number in message_keys if room_of_key == parent}
        last_number = func.max(_message.number)
        rows = connection.execute(
            select(_room.parent_number, *PERSON_COLUMNS)
            .join(
                schema.message,
                and_(
                    _message.room == _room.id, _message.number > _room.last_number - _LAST_REPLIES
                ),
            )
            .join(schema.person, schema.person.c.id == _message.author)
            .where(
                _room.parent_room == parent,
                _room.parent_number.in_(numbers),
                _message.kind == MessageKind.TEXT.value,
                _message.deleted_at.is_(None),
            )
            .group_by(_room.parent_number, *PERSON_COLUMNS)
            .order_by(last_number.desc())
        )
        for row in rows:
            key = parent, row.parent_number
            if len(found[key]) < MAX_REPLIERS:
                found[key] += (person_from_row(row._mapping),)
    return found


def set_mentions(
    connection: Connection,
    message_id: int,
    person_ids: Iterable[PersonId],
    names: MentionNames,
) -> None:
    """Replace the mentions of a message (id)."""
    connection.execute(delete(schema.mention).where(_mention.message == message_id))
    by_person = {person: name for name, person in names}
    rows = [
        {"message": message_id, "person": person, "name": by_person.get(person)}
        for person in sorted(person_ids)
    ]
    if rows:
        connection.execute(insert(schema.mention), rows)


def set_reaction(
    connection: Connection,
    message_id: int,
    person_id: PersonId,
    emoji: str,
    *,
    present: bool | None,
) -> bool:
    """Add or remove a person's reaction to a message (id), or toggle it (None).

    Returns whether anything changed. Raises BadReaction.
    """
    emoji = canonical_emoji(emoji)
    statement = select(_reaction.emoji).where(_reaction.message == message_id).distinct()
    forms = [row.emoji for row in connection.execute(statement)]
    own_reaction = (
        (_reaction.message == message_id)
        & _reaction.emoji.in_([each for each in forms if canonical_emoji(each) == emoji])
        & (_reaction.person == person_id)
    )
    is_there = connection.execute(select(_reaction.id).where(own_reaction)).first() is not None
    if present is is_there:
        return False
    if is_there:
        connection.execute(delete(schema.reaction).where(own_reaction))
        return True
    existing = set(map(canonical_emoji, forms))
    if emoji not in existing and len(existing) >= MAX_REACTION_EMOJI:
        raise BadReaction(
            "{limit} different emoji stand here already. Choose one of them.",
            limit=MAX_REACTION_EMOJI,
        )
    insertion = insert(schema.reaction).values(message=message_id, person=person_id, emoji=emoji)
    connection.execute(insertion)
    return True


def clear(connection: Connection, message_id: int) -> None:
    """Delete all annotations of a deleted message (id)."""
    connection.execute(delete(schema.reaction).where(_reaction.message == message_id))
    connection.execute(delete(schema.mention).where(_mention.message == message_id))
    connection.execute(delete(schema.revision).where(schema.revision.c.message == message_id))
