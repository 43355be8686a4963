"""Programs as rows: bots, their tokens, webhooks and the last deliveries of these."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Table, delete, func, insert, select, update

from chat.errors import TooManyPrograms
from chat.model.people import ALL_KEPT, KeptNames, NamedPerson, PersonId
from chat.model.programs import (
    ApiToken,
    ApiTokenId,
    Bot,
    Delivery,
    Hook,
    HookId,
    NewApiToken,
    Scope,
)
from chat.model.rooms import RoomId
from chat.store import schema, timestamps
from chat.store.queries import names, people
from chat.store.rows import BOT, PERSON_COLUMNS, PROFILE_COLUMNS, person_from_row

_person, _token = schema.person.c, schema.api_token.c
_hook, _delivery = schema.hook.c, schema.delivery.c


def add_bot(
    connection: Connection, name: str, owner_id: PersonId, limit: int, kept: KeptNames = ALL_KEPT
) -> NamedPerson:
    """Store a new bot of a person, who has at most `limit`.

    Raises TooManyPrograms, and NameTaken as `people.add_person`.
    """
    _require_room_for(connection, schema.person, _person.owner == owner_id, limit)
    return people.add_person(connection, name, kept, owner_id)


def bots(connection: Connection, owner_id: PersonId | None = None) -> tuple[Bot, ...]:
    """The bots of a person, or all, in order of their creation."""
    statement = (
        select(*PERSON_COLUMNS, _person.owner)
        .where(_person.account_kind == BOT, _person.owner.is_not(None))
        .order_by(_person.id)
    )
    if owner_id is not None:
        statement = statement.where(_person.owner == owner_id)
    rows = [row._mapping for row in connection.execute(statement)]
    return tuple(Bot(person_from_row(row), row["owner"]) for row in rows)


def disown_bot(connection: Connection, bot_id: PersonId) -> None:
    """Let a bot belong to nobody, and bear its name no more; its messages stay."""
    names.release_name(connection, bot_id)
    connection.execute(update(schema.person).where(_person.id == bot_id).values(owner=None))


def add_api_token(connection: Connection, new: NewApiToken, limit: int) -> ApiToken:
    """Store a token of a bot, which has at most `limit`. Raises TooManyPrograms."""
    is_valid = (_token.person == new.bot_id) & _token.revoked_at.is_(None)
    _require_room_for(connection, schema.api_token, is_valid, limit)
    expires_at = new.expires_at
    values = {
        "hash": new.token_hash,
        "person": new.bot_id,
        "label": new.label,
        "scopes": " ".join(sorted(new.scopes)),
        "rooms": None if new.rooms is None else " ".join(map(str, sorted(new.rooms))),
        "made_at": timestamps.now(),
        "expires_at": None if expires_at is None else timestamps.to_microseconds(expires_at),
    }
    result = connection.execute(insert(schema.api_token).values(**values))
    assert result.inserted_primary_key is not None, "a token has a key"
    added = _load_tokens(connection, _token.id == result.inserted_primary_key[0])
    return added[0]


def api_tokens(connection: Connection, bot_id: PersonId) -> tuple[ApiToken, ...]:
    """The tokens of a bot that are not revoked, in order of their creation."""
    return _load_tokens(connection, (_token.person == bot_id) & _token.revoked_at.is_(None))


def api_token_for_hash(connection: Connection, token_hash: bytes) -> ApiToken | None:
    """The token with this hash, if it is not revoked, and the owner of the bot is not banned."""
    is_valid = _token.revoked_at.is_(None) & people.is_not_banned(func.coalesce(_person.owner, 0))
    found = _load_tokens(connection, (_token.hash == token_hash) & is_valid)
    return found[0] if found else None


def mark_tokens_used(connection: Connection, times: Sequence[tuple[ApiTokenId, int]]) -> None:
    """Store when tokens were used last, in microseconds."""
    for token_id, at in times:
        connection.execute(update(schema.api_token).where(_token.id == token_id).values(used_at=at))


def revoke_api_tokens(
    connection: Connection, bot_id: PersonId, token_id: ApiTokenId | None = None
) -> None:
    """Revoke all tokens of a bot, or one of them."""
    statement = update(schema.api_token).where(_token.person == bot_id, _token.revoked_at.is_(None))
    if token_id is not None:
        statement = statement.where(_token.id == token_id)
    connection.execute(statement.values(revoked_at=timestamps.now()))


def add_hook(
    connection: Connection,
    key: str,
    room_id: RoomId,
    bot_id: PersonId,
    created_by: PersonId,
    limit: int,
) -> Hook:
    """Store a webhook of a room, which has at most `limit`. Raises TooManyPrograms."""
    _require_room_for(connection, schema.hook, _hook.room == room_id, limit)
    values = {"key": key, "room": room_id, "person": bot_id, "made_by": created_by}
    connection.execute(insert(schema.hook).values(**values, made_at=timestamps.now()))
    added = hook_for_key(connection, key)
    assert added is not None, "it has just been stored"
    return added


def hook_for_key(connection: Connection, key: str) -> Hook | None:
    """The webhook with this key."""
    row = connection.execute(_select_hooks().where(_hook.key == key)).first()
    return None if row is None else _hook_from_row(row._mapping)


def hooks(connection: Connection, room_id: RoomId) -> tuple[Hook, ...]:
    """The webhooks of a room, in order of their creation."""
    statement = _select_hooks().where(_hook.room == room_id).order_by(_hook.id)
    return tuple(_hook_from_row(row._mapping) for row in connection.execute(statement))


def hook_bot_ids(connection: Connection, owner_id: PersonId) -> frozenset[PersonId]:
    """Those bots of a person that are the bots of webhooks."""
    statement = (
        select(_hook.person)
        .join(schema.person, _person.id == _hook.person)
        .where(_person.owner == owner_id)
    )
    return frozenset(connection.execute(statement).scalars())


def update_hook(
    connection: Connection,
    hook_id: HookId,
    *,
    key: str | None = None,
    is_paused: bool | None = None,
    may_call: bool | None = None,
) -> None:
    """Change the values of a webhook that are not None."""
    values: dict[str, Any] = {"key": key, "paused": is_paused, "may_call": may_call}
    changed = {name: value for name, value in values.items() if value is not None}
    connection.execute(update(schema.hook).where(_hook.id == hook_id).values(**changed))


def delete_hooks_of(connection: Connection, bot_id: PersonId) -> None:
    """Delete the webhooks of a bot and their deliveries. The messages of the bot stay."""
    own_hooks = select(_hook.id).where(_hook.person == bot_id)
    connection.execute(delete(schema.delivery).where(_delivery.hook.in_(own_hooks)))
    connection.execute(delete(schema.hook).where(_hook.person == bot_id))


def add_delivery(connection: Connection, hook_id: HookId, new: Delivery, limit: int) -> None:
    """Store a request to a webhook; the last `limit` of them are kept."""
    if connection.execute(select(_hook.id).where(_hook.id == hook_id)).first() is None:
        return
    at = timestamps.to_microseconds(new.at)
    values = {
        "hook": hook_id,
        "at": at,
        "size": new.size,
        "status": new.status,
        "answer": new.answer,
        "number": new.message_number,
    }
    connection.execute(insert(schema.delivery).values(**values))
    connection.execute(update(schema.hook).where(_hook.id == hook_id).values(used_at=at))
    keep_newest(connection, schema.delivery, hook_id, limit)


def keep_newest(connection: Connection, table: Table, hook_id: int, limit: int) -> None:
    """Delete all rows of a webhook in a table of its requests, but the last `limit`."""
    rows = table.c
    kept = select(rows.id).where(rows.hook == hook_id).order_by(rows.id.desc()).limit(limit)
    connection.execute(delete(table).where((rows.hook == hook_id) & rows.id.not_in(kept)))


def deliveries(connection: Connection, hook_id: HookId) -> tuple[Delivery, ...]:
    """The last requests to a webhook, the newest first."""
    statement = (
        select(schema.delivery).where(_delivery.hook == hook_id).order_by(_delivery.id.desc())
    )
    return tuple(
        Delivery(timestamps.to_datetime(row.at), row.size, row.status, row.answer, row.number)
        for row in connection.execute(statement)
    )


def _require_room_for(connection: Connection, table: Any, condition: Any, limit: int) -> None:
    count = select(func.count()).select_from(table).where(condition)
    if connection.execute(count).scalar_one() >= limit:
        raise TooManyPrograms(limit)


def _load_tokens(connection: Connection, condition: Any) -> tuple[ApiToken, ...]:
    statement = (
        select(schema.api_token, *PROFILE_COLUMNS, _person.owner)
        .join(schema.person, _person.id == _token.person)
        .where(condition)
        .order_by(_token.id)
    )
    return tuple(_token_from_row(row._mapping) for row in connection.execute(statement))


def _token_from_row(row: RowMapping) -> ApiToken:
    rooms = row["rooms"]
    return ApiToken(
        row["id"],
        person_from_row(row, "person"),
        row["owner"] or 0,
        row["label"],
        frozenset(map(Scope, row["scopes"].split())),
        None if rooms is None else frozenset(map(int, rooms.split())),
        timestamps.to_datetime(row["made_at"]),
        timestamps.to_datetime_or_none(row["expires_at"]),
        timestamps.to_datetime_or_none(row["used_at"]),
    )


def _select_hooks() -> Select[Any]:
    return select(schema.hook, *PROFILE_COLUMNS).join(schema.person, _person.id == _hook.person)


def _hook_from_row(row: RowMapping) -> Hook:
    return Hook(
        row["id"],
        row["key"],
        row["room"],
        person_from_row(row, "person"),
        row["made_by"],
        timestamps.to_datetime(row["made_at"]),
        bool(row["paused"]),
        bool(row["may_call"]),
        timestamps.to_datetime_or_none(row["used_at"]),
    )
