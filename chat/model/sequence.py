"""The sequence of the store: one count of the posts and the changes of all rooms, from 1."""

from dataclasses import dataclass

from chat.model.messages import Message
from chat.model.rooms import RoomInfo


@dataclass(frozen=True, slots=True)
class SequencedChange:
    """A message that was posted (`is_new`) or changed as number `sequence`, and its room.

    The message is as it is now. A message has one post, and one change: the last one.
    """

    sequence: int
    is_new: bool
    message: Message
    room: RoomInfo


@dataclass(frozen=True, slots=True)
class SequenceRun:
    """One process that counted on: its random id of 16 hexadecimal digits, and the last number
    before it.
    """

    id: str
    after: int


@dataclass(frozen=True, slots=True)
class SequencePage:
    """The changes up to `position`, in their order; `last` is the last number of the store."""

    changes: tuple[SequencedChange, ...]
    position: int
    last: int
