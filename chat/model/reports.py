"""Reports of messages to the moderators, as frozen values."""

import json
from dataclasses import dataclass
from enum import StrEnum

from chat.model.people import PersonId
from chat.model.rooms import RoomId, RoomKind


class ReportKind(StrEnum):
    """What is wrong with a message. The values are part of the API: none is renamed."""

    SPAM = "spam"
    HARASSMENT = "harassment"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """What makes a message of the moderators' room a report; its author is who reported.

    `person_id` is the author of the reported message, `person_name` their name at that time, and
    `room_id` and `number` are its place. `room_kind` is that of the room, or of the room that a
    thread belongs to. `settled_by` is the name of the moderator who settled it, empty before.
    """

    kind: ReportKind
    person_id: PersonId
    person_name: str
    room_id: RoomId
    number: int
    room_kind: RoomKind
    settled_by: str = ""

    def to_json(self) -> str:
        """The stored form."""
        values = [self.kind, self.person_id, self.person_name]
        values += [self.room_id, self.number, self.room_kind, self.settled_by]
        return json.dumps(values, ensure_ascii=False)

    @classmethod
    def from_json(cls, stored: str) -> "Report":
        """The value of a stored form."""
        kind, person_id, person_name, room_id, number, room_kind, settled_by = json.loads(stored)
        return cls(
            ReportKind(kind),
            person_id,
            person_name,
            room_id,
            number,
            RoomKind(room_kind),
            settled_by,
        )
