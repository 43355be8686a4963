"""Devices as rows: the hashes of their tokens, their names, and when they were used."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from chat.errors import TooManyDevices
from chat.model.devices import DEVICE_LIMIT, TOKEN_LIFETIME, Device
from chat.model.people import Person, PersonId
from chat.store import schema, timestamps
from chat.store.queries import people
from chat.store.rows import PERSON_COLUMNS, person_from_row

_token = schema.token.c

# The page of a new device shows its key within this time, in microseconds.
_FIRST_KEY_MICROSECONDS = 10 * 60 * 1_000_000

_LIFETIME = round(TOKEN_LIFETIME.total_seconds() * 1_000_000)


def add_token(
    connection: Connection, token_hash: bytes, person_id: PersonId, label: str = ""
) -> None:
    """Store a token of a person by its hash. An earlier owner loses it. Raises TooManyDevices."""
    connection.execute(delete(schema.token).where(_token.hash == token_hash))
    is_own = (_token.person == person_id) & _is_current()
    count = select(func.count()).select_from(schema.token).where(is_own)
    if connection.execute(count).scalar_one() >= DEVICE_LIMIT:
        raise TooManyDevices(DEVICE_LIMIT)
    now = timestamps.now()
    values = {"hash": token_hash, "person": person_id, "label": label}
    times = {"made_at": now, "used_at": now, "renewed_at": now}
    connection.execute(insert(schema.token).values(**values, **times))


def revoke_tokens(
    connection: Connection, person_id: PersonId, token_hashes: Collection[bytes] | None = None
) -> None:
    """Revoke all tokens of a person, or these. Their rows stay as long as a cookie may."""
    is_revoked = _token.person == person_id
    if token_hashes is not None:
        is_revoked &= _token.hash.in_(token_hashes)
    now = timestamps.now()
    connection.execute(
        update(schema.token).where(is_revoked).values(person=None, label="", used_at=now)
    )
    is_old = _token.person.is_(None) & (_token.used_at < now - _LIFETIME)
    connection.execute(delete(schema.token).where(is_old))


def person_for_token(connection: Connection, token_hash: bytes) -> Person | None:
    """The person with this token, if it is not revoked or expired and they are not banned."""
    statement = (
        select(*PERSON_COLUMNS)
        .join(schema.token, _token.person == schema.person.c.id)
        .where(_token.hash == token_hash, _is_current(), people.is_not_banned(schema.person.c.id))
    )
    row = connection.execute(statement).first()
    return None if row is None else person_from_row(row._mapping)


def is_token_revoked(connection: Connection, token_hash: bytes) -> bool:
    """Whether this token was revoked."""
    statement = select(_token.hash).where(_token.hash == token_hash, _token.person.is_(None))
    return connection.execute(statement).first() is not None


def of_person(connection: Connection, person_id: PersonId) -> tuple[Device, ...]:
    """The devices of a person, the one that was used last first."""
    statement = (
        select(schema.token)
        .where(_token.person == person_id, _is_current())
        .order_by(_token.used_at.desc().nulls_last(), _token.hash)
    )
    return tuple(
        Device(
            row.hash,
            row.label,
            timestamps.to_datetime_or_none(row.made_at),
            timestamps.to_datetime_or_none(row.used_at),
        )
        for row in connection.execute(statement)
    )


def rename(connection: Connection, person_id: PersonId, token_hash: bytes, label: str) -> None:
    """Give a device of a person another name."""
    is_same = (_token.hash == token_hash) & (_token.person == person_id)
    connection.execute(update(schema.token).where(is_same).values(label=label))


def set_used(connection: Connection, times: Mapping[bytes, datetime]) -> None:
    """Store when devices were used last. Those that were signed out meanwhile stay as they are."""
    for token_hash, moment in times.items():
        is_same = (_token.hash == token_hash) & _token.person.is_not(None)
        values = {"used_at": timestamps.to_microseconds(moment)}
        connection.execute(update(schema.token).where(is_same).values(**values))


def renewed_at(connection: Connection, token_hash: bytes) -> datetime | None:
    """When the cookie of a device was set last; None if that is not known."""
    statement = select(_token.renewed_at).where(_token.hash == token_hash)
    return timestamps.to_datetime_or_none(connection.execute(statement).scalar_one_or_none())


def set_renewed(connection: Connection, token_hash: bytes) -> None:
    """The cookie of a device is set now."""
    statement = update(schema.token).where(_token.hash == token_hash)
    connection.execute(statement.values(renewed_at=timestamps.now()))


def is_key_current(connection: Connection, token_hash: bytes, key_hash: bytes) -> bool:
    """Whether the key of a device is this one, and no other one was shown."""
    statement = select(_token.key_hash, _token.next_key_hash).where(_token.hash == token_hash)
    row = connection.execute(statement).first()
    return row is not None and row.next_key_hash is None and bool(row.key_hash == key_hash)


def show_key(
    connection: Connection, token_hash: bytes, key_hash: bytes, shown_before: datetime
) -> bool:
    """Whether a device may have this key; see `PeopleStore.show_device_key`."""
    row = connection.execute(select(schema.token).where(_token.hash == token_hash)).first()
    if row is None:
        return False
    now = timestamps.now()
    is_new = row.made_at is None or row.made_at > now - _FIRST_KEY_MICROSECONDS
    is_right = row.key_hash == key_hash or (row.key_hash is None and is_new)
    if row.next_key_hash == key_hash:
        is_right |= row.next_key_at < timestamps.to_microseconds(shown_before)
        if not is_right:
            return False
    values = (
        {"key_hash": key_hash, "next_key_hash": None, "next_key_at": None}
        if is_right
        else {"next_key_hash": key_hash, "next_key_at": now}
    )
    connection.execute(update(schema.token).where(_token.hash == token_hash).values(**values))
    return is_right


def _is_current() -> ColumnElement[bool]:
    """Whether a token has not expired.

    Earlier versions did not store when a token was used: it is not known before the first renewal.
    """
    is_known = _token.renewed_at.is_not(None)
    return ~(is_known & (_token.used_at <= timestamps.now() - _LIFETIME))
