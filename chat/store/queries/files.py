"""Files as rows: the blobs in the storage, attachments of messages, and avatars."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update

from chat.model.attachments import Attachment, Blob
from chat.model.messages import RoomFile
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId
from chat.store import schema, timestamps
from chat.store.rows import PERSON_COLUMNS, person_from_row

_file, _attachment, _person = schema.file.c, schema.attachment.c, schema.person.c
_message = schema.message.c


def add_blob(connection: Connection, blob: Blob) -> Blob:
    """Store a blob, unused until it is attached. A blob that is stored already is kept."""
    if (existing := find_blob(connection, blob.hash)) is not None:
        return existing
    values = {
        "hash": blob.hash,
        "size": blob.size,
        "kind": blob.thumbnail_type,
        "width": blob.width,
        "height": blob.height,
    }
    connection.execute(insert(schema.file).values(**values, unused_since=timestamps.now()))
    return blob


def find_blob(connection: Connection, blob_hash: str) -> Blob | None:
    """The blob with this hash."""
    row = connection.execute(select(schema.file).where(_file.hash == blob_hash)).first()
    return None if row is None else Blob(row.hash, row.size, row.kind, row.width, row.height)


def blob_hashes(connection: Connection) -> frozenset[str]:
    """The hashes of all blobs."""
    return frozenset(row.hash for row in connection.execute(select(_file.hash)))


def unused_blob_hashes(connection: Connection) -> tuple[str, ...]:
    """The hashes of the blobs without references."""
    statement = select(_file.hash).where(_file.unused_since.is_not(None))
    return tuple(row.hash for row in connection.execute(statement))


def delete_blob(connection: Connection, blob_hash: str) -> bool:
    """Delete a blob, unless something refers to it; returns whether it is gone."""
    statement = delete(schema.file).where(_file.hash == blob_hash, _file.unused_since.is_not(None))
    connection.execute(statement)
    return find_blob(connection, blob_hash) is None


def attach(
    connection: Connection,
    message_id: int,
    author_id: PersonId,
    attachments: Sequence[Attachment],
) -> None:
    """Attach the files of an author to their stored message (id)."""
    rows = [
        {
            "id": each.id,
            "message": message_id,
            "position": position,
            "file": each.blob.hash,
            "name": each.name,
            "kind": each.media_type,
            "person": author_id,
        }
        for position, each in enumerate(attachments)
    ]
    connection.execute(insert(schema.attachment), rows)
    mark_used(connection, {each.blob.hash for each in attachments})


def detach(connection: Connection, message_id: int) -> None:
    """Remove all files of a message (id)."""
    statement = delete(schema.attachment).where(_attachment.message == message_id)
    _mark_unused(
        connection, {row.file for row in connection.execute(statement.returning(_attachment.file))}
    )


def for_messages(
    connection: Connection, message_ids: Sequence[int]
) -> dict[int, tuple[Attachment, ...]]:
    """The files of these messages (ids), in order."""
    if not message_ids:
        return {}
    by_message = defaultdict[int, list[Attachment]](list)
    statement = _SELECT_ATTACHMENTS.where(_attachment.message.in_(message_ids))
    for row in connection.execute(statement.order_by(_attachment.message, _attachment.position)):
        by_message[row.message].append(_attachment_from_row(row))
    return {message: tuple(files) for message, files in by_message.items()}


def room_files(
    connection: Connection,
    room_id: RoomId,
    *,
    pictures: bool,
    before: RoomFile | None,
    limit: int,
) -> tuple[RoomFile, ...]:
    """At most `limit` files of a room, those of the newest message first, after `before`.

    Only pictures, or only all others.
    """
    kind = _file.kind != "" if pictures else _file.kind == ""
    statement = (
        _SELECT_ATTACHMENTS.add_columns(
            _message.number, _message.at, _attachment.position, *_AUTHOR_COLUMNS
        )
        .join(schema.message, _message.id == _attachment.message)
        .join(schema.person, _person.id == _message.author)
        .where(_message.room == room_id, _message.files > 0, kind)
        .order_by(_message.number.desc(), _attachment.position)
        .limit(limit)
    )
    if before is not None:
        is_same_message = _message.number == before.number
        is_later_file = is_same_message & (_attachment.position > before.position)
        statement = statement.where(
            _message.number <= before.number, ~is_same_message | is_later_file
        )
    return tuple(_room_file_from_row(row) for row in connection.execute(statement))


def find_attachment(
    connection: Connection, attachment_id: str
) -> tuple[RoomId, int, Attachment] | None:
    """The attachment with this id, and the room and the number of its message."""
    statement = (
        _SELECT_ATTACHMENTS.add_columns(schema.message.c.room, schema.message.c.number)
        .join(schema.message, schema.message.c.id == _attachment.message)
        .where(_attachment.id == attachment_id)
    )
    row = connection.execute(statement).first()
    return None if row is None else (row.room, row.number, _attachment_from_row(row))


def attached_bytes(connection: Connection, person_id: PersonId) -> int:
    """The total size in bytes of the files on a person's messages."""
    statement = (
        select(func.coalesce(func.sum(_file.size), 0))
        .join(schema.attachment, _attachment.file == _file.hash)
        .where(_attachment.person == person_id)
    )
    return int(connection.execute(statement).scalar_one())


