"""Moderation as rows: the roles and sanctions of people, and the audit log."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select

from chat.model.moderation import (
    AuditAct,
    AuditEntry,
    NewAuditEntry,
    Role,
    Sanction,
    SanctionKind,
)
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId
from chat.store import schema, timestamps
from chat.store.queries import people, rooms
from chat.store.rows import BOT

# The most rows of the audit log; the oldest go first.
AUDIT_ROW_LIMIT = 100_000

# The room of a role in the whole chat.
_WHOLE_CHAT = 0

# The columns of a person that a row of the log shows.
_PROFILE = ("name", "avatar", "account_kind")

_role, _audit, _sanction = schema.role.c, schema.audit.c, schema.sanction.c


def roles(connection: Connection) -> dict[tuple[PersonId, RoomId | None], Role]:
    """All roles that are not that of a member, by person and room; None is the whole chat."""
    return {
        (row.person, None if row.room == _WHOLE_CHAT else row.room): Role(row.role)
        for row in connection.execute(select(schema.role))
    }


def set_role(
    connection: Connection,
    person_id: PersonId,
    room_id: RoomId | None,
    role: Role,
    entry: NewAuditEntry | None,
) -> None:
    """Replace the role of a person in a room, or in the whole chat."""
    room = _WHOLE_CHAT if room_id is None else room_id
    connection.execute(delete(schema.role).where(_role.person == person_id, _role.room == room))
    if role is not Role.MEMBER:
        values = {"person": person_id, "room": room, "role": role.value}
        connection.execute(insert(schema.role).values(**values))
    append_audit(connection, entry)


def sanctions(connection: Connection) -> tuple[Sanction, ...]:
    """All sanctions, also those that are over."""
    rows = connection.execute(select(schema.sanction))
    return tuple(_sanction_from_row(row._mapping) for row in rows)


def set_sanction(connection: Connection, new: Sanction, entry: NewAuditEntry) -> None:
    """Mute or ban a person; an earlier sanction of the kind is replaced. Old ones are deleted."""
    is_over = _sanction.until.is_not(None) & (_sanction.until <= timestamps.now())
    connection.execute(delete(schema.sanction).where(is_over))
    _delete_sanction(connection, new.person_id, new.kind)
    values = {
        "person": new.person_id,
        "kind": new.kind.value,
        "until": None if new.until is None else timestamps.to_microseconds(new.until),
        "reason": new.reason,
    }
    connection.execute(insert(schema.sanction).values(**values))
    append_audit(connection, entry)


def lift_sanction(
    connection: Connection, person_id: PersonId, kind: SanctionKind, entry: NewAuditEntry
) -> None:
    """End a sanction."""
    _delete_sanction(connection, person_id, kind)
    append_audit(connection, entry)


def ban_for_token(connection: Connection, token_hash: bytes) -> Sanction | None:
    """The ban of the person who has this token, unless it is over."""
    statement = (
        select(schema.sanction)
        .join(schema.token, schema.token.c.person == _sanction.person)
        .where(schema.token.c.hash == token_hash, people.is_ban_active())
    )
    row = connection.execute(statement).first()
    return None if row is None else _sanction_from_row(row._mapping)


def _delete_sanction(connection: Connection, person_id: PersonId, kind: SanctionKind) -> None:
    is_same = (_sanction.person == person_id) & (_sanction.kind == kind.value)
    connection.execute(delete(schema.sanction).where(is_same))


def _sanction_from_row(row: RowMapping) -> Sanction:
    until = timestamps.to_datetime_or_none(row["until"])
    return Sanction(row["person"], SanctionKind(row["kind"]), until, row["reason"])


def append_audit(connection: Connection, entry: NewAuditEntry | None) -> None:
    """Append a row to the audit log, within the transaction of what it is about."""
    if entry is None:
        return
    statement = insert(schema.audit).values(
        at=timestamps.now(),
        act=entry.act.value,
        actor=entry.actor_id,
        person=entry.person_id,
        room=entry.room_id,
        number=entry.number,
        reason=entry.reason,
        detail=entry.detail,
    )
    inserted = connection.execute(statement).inserted_primary_key
    assert inserted is not None, "a row has a key"
    connection.execute(delete(schema.audit).where(_audit.id <= inserted[0] - AUDIT_ROW_LIMIT))


def forget_audit(connection: Connection, before: datetime) -> None:
    """Delete the rows of the audit log that are older."""
    at = timestamps.to_microseconds(before)
    # The times grow with the ids, but for a clock that was set back.
    connection.execute(delete(schema.audit).where(_audit.at < at))


def audit_page(connection: Connection, before_id: int | None, limit: int) -> tuple[AuditEntry, ...]:
    """At most `limit` rows of the audit log before an id, the newest first."""
    actor, person = schema.person.alias(), schema.person.alias()
    statement = (
        select(
            schema.audit,
            *(actor.c[name].label(f"actor_{name}") for name in _PROFILE),
            *(person.c[name].label(f"person_{name}") for name in _PROFILE),
        )
        .join(actor, actor.c.id == _audit.actor, isouter=True)
        .join(person, person.c.id == _audit.person, isouter=True)
        .order_by(_audit.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        statement = statement.where(_audit.id < before_id)
    rows = [row._mapping for row in connection.execute(statement)]
    found = rooms.by_ids(connection, {row["room"] for row in rows if row["room"] is not None})
    return tuple(
        AuditEntry(
            row["id"],
            timestamps.to_datetime(row["at"]),
            AuditAct(row["act"]),
            _person(row, "actor"),
            _person(row, "person"),
            found.get(row["room"]),
            row["number"],
            row["reason"],
            row["detail"],
            row["room"] is not None,
        )
        for row in rows
    )


def _person(row: RowMapping, column: str) -> Person | None:
    if row[column] is None:
        return None
    name, avatar, kind = (row[f"{column}_{each}"] for each in _PROFILE)
    return Person(row[column], name, avatar, kind == BOT)
