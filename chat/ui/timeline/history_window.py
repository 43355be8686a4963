"""Which stretch of a room's history is on the screen, and the ways to the rest of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from chat.errors import ChatError, NoSuchMessage
from chat.model.events import MessageChanged
from chat.model.messages import Message, MessagePage
from chat.model.people import Person
from chat.model.rooms import Membership, RoomId
from chat.rooms.room import Room
from chat.tasks import Tasks
from chat.text.markup.reader import may_have_formula
from chat.ui.timeline.timeline import HistorySource, Timeline
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState, ViewerContext

log = structlog.get_logger(__name__)

# So many messages above the last on show are drawn again for somebody who comes back.
_KEPT = 400


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a room, and how far above its bottom the person was, in pixels."""

    room: RoomId
    # The message that the address led to.
    at: int | None
    first: int
    last: int
    pixels: float


class Stretch:
    """What `timeline` shows of a room, for one person.

    `hear(topic, event)` is what happens in the room, `moved()` is called when the person scrolls,
    `size()` is how many messages are read at once, and `fetch_fonts()` is called when a formula is
    to be drawn.
    """

    def __init__(
        self,
        me: Person,
        viewer: ViewerContext,
        hear: Callable[[str, object], None],
        moved: Callable[[], None],
        size: Callable[[], int],
        fetch_fonts: Callable[[], None],
    ) -> None:
        self._fetch_fonts = fetch_fonts
        self._has_fonts = False
        self._me = me
        self._size = size
        self._room: Room | None = None
        # Where the person was when the connection went, and where the address led to.
        self._place: Place | None = None
        self._at: int | None = None
        self._filling = False
        self._tasks = Tasks()
        # Counts what was shown: a page that was asked for before is not drawn after.
        self.stay = 0
        # Where unread messages begin, and the message that is looked for.
        self._new: int | None = None
        self._unread = 0
        self._marked: int | None = None
        self._anchor: int | None = None
        # What of a message was opened, by room and number, as long as its text is the same.
        self._opened: dict[tuple[RoomId, int], tuple[datetime | None, tuple[int, ...]]] = {}
        source = HistorySource(
            lambda: self.room.last_number,
            lambda number: self.room.recent(number),
            self._load_missing,
            self._load_older,
            self._load_newer,
            self.to_newest,
            self._to_first_unread,
        )
        self.timeline = Timeline(viewer, hear, source, self.view, moved)

    @property
    def is_open(self) -> bool:
        """Whether a room is shown."""
        return self._room is not None

    @property
    def room(self) -> Room:
        """The room on the screen."""
        assert self._room is not None, "nothing is shown before a room is entered"
        return self._room

    def place_in(self, room: Room, at: int | None) -> Place | None:
        """Where the person was before the connection went, if this is what they saw."""
        place = self._place
        return place if place and (place.room, place.at) == (room.info.id, at) else None

    async def page(self, room: Room, at: int | None, place: Place | None = None) -> MessagePage:
        """What is shown first: where the person was, else the page around `at`, else the newest.

        Raises NoSuchRoom, and NoSuchMessage if nothing can be seen of message `at`.
        """
        if at is not None:
            await self._check(room, at)
        if place is not None:
            return await room.after(self._me, place.first - 1, place.last - place.first + 1)
        if at is None:
            return await room.newest(self._me, self._size())
        return await room.around(self._me, at, self._size())

    def begin(self, room: Room, at: int | None, seat: Membership | None) -> None:
        """From now on it is this room; `show` comes next."""
        self.stay += 1
        self._room = room
        self._place, self._at = None, at
        self._unread = 0 if seat is None else seat.unread
        self._new = seat.last_read + 1 if seat is not None and seat.unread else None
        self._marked = at

    async def show(self, page: MessagePage, place: Place | None) -> None:
        """Draw the first page."""
        stay = self.stay
        if place is not None:
            await self.timeline.show_at(page, place.pixels)
        elif self._at is None:
            self.timeline.show_newest(page)
        else:
            await self._show_around(page, self._at)
        if stay == self.stay:
            self._point_up()

    def rest(self) -> None:
        """The connection is away: show nothing new, and keep where one was."""
        timeline = self.timeline
        if self._room is not None and timeline.first_number and not timeline.is_at_end:
            first = max(timeline.first_number, timeline.last_number - _KEPT)
            room = self._room.info.id
            self._place = Place(room, self._at, first, timeline.last_number, timeline.offset)
        self.stay += 1
        timeline.suspend()
        self._room = None

    def shows(self, number: int) -> bool:
        """Whether the message with this number of this room is on show."""
        return self.is_open and self.timeline.is_visible(number)

    def view(self, message: Message) -> RowState:
        """How the viewer sees a message."""
        me = self._me.id
        number = message.number
        if not self._has_fonts and may_have_formula(message.text):
            self._has_fonts = True
            asyncio.get_running_loop().call_soon(self._fetch_fonts)
        opened = self._opened.get((message.room_id, number)) if self._opened else None
        if (
            not message.reactions
            and not message.mentions
            and opened is None
            and message.poll is None
            and number not in {self._new, self._marked, self._anchor}
        ):
            return DEFAULT_ROW_STATE
        view = RowState(
            number == self._new,
            number == self._marked,
            me in message.mentions,
            number == self._anchor,
            message.reactions_of(me),
            opened[1] if opened is not None and opened[0] == message.edited_at else (),
            () if message.poll is None else message.poll.chosen_by(me),
        )
        return DEFAULT_ROW_STATE if view == DEFAULT_ROW_STATE else view

    def open(self, message: Message, part: int) -> None:
        """Show what the viewer asked to see of a message, or hide it again."""
        opened = set(self.view(message).opened_parts) ^ {part}
        place = (message.room_id, message.number)
        self._opened[place] = (message.edited_at, tuple(sorted(opened)))
        self._tasks.start(self._draw_again(message.number), "draw a row again")

    def show_new_from(self, number: int | None) -> None:
        """Draw the line above what is unread elsewhere."""
        before, self._new = self._new, number
        for each in {before, number} - {None}:
            if each is not None and self.timeline.is_visible(each):
                self._tasks.start(self._draw_again(each), "draw a row again")

    async def to_newest(self) -> None:
        """Show the end of the room."""
        if not self.is_open:
            return
        page = await self._read(self.room.newest(self._me, self._size()))
        if page is not None:
            self._marked = None
            self.timeline.show_newest(page)

    async def go_to(self, number: int) -> None:
        """Show the message with this number in the middle. Raises NoSuchMessage."""
        page = await self._read(self.page(self.room, number))
        if page is not None:
            self._marked = number
            await self._show_around(page, number)

    async def _check(self, room: Room, number: int) -> None:
        """Raises NoSuchMessage if nothing of this message can be seen."""
        if (await room.message(self._me, number)).erased:
            raise NoSuchMessage

    async def _read(self, reading: Awaitable[MessagePage]) -> MessagePage | None:
        """A page of the room on the screen, None if the person has gone on meanwhile."""
        stay = self.stay
        page = await reading
        return page if stay == self.stay else None

    async def _show_around(self, page: MessagePage, number: int) -> None:
        self._anchor = number
        await self.timeline.show_around(page, number)
        self._anchor = None

    async def _draw_again(self, number: int) -> None:
        page = await self._read(self.room.after(self._me, number - 1, 1))
        if page is not None and page.messages:
            self.timeline.redraw(MessageChanged(page.messages[0], page.previous))

    def _point_up(self) -> None:
        """Say that unread messages begin further up, as long as they do."""
        above = self._new is not None and self._new < self.timeline.first_number
        self.timeline.show_unread_above(self._unread if above else 0)

    async def _to_first_unread(self) -> None:
        if self.is_open and self._new is not None:
            page = await self._read(self.room.around(self._me, self._new, self._size()))
            if page is None or self._new is None:
                return
            self.timeline.show_unread_above(0)
            await self._show_around(page, self._new)

    async def _load_older(self) -> None:
        reading = self.room.before(self._me, self.timeline.first_number, self._size())
        page = await self._read(reading)
        if page is not None:
            self.timeline.add_older(page)
            self._point_up()

    async def _load_newer(self) -> None:
        """A page below: some of what is on show, and what comes after it."""
        number = self.timeline.last_number
        page = await self._read(self.room.around(self._me, number, 2 * self._size()))
        if page is not None:
            self._anchor = number
            await self.timeline.extend_below(page)
            self._anchor = None

    def _load_missing(self, number: int) -> None:
        if not self._filling:
            self._filling = True
            self._tasks.start(self._fill_gap(number), "fill a gap")

    async def _fill_gap(self, number: int) -> None:
        """Read what came after `number`; a gap larger than a page replaces the window."""
        try:
            page = await self._read(self.room.after(self._me, number, self._size()))
            goes_on = number > 0 and page is not None and not page.has_newer
            if page is not None and not goes_on:
                page = await self._read(self.room.newest(self._me, self._size()))
        except ChatError:
            # The person is in another room by now.
            log.debug("no gap was filled")
            return
        finally:
            # Before it is drawn: what was said while it was read may be another gap.
            self._filling = False
        if page is not None and goes_on:
            self.timeline.add_newer(page)
        elif page is not None:
            self.timeline.show_newest(page)
