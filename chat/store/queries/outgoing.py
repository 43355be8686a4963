"""Outgoing webhooks as rows, and the last requests of each."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from chat.errors import TooManyPrograms
from chat.model.outgoing import (
    Attempt,
    NewOutgoingHook,
    OutgoingHook,
    OutgoingHookId,
    PauseReason,
    Problem,
    Progress,
    Trigger,
)
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store import schema, timestamps
from chat.store.queries import sequence
from chat.store.queries.programs import keep_newest
from chat.store.rows import PROFILE_COLUMNS, person_from_row

_hook, _attempt, _person = schema.outgoing_hook.c, schema.attempt.c, schema.person.c

# The parts of a trigger that are on or off, each a word in the column.
_EVENTS = ("posts", "changes", "deletions", "programs")


def add_hook(connection: Connection, new: NewOutgoingHook, limit: int) -> OutgoingHook:
    """Store an outgoing webhook, which is told what comes from now on.

    Its room has at most `limit`. Raises TooManyPrograms.
    """
    count = select(func.count()).select_from(schema.outgoing_hook).where(_hook.room == new.room_id)
    if connection.execute(count).scalar_one() >= limit:
        raise TooManyPrograms(limit)
    values = {
        "room": new.room_id,
        "person": new.bot_id,
        "made_by": new.created_by,
        "made_at": timestamps.now(),
        "url": new.url,
        "secret": new.secret,
        "position": sequence.last_number(connection),
        **_trigger_values(new.trigger),
    }
    result = connection.execute(insert(schema.outgoing_hook).values(**values))
    assert result.inserted_primary_key is not None, "a webhook has a key"
    return _load(connection, _hook.id == result.inserted_primary_key[0])[0]


def hooks(connection: Connection, room_id: RoomId | None = None) -> tuple[OutgoingHook, ...]:
    """The outgoing webhooks of a room, or all, in order of their creation."""
    return _load(connection, True if room_id is None else _hook.room == room_id)


def find_hook(connection: Connection, hook_id: OutgoingHookId) -> OutgoingHook | None:
    """The outgoing webhook with this id."""
    found = _load(connection, _hook.id == hook_id)
    return found[0] if found else None


def update_hook(
    connection: Connection,
    hook_id: OutgoingHookId,
    *,
    url: str | None = None,
    secret: str | None = None,
    trigger: Trigger | None = None,
) -> None:
    """Change the values of an outgoing webhook that are not None."""
    values: dict[str, Any] = {"url": url, "secret": secret}
    changed = {name: value for name, value in values.items() if value is not None}
    if trigger is not None:
        changed |= _trigger_values(trigger)
    _update(connection, hook_id, changed)


def pause_hook(connection: Connection, hook_id: OutgoingHookId, reason: PauseReason) -> None:
    """Send nothing more to an outgoing webhook."""
    _update(connection, hook_id, {"pause": reason.value})


def resume_hook(
    connection: Connection,
    hook_id: OutgoingHookId,
    responsible_id: PersonId,
    *,
    skip: bool,
) -> None:
    """Send to an outgoing webhook again; with `skip`, only what comes from now on."""
    values = {"pause": "", "made_by": responsible_id, "failures": 0, "next_at": None}
    if skip:
        values["position"] = sequence.last_number(connection)
    _update(connection, hook_id, values)


def set_progress(connection: Connection, hook_id: OutgoingHookId, progress: Progress) -> None:
    """Store how far an outgoing webhook has got."""
    next_at = progress.next_at
    values = {
        "position": progress.position,
        "failures": progress.failures,
        "next_at": None if next_at is None else timestamps.to_microseconds(next_at),
    }
    _update(connection, hook_id, values)


def add_attempt(
    connection: Connection,
    hook_id: OutgoingHookId,
    new: Attempt,
    progress: Progress | None,
    limit: int,
) -> None:
    """Store a request, and how far the webhook has got with it; the last `limit` are kept.

    Of a webhook that was deleted meanwhile, nothing is stored.
    """
    if connection.execute(select(_hook.id).where(_hook.id == hook_id)).first() is None:
        return
    at = timestamps.to_microseconds(new.at)
    values = {
        "hook": hook_id,
        "at": at,
        "webhook_id": new.webhook_id,
        "sequence": new.sequence,
        "number": new.number,
        "status": new.status,
        "milliseconds": new.milliseconds,
        "problem": "" if new.problem is None else new.problem.value,
        "details": new.details,
        "count": new.count,
    }
    connection.execute(insert(schema.attempt).values(**values))
    _update(connection, hook_id, {"used_at": at})
    if progress is not None:
        set_progress(connection, hook_id, progress)
    keep_newest(connection, schema.attempt, hook_id, limit)


def attempts(connection: Connection, hook_id: OutgoingHookId) -> tuple[Attempt, ...]:
    """The last requests of an outgoing webhook, the newest first."""
    statement = select(schema.attempt).where(_attempt.hook == hook_id).order_by(_attempt.id.desc())
    return tuple(_attempt_from_row(row._mapping) for row in connection.execute(statement))


def delete_hooks_of(connection: Connection, bot_id: PersonId) -> None:
    """Delete the outgoing webhooks of a bot and their requests."""
    own_hooks = select(_hook.id).where(_hook.person == bot_id)
    connection.execute(delete(schema.attempt).where(_attempt.hook.in_(own_hooks)))
    connection.execute(delete(schema.outgoing_hook).where(_hook.person == bot_id))


def bot_ids(connection: Connection, owner_id: PersonId) -> frozenset[PersonId]:
    """Those bots of a person that are the bots of outgoing webhooks."""
    statement = (
        select(_hook.person)
        .join(schema.person, _person.id == _hook.person)
        .where(_person.owner == owner_id)
    )
    return frozenset(connection.execute(statement).scalars())


def _update(connection: Connection, hook_id: OutgoingHookId, values: dict[str, Any]) -> None:
    connection.execute(update(schema.outgoing_hook).where(_hook.id == hook_id).values(**values))


def _load(connection: Connection, condition: Any) -> tuple[OutgoingHook, ...]:
    statement = (
        select(schema.outgoing_hook, *PROFILE_COLUMNS)
        .join(schema.person, _person.id == _hook.person)
        .where(condition)
        .order_by(_hook.id)
    )
    return tuple(_hook_from_row(row._mapping) for row in connection.execute(statement))


def _hook_from_row(row: RowMapping) -> OutgoingHook:
    next_at = timestamps.to_datetime_or_none(row["next_at"])
    return OutgoingHook(
        row["id"],
        row["room"],
        person_from_row(row, "person"),
        row["made_by"],
        timestamps.to_datetime(row["made_at"]),
        row["url"],
        row["secret"],
        _trigger(row["events"].split(), row["words"].splitlines()),
        Progress(row["position"], row["failures"], next_at),
        PauseReason(row["pause"]) if row["pause"] else None,
        timestamps.to_datetime_or_none(row["used_at"]),
    )


def _trigger(events: Sequence[str], words: Sequence[str]) -> Trigger:
    return Trigger(**{each: each in events for each in _EVENTS}, words=tuple(words))


def _trigger_values(trigger: Trigger) -> dict[str, str]:
    events = " ".join(each for each in _EVENTS if getattr(trigger, each))
    return {"events": events, "words": "\n".join(trigger.words)}


def _attempt_from_row(row: RowMapping) -> Attempt:
    return Attempt(
        timestamps.to_datetime(row["at"]),
        row["webhook_id"],
        row["sequence"],
        row["number"],
        row["status"],
        row["milliseconds"],
        Problem(row["problem"]) if row["problem"] else None,
        row["details"],
        row["count"],
    )
