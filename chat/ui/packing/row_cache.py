"""Rows as bytes: drawn once from ordinary controls, packed once, shared by all sessions.

Flet gives each session its own controls and compares their trees for every change, which costs
milliseconds for each message that each person sees. The bytes of a row are the same for everyone
whose clock, language and rhythm are the same, if its controls' ids are: so the ids follow from the
message's number.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime

import flet as ft
import msgpack
from flet.controls.base_control import BaseControl
from flet.messaging.protocol import configure_encode_object_for_msgpack

from chat.model.messages import Message, PersonId, RoomId
from chat.ui.rows.message import row
from chat.ui.view import SAME, View
from chat.ui.viewer import Clock

# Flet counts its own ids from 1. All stay under 2**32: where a browser cannot run the wasm client,
# the JavaScript one cannot read longer integers. That is room for 6 million messages in a room.
FIRST_ID = 1 << 28
PARTS = 512

# The last of them are for the parts of a row that answer.
_ANSWERING = 96

# The list that rows stand in has one id in all sessions.
TIMELINE_ID = FIRST_ID - 1

# The lines of the list on the left count theirs from here: each room and each person so many, of
# which the first answers.
_ROOMS, _PEOPLE = 0xE000_0000, 0xF000_0000
_LINE = 16

# What stands still in a session counts from here, each area with room for 65,536.
SIDE_ID, HEADER_ID, PLACES_ID, PICKER_ID = range(0xF800_0000, 0xF804_0000, 1 << 16)

# Rows that are kept: some kilobytes each at the most, mostly some hundred bytes.
_KEEP = 4096

encode = configure_encode_object_for_msgpack(BaseControl)

Key = tuple[int, int, Hashable, date, View]


class Newest:
    """What was said last as one whole frame, the same for everyone with one clock."""

    def __init__(self) -> None:
        self.messages: tuple[Message, ...] = ()
        self.frame = b""

    def keep(self, messages: tuple[Message, ...], frame: bytes) -> bytes:
        """`frame` is how everyone is told of `messages`."""
        self.messages, self.frame = messages, frame
        return frame


class Press:
    """The packed rows of one process."""

    def __init__(self) -> None:
        self._newest: dict[Clock, Newest] = {}
        self._kept: OrderedDict[Key, tuple[Message, bool, bytes]] = OrderedDict()
        self._lines: OrderedDict[Hashable, bytes] = OrderedDict()

    def row(
        self, message: Message, previous: Message | None, clock: Clock, view: View = SAME
    ) -> bytes:
        """The row of `message` as Flet would send it to a client with this clock."""
        # The line above a row says "Today": another day, another row.
        day = clock.day(datetime.now(UTC))
        seen = (clock.zone, clock.say, clock.rhythm, clock.opens)
        key = (message.room, message.number, seen, day, view)
        # Of the one before it only this may ever change.
        gone = previous is not None and previous.gone
        kept = self._kept.get(key)
        if kept is not None and kept[0] == message and kept[1] == gone:
            return kept[2]
        packed = packed_control(row(message, previous, clock, _answered, view), message.number)
        self._kept[key] = (message, gone, packed)
        if len(self._kept) > _KEEP:
            self._kept.popitem(last=False)
        return packed

    def newest(self, clock: Clock) -> Newest:
        """What all sessions with this clock share."""
        return self._newest.setdefault(clock, Newest())

    def line(self, first: int, look: Hashable, draw: Callable[[], ft.Control]) -> bytes:
        """A line of the list on the left, drawn once for all who see it with this `look`."""
        packed = self._lines.get((first, look))
        if packed is None:
            packed = self._lines[first, look] = _packed(draw(), first, _LINE)
            if len(self._lines) > _KEEP:
                self._lines.popitem(last=False)
        return packed


async def _answered(number: int, part: int) -> None:
    """Stands for what happens in a session: its connection hears of a packed control by its id."""


def packed_control(control: ft.Control, number: int) -> bytes:
    """Pack a control, its ids counted from those of message `number` (0 is no message's).

    Raises ValueError for a control of more than 416 parts.
    """
    return _packed(control, FIRST_ID + number * PARTS, PARTS - _ANSWERING)


def _packed(control: ft.Control, first: int, room: int) -> bytes:
    parts = number(control, first)
    if parts > room:
        raise ValueError(f"there are {parts} controls; {room} fit")
    return pack(control)


def room_line(room: RoomId) -> int:
    """The first id of a room's line in the list on the left."""
    return _ROOMS + room * _LINE


def person_line(person: PersonId) -> int:
    """The first id of a person's line in the list on the left."""
    return _PEOPLE + person * _LINE


def line_of(control_id: int) -> tuple[RoomId | None, PersonId | None]:
    """The room or the person whose line the control with this id is."""
    if _ROOMS <= control_id < _PEOPLE:
        return (control_id - _ROOMS) // _LINE, None
    if _PEOPLE <= control_id < SIDE_ID:
        return None, (control_id - _PEOPLE) // _LINE
    return None, None


def pack(control: ft.Control) -> bytes:
    """A control and all in it as Flet would send it."""
    return bytes(msgpack.packb(control, default=encode))


def message_of(control_id: int) -> tuple[int, int] | None:
    """The message's number and which part of its row the control with this id is.

    Parts that answer have the numbers that their `data` is: 1, 2 …; all others are 0.
    """
    if not FIRST_ID <= control_id < _ROOMS:
        return None
    message, part = divmod(control_id - FIRST_ID, PARTS)
    return message, max(0, part - (PARTS - 1 - _ANSWERING))


def number(control: BaseControl, first: int) -> int:
    """Give a control and all in it ids from `first` on; returns how many there are.

    One whose `data` is a number of 1 or more answers in a row, and has its id from that.
    """
    control.build()
    control.before_update()
    answers = isinstance(control.data, int)
    control._i = first - first % PARTS + PARTS - 1 - _ANSWERING + control.data if answers else first
    count = 0 if answers else 1
    for inner in parts_of(control):
        count += number(inner, first + count)
    return count


def parts_of(control: BaseControl) -> list[BaseControl]:
    """The controls that stand in a control."""
    found: list[object] = []
    for name in ("content", "controls", "spans", "icon"):
        value = getattr(control, name, None)
        found += value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, BaseControl)]
