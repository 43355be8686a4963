"""What comes later: texts that are sent at a time, and reminders of messages."""

from dataclasses import dataclass
from datetime import datetime

from chat.model.messages import Message
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId, RoomInfo


@dataclass(frozen=True, slots=True)
class NewScheduledText:
    """A text to send at `due_at` (UTC). `draft` is the stored draft that it was typed as."""

    author_id: PersonId
    room_id: RoomId
    text: str
    client_id: str
    due_at: datetime
    quoted_number: int | None = None
    draft: str = ""


@dataclass(frozen=True, slots=True)
class ScheduledText:
    """A stored text that is sent at `due_at`. `problem` is why it was refused then."""

    id: int
    author: Person
    room: RoomInfo
    text: str
    client_id: str
    due_at: datetime
    quoted_number: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder of a message; from `due_at` on it `is_due`, until the person removes it."""

    id: int
    person_id: PersonId
    room: RoomInfo
    message: Message
    due_at: datetime
    is_due: bool = False
