"""The list of rooms and people: what waits in each, and who is here.

With a thousand rooms only the line that changed is drawn, and the bytes of a line are the same for
all who see it alike (`press.line`).
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.messages import Heed, Here, Person, PersonId, RoomId, RoomKind, Seat
from chat.ui import look
from chat.ui.drawing import Wire, replace_controls, replace_item
from chat.ui.press import PLACES_ID, Press, line_of, packed_control, person_line, room_line

# More names than this are a number: each change is sent to everyone.
_NAMES = 50

_HEADING = ft.Padding.only(left=10, right=10, top=14, bottom=4)
_LINE = ft.Padding.symmetric(horizontal=10, vertical=7)
_PERSON = ft.Padding.symmetric(horizontal=10, vertical=5)
_MORE = ft.Padding.only(left=10)

_ICONS = {
    RoomKind.PUBLIC: ft.Icons.TAG,
    RoomKind.PRIVATE: ft.Icons.LOCK_OUTLINE_ROUNDED,
    RoomKind.THREAD: ft.Icons.FORUM_OUTLINED,
}

_SECTIONS = ("Rooms", "Threads", "Direct messages")

Go = Callable[[RoomId], Awaitable[None]]
TalkTo = Callable[[PersonId], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sight:
    """How a line looks: two that look alike are the same bytes."""

    title: str
    kind: RoomKind
    people: int
    unread: int
    mentions: int
    muted: bool
    here: bool


def sight(seat: Seat, *, here: bool) -> Sight:
    """How the line of a place looks; `here` is whether its room is the one on the screen."""
    heeded = seat.heed is Heed.ALL
    mentions = seat.mentions
    if seat.room.kind is RoomKind.DIRECT and seat.heed is not Heed.NOTHING:
        # Whoever writes to somebody directly means them.
        mentions = seat.unread
    return Sight(
        seat.title,
        seat.room.kind,
        len(seat.others),
        seat.unread if heeded and not here else 0,
        mentions if seat.heed is not Heed.NOTHING and not here else 0,
        seat.heed is Heed.NOTHING,
        here,
    )


def section(seat: Seat, *, here: bool) -> str | None:
    """Under which heading a place stands; None if it is not listed."""
    if seat.room.kind is RoomKind.THREAD:
        # A thread is found in its room; here it stands only while something new is in it.
        return "Threads" if here or (seat.unread and seat.heed is not Heed.NOTHING) else None
    if seat.room.archived and not here:
        return None
    return "Direct messages" if seat.room.kind is RoomKind.DIRECT else "Rooms"


class Places:
    """Fills a list; `go(room)` and `talk_to(person)` are what a touch of a line does."""

    def __init__(self, me: Person, press: Press, go: Go, talk_to: TalkTo) -> None:
        self._me = me
        self._press = press
        self._go = go
        self._talk_to = talk_to
        self._wire: Wire | None = None
        self._seats: dict[RoomId, Seat] = {}
        self._now: RoomId = 0
        self._here = Here(())
        # What stands in the list: headings and rooms; the people come last.
        self._items: list[str | RoomId] = []
        self._at: dict[RoomId, int] = {}
        self.list = ft.ListView()
        self._people = ft.Column()

    def draw(self, wire: Wire | None) -> ft.ListView:
        """A new list, empty until the next `show`."""
        self._wire = wire
        self._items = []
        self.list = ft.ListView(spacing=2, expand=True)
        return self.list

    def show(self, seats: Sequence[Seat], now: RoomId, here: Here) -> None:
        """Show these places and people; `now` is the room on the screen."""
        self._seats = {seat.room.id: seat for seat in seats}
        self._now, self._here = now, here
        self._draw_all()

    def put(self, room: RoomId, seat: Seat | None) -> None:
        """A place is new, changed, or given up."""
        before = self._seats.get(room)
        if seat is None:
            self._seats.pop(room, None)
        else:
            self._seats[room] = seat
        if before is None or seat is None or self._stands(before) != self._stands(seat):
            self._draw_all()
        elif sight(before, here=room == self._now) != sight(seat, here=room == self._now):
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

    def show_here(self, here: Here) -> None:
        """Show who is here."""
        self._here = here
        if not self._items:
            return
        if self._wire is not None:
            replace_controls(self._wire, self._people, self._packed_people())
        else:
            self._people.controls = self._people_lines()
            self._people.update()

    def handler(self, control: int, event: str) -> Callable[[], Awaitable[None]] | None:
        """What happens when a line is touched."""
        room, person = line_of(control) if event == "click" else (None, None)
        if room is not None:
            return partial(self._go, room)
        return None if person is None else partial(self._talk_to, person)

    def _stands(self, seat: Seat) -> tuple[str | None, str]:
        return section(seat, here=seat.room.id == self._now), seat.title

    def _arranged(self) -> Iterable[str | RoomId]:
        found: dict[str, list[Seat]] = {name: [] for name in _SECTIONS}
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
        self._people = ft.Column(spacing=0, tight=True)
        if self._wire is None:
            drawn = [self._drawn(each) for each in (*self._items, "People")]
            self._people.controls = self._people_lines()
            self.list.controls = [*drawn, self._people]
            self.list.update()
            return
        packed = [self._packed(each) for each in (*self._items, "People")]
        self._people._i = PLACES_ID
        people = self._press.line(PLACES_ID, "people", lambda: self._people)
        replace_controls(self._wire, self.list, [*packed, people])
        self.show_here(self._here)

    def _draw_line(self, room: RoomId) -> None:
        at = self._at[room]
        if self._wire is None:
            self.list.controls[at] = self._drawn(room)
            self.list.update()
        else:
            replace_item(self._wire, self.list, at, self._packed(room))

    def _drawn(self, item: str | RoomId) -> ft.Control:
        if isinstance(item, str):
            return _heading(item)
        return _RoomLine(sight(self._seats[item], here=item == self._now), partial(self._go, item))

    def _packed(self, item: str | RoomId) -> bytes:
        if isinstance(item, str):
            first = PLACES_ID + 16 * (1 + (*_SECTIONS, "People").index(item))
            return self._press.line(first, item, partial(_heading, item))
        seen = sight(self._seats[item], here=item == self._now)
        return self._press.line(room_line(item), seen, partial(_RoomLine, seen, _nothing))

    def _packed_people(self) -> list[bytes]:
        lines = [
            self._press.line(
                person_line(person.id), (person, away), partial(_PersonLine, person, away, _nothing)
            )
            for person, away in self._listed()
        ]
        more = _more(self._here)
        return [*lines, packed_control(more, 0)] if more is not None else lines

    def _people_lines(self) -> list[ft.Control]:
        lines: list[ft.Control] = [
            _PersonLine(person, away, partial(self._talk_to, person.id))
            for person, away in self._listed()
        ]
        more = _more(self._here)
        return [*lines, more] if more is not None else lines

    def _listed(self) -> Iterable[tuple[Person, bool]]:
        return ((each, each.id in self._here.away) for each in self._here.people[:_NAMES])


async def _nothing() -> None:
    """Stands for what happens in a session: its connection hears of a packed line by its id."""


def _more(here: Here) -> ft.Container | None:
    more = len(here.people) - _NAMES
    return ft.Container(look.quiet(f"and {more} more"), padding=_MORE) if more > 0 else None


def _heading(words: str) -> ft.Container:
    return ft.Container(look.quiet(words, weight=ft.FontWeight.W_600), padding=_HEADING)


class _RoomLine(ft.Container):
    """A room: bold while something is unread, with a number where somebody is called."""

    def __init__(self, seen: Sight, on_click: Callable[[], Awaitable[None]]) -> None:
        strong = seen.here or seen.unread or seen.mentions
        color = ft.Colors.PRIMARY if seen.here else ft.Colors.ON_SURFACE_VARIANT
        title = ft.Text(
            seen.title,
            size=14,
            weight=ft.FontWeight.W_600 if strong else None,
            color=ft.Colors.ON_SURFACE_VARIANT if seen.muted else None,
            expand=True,
            no_wrap=True,
            overflow=ft.TextOverflow.ELLIPSIS,
        )
        if seen.kind is RoomKind.DIRECT:
            mark: ft.Control = (
                look.avatar(seen.title, 20)
                if seen.people < 2
                else ft.Icon(ft.Icons.GROUP_OUTLINED, size=17, color=color)
            )
        else:
            mark = ft.Icon(_ICONS[seen.kind], size=17, color=color)
        line: list[ft.Control] = [mark, title]
        if seen.mentions:
            line.append(_Count(seen.mentions, loud=True))
        elif seen.unread:
            line.append(_Count(seen.unread, loud=False))
        elif seen.muted:
            line.append(ft.Icon(ft.Icons.NOTIFICATIONS_OFF_OUTLINED, size=15, color=color))
        super().__init__(
            content=ft.Row(line, spacing=10),
            padding=_LINE,
            border_radius=10,
            bgcolor=ft.Colors.SECONDARY_CONTAINER if seen.here else None,
            on_click=on_click,
        )


class _Count(ft.Container):
    """How many messages wait; `loud` where they call the person."""

    def __init__(self, count: int, *, loud: bool) -> None:
        words = str(count) if count < 100 else "99+"
        super().__init__(
            ft.Text(
                words,
                size=11,
                weight=ft.FontWeight.W_600,
                color=ft.Colors.ON_PRIMARY if loud else ft.Colors.ON_SURFACE_VARIANT,
            ),
            padding=ft.Padding.symmetric(horizontal=7, vertical=1),
            border_radius=9,
            bgcolor=ft.Colors.PRIMARY if loud else ft.Colors.SURFACE_CONTAINER_HIGHEST,
        )


class _PersonLine(ft.Container):
    def __init__(self, person: Person, away: bool, on_click: Callable[[], Awaitable[None]]) -> None:
        name = ft.Text(
            person.name, size=14, expand=True, no_wrap=True, overflow=ft.TextOverflow.ELLIPSIS
        )
        super().__init__(
            content=ft.Row([here_avatar(person.name, 22, away=away), name], spacing=10),
            padding=_PERSON,
            border_radius=10,
            on_click=on_click,
            tooltip="away" if away else None,
        )


def here_avatar(name: str, size: float, *, away: bool = False) -> ft.Stack:
    """An avatar with the dot of somebody who is here: green, or amber if they do not look."""
    dot = ft.Container(
        width=11,
        height=11,
        border_radius=6,
        bgcolor="#F59E0B" if away else "#22C55E",
        border=look.RING,
        right=-2,
        bottom=-2,
    )
    return ft.Stack(
        [look.avatar(name, size), dot], width=size, height=size, clip_behavior=ft.ClipBehavior.NONE
    )
