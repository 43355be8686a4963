"""The history of the room on the screen: which page is shown, and the loading of others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from chat.errors import ChatError, NoSuchMessage
from chat.model.events import MessageChanged
from chat.model.messages import Message, MessagePage
from chat.model.rooms import Membership, RoomId
from chat.rooms.room import Room
from chat.tasks import Latest
from chat.text.markup.reader import may_have_formula
from chat.ui.context import SessionContext
from chat.ui.packing.control_ids import RowIds
from chat.ui.timeline.timeline import Timeline
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState

log = structlog.get_logger(__name__)

# The largest number of rows that are drawn again after a reconnect.
_RESTORED_ROWS = 400


@dataclass(frozen=True, slots=True)
class ScrollPosition:
    """A part of a room's history, and the distance of the scroll position from its bottom, in
    pixels."""

    room_id: RoomId
    # The message that the address named.
    linked_number: int | None
    first_number: int
    last_number: int
    offset: float


class HistoryLoader:
    """The messages of a room that `timeline` shows to one person.

    `on_event(topic, event)` handles the events of the room, and `on_position_changed()` is called
    when the person scrolls. `get_page_size()` is the number of messages in a page.
    `load_formula_fonts()` is called before a formula is drawn.
    """

    def __init__(
        self,
        context: SessionContext,
        *,
        row_ids: RowIds,
        on_event: Callable[[str, object], None],
        on_position_changed: Callable[[], None],
        get_page_size: Callable[[], int],
        load_formula_fonts: Callable[[], None],
    ) -> None:
        self._load_formula_fonts = load_formula_fonts
        self._has_formula_fonts = False
        self._context = context
        self._get_page_size = get_page_size
        self._room: Room | None = None
        # The scroll position at the disconnect, and the message that the address named.
        self._saved_position: ScrollPosition | None = None
        self._linked_number: int | None = None
        self._is_filling_gap = False
        # A page that was asked for in one room is not drawn in the next.
        self._rooms_shown = Latest()
        # The first unread message, and the message that was navigated to.
        self._first_unread: int | None = None
        self._unread_count = 0
        self._target: int | None = None
        self._anchor: int | None = None
        # The opened parts of messages, by room and number. They are valid for one text of the
        # message.
        self._opened_parts: dict[tuple[RoomId, int], tuple[datetime | None, tuple[int, ...]]] = {}
        self.timeline = Timeline(
            context,
            self,
            row_ids=row_ids,
            on_event=on_event,
            on_position_changed=on_position_changed,
        )

    @property
    def is_open(self) -> bool:
        """Whether a room is shown."""
        return self._room is not None

    @property
    def room(self) -> Room:
        """The room on the screen."""
        assert self._room is not None, "nothing is shown before a room is entered"
        return self._room

    @property
    def last_number(self) -> int:
        """The number of the newest message in the room."""
        return self.room.last_number

    def messages_after(self, number: int) -> tuple[Message, ...] | None:
        """The messages after a number, or None if the room does not keep them in memory."""
        return self.room.recent(number)

    def position_in(self, room: Room, linked_number: int | None) -> ScrollPosition | None:
        """The scroll position before the disconnect, if it belongs to this room and address."""
        position = self._saved_position
        return (
            position
            if position
            and (position.room_id, position.linked_number) == (room.info.id, linked_number)
            else None
        )

    async def load_page(
        self, room: Room, linked_number: int | None, position: ScrollPosition | None = None
    ) -> MessagePage:
        """The first page: at the saved position, else around `linked_number`, else the newest.

        Raises NoSuchRoom, and NoSuchMessage if the message of `linked_number` is not visible.
        """
        if linked_number is not None:
            await self._require_visible(room, linked_number)
        if position is not None:
            return await room.after(
                self._context.me,
                position.first_number - 1,
                position.last_number - position.first_number + 1,
            )
        if linked_number is None:
            return await room.newest(self._context.me, self._get_page_size())
        return await room.around(self._context.me, linked_number, self._get_page_size())

    def set_room(
        self, room: Room, linked_number: int | None, membership: Membership | None
    ) -> None:
        """Use this room from now on; `show` comes next."""
        self._rooms_shown.start()
        self._room = room
        self._saved_position, self._linked_number = None, linked_number
        self._unread_count = 0 if membership is None else membership.unread
        self._first_unread = (
            membership.last_read + 1 if membership is not None and membership.unread else None
        )
        self._target = linked_number

    async def show(self, page: MessagePage, position: ScrollPosition | None) -> None:
        """Show the first page."""
        shown = self._rooms_shown.current
        if position is not None:
            await self.timeline.show_at(page, position.offset)
        elif self._linked_number is None:
            self.timeline.show_newest(page)
        else:
            await self._show_around(page, self._linked_number)
        if not self._rooms_shown.has_overtaken(shown):
            self._update_unread_above()

    def suspend(self) -> None:
        """The client disconnected: show nothing new, and keep the scroll position."""
        timeline = self.timeline
        if self._room is not None and timeline.window.first_number and not timeline.is_at_end:
            first_number = max(
                timeline.window.first_number, timeline.window.last_number - _RESTORED_ROWS
            )
            room_id = self._room.info.id
            self._saved_position = ScrollPosition(
                room_id,
                self._linked_number,
                first_number,
                timeline.window.last_number,
                timeline.window.offset,
            )
        self._rooms_shown.start()
        timeline.suspend()
        self._room = None

    def is_visible(self, number: int) -> bool:
        """Whether the message with this number is in the window."""
        return self.is_open and self.timeline.window.contains(number)

    def row_state(self, message: Message) -> RowState:
        """The row state of a message for the viewer."""
        person_id = self._context.me.id
        number = message.number
        if not self._has_formula_fonts and may_have_formula(message.text):
            self._has_formula_fonts = True
            asyncio.get_running_loop().call_soon(self._load_formula_fonts)
        opened_entry = (
            self._opened_parts.get((message.room_id, number)) if self._opened_parts else None
        )
        if (
            not message.reactions
            and not message.mentions
            and opened_entry is None
            and message.poll is None
            and number not in {self._first_unread, self._target, self._anchor}
        ):
            return DEFAULT_ROW_STATE
        state = RowState(
            number == self._first_unread,
            number == self._target,
            person_id in message.mentions,
            number == self._anchor,
            message.reactions_of(person_id),
            opened_entry[1]
            if opened_entry is not None and opened_entry[0] == message.edited_at
            else (),
            () if message.poll is None else message.poll.chosen_by(person_id),
        )
        return DEFAULT_ROW_STATE if state == DEFAULT_ROW_STATE else state

    def toggle_part(self, message: Message, part: int) -> None:
        """Open or close a part of a message for this viewer."""
        opened_parts = set(self.row_state(message).opened_parts) ^ {part}
        message_key = (message.room_id, message.number)
        self._opened_parts[message_key] = (message.edited_at, tuple(sorted(opened_parts)))
        self._context.tasks.start(self._redraw(message.number), "draw a row again")

    def set_first_unread(self, number: int | None) -> None:
        """Move the divider of unread messages."""
        previous_number, self._first_unread = self._first_unread, number
        for each in {previous_number, number} - {None}:
            if each is not None and self.timeline.window.contains(each):
                self._context.tasks.start(self._redraw(each), "draw a row again")

    async def show_newest(self) -> None:
        """Replace the window by the newest page."""
        if not self.is_open:
            return
        page = await self._load(self.room.newest(self._context.me, self._get_page_size()))
        if page is not None:
            self._target = None
            self.timeline.show_newest(page)

    async def show_message(self, number: int) -> None:
        """Show the message with this number in the middle. Raises NoSuchMessage."""
        page = await self._load(self.load_page(self.room, number))
        if page is not None:
            self._target = number
            await self._show_around(page, number)

    async def show_first_unread(self) -> None:
        """Replace the window by the page around the first unread message."""
        if self.is_open and self._first_unread is not None:
            page = await self._load(
                self.room.around(self._context.me, self._first_unread, self._get_page_size())
            )
            if page is None or self._first_unread is None:
                return
            self.timeline.show_unread_above(0)
            await self._show_around(page, self._first_unread)

    async def load_older(self) -> None:
        """Load a page above the window."""
        loading = self.room.before(
            self._context.me, self.timeline.window.first_number, self._get_page_size()
        )
        page = await self._load(loading)
        if page is not None:
            self.timeline.add_older(page)
            self._update_unread_above()

    async def load_newer(self) -> None:
        """Load a page below the window. It begins with rows that are on the screen."""
        number = self.timeline.window.last_number
        page = await self._load(
            self.room.around(self._context.me, number, 2 * self._get_page_size())
        )
        if page is not None:
            self._anchor = number
            await self.timeline.extend_below(page)
            self._anchor = None

    def load_missing(self, number: int) -> None:
        """Start to load the messages after a number, unless that is being done."""
        if not self._is_filling_gap:
            self._is_filling_gap = True
            self._context.tasks.start(self._fill_gap(number), "fill a gap")

    async def _require_visible(self, room: Room, number: int) -> None:
        """Raise NoSuchMessage if nothing of this message is visible."""
        if (await room.message(self._context.me, number)).erased:
            raise NoSuchMessage

    async def _load(self, loading: Awaitable[MessagePage]) -> MessagePage | None:
        """A page of the room on the screen; None if another room is shown by now."""
        shown = self._rooms_shown.current
        page = await loading
        return None if self._rooms_shown.has_overtaken(shown) else page

    async def _show_around(self, page: MessagePage, number: int) -> None:
        self._anchor = number
        await self.timeline.show_around(page, number)
        self._anchor = None

    def redraw_messages(self, numbers: Sequence[int]) -> None:
        """Start to draw these messages of the window again, in order of number."""
        self._context.tasks.start(self._redraw(*numbers), "draw rows again")

    async def _redraw(self, *numbers: int) -> None:
        first, count = numbers[0], numbers[-1] - numbers[0] + 1
        page = await self._load(self.room.after(self._context.me, first - 1, count))
        for previous, message in () if page is None else page.with_previous():
            if message.number in numbers:
                self.timeline.redraw(MessageChanged(message, previous))

    def _update_unread_above(self) -> None:
        """Show or hide the button that says that unread messages begin further up."""
        is_above = (
            self._first_unread is not None
            and self._first_unread < self.timeline.window.first_number
        )
        self.timeline.show_unread_above(self._unread_count if is_above else 0)

    async def _fill_gap(self, number: int) -> None:
        """Load the messages after `number`. A gap larger than a page replaces the window."""
        try:
            page = await self._load(
                self.room.after(self._context.me, number, self._get_page_size())
            )
            is_contiguous = number > 0 and page is not None and not page.has_newer
            if page is not None and not is_contiguous:
                page = await self._load(self.room.newest(self._context.me, self._get_page_size()))
        except ChatError:
            # Another room is on the screen by now.
            log.debug("no gap was filled")
            return
        finally:
            # Reset this before drawing: messages that arrived meanwhile may be another gap.
            self._is_filling_gap = False
        if page is not None and is_contiguous:
            self.timeline.add_newer(page)
        elif page is not None:
            self.timeline.show_newest(page)
