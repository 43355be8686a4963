"""Ids of packed controls, and how a control is packed."""

import dataclasses
from dataclasses import dataclass
from functools import cache
from typing import Any

import flet as ft
import msgpack
from flet.controls.base_control import BaseControl

from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.ui.flet.encoding import encode_control
from chat.ui.row_parts import PART_LIMIT, VIEW_PARTS

# Flet counts its own ids from 1. All ids stay below 2**32: where a browser cannot run the wasm
# client, the JavaScript client cannot read longer integers. There is room for 3 million messages in
# a room, and for 390,000 in a thread beside it.
FIRST_ROW_ID, _FIRST_THREAD_ROW_ID = 1 << 28, 0xC800_0000


IDS_PER_MESSAGE = 1024


# The last ids of a message are for the clickable parts of its row, and those before them for the
# controls of its view.
_CLICKABLE_IDS = PART_LIMIT
_ORDINARY_IDS = IDS_PER_MESSAGE - PART_LIMIT - VIEW_PARTS


_CHILD_NAMES = ("content", "controls", "spans", "icon")


@dataclass(frozen=True, slots=True)
class RowIds:
    """The ids of the rows of one timeline, from `first_id` on, and that of its list. They are the
    same in all sessions."""

    list_id: int
    first_id: int


# The timeline of the room pane, and that of the thread pane beside it.
ROOM_ROWS = RowIds(FIRST_ROW_ID - 1, FIRST_ROW_ID)
THREAD_ROWS = RowIds(FIRST_ROW_ID - 2, _FIRST_THREAD_ROW_ID)

# The first ids of the sidebar's items. Each room and each person has IDS_PER_ITEM ids; the first of
# them is clickable.
_FIRST_ROOM_ITEM_ID, _FIRST_PERSON_ITEM_ID = 0xE000_0000, 0xF000_0000


IDS_PER_ITEM = 16


# The first ids of the shared views, 65,536 for each.
SIDEBAR_ID, HEADER_ID, ROOM_LIST_ID, PICKER_ID = range(0xF800_0000, 0xF804_0000, 1 << 16)


def pack_with_message_ids(
    control: ft.Control, message_number: int, row_ids: RowIds = ROOM_ROWS
) -> bytes:
    """Pack a control with the ids of message `message_number` (0 is no message) in a timeline.

    Raises ValueError for a control of more than 603 controls besides its parts.
    """
    first_id = row_ids.first_id + message_number * IDS_PER_MESSAGE
    return pack_with_ids(control, first_id, _ORDINARY_IDS - 1)


def pack_with_ids(control: ft.Control, first_id: int, max_count: int) -> bytes:
    count = assign_ids(control, first_id)
    if count > max_count:
        raise ValueError(f"there are {count} controls; {max_count} fit")
    return pack(control)


def room_item_id(room_id: RoomId) -> int:
    """The first id of a room's item in the sidebar."""
    return _FIRST_ROOM_ITEM_ID + room_id * IDS_PER_ITEM


def person_item_id(person_id: PersonId) -> int:
    """The first id of a person's item in the sidebar."""
    return _FIRST_PERSON_ITEM_ID + person_id * IDS_PER_ITEM


def section_heading_id(index: int) -> int:
    """The first id of a heading of the sidebar, by the place of its section among all sections."""
    return ROOM_LIST_ID + (1 + index) * IDS_PER_MESSAGE


def heading_part_of_id(control_id: int) -> tuple[int, int] | None:
    """The place of the section whose heading has this id, and the part of the heading.

    A clickable part has the number of its `data`: 1, 2 …; the heading itself is part 0.
    """
    if not ROOM_LIST_ID + IDS_PER_MESSAGE <= control_id < PICKER_ID:
        return None
    index, part = divmod(control_id - ROOM_LIST_ID, IDS_PER_MESSAGE)
    return index - 1, max(0, part - (IDS_PER_MESSAGE - 1 - _CLICKABLE_IDS))


def item_of_id(control_id: int) -> tuple[RoomId | None, PersonId | None]:
    """The room or the person whose sidebar item has this id."""
    if _FIRST_ROOM_ITEM_ID <= control_id < _FIRST_PERSON_ITEM_ID:
        return (control_id - _FIRST_ROOM_ITEM_ID) // IDS_PER_ITEM, None
    if _FIRST_PERSON_ITEM_ID <= control_id < SIDEBAR_ID:
        return None, (control_id - _FIRST_PERSON_ITEM_ID) // IDS_PER_ITEM
    return None, None


def pack(control: ft.Control) -> bytes:
    """A control with its children as Flet would send it."""
    return bytes(msgpack.packb(control, default=encode_control))


def message_part_of_id(control_id: int) -> tuple[RowIds, int, int] | None:
    """The timeline, the message number and the row part that a control id stands for.

    A clickable part has the number of its `data`: 1, 2 …, a control of a view has -1, -2 …; any
    other control is part 0.
    """
    if not FIRST_ROW_ID <= control_id < _FIRST_ROOM_ITEM_ID:
        return None
    row_ids = ROOM_ROWS if control_id < _FIRST_THREAD_ROW_ID else THREAD_ROWS
    message_number, part = divmod(control_id - row_ids.first_id, IDS_PER_MESSAGE)
    part -= IDS_PER_MESSAGE - 1 - _CLICKABLE_IDS
    return row_ids, message_number, 0 if part < -VIEW_PARTS else part


def is_control_of_view(control_id: int) -> bool:
    """Whether a control id stands for a control of a view."""
    found = message_part_of_id(control_id)
    return found is not None and found[2] < 0


def part_id(message_number: int, part: int, row_ids: RowIds) -> int:
    """The id of a part of a message's row in a timeline."""
    first_id = row_ids.first_id + message_number * IDS_PER_MESSAGE
    return first_id + IDS_PER_MESSAGE - 1 - _CLICKABLE_IDS + part


def assign_ids(control: BaseControl, first_id: int) -> int:
    """Give ids to a control and its children, from `first_id` on; returns how many were used.

    A control whose `data` is a number is a clickable part of a row, or a control of a view, and
    that number makes its id.
    """
    control.build()
    control.before_update()
    is_clickable = isinstance(control.data, int)
    control._i = (
        first_id - first_id % IDS_PER_MESSAGE + IDS_PER_MESSAGE - 1 - _CLICKABLE_IDS + control.data
        if is_clickable
        else first_id
    )
    count = 0 if is_clickable else 1
    for child in child_controls(control):
        count += assign_ids(child, first_id + count)
    return count


@cache
def _names_of(control_type: Any) -> tuple[str, ...]:
    """The properties of a type of controls that may hold others."""
    return tuple(each.name for each in dataclasses.fields(control_type) if each.name[0] != "_")


def child_controls(control: BaseControl) -> list[BaseControl]:
    """The direct children of a control. Those of a control of a view may be in any property."""
    children: list[object] = []
    is_of_view = isinstance(control.data, int) and control.data < 0
    control_type: Any = type(control)
    names = _names_of(control_type) if is_of_view else _CHILD_NAMES
    for name in names:
        value = getattr(control, name, None)
        children += value if isinstance(value, list) else [value]
    return [each for each in children if isinstance(each, BaseControl)]
