"""Invitations as rows: their links by hash, their rooms, and who came in with them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from chat.errors import InvitationRefused, TooManyInvitations
from chat.model.joining import Invitation, InvitationId, InvitationUse, NewInvitation
from chat.model.moderation import AuditAct, NewAuditEntry, Role
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId, RoomInfo
from chat.store import schema, timestamps
from chat.store.queries import moderation, rooms
from chat.store.rows import PERSON_COLUMNS, PROFILE_COLUMNS, person_from_row

# The most invitations that are kept; of those that have ended, the oldest go first.
KEPT_INVITATIONS = 1000

_invitation, _invitation_room = schema.invitation.c, schema.invitation_room.c
_use, _person, _role = schema.invitation_use.c, schema.person.c, schema.role.c


def add(connection: Connection, new: NewInvitation, entry: NewAuditEntry, limit: int) -> Invitation:
    """Store an invitation; the row of the log gets its id as detail.

    Raises TooManyInvitations if `limit` of its maker are valid.
    """
    is_own = _invitation.made_by == new.made_by
    count = select(func.count()).select_from(schema.invitation).where(is_own, _is_valid())
    if connection.execute(count).scalar_one() >= limit:
        raise TooManyInvitations(limit)
    _forget_ended(connection)
    statement = insert(schema.invitation).values(
        hash=new.code_hash,
        made_by=new.made_by,
        made_at=timestamps.now(),
        expires_at=timestamps.to_microseconds(new.expires_at),
        use_limit=new.use_limit,
        used=0,
        role=new.role.value,
    )
    inserted = connection.execute(statement).inserted_primary_key
    assert inserted is not None, "a row has a key"
    invitation_id: InvitationId = inserted[0]
    for room_id in new.room_ids:
        values = {"invitation": invitation_id, "room": room_id}
        connection.execute(insert(schema.invitation_room).values(**values))
    moderation.append_audit(connection, replace(entry, detail=str(invitation_id)))
    added = by_id(connection, invitation_id)
    assert added is not None, "it was just added"
    return added


def find(connection: Connection, code_hash: bytes) -> Invitation | None:
    """The invitation whose code has this hash, whether it is valid or not."""
    found = _invitations(connection, _invitation.hash == code_hash, 1)
    return found[0] if found else None


def by_id(connection: Connection, invitation_id: InvitationId) -> Invitation | None:
    """An invitation; None if it is not kept any more."""
    found = _invitations(connection, _invitation.id == invitation_id, 1)
    return found[0] if found else None


def page(
    connection: Connection, made_by: PersonId | None, before_id: InvitationId | None, limit: int
) -> tuple[Invitation, ...]:
    """At most `limit` invitations before an id, the newest first: of one person, or of all."""
    condition = _invitation.id > 0
    if made_by is not None:
        condition &= _invitation.made_by == made_by
    if before_id is not None:
        condition &= _invitation.id < before_id
    return _invitations(connection, condition, limit)


def uses(
    connection: Connection, invitation_id: InvitationId, limit: int
) -> tuple[InvitationUse, ...]:
    """The last people who came in with an invitation, the newest first."""
    statement = (
        select(_use.person, _use.at, *PROFILE_COLUMNS)
        .join(schema.person, _person.id == _use.person)
        .where(_use.invitation == invitation_id)
        .order_by(_use.at.desc(), _use.person.desc())
        .limit(limit)
    )
    return tuple(
        InvitationUse(person_from_row(row._mapping, "person"), timestamps.to_datetime(row.at))
        for row in connection.execute(statement)
    )


def spend(connection: Connection, invitation_id: InvitationId, person_id: PersonId) -> None:
    """Count a use, within the transaction that makes the person, and give them its role.

    Raises InvitationRefused if the invitation has ended meanwhile.
    """
    statement = (
        update(schema.invitation)
        .where(_invitation.id == invitation_id, _is_valid())
        .values(used=_invitation.used + 1)
        .returning(_invitation.role)
    )
    role = connection.execute(statement).scalar_one_or_none()
    if role is None:
        found = by_id(connection, invitation_id)
        now = timestamps.to_datetime(timestamps.now())
        raise InvitationRefused(None if found is None else found.state(now).value)
    values = {"person": person_id, "invitation": invitation_id, "at": timestamps.now()}
    connection.execute(insert(schema.invitation_use).values(**values))
    if role != Role.MEMBER.value:
        moderation.set_role(connection, person_id, None, Role(role), None)
    entry = NewAuditEntry(AuditAct.INVITATION_USED, person_id, detail=str(invitation_id))
    moderation.append_audit(connection, entry)


def guests_since(connection: Connection) -> dict[PersonId, datetime]:
    """Since when the guests are here who came in with an invitation."""
    rows = connection.execute(select(_use.person, _use.at).where(_is_guest(_use.person)))
    return {row.person: timestamps.to_datetime(row.at) for row in rows}


def ended_guests(connection: Connection) -> tuple[tuple[Person, ...], datetime | None]:
    """The guests whose invitation has expired or was revoked, and when the next one expires."""
    expiry, now = _invitation.expires_at, timestamps.now()
    statement = (
        select(*PERSON_COLUMNS, expiry, _invitation.revoked_at)
        .join(schema.invitation_use, _use.person == _person.id)
        .join(schema.invitation, _invitation.id == _use.invitation)
        .where(_is_guest(_person.id))
        .order_by(_person.id)
    )
    ended, ends = list[Person](), list[int]()
    for row in connection.execute(statement):
        if row.revoked_at is not None or row.expires_at <= now:
            ended.append(person_from_row(row._mapping))
        else:
            ends.append(row.expires_at)
    return tuple(ended), timestamps.to_datetime(min(ends)) if ends else None


def outsiders(connection: Connection, lobby_slug: str) -> tuple[Person, ...]:
    """The guests who are not in the lobby."""
    lobby_members = select(schema.member.c.person).where(
        schema.member.c.room == schema.room.c.id, schema.room.c.slug == lobby_slug
    )
    statement = select(*PERSON_COLUMNS).where(
        _is_guest(_person.id), _person.id.not_in(lobby_members)
    )
    rows = connection.execute(statement.order_by(_person.id))
    return tuple(person_from_row(row._mapping) for row in rows)


def _is_guest(person_id: ColumnElement[PersonId]) -> ColumnElement[bool]:
    guests = select(_role.person).where(_role.room == 0, _role.role == Role.GUEST.value)
    return person_id.in_(guests)


def revoke(connection: Connection, invitation_id: InvitationId, entry: NewAuditEntry) -> bool:
    """Revoke an invitation; returns whether it was not revoked before."""
    statement = (
        update(schema.invitation)
        .where(_invitation.id == invitation_id, _invitation.revoked_at.is_(None))
        .values(revoked_at=timestamps.now())
    )
    if not connection.execute(statement).rowcount:
        return False
    moderation.append_audit(connection, entry)
    return True


def close_known_to(connection: Connection, person_id: PersonId) -> None:
    """Let nobody else come in with the invitations that a banned person made or used.

    Those who came in with them before stay.
    """
    used = select(_use.invitation).where(_use.person == person_id)
    is_known = (_invitation.made_by == person_id) | _invitation.id.in_(used)
    statement = update(schema.invitation).where(is_known, _is_valid())
    connection.execute(statement.values(use_limit=_invitation.used))


def _is_valid() -> ColumnElement[bool]:
    return (
        _invitation.revoked_at.is_(None)
        & (_invitation.expires_at > timestamps.now())
        & (_invitation.used < _invitation.use_limit)
    )


def _forget_ended(connection: Connection) -> None:
    """Delete the oldest invitations that have ended, if there are more than are kept."""
    total = connection.execute(select(func.count()).select_from(schema.invitation)).scalar_one()
    if total < KEPT_INVITATIONS:
        return
    ended = (
        select(_invitation.id)
        .where(~_is_valid())
        .order_by(_invitation.id)
        .limit(total - KEPT_INVITATIONS + 1)
    )
    ids = list(connection.execute(ended).scalars())
    connection.execute(delete(schema.invitation_room).where(_invitation_room.invitation.in_(ids)))
    connection.execute(delete(schema.invitation_use).where(_use.invitation.in_(ids)))
    connection.execute(delete(schema.invitation).where(_invitation.id.in_(ids)))


def _invitations(
    connection: Connection, condition: ColumnElement[bool], limit: int
) -> tuple[Invitation, ...]:
    statement = (
        select(schema.invitation, *PROFILE_COLUMNS)
        .join(schema.person, _person.id == _invitation.made_by)
        .where(condition)
        .order_by(_invitation.id.desc())
        .limit(limit)
    )
    rows = [row._mapping for row in connection.execute(statement)]
    found = _rooms_of(connection, [row["id"] for row in rows])
    return tuple(_invitation_from_row(row, found.get(row["id"], ())) for row in rows)


def _rooms_of(
    connection: Connection, ids: Sequence[InvitationId]
) -> dict[InvitationId, tuple[RoomInfo, ...]]:
    statement = select(schema.invitation_room).where(_invitation_room.invitation.in_(ids))
    room_ids = defaultdict[InvitationId, list[RoomId]](list)
    for row in connection.execute(statement.order_by(_invitation_room.room)):
        room_ids[row.invitation].append(row.room)
    infos = rooms.by_ids(connection, {each for ids in room_ids.values() for each in ids})
    return {key: tuple(infos[each] for each in value) for key, value in room_ids.items()}


def _invitation_from_row(row: RowMapping, infos: tuple[RoomInfo, ...]) -> Invitation:
    def at(name: str) -> datetime:
        return timestamps.to_datetime(row[name])

    return Invitation(
        row["id"],
        person_from_row(row, "made_by"),
        at("made_at"),
        at("expires_at"),
        row["use_limit"],
        row["used"],
        Role(row["role"]),
        infos,
        None if row["revoked_at"] is None else at("revoked_at"),
    )
