"""The order of the room list: its sections, and the rooms under each heading.

A change gives the operations on the list that it needs, so that one room that moves costs the same
among ten rooms and among a thousand.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from chat.model.preferences import SidebarSection
from chat.model.rooms import RoomId

# The sections that list rooms. (The people have a list of their own below them.)
ROOM_SECTIONS = (
    SidebarSection.UNREAD,
    SidebarSection.FAVOURITES,
    SidebarSection.THREADS,
    SidebarSection.DIRECT,
    SidebarSection.ROOMS,
)

# The sections whose headings have a button.
_SECTIONS_WITH_BUTTON = frozenset({SidebarSection.DIRECT, SidebarSection.ROOMS})

# A line of the list: a heading, or a room.
Line: TypeAlias = SidebarSection | RoomId


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The place of a room: by `rank` and `title_key` in its section. A folded section hides it."""

    section: SidebarSection
    rank: int
    title_key: str
    room_id: RoomId
    is_hidden: bool = False


# Equal places are one object: most people have the same rooms in the same sections.
shared_place = lru_cache(maxsize=10_000)(Place)


@dataclass(frozen=True, slots=True)
class Insert:
    """Insert a line at an index."""

    index: int
    line: Line


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the line at an index."""

    index: int


@dataclass(frozen=True, slots=True)
class Redraw:
    """Draw the line at an index again, as a heading that counts other rooms."""

    index: int
    line: Line


ListChange: TypeAlias = Insert | Remove | Redraw


class RoomOrder:
    """The lines of one room list."""

    __slots__ = ("_has_all_headings", "_hidden_counts", "_places", "_visible")

    def __init__(self) -> None:
        self.replace_all(())

    def replace_all(self, places: Iterable[Place], *, has_all_headings: bool = True) -> None:
        """Order other rooms.

        With `has_all_headings`, the sections whose headings have a button are visible without a
        room.
        """
        self._has_all_headings = has_all_headings
        self._places = {place.room_id: place for place in places}
        self._visible: dict[SidebarSection, list[Place]] = {each: [] for each in ROOM_SECTIONS}
        self._hidden_counts = dict.fromkeys(ROOM_SECTIONS, 0)
        for place in self._places.values():
            if place.is_hidden:
                self._hidden_counts[place.section] += 1
            else:
                self._visible[place.section].append(place)
        for visible in self._visible.values():
            visible.sort()

    def __iter__(self) -> Iterator[Line]:
        for section, visible in self._visible.items():
            if self._has_heading(section):
                yield section
            yield from (place.room_id for place in visible)

    def __len__(self) -> int:
        return sum(
            self._has_heading(section) + len(visible) for section, visible in self._visible.items()
        )

    @property
    def room_ids(self) -> Sequence[RoomId]:
        """The rooms that are visible, in order."""
        return [place.room_id for visible in self._visible.values() for place in visible]

    def hidden_count(self, section: SidebarSection) -> int:
        """The number of rooms that a folded section hides."""
        return self._hidden_counts.get(section, 0)

    def section_of(self, room_id: RoomId) -> SidebarSection | None:
        """The section of a room; None if it is not listed."""
        place = self._places.get(room_id)
        return None if place is None else place.section

    def index(self, room_id: RoomId) -> int | None:
        """The index of a room's line; None if the room has no line."""
        place = self._places.get(room_id)
        return None if place is None or place.is_hidden else self._index(place)

    def section_rooms(self, section: SidebarSection) -> Sequence[RoomId]:
        """The visible rooms of a section, in order."""
        return [place.room_id for place in self._visible[section]]

    def visible_count(self, section: SidebarSection) -> int:
        """The number of visible rooms of a section."""
        return len(self._visible[section])

    def top_of(self, section: SidebarSection, heading_height: float, room_height: float) -> float:
        """Where the rooms of a section begin, in pixels, if all lines are so high."""
        top = 0.0
        for each in ROOM_SECTIONS:
            top += heading_height * self._has_heading(each)
            if each is section:
                break
            top += room_height * len(self._visible[each])
        return top

    def move(self, room_id: RoomId, place: Place | None) -> list[ListChange]:
        """Give a room another place, or none; returns the changes of the list, in order."""
        previous = self._places.get(room_id)
        if previous == place:
            return []
        changes: list[ListChange] = []
        if previous is not None:
            self._take_out(previous, changes)
        if place is not None:
            self._put_in(place, changes)
        return changes

    def _take_out(self, place: Place, changes: list[ListChange]) -> None:
        section, index = place.section, self._heading_index(place.section)
        if place.is_hidden:
            self._hidden_counts[section] -= 1
        else:
            changes.append(Remove(self._index(place)))
            visible = self._visible[section]
            del visible[bisect_left(visible, place)]
        del self._places[place.room_id]
        if not self._has_heading(section):
            changes.append(Remove(index))
        elif place.is_hidden:
            changes.append(Redraw(index, section))

    def _put_in(self, place: Place, changes: list[ListChange]) -> None:
        section, index = place.section, self._heading_index(place.section)
        had_heading = self._has_heading(section)
        self._places[place.room_id] = place
        if place.is_hidden:
            self._hidden_counts[section] += 1
        else:
            insort(self._visible[section], place)
        if not had_heading:
            changes.append(Insert(index, section))
        elif place.is_hidden:
            changes.append(Redraw(index, section))
        if not place.is_hidden:
            changes.append(Insert(self._index(place), place.room_id))

    def _index(self, place: Place) -> int:
        section = place.section
        start = self._heading_index(section) + self._has_heading(section)
        return start + bisect_left(self._visible[section], place)

    def _has_heading(self, section: SidebarSection) -> bool:
        return (
            (self._has_all_headings and section in _SECTIONS_WITH_BUTTON)
            or bool(self._visible[section])
            or self._hidden_counts[section] > 0
        )

    def _heading_index(self, section: SidebarSection) -> int:
        """The index of a section's heading, or where it would be."""
        index = 0
        for each, visible in self._visible.items():
            if each is section:
                break
            index += self._has_heading(each) + len(visible)
        return index
