"""People as rows: their names and preferences."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from chat.model.moderation import SanctionKind
from chat.model.notification_settings import NotificationSettings
from chat.model.people import (
    ALL_KEPT,
    KeptNames,
    NamedPerson,
    PersonDetails,
    PersonId,
    Status,
)
from chat.store import schema, timestamps
from chat.store.queries import names
from chat.store.rows import BOT, PERSON_COLUMNS, person_from_row
from chat.text.emoji import EmojiPreferences

_person = schema.person.c
_workspace = schema.workspace.c
_emoji, _preference = schema.emoji_preferences.c, schema.preference.c
_notification_settings = schema.notification_settings.c
_profile, _sanction = schema.profile.c, schema.sanction.c

_OWNER_KEY = "owner"
_OWNER_LINK_KEY = "owner_link"


def add_person(
    connection: Connection,
    name: str,
    kept: KeptNames = ALL_KEPT,
    bot_owner: PersonId | None = None,
) -> NamedPerson:
    """Store a new person; with `bot_owner`, a bot of that person. Raises NameTaken."""
    former = names.take_name(connection, name, kept)
    values = {"name": name, "came_at": timestamps.now()}
    if bot_owner is not None:
        values |= {"account_kind": BOT, "owner": bot_owner}
    statement = insert(schema.person).values(**values).returning(*PERSON_COLUMNS)
    person = person_from_row(connection.execute(statement).one()._mapping)
    names.add_keys(connection, person.id, name)
    return NamedPerson(person, former)


def rename_person(
    connection: Connection, person_id: PersonId, name: str, kept: KeptNames = ALL_KEPT
) -> NamedPerson:
    """Give a person another name. Raises NameTaken."""
    former = names.take_name(connection, name, kept, person_id)
    statement = update(schema.person).where(_person.id == person_id).values(name=name)
    row = connection.execute(statement.returning(*PERSON_COLUMNS)).one()
    names.add_keys(connection, person_id, name)
    return NamedPerson(person_from_row(row._mapping), former)


def owner_id(connection: Connection) -> PersonId | None:
    """The id of the owner; without a record of one, the id of the first person."""
    recorded = connection.execute(
        select(_workspace.value).where(_workspace.key == _OWNER_KEY)
    ).scalar_one_or_none()
    if recorded is not None:
        return int(recorded) if recorded else None
    statement = select(_person.id).order_by(_person.id).limit(1)
    owner: PersonId | None = connection.execute(statement).scalar_one_or_none()
    return owner


def set_owner(connection: Connection, person_id: PersonId | None) -> None:
    """Record the owner; an empty value means nobody."""
    _set_value(connection, _OWNER_KEY, "" if person_id is None else str(person_id))


def spend_owner_link(connection: Connection) -> None:
    """Let the link for another owner work no more."""
    connection.execute(delete(schema.workspace).where(_workspace.key == _OWNER_LINK_KEY))


def set_owner_link(connection: Connection, secret_hash: bytes, expires_at: datetime) -> None:
    """Record the hash of the secret in a link for the owner, in place of an earlier one."""
    value = f"{secret_hash.hex()} {timestamps.to_microseconds(expires_at)}"
    _set_value(connection, _OWNER_LINK_KEY, value)


def owner_link(connection: Connection) -> bytes | None:
    """The hash of the secret in the link for the owner, if there is one that has not expired."""
    statement = select(_workspace.value).where(_workspace.key == _OWNER_LINK_KEY)
    value = connection.execute(statement).scalar_one_or_none()
    if value is None:
        return None
    secret_hash, expires_at = value.split()
    return bytes.fromhex(secret_hash) if int(expires_at) > timestamps.now() else None


def _set_value(connection: Connection, key: str, value: str) -> None:
    connection.execute(delete(schema.workspace).where(_workspace.key == key))
    connection.execute(insert(schema.workspace).values(key=key, value=value))


def is_not_banned(person_id: ColumnElement[PersonId]) -> ColumnElement[bool]:
    """Whether no ban of a person is active: their tokens are not valid otherwise."""
    return person_id.not_in(select(_sanction.person).where(is_ban_active()))


def is_ban_active() -> ColumnElement[bool]:
    """Whether a row is a ban that is not over."""
    is_ban = _sanction.kind == SanctionKind.BAN.value
    return is_ban & (_sanction.until.is_(None) | (_sanction.until > timestamps.now()))


def save_emoji_preferences(
    connection: Connection, person_id: PersonId, preferences: EmojiPreferences
) -> None:
    """Replace the emoji preferences of a person."""
    connection.execute(delete(schema.emoji_preferences).where(_emoji.person == person_id))
    values = {"recent": " ".join(preferences.recent), "tone": preferences.tone}
    connection.execute(insert(schema.emoji_preferences).values(person=person_id, **values))


def emoji_preferences(connection: Connection, person_id: PersonId) -> EmojiPreferences:
    """The emoji preferences of a person, or the default."""
    statement = select(schema.emoji_preferences).where(_emoji.person == person_id)
    row = connection.execute(statement).first()
    return (
        EmojiPreferences() if row is None else EmojiPreferences(tuple(row.recent.split()), row.tone)
    )


def set_preference(connection: Connection, person_id: PersonId, name: str, value: str) -> None:
    """Replace one preference of a person."""
    is_same = (_preference.person == person_id) & (_preference.name == name)
    connection.execute(delete(schema.preference).where(is_same))
    values = {"person": person_id, "name": name, "value": value}
    connection.execute(insert(schema.preference).values(**values))


def preferences(connection: Connection, person_id: PersonId) -> tuple[tuple[str, str], ...]:
    """The stored preferences of a person: names and values, by name."""
    statement = select(_preference.name, _preference.value).where(_preference.person == person_id)
    rows = connection.execute(statement.order_by(_preference.name))
    return tuple((row.name, row.value) for row in rows)


def save_notification_settings(
    connection: Connection, person_id: PersonId, settings: NotificationSettings
) -> None:
    """Replace the notification settings of a person."""
    is_same = _notification_settings.person == person_id
    connection.execute(delete(schema.notification_settings).where(is_same))
    paused_until = settings.paused_until
    values = {
        "person": person_id,
        "has_sound": int(settings.has_sound),
        "keywords": "\n".join(settings.keywords),
        "paused_until": None if paused_until is None else timestamps.to_microseconds(paused_until),
    }
    connection.execute(insert(schema.notification_settings).values(**values))


def all_notification_settings(connection: Connection) -> dict[PersonId, NotificationSettings]:
    """The notification settings of all people who have changed them."""
    return {
        row.person: NotificationSettings(
            bool(row.has_sound),
            tuple(row.keywords.splitlines()),
            timestamps.to_datetime_or_none(row.paused_until),
        )
        for row in connection.execute(select(schema.notification_settings))
    }


def people_with_preference(connection: Connection, name: str, value: str) -> frozenset[PersonId]:
    """The people who have stored this value of a preference."""
    statement = select(_preference.person).where(
        _preference.name == name, _preference.value == value
    )
    return frozenset(connection.execute(statement).scalars())


def all_details(connection: Connection) -> dict[PersonId, PersonDetails]:
    """What people tell of themselves, by person."""
    return {
        row.person: PersonDetails(
            Status(
                row.status_emoji, row.status, timestamps.to_datetime_or_none(row.status_ends_at)
            ),
            row.time_zone,
            timestamps.to_datetime_or_none(row.last_seen_at),
        )
        for row in connection.execute(select(schema.profile))
    }


def delete_details(connection: Connection, person_id: PersonId) -> None:
    """Forget what a person told of themselves."""
    connection.execute(delete(schema.profile).where(_profile.person == person_id))


def set_status(connection: Connection, person_id: PersonId, status: Status) -> None:
    """Replace the status of a person."""
    values = {
        "status_emoji": status.emoji,
        "status": status.text,
        "status_ends_at": _to_timestamp_or_none(status.ends_at),
    }
    _update_profile(connection, person_id, values)


def set_time_zone(connection: Connection, person_id: PersonId, time_zone: str) -> None:
    """Replace the time zone of a person."""
    _update_profile(connection, person_id, {"time_zone": time_zone})


def set_last_seen(connection: Connection, times: Mapping[PersonId, datetime | None]) -> None:
    """Replace the last-seen times of these people."""
    for person_id, moment in times.items():
        _update_profile(connection, person_id, {"last_seen_at": _to_timestamp_or_none(moment)})


def _update_profile(
    connection: Connection, person_id: PersonId, values: Mapping[str, str | int | None]
) -> None:
    statement = update(schema.profile).where(_profile.person == person_id).values(**values)
    if not connection.execute(statement).rowcount:
        connection.execute(insert(schema.profile).values(person=person_id, **values))


def _to_timestamp_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else timestamps.to_microseconds(moment)
