"""Values from rows: people, rooms and messages are each built in one function."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping

from chat.model.attachments import Attachment
from chat.model.messages import MentionNames, Message, MessageKind, Poll, Quote, Reaction
from chat.model.people import Person, PersonId
from chat.model.programs import StreamState, Via, View
from chat.model.reports import Report
from chat.model.rooms import RoomInfo, RoomKind
from chat.store import schema, timestamps

# The columns for `person_from_row`, which gets the id from any column.
PROFILE_COLUMNS = (schema.person.c.name, schema.person.c.avatar, schema.person.c.account_kind)
PERSON_COLUMNS = (schema.person.c.id, *PROFILE_COLUMNS)

BOT = "bot"


@dataclass(frozen=True, slots=True)
class Annotations:
    """The parts of a message that have tables of their own."""

    quote: Quote | None = None
    reactions: tuple[Reaction, ...] = ()
    mentions: frozenset[PersonId] = frozenset()
    files: tuple[Attachment, ...] = ()
    poll: Poll | None = None
    mention_names: MentionNames = ()
    repliers: tuple[Person, ...] = ()


def person_from_row(row: RowMapping, id_column: str = "id") -> Person:
    """A person from a row with their name and avatar; `id_column` has their id."""
    return Person(row[id_column], row["name"], row["avatar"], row["account_kind"] == BOT)


def room_from_row(row: RowMapping) -> RoomInfo:
    """A room from its row."""
    parent_id = row["parent_room"]
    return RoomInfo(
        row["id"],
        row["slug"],
        row["title"],
        row["topic"],
        RoomKind(row["kind"]),
        None if parent_id is None else (parent_id, row["parent_number"]),
        row["made_by"],
        row["archived_at"] is not None,
        row["slow_seconds"],
    )


def message_from_row(
    row: RowMapping | Mapping[str, Any], author: Person, annotations: Annotations
) -> Message:
    """A message from its row. A deleted message quotes nothing."""
    is_deleted = row["deleted_at"] is not None
    return Message(
        row["room"],
        row["number"],
        author,
        MessageKind(row["kind"]),
        row["text"],
        timestamps.to_datetime(row["at"]),
        row["event"],
        timestamps.to_datetime_or_none(row["edited_at"]),
        is_deleted,
        is_deleted and not row["leaves_trace"],
        row["pinned_at"] is not None,
        None if is_deleted else annotations.quote,
        annotations.reactions,
        annotations.mentions,
        row["replies"],
        timestamps.to_datetime_or_none(row["last_reply_at"]),
        annotations.files,
        annotations.poll,
        annotations.mention_names,
        None if row["via"] is None else Via.from_json(row["via"]),
        None if row["state"] is None else StreamState(row["state"]),
        None if row["view"] is None else View.from_json(row["view"]),
        None if row["report"] is None else Report.from_json(row["report"]),
        row["sequence"] or row["id"],
        row["id"],
        annotations.repliers,
    )
