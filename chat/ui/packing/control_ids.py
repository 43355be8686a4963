"""Ids of packed controls, and how a control is packed."""

import flet as ft
import msgpack
from flet.controls.base_control import BaseControl
from flet.messaging.protocol import configure_encode_object_for_msgpack

from chat.model.people import PersonId
from chat.model.rooms import RoomId

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


encode = configure_encode_object_for_msgpack(BaseControl)


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
