"""The sequence: one count of the posts and the changes of all rooms.

The id of a message is the number of its post, and its `sequence` that of its last change. Only one
transaction writes at a time, with every engine: whoever reads a number reads all that come before
it, too. A transaction that failed leaves a gap.
"""

from collections.abc import Collection
from heapq import merge

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, literal, select

from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.model.sequence import SequencedChange, SequencePage, SequenceRun
from chat.store import schema
from chat.store.queries import messages, rooms

_message, _room = schema.message.c, schema.room.c

# The key of the last number in `Connection.info`, where the connection that writes is the only one.
_LAST = "sequence"

# The runs, in a row of their own: a line for each, with its id and the last number before it.
_RUNS_KEY = "sequence_runs"


def next_number(connection: Connection) -> int:
    """The number of a post or a change that is about to be stored."""
    last: int | None = connection.info.get(_LAST)
    number = (last_number(connection) if last is None else last) + 1
    connection.info[_LAST] = number
    return number


def forget_last(connection: Connection) -> None:
    """Read the last number anew, because another connection may have written since."""
    connection.info.pop(_LAST, None)


def last_number(connection: Connection) -> int:
    """The last stored number, 0 if there is none."""
    posted, changed = connection.execute(_SELECT_LAST).one()
    return max(posted or 0, changed or 0)


def begin_run(connection: Connection, run_id: str, limit: int) -> tuple[SequenceRun, ...]:
    """Add a run to the last `limit` ones, and return them, the newest last."""
    key = schema.workspace.c.key == _RUNS_KEY
    stored = connection.execute(select(schema.workspace.c.value).where(key)).scalar_one_or_none()
    fields = [line.split() for line in (stored or "").splitlines()]
    runs = [SequenceRun(id_, int(after)) for id_, after in fields]
    runs = [*runs, SequenceRun(run_id, last_number(connection))][-limit:]
    value = "\n".join(f"{each.id} {each.after}" for each in runs)
    connection.execute(delete(schema.workspace).where(key))
    connection.execute(insert(schema.workspace).values(key=_RUNS_KEY, value=value))
    return tuple(runs)


def page(
    connection: Connection,
    after: int,
    limit: int,
    span: int,
    reader_id: PersonId | None,
    room_ids: Collection[RoomId] | None,
) -> SequencePage:
    """The first `limit` posts and changes of the `span` numbers after `after`.

    Only of the rooms that `reader_id` may read, and of them only `room_ids` and their threads. The
    post of a message that is deleted now is left out.
    """
    last = last_number(connection)
    until = max(after, min(last, after + span))
    conditions: list[ColumnElement[bool]] = []
    if reader_id is not None or room_ids is not None:
        # With the sum, SQLite reads the numbers in order instead of room by room.
        conditions.append((_message.room + 0).in_(_select_rooms(reader_id, room_ids)))
    posts = select(_message.id.label("number"), _message.id).where(
        _message.id > after, _message.id <= until, _message.deleted_at.is_(None), *conditions
    )
    changes = select(_message.sequence.label("number"), _message.id).where(
        _message.sequence > after, _message.sequence <= until, *conditions
    )
    numbers = [
        [(row.number, row.id) for row in connection.execute(each.order_by("number").limit(limit))]
        for each in (posts, changes)
    ]
    found = list(merge(*numbers))[:limit]
    by_id = messages.by_ids(connection, sorted({each for _, each in found}))
    room_infos = rooms.by_ids(connection, {each.room_id for each in by_id.values()})
    return SequencePage(
        tuple(
            SequencedChange(number, number == id_, by_id[id_], room_infos[by_id[id_].room_id])
            for number, id_ in found
        ),
        found[-1][0] if len(found) == limit else until,
        last,
    )


def _select_rooms(
    reader_id: PersonId | None, room_ids: Collection[RoomId] | None
) -> Select[tuple[int]]:
    statement = select(_room.id)
    base_id = func.coalesce(_room.parent_room, _room.id)
    if room_ids is not None:
        statement = statement.where(_room.id.in_(room_ids) | _room.parent_room.in_(room_ids))
    if reader_id is not None:
        statement = statement.where(rooms.is_base_readable(base_id, literal(reader_id)))
    return statement


_SELECT_LAST = select(
    select(func.max(_message.id)).scalar_subquery(),
    select(func.max(_message.sequence)).scalar_subquery(),
)
