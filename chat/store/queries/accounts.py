"""How people sign in as rows: passwords, passkeys, accounts elsewhere, links for new passwords."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    RowMapping,
    Select,
    delete,
    insert,
    select,
    update,
)

from chat.errors import (
    PasskeyTaken,
    PasswordLinkSpent,
    ProviderAccountTaken,
    TooManyPasskeys,
)
from chat.model.accounts import NewPasskey, Passkey, ProviderAccount, SignInMethods
from chat.model.moderation import AuditAct, NewAuditEntry
from chat.model.people import Person, PersonId
from chat.store import schema, timestamps
from chat.store.queries import moderation
from chat.store.queries.claims import CLAIM_TABLES
from chat.store.rows import PERSON_COLUMNS, PROFILE_COLUMNS, person_from_row
from chat.text.look_alikes import look_alike_keys
from chat.text.names import name_key

_person, _key, _password = schema.person.c, schema.name_key.c, schema.password.c
_passkey, _account, _link = schema.passkey.c, schema.provider_account.c, schema.password_link.c


def password_of(connection: Connection, name: str) -> tuple[Person, str] | None:
    """The person who bears exactly this name, and the hash of their password."""
    statement = (
        select(*PERSON_COLUMNS, _password.hash)
        .distinct()
        .join(schema.password, _password.person == _person.id)
        .join(schema.name_key, _key.person == _person.id)
        .where(_key.key.in_(look_alike_keys(name)), _key.place.is_not(None))
        .order_by(_person.id)
    )
    for row in connection.execute(statement):
        if name_key(row.name) == name_key(name):
            return person_from_row(row._mapping), row.hash
    return None


def password_hash(connection: Connection, person_id: PersonId) -> str | None:
    """The hash of the password of a person."""
    statement = select(_password.hash).where(_password.person == person_id)
    found: str | None = connection.execute(statement).scalar_one_or_none()
    return found


def set_password(connection: Connection, person_id: PersonId, new_hash: str | None) -> None:
    """Replace the password of a person, or remove it; the link for a new one is spent."""
    connection.execute(delete(schema.password_link).where(_link.person == person_id))
    if new_hash is None:
        connection.execute(delete(schema.password).where(_password.person == person_id))
        return
    values = {"hash": new_hash, "set_at": timestamps.now()}
    statement = update(schema.password).where(_password.person == person_id).values(**values)
    if not connection.execute(statement).rowcount:
        _add(connection, person_id, insert(schema.password).values(person=person_id, **values))


def set_password_link(
    connection: Connection,
    person_id: PersonId,
    secret_hash: bytes,
    expires_at: datetime,
    entry: NewAuditEntry | None,
) -> None:
    """Store the link with which a person sets a new password, in place of an earlier one."""
    connection.execute(delete(schema.password_link).where(_link.person == person_id))
    values = {"hash": secret_hash, "expires_at": timestamps.to_microseconds(expires_at)}
    connection.execute(insert(schema.password_link).values(person=person_id, **values))
    moderation.append_audit(connection, entry)


def person_of_link(connection: Connection, secret_hash: bytes) -> Person | None:
    """The person of a link that is neither spent nor expired."""
    statement = (
        select(*PERSON_COLUMNS)
        .join(schema.password_link, _link.person == _person.id)
        .where(_link.hash == secret_hash, _link.expires_at > timestamps.now())
    )
    row = connection.execute(statement).first()
    return None if row is None else person_from_row(row._mapping)


def spend_password_link(connection: Connection, secret_hash: bytes, new_hash: str) -> Person:
    """Set the password of the person of a link. Raises PasswordLinkSpent."""
    person = person_of_link(connection, secret_hash)
    if person is None:
        raise PasswordLinkSpent
    set_password(connection, person.id, new_hash)
    entry = NewAuditEntry(AuditAct.PASSWORD_RESET, person.id)
    moderation.append_audit(connection, entry)
    return person


def add_passkey(connection: Connection, new: NewPasskey, limit: int) -> None:
    """Store a passkey of a person, who has at most `limit`.

    Raises TooManyPasskeys, and PasskeyTaken if the chat knows it already.
    """
    if len(_passkeys(connection, _passkey.person == new.person_id)) >= limit:
        raise TooManyPasskeys(limit)
    if _passkeys(connection, _passkey.credential_id == new.credential_id):
        raise PasskeyTaken
    statement = insert(schema.passkey).values(
        person=new.person_id,
        credential_id=new.credential_id,
        credential=new.credential,
        rp_id=new.rp_id,
        label=new.label,
        sign_count=new.sign_count,
        made_at=timestamps.now(),
    )
    _add(connection, new.person_id, statement)


def remove_passkey(connection: Connection, person_id: PersonId, passkey_id: int) -> None:
    """Remove a passkey of this person."""
    is_own = (_passkey.id == passkey_id) & (_passkey.person == person_id)
    connection.execute(delete(schema.passkey).where(is_own))


def passkey(connection: Connection, credential_id: bytes) -> Passkey | None:
    """The passkey with this id of its device."""
    return next(iter(_passkeys(connection, _passkey.credential_id == credential_id)), None)


def use_passkey(connection: Connection, passkey_id: int, sign_count: int) -> None:
    """A passkey was used now, and its device has counted so far."""
    values = {"sign_count": sign_count, "used_at": timestamps.now()}
    connection.execute(update(schema.passkey).where(_passkey.id == passkey_id).values(**values))


def person_of_account(connection: Connection, issuer: str, subject: str) -> Person | None:
    """The person who has joined this account of a provider."""
    statement = (
        select(*PERSON_COLUMNS)
        .join(schema.provider_account, _account.person == _person.id)
        .where(_account.issuer == issuer, _account.subject == subject)
    )
    row = connection.execute(statement).first()
    return None if row is None else person_from_row(row._mapping)


def join_account(connection: Connection, person_id: PersonId, account: ProviderAccount) -> None:
    """Join an account of a provider to a person, in place of an earlier one.

    Raises ProviderAccountTaken if it is joined to somebody else.
    """
    bearer = person_of_account(connection, account.issuer, account.subject)
    if bearer is not None and bearer.id != person_id:
        raise ProviderAccountTaken
    values = {
        "issuer": account.issuer,
        "subject": account.subject,
        "mail": account.mail,
        "made_at": timestamps.now(),
    }
    is_own = _account.person == person_id
    statement = update(schema.provider_account).where(is_own).values(**values)
    if not connection.execute(statement).rowcount:
        new = insert(schema.provider_account).values(person=person_id, **values)
        _add(connection, person_id, new)


def remove_account(connection: Connection, person_id: PersonId) -> None:
    """Join a person to no account of a provider any more."""
    connection.execute(delete(schema.provider_account).where(_account.person == person_id))


def methods(connection: Connection, person_id: PersonId) -> SignInMethods:
    """How a person may sign in on another device."""
    statement = select(schema.provider_account).where(_account.person == person_id)
    row = connection.execute(statement).first()
    return SignInMethods(
        password_hash(connection, person_id) is not None,
        _passkeys(connection, _passkey.person == person_id),
        None if row is None else ProviderAccount(row.issuer, row.subject, row.mail),
    )


def has_any(connection: Connection) -> bool:
    """Whether anybody can sign in on another device."""
    return any(connection.execute(select(each.c.person).limit(1)).first() for each in CLAIM_TABLES)


def forget(connection: Connection, person_id: PersonId) -> None:
    """Let a person who leaves sign in no more."""
    for table in (*CLAIM_TABLES, schema.password_link):
        connection.execute(delete(table).where(table.c.person == person_id))


def _add(connection: Connection, person_id: PersonId, statement: Insert) -> None:
    """Add a way to sign in. The first one claims the name, which the audit log says."""
    was_claimed = methods(connection, person_id).is_claimed
    connection.execute(statement)
    if not was_claimed:
        moderation.append_audit(connection, NewAuditEntry(AuditAct.NAME_CLAIMED, person_id))


def _passkeys(connection: Connection, condition: ColumnElement[bool]) -> tuple[Passkey, ...]:
    statement: Select[Any] = (
        select(schema.passkey, *PROFILE_COLUMNS)
        .join(schema.person, _person.id == _passkey.person)
        .where(condition)
        .order_by(_passkey.id)
    )
    return tuple(_passkey_from_row(row._mapping) for row in connection.execute(statement))


def _passkey_from_row(row: RowMapping) -> Passkey:
    return Passkey(
        row["id"],
        person_from_row(row, "person"),
        row["credential"],
        row["rp_id"],
        row["label"],
        row["sign_count"],
        timestamps.to_datetime(row["made_at"]),
        timestamps.to_datetime_or_none(row["used_at"]),
    )