def blob_bytes(connection: Connection) -> int:
    """The total size in bytes of all contents, without their thumbnails."""
    return int(connection.execute(select(func.coalesce(func.sum(_file.size), 0))).scalar_one())


def set_avatar(connection: Connection, person_id: PersonId, blob_hash: str) -> Person:
    """Make a blob the avatar of a person; an empty hash removes the avatar."""
    is_person = _person.id == person_id
    old_hash = connection.execute(select(_person.avatar).where(is_person)).scalar_one()
    statement = update(schema.person).where(is_person).values(avatar=blob_hash)
    row = connection.execute(statement.returning(*PERSON_COLUMNS)).one()
    mark_used(connection, {blob_hash} - {""})
    _mark_unused(connection, {old_hash} - {""})
    return person_from_row(row._mapping)


def find_avatar_blob(connection: Connection, blob_hash: str) -> Blob | None:
    """The blob with this hash, if it is the avatar of a person."""
    used_as_avatar = exists().where(_person.avatar == blob_hash)
    return (
        find_blob(connection, blob_hash)
        if connection.execute(select(used_as_avatar)).scalar_one()
        else None
    )


def still_stored(
    connection: Connection, attachments: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Those of these rows of attachments whose content is still stored."""
    hashes = {each["file"] for each in attachments}
    stored = set(connection.execute(select(_file.hash).where(_file.hash.in_(hashes))).scalars())
    return [each for each in attachments if each["file"] in stored]


def mark_used(connection: Connection, blob_hashes: Iterable[str]) -> None:
    """Mark blobs as used: something refers to them."""
    statement = update(schema.file).where(_file.hash.in_(blob_hashes)).values(unused_since=None)
    connection.execute(statement)


def _mark_unused(connection: Connection, blob_hashes: set[str]) -> None:
    """Mark blobs as unused, unless something else refers to them."""
    if blob_hashes:
        statement = update(schema.file).where(_file.hash.in_(blob_hashes), ~_is_used())
        connection.execute(statement.values(unused_since=timestamps.now()))


def _is_used() -> ColumnElement[bool]:
    is_attached = exists().where(_attachment.file == _file.hash)
    used_as_avatar = exists().where(_person.avatar == _file.hash)
    return is_attached | used_as_avatar


def _attachment_from_row(row: Any) -> Attachment:
    blob = Blob(row.hash, row.size, row.views, row.width, row.height)
    return Attachment(row.id, row.name, row.kind, blob)


def _room_file_from_row(row: Any) -> RoomFile:
    author = Person(row.author_id, row.author_name, row.author_avatar)
    sent_at = timestamps.to_datetime(row.at)
    return RoomFile(_attachment_from_row(row), row.number, row.position, author, sent_at)


_AUTHOR_COLUMNS = (
    _person.id.label("author_id"),
    _person.name.label("author_name"),
    _person.avatar.label("author_avatar"),
)

_SELECT_ATTACHMENTS = select(
    _attachment.id,
    _attachment.message,
    _attachment.name,
    _attachment.kind,
    _file.hash,
    _file.size,
    _file.kind.label("views"),
    _file.width,
    _file.height,
).join(schema.file, _file.hash == _attachment.file)
