"""The order of the room list: the changes of a move lead to the list that a full draw gives."""

import random

import pytest

from chat.model.preferences import SidebarSection
from chat.ui.sidebar.room_order import (
    ROOM_SECTIONS,
    Insert,
    Line,
    ListChange,
    Place,
    Remove,
    RoomOrder,
)


def apply(lines: list[Line], changes: list[ListChange]) -> None:
    """Apply changes to a list, as a client does."""
    for change in changes:
        if isinstance(change, Remove):
            del lines[change.index]
        elif isinstance(change, Insert):
            lines.insert(change.index, change.line)
        else:
            assert lines[change.index] == change.line


@pytest.mark.parametrize("has_all_headings", [True, False])
def test_changes_of_a_move_give_the_list_of_a_full_draw(has_all_headings: bool) -> None:
    dice = random.Random(7)
    places = dict[int, Place]()
    order = RoomOrder()
    order.replace_all((), has_all_headings=has_all_headings)
    lines = list(order)
    for _ in range(400):
        room_id = dice.randrange(1, 12)
        place = None
        if dice.random() < 0.8:
            section = dice.choice(ROOM_SECTIONS)
            is_hidden = dice.random() < 0.3
            place = Place(section, dice.randrange(2), dice.choice("abc"), room_id, is_hidden)
        apply(lines, order.move(room_id, place))
        if place is None:
            places.pop(room_id, None)
        else:
            places[room_id] = place
        fresh = RoomOrder()
        fresh.replace_all(places.values(), has_all_headings=has_all_headings)
        assert lines == list(order) == list(fresh)
        assert len(order) == len(lines)
        assert order.room_ids == fresh.room_ids
        for line in lines:
            if not isinstance(line, SidebarSection):
                assert lines[order.index(line) or 0] == line
        for each in ROOM_SECTIONS:
            assert order.hidden_count(each) == fresh.hidden_count(each)


def test_room_that_becomes_unread_is_few_changes_among_many() -> None:
    order = RoomOrder()
    order.replace_all(Place(SidebarSection.ROOMS, 1, f"room {n:03}", n) for n in range(1, 300))
    changes = order.move(200, Place(SidebarSection.UNREAD, 1, "room 200", 200))
    assert changes == [Remove(201), Insert(0, SidebarSection.UNREAD), Insert(1, 200)]
    assert order.move(200, Place(SidebarSection.UNREAD, 1, "room 200", 200)) == []
