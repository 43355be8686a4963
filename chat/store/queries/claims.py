"""Whose names are claimed: those of people who can sign in on another device."""

from sqlalchemy import ColumnElement, exists, or_

from chat.model.people import PersonId
from chat.store import schema

# Each way to sign in has a table; `queries/accounts.py` reads and writes them.
CLAIM_TABLES = (schema.password, schema.passkey, schema.provider_account)


def is_claimed(person_id: ColumnElement[PersonId]) -> ColumnElement[bool]:
    """Whether a person can sign in on another device: their name never becomes free by absence."""
    return or_(*(exists().where(each.c.person == person_id) for each in CLAIM_TABLES))
