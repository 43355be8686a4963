"""Events as JSON, and as the blocks of a stream. One that many programs read is encoded once."""

import json
from functools import lru_cache
from typing import Any

from chat.drawings.views import state_of
from chat.model.people import Person
from chat.model.rooms import RoomInfo
from chat.programs.events import ActionEvent, PresenceEvent, ProgramEvent, StoredEvent, TypingEvent
from chat.web.api.answers import MessageAnswer, PersonAnswer

# Encoded events that are kept: those that others read at the same moment.
KEPT_ENCODED_EVENTS = 200


@lru_cache(KEPT_ENCODED_EVENTS)
def event_json(event: ProgramEvent, parent: RoomInfo | None, cursor: str | None) -> bytes:
    """An event as a JSON object; `parent` is the room of a thread."""
    return _encode(_values(event, parent) | ({} if cursor is None else {"cursor": cursor}))


def event_block(content: bytes, cursor: str | None) -> bytes:
    """A block of a stream of server-sent events. Its id is the cursor, if it has one."""
    id_line = b"" if cursor is None else f"id: {cursor}\n".encode()
    return b"%sdata: %s\n\n" % (id_line, content)


def control_block(cursor: str | None, **values: Any) -> bytes:
    """A block about the stream itself."""
    if cursor is not None:
        values["cursor"] = cursor
    return event_block(_encode(values), cursor)


def _values(event: ProgramEvent, parent: RoomInfo | None) -> dict[str, Any]:
    match event:
        case StoredEvent(type_, change):
            message = change.message
            return {
                "type": type_.value,
                "room": _room(event.room, parent),
                "number": message.number,
                "change_number": message.change_number,
                "message": MessageAnswer.of(event.room.slug, message).model_dump(mode="json"),
            }
        case TypingEvent(room, people):
            return {
                "type": event.type.value,
                "room": _room(room, parent),
                "people": [_person(each) for each in people],
            }
        case ActionEvent(id_, room, message, person):
            view = message.view
            assert view is not None, "an action is on a view"
            return {
                "type": event.type.value,
                "id": id_,
                "room": _room(room, parent),
                "number": message.number,
                "change_number": message.change_number,
                "person": _person(person),
                "action": event.action,
                "data": event.data,
                "value": event.value,
                "values": dict(event.values),
                "view": view.name,
                "state": state_of(view),
            }
        case PresenceEvent(online):
            return {
                "type": event.type.value,
                "people": [
                    _person(each) | {"is_away": each.id in online.away} for each in online.people
                ],
            }


def _person(person: Person) -> dict[str, Any]:
    return PersonAnswer.of(person).model_dump(mode="json")


def _room(info: RoomInfo, parent: RoomInfo | None) -> dict[str, Any]:
    root = info.thread_root
    return {
        "id": info.id,
        "slug": info.slug,
        "title": info.title,
        "kind": info.kind.value,
        "thread_of": None
        if parent is None or root is None
        else {"room": parent.slug, "number": root[1]},
    }


def _encode(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
