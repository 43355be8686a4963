"""Names as rows: who bears which, and who bore it before.

The keys of a name (`look_alike_keys`) are stored with a place. The place 1 of a key is taken once:
its unique index lets only one of several people have a name who ask for it at the same time. People
of one name in a database of an earlier version have the places after it. Who has left has keys
without a place, until somebody else takes the name; then the earlier bearers are renamed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from random import randrange

from sqlalchemy import Connection, delete, func, insert, select, update

from chat.errors import NameTaken
from chat.model.people import KeptNames, Person, PersonId
from chat.store import schema, timestamps
from chat.store.queries.claims import is_claimed
from chat.store.rows import BOT, PERSON_COLUMNS, person_from_row
from chat.text.look_alikes import look_alike_keys, unicode_version
from chat.text.names import (
    former_name,
    name_key,
    split_former_name,
    strip_invisible,
    suggested_names,
)

_person, _key = schema.person.c, schema.name_key.c
_workspace = schema.workspace.c

# The version of the table that the stored keys were made with.
_VERSION_KEY = "name_keys"

# So many free names are suggested.
SUGGESTION_COUNT = 3

# So many names are looked up at once for that.
_BATCH = 20


@dataclass(frozen=True, slots=True)
class _Bearer:
    """Somebody who bears a name."""

    name: str
    is_bot: bool
    is_claimed: bool


def take_name(
    connection: Connection, name: str, kept: KeptNames, own_id: PersonId | None = None
) -> tuple[Person, ...]:
    """Free a name for `own_id`, or for somebody new: those who had it before, under new names.

    Raises NameTaken if somebody bears the name, or one that looks like it.
    """
    former_ids = require_free(connection, name, kept, own_id)
    return tuple(_make_former(connection, each) for each in former_ids)


def require_free(
    connection: Connection, name: str, kept: KeptNames, own_id: PersonId | None = None
) -> list[PersonId]:
    """Raises NameTaken as `take_name`, which it leaves as it is. Returns who bore the name."""
    bearers, former_ids = _bearers(connection, name, kept, own_id)
    if bearers:
        free = islice(_free_names(connection, name), SUGGESTION_COUNT)
        same = [each for each in bearers if name_key(each.name) == name_key(name)]
        claimed = next((each.name for each in same if each.is_claimed), "")
        raise NameTaken(
            name,
            *free,
            looks_alike=not same,
            may_be_own=own_id is None and not all(each.is_bot for each in same),
            claimed_name=claimed if own_id is None else "",
        )
    return former_ids


def add_keys(connection: Connection, person_id: PersonId, name: str) -> None:
    """Let a person bear a name that `take_name` has freed, and no other."""
    connection.execute(delete(schema.name_key).where(_key.person == person_id))
    rows = [{"person": person_id, "key": key, "place": 1} for key in look_alike_keys(name)]
    connection.execute(insert(schema.name_key), rows)


def release_name(connection: Connection, person_id: PersonId) -> None:
    """Let a person who leaves bear their name no more. They are called so until it is taken."""
    own = _key.person == person_id
    connection.execute(update(schema.name_key).where(own).values(place=None))
    set_seen(connection, (person_id,))


def set_seen(connection: Connection, person_ids: Iterable[PersonId]) -> None:
    """These people are seen now."""
    now = timestamps.now()
    for each in person_ids:
        connection.execute(update(schema.person).where(_person.id == each).values(seen_at=now))


def bearer_ids(connection: Connection, name: str) -> frozenset[PersonId]:
    """The people who bear a name, or one that looks like it."""
    statement = select(_key.person).where(
        _key.key.in_(look_alike_keys(name)), _key.place.is_not(None)
    )
    return frozenset(connection.execute(statement).scalars())


def index_names(connection: Connection, lobby_slug: str) -> None:
    """Store the keys of all names, unless those of this version of Unicode are stored.

    The members of the lobby, the guests outside and the bots of people bear their names; all others
    have left.
    """
    is_version = _workspace.key == _VERSION_KEY
    stored = connection.execute(select(_workspace.value).where(is_version)).scalar_one_or_none()
    if stored == unicode_version():
        return
    lobby_members = select(schema.member.c.person).where(
        schema.member.c.room == schema.room.c.id, schema.room.c.slug == lobby_slug
    )
    present = set(connection.execute(lobby_members).scalars())
    present |= set(connection.execute(select(schema.role.c.person)).scalars())
    rows, last_places = list[dict[str, object]](), dict[str, int]()
    people = select(_person.id, _person.name, _person.account_kind, _person.owner)
    for row in connection.execute(people.order_by(_person.id)):
        if split_former_name(row.name) is not None:
            continue
        keys, place = look_alike_keys(row.name), None
        if row.id in present or (row.account_kind == BOT and row.owner is not None):
            place = 1 + max(last_places.get(key, 0) for key in keys)
            last_places |= dict.fromkeys(keys, place)
        rows += [{"person": row.id, "key": key, "place": place} for key in keys]
    connection.execute(delete(schema.name_key))
    if rows:
        connection.execute(insert(schema.name_key), rows)
    connection.execute(delete(schema.workspace).where(is_version))
    values = {"key": _VERSION_KEY, "value": unicode_version()}
    connection.execute(insert(schema.workspace).values(**values))


def _bearers(
    connection: Connection, name: str, kept: KeptNames, own_id: PersonId | None
) -> tuple[list[_Bearer], list[PersonId]]:
    """Those who bear a name or one like it, and the ids of those who bore it."""
    statement = (
        select(schema.person, _key.place, is_claimed(_person.id).label("is_claimed"))
        .join(schema.name_key, _key.person == _person.id)
        .where(_key.key.in_(look_alike_keys(name)))
        .order_by(_person.id)
    )
    bearers, former_ids = list[_Bearer](), dict[PersonId, None]()
    seen_since = timestamps.to_microseconds(kept.seen_since)
    came_since = timestamps.to_microseconds(kept.came_since)
    for row in connection.execute(statement):
        if row.id == own_id:
            continue
        is_bot = row.account_kind == BOT
        is_kept = (
            is_bot
            or row.is_claimed
            or row.id in kept.present_ids
            or row.came_at >= came_since
            or (row.seen_at is not None and row.seen_at >= seen_since)
        )
        if row.place is not None and is_kept:
            bearers.append(_Bearer(row.name, is_bot, bool(row.is_claimed)))
        else:
            former_ids[row.id] = None
    return bearers, list(former_ids)


def _free_names(connection: Connection, name: str) -> Iterable[str]:
    """Names like `name` that nobody bears."""
    visible_name, first = strip_invisible(name), 2
    while True:
        batch = list(islice(suggested_names(visible_name, first), _BATCH))
        keys = {key for each in batch for key in look_alike_keys(each)}
        statement = select(_key.key).where(_key.key.in_(keys), _key.place.is_not(None))
        taken = set(connection.execute(statement).scalars())
        yield from (each for each in batch if taken.isdisjoint(look_alike_keys(each)))
        # So many are called so that the next number may be a long way off.
        first = randrange(100, 1_000_000)


def _make_former(connection: Connection, person_id: PersonId) -> Person:
    """Mark the name of somebody who bears it no more with the day on which they were seen last."""
    connection.execute(delete(schema.name_key).where(_key.person == person_id))
    row = connection.execute(
        select(_person.name, _person.seen_at, _person.came_at).where(_person.id == person_id)
    ).one()
    day = timestamps.to_datetime(row.seen_at or row.came_at).date()
    first = former_name(row.name, day)
    like_it = func.substr(_person.name, 1, len(first) - 1) == first[:-1]
    count = connection.execute(select(func.count()).where(like_it)).scalar_one()
    name = former_name(row.name, day, count + 1)
    statement = update(schema.person).where(_person.id == person_id).values(name=name)
    return person_from_row(connection.execute(statement.returning(*PERSON_COLUMNS)).one()._mapping)
