"""Files as rows: what lies in the storage, and what hangs on which message or person."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update

from chat.model.attachments import Attachment, Blob
from chat.model.messages import NewMessage
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId
from chat.store import schema, timestamps

_file, _attachment, _person = schema.file.c, schema.attachment.c, schema.person.c


def keep(connection: Connection, content: Blob) -> Blob:
    """What lies in the storage is known, and unused so far; what is known already stays."""
    if (known := find(connection, content.hash)) is not None:
        return known
    values = {
        "hash": content.hash,
        "size": content.size,
        "kind": content.thumbnail_type,
        "width": content.width,
        "height": content.height,
    }
    connection.execute(insert(schema.file).values(**values, unused_since=timestamps.now()))
    return content


def find(connection: Connection, content: str) -> Blob | None:
    """What is known of the content with this hash."""
    row = connection.execute(select(schema.file).where(_file.hash == content)).first()
    return None if row is None else Blob(row.hash, row.size, row.kind, row.width, row.height)


def known(connection: Connection) -> frozenset[str]:
    """The hashes of all that is known."""
    return frozenset(row.hash for row in connection.execute(select(_file.hash)))


def unused(connection: Connection) -> tuple[str, ...]:
    """The hashes of what nothing refers to."""
    wanted = select(_file.hash).where(_file.unused_since.is_not(None))
    return tuple(row.hash for row in connection.execute(wanted))


def drop(connection: Connection, content: str) -> bool:
    """Forget the content with this hash, unless something refers to it; whether it is gone."""
    gone = delete(schema.file).where(_file.hash == content, _file.unused_since.is_not(None))
    connection.execute(gone)
    return find(connection, content) is None


def attach(connection: Connection, message: int, draft: NewMessage) -> None:
    """Hang the files of a draft on the message (id) that it became."""
    rows = [
        {
            "id": each.id,
            "message": message,
            "position": position,
            "file": each.blob.hash,
            "name": each.name,
            "kind": each.media_type,
            "person": draft.author.id,
        }
        for position, each in enumerate(draft.files)
    ]
    connection.execute(insert(schema.attachment), rows)
    _use(connection, {each.blob.hash for each in draft.files})


def detach(connection: Connection, message: int) -> None:
    """Take all files from a message (id)."""
    gone = delete(schema.attachment).where(_attachment.message == message)
    _leave(connection, {row.file for row in connection.execute(gone.returning(_attachment.file))})


def below(connection: Connection, messages: Sequence[int]) -> dict[int, tuple[Attachment, ...]]:
    """The files of these messages (ids), in order."""
    if not messages:
        return {}
    found = defaultdict[int, list[Attachment]](list)
    wanted = _ATTACHED.where(_attachment.message.in_(messages))
    for row in connection.execute(wanted.order_by(_attachment.message, _attachment.position)):
        found[row.message].append(_attached(row))
    return {message: tuple(files) for message, files in found.items()}


def attached(connection: Connection, attachment: str) -> tuple[RoomId, Attachment] | None:
    """The attachment with this id, and the room that its message is in."""
    wanted = (
        _ATTACHED.add_columns(schema.message.c.room)
        .join(schema.message, schema.message.c.id == _attachment.message)
        .where(_attachment.id == attachment)
    )
    row = connection.execute(wanted).first()
    return None if row is None else (row.room, _attached(row))


def taken(connection: Connection, person: PersonId) -> int:
    """How many bytes a person's files take."""
    wanted = (
        select(func.coalesce(func.sum(_file.size), 0))
        .join(schema.attachment, _attachment.file == _file.hash)
        .where(_attachment.person == person)
    )
    return int(connection.execute(wanted).scalar_one())


def portray(connection: Connection, person: PersonId, avatar: str) -> Person:
    """Let the content with this hash be a person's picture; an empty one takes it away."""
    mine = _person.id == person
    before = connection.execute(select(_person.avatar).where(mine)).scalar_one()
    changed = update(schema.person).where(mine).values(avatar=avatar)
    row = connection.execute(changed.returning(_person.id, _person.name, _person.avatar)).one()
    _use(connection, {avatar} - {""})
    _leave(connection, {before} - {""})
    return Person(row.id, row.name, row.avatar)


def is_avatar(connection: Connection, content: str) -> Blob | None:
    """The content with this hash, if it is somebody's picture."""
    worn = exists().where(_person.avatar == content)
    return find(connection, content) if connection.execute(select(worn)).scalar_one() else None


def _use(connection: Connection, contents: Iterable[str]) -> None:
    used = update(schema.file).where(_file.hash.in_(contents)).values(unused_since=None)
    connection.execute(used)


def _leave(connection: Connection, contents: set[str]) -> None:
    """What was used here may be used elsewhere."""
    if contents:
        left = update(schema.file).where(_file.hash.in_(contents), ~_is_used())
        connection.execute(left.values(unused_since=timestamps.now()))


def _is_used() -> ColumnElement[bool]:
    hangs = exists().where(_attachment.file == _file.hash)
    worn = exists().where(_person.avatar == _file.hash)
    return hangs | worn


def _attached(row: Any) -> Attachment:
    content = Blob(row.hash, row.size, row.views, row.width, row.height)
    return Attachment(row.id, row.name, row.kind, content)


_ATTACHED = select(
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
