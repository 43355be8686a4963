"""The list of rooms and people: what waits in each, and who is here.

With a thousand rooms only the line that changed is drawn, and the bytes of a line are the same for
all who see it alike (`press.line`).
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

import flet as ft

from chat.model.events import OnlinePeople
from chat.model.people import Person, PersonId
from chat.model.rooms import Membership, RoomId
from chat.ui.client.connection import Wire
from chat.ui.packing.control_ids import PLACES_ID, line_of, packed_control, person_line, room_line
from chat.ui.packing.patches import Owner, replace_controls, replace_item
from chat.ui.packing.row_cache import Press
from chat.ui.sidebar.list_items import (
    NAMES,
    PEOPLE,
    SECTIONS,
    PersonLine,
    RoomLine,
    Sight,
    heading,
    more_people,
    section,
    sight,
)
from chat.ui.viewer import Clock

Go = Callable[[RoomId], Awaitable[None]]
TalkTo = Callable[[PersonId], Awaitable[None]]


class Places:
    """Fills a list; `go(room)` and `talk_to(person)` are what a touch of a line does."""

    def __init__(self, me: Person, viewer: Clock, press: Press, go: Go, talk_to: TalkTo) -> None:
        self._viewer = viewer
        self._t = viewer.t
        self._me = me
        self._press = press
        self._go = go
        self._talk_to = talk_to
        self._wire: Wire | None = None
        self._seats: dict[RoomId, Membership] = {}
        self._now: RoomId = 0
        self._here = OnlinePeople(())
        # What stands in the list: headings and rooms; the people come last.
        self._items: list[str | RoomId] = []
        self._at: dict[RoomId, int] = {}
        # A control, or the id of one that is packed; the packed people have one id in all sessions.
        self._list: Owner = 0
        self._people: ft.Column | None = None

    def wear(self, viewer: Clock) -> None:
        """Lines stand otherwise from the next `show` on."""
        self._viewer = viewer

    def stand_in_list(self, into: Owner, wire: Wire | None) -> None:
        """From now on it is this list that is filled; it is empty until the next `show`."""
        self._wire, self._list = wire, into
        self._items = []

    def show(self, seats: Sequence[Membership], now: RoomId, here: OnlinePeople) -> None:
        """Show these places and people; `now` is the room on the screen."""
        self._seats = {seat.room.id: seat for seat in seats}
        self._now, self._here = now, here
        self._draw_all()

    def put(self, room: RoomId, seat: Membership | None) -> None:
        """A place is new, changed, or given up."""
        before = self._seats.get(room)
        if seat is None:
            self._seats.pop(room, None)
        else:
            self._seats[room] = seat
        if before is None or seat is None or self._stands(before) != self._stands(seat):
            self._draw_all()
        elif self._sight(before) != self._sight(seat):
            self._draw_line(room)

    def stand_in(self, room: RoomId) -> None:
        """Another room is on the screen."""
        before, self._now = self._now, room
        listed = {room: section(self._seats[room], here=True)} if room in self._seats else {}
        if (
            room not in self._at
            or (before in self._seats and section(self._seats[before], here=False) is None)
            or not listed
        ):
            self._draw_all()
            return
        for each in (before, room):
            if each in self._at:
                self._draw_line(each)

    def beside(self, by: int, *, unread: bool) -> RoomId | None:
        """The room so many lines down from the one on the screen, around the end and back again.

        Of all that are listed, or of those in which something unread counts; None if there is no
        other.
        """
        rooms = [each for each in self._items if isinstance(each, int)]
        at = rooms.index(self._now) if self._now in rooms else 0
        others = rooms[at + 1 :] + rooms[:at]
        if unread:
            others = [each for each in others if self._seats[each].badge_count]
        return others[by - 1 if by > 0 else by] if others else None

    def show_here(self, here: OnlinePeople) -> None:
        """Show who is here."""
        self._here = here
        if not self._items:
            return
        if self._wire is not None:
            replace_controls(self._wire, PLACES_ID, self._packed_people())
        elif self._people is not None:
            self._people.controls = self._people_lines()
            self._people.update()

    def handler(self, control: int, event: str) -> Callable[[], Awaitable[None]] | None:
        """What happens when a line is touched."""
        room, person = line_of(control) if event == "click" else (None, None)
        if room is not None:
            return partial(self._go, room)
        return None if person is None else partial(self._talk_to, person)

    def face(self, person: Person) -> str | None:
        """Where the picture of somebody who has one is."""
        return self._viewer.face(person)

    def _sight(self, seat: Membership) -> Sight:
        return sight(seat, self._viewer, here=seat.room.id == self._now)

    def _stands(self, seat: Membership) -> tuple[str | None, str]:
        return section(seat, here=seat.room.id == self._now), seat.title

    def _arranged(self) -> Iterable[str | RoomId]:
        found: dict[str, list[Membership]] = {name: [] for name in SECTIONS}
        for seat in self._seats.values():
            name = section(seat, here=seat.room.id == self._now)
            if name is not None:
                found[name].append(seat)
        for name, seats in found.items():
            if seats:
                yield name
                seats.sort(key=lambda s: (s.room.id != 1, s.title.casefold(), s.room.id))
                yield from (seat.room.id for seat in seats)

    def _draw_all(self) -> None:
        self._items = list(self._arranged())
        self._at = {each: n for n, each in enumerate(self._items) if isinstance(each, int)}
        if isinstance(self._list, ft.ListView):
            drawn = [self._drawn(each) for each in (*self._items, PEOPLE)]
            self._people = people = _people()
            people.controls = self._people_lines()
            self._list.controls = [*drawn, people]
            self._list.update()
        if self._wire is None:
            return
        packed = [self._packed(each) for each in (*self._items, PEOPLE)]
        packed.append(self._press.line(PLACES_ID, "people", _people))
        replace_controls(self._wire, self._list, packed)
        self.show_here(self._here)

    def _draw_line(self, room: RoomId) -> None:
        at = self._at[room]
        if isinstance(self._list, ft.ListView):
            self._list.controls[at] = self._drawn(room)
            self._list.update()
        elif self._wire is not None:
            replace_item(self._wire, self._list, at, self._packed(room))

    def _drawn(self, item: str | RoomId) -> ft.Control:
        if isinstance(item, str):
            return heading(self._t(item))
        return RoomLine(self._sight(self._seats[item]), partial(self._go, item))

    def _packed(self, item: str | RoomId) -> bytes:
        if isinstance(item, str):
            first = PLACES_ID + 16 * (1 + (*SECTIONS, PEOPLE).index(item))
            words = self._t(item)
            return self._press.line(first, words, partial(heading, words))
        seen = self._sight(self._seats[item])
        return self._press.line(room_line(item), seen, partial(RoomLine, seen, _nothing))

    def _packed_people(self) -> list[bytes]:
        viewer = self._viewer
        lines = [
            self._press.line(
                person_line(person.id),
                (person, away, viewer.t, viewer.rhythm, viewer.opens),
                partial(PersonLine, person, away, viewer, _nothing),
            )
            for person, away in self._listed()
        ]
        more = more_people(self._here, self._t)
        return [*lines, packed_control(more, 0)] if more is not None else lines

    def _people_lines(self) -> list[ft.Control]:
        lines: list[ft.Control] = [
            PersonLine(person, away, self._viewer, partial(self._talk_to, person.id))
            for person, away in self._listed()
        ]
        more = more_people(self._here, self._t)
        return [*lines, more] if more is not None else lines

    def _listed(self) -> Iterable[tuple[Person, bool]]:
        return ((each, each.id in self._here.away) for each in self._here.people[:NAMES])


def _people() -> ft.Column:
    return ft.Column(spacing=0, tight=True)


async def _nothing() -> None:
    """Stands for what happens in a session: its connection hears of a packed line by its id."""
