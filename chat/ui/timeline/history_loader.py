"""The history of the room on the screen: which page is shown, and the loading of others."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import takewhile
from typing import Protocol

import structlog

from chat.errors import ChatError, NoSuchMessage
from chat.model.events import MessageChanged
from chat.model.messages import Message, MessageKind, MessagePage
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.rooms.room import Room
from chat.rooms.unread_marks import UnreadMark
from chat.tasks import Latest
from chat.text.folding import LINE_WIDTH, may_be_folded
from chat.text.markup.reader import may_have_formula
from chat.ui.context import SessionContext
from chat.ui.packing.control_ids import RowIds
from chat.ui.row_parts import SHOW_EVENTS
from chat.ui.rows.event_runs import (
    MAX_FOLDED_EVENTS,
    RowContent,
    is_foldable,
    row_contents,
    visible_count,
)
from chat.ui.rows.message import FADE_MILLISECONDS
from chat.ui.theme.density import folding_line_width
from chat.ui.timeline.timeline import Timeline
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState
from chat.ui.views.field_edits import FieldEdits

log = structlog.get_logger(__name__)

# Seconds that the mark of a message stands before it fades.
_FADE_DELAY = 0.5

# The largest number of rows that are drawn again after a reconnect.
_RESTORED_ROWS = 400


# So many rows on either side are looked at first for one that is drawn.
_NEAR_ROWS = 30


@dataclass(frozen=True, slots=True)
class ScrollPosition:
    """A part of a room's history, and the distance of the scroll position from its bottom, in
    pixels."""

    room_id: RoomId
    # The message that the address named, and the one that it named before its mark faded.
    linked_number: int | None
    faded_number: int | None
    first_number: int
    last_number: int
    offset: float


class HistoryOwner(Protocol):
    """The pane that a history is shown in."""

    @property
    def page_size(self) -> int:
        """The number of messages in a page."""

    def on_room_event(self, topic: str, event: object) -> None:
        """Handle an event of the room."""

    def on_scrolled(self) -> None:
        """The person has scrolled."""

    def load_formula_fonts(self) -> None:
        """A formula is drawn next."""

    def on_target_faded(self) -> None:
        """The mark of the message that the address named has gone."""

    @property
    def timeline_width(self) -> float:
        """The width of the timeline, in pixels."""

    async def show_calendar(self, day: date | None = None) -> None:
        """Let the person choose a day; `day` is chosen at first, or the last one."""


class HistoryLoader:
    """The messages of a room that `timeline` shows to one person, in the pane `owner`."""

    def __init__(self, context: SessionContext, owner: HistoryOwner, *, row_ids: RowIds) -> None:
        self._owner = owner
        self.row_ids = row_ids
        self._has_formula_fonts = False
        self._context = context
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
        # The time of that message, if it is known; and whether the person has been there.
        self._unread_since: datetime | None = None
        self._has_seen_unread = True
        self._target: int | None = None
        # The words that a search found in it.
        self._marked_words: tuple[str, ...] = ()
        self._faded_number: int | None = None
        self._fade: asyncio.Task[None] | None = None
        self._anchor: int | None = None
        # The message that the field is editing.
        self._edited: int | None = None
        # The message that was chosen with the keyboard, and the part of its row.
        self._chosen: int | None = None
        self._chosen_part = 0
        # The characters of a line, by which long texts are folded.
        self._line_width = LINE_WIDTH
        # The opened parts of messages, by room and number. They are valid for one text of the
        # message.
        self._opened_parts: dict[tuple[RoomId, int], tuple[datetime | None, tuple[int, ...]]] = {}
        # The people whom the viewer has blocked, and wants to read in this room for now.
        self._shown_authors = set[PersonId]()
        # What the person has changed in the fields of views.
        self.field_edits = FieldEdits()
        self.timeline = Timeline(
            context,
            self,
            row_ids=row_ids,
            on_event=owner.on_room_event,
            on_position_changed=owner.on_scrolled,
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

    @property
    def timeline_width(self) -> float:
        """The width of the timeline, in pixels."""
        return self._owner.timeline_width

    async def read(self, first_number: int, last_number: int) -> MessagePage | None:
        """The messages from a number to another one, with the one before them; None if another
        room is shown by now."""
        count = last_number - first_number + 1
        return await self._load(self.room.after(self._context.me, first_number - 1, count))

    async def show_calendar(self, day: date) -> None:
        """Let the person choose a day; `day` is chosen at first."""
        await self._owner.show_calendar(day)

    def position_in(self, room: Room, linked_number: int | None) -> ScrollPosition | None:
        """The scroll position before the disconnect, if it belongs to this room and address."""
        position = self._saved_position
        return (
            position
            if position
            and position.room_id == room.info.id
            # The page may have kept the address whose mark has faded.
            and linked_number in {position.linked_number, position.faded_number or 0}
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
            return await self._load_newest(room)
        return await self._load_around(room, linked_number)

    async def _load_newest(self, room: Room) -> MessagePage:
        return await self._fill_page(partial(room.newest, self._context.me))

    async def _load_around(self, room: Room, number: int) -> MessagePage:
        return await self._fill_page(partial(room.around, self._context.me, number))

    async def _fill_page(self, read: Callable[[int], Awaitable[MessagePage]]) -> MessagePage:
        """A page that is higher than the screen: many events may be one line, and so may many
        messages of somebody whom the viewer has blocked."""
        size = self._owner.page_size
        while True:
            page = await read(size)
            viewer, hidden_ids = self._context.viewer, self._hidden_ids
            count = visible_count(page.messages, viewer, hidden_ids)
            is_filled = count >= self._owner.page_size // 2
            if is_filled or not (page.has_older or page.has_newer) or size >= _RESTORED_ROWS:
                return page
            size = min(2 * size, _RESTORED_ROWS)

    def set_room(
        self, room: Room, linked_number: int | None, unread_mark: UnreadMark | None
    ) -> None:
        """Use this room from now on; `show` comes next."""
        self._rooms_shown.start()
        self._room = room
        self._shown_authors.clear()
        self._saved_position, self._linked_number = None, linked_number
        self._unread_count = 0 if unread_mark is None else unread_mark.count
        self._first_unread = None if unread_mark is None else unread_mark.number
        self._unread_since, self._has_seen_unread = None, unread_mark is None
        self._target, self._faded_number = linked_number, None
        self._marked_words = ()
        self._edited = self._chosen = None
        self._line_width = folding_line_width(self.timeline_width)
        self._stop_fade()

    def mark_words(self, words: tuple[str, ...]) -> None:
        """Mark these words in the message that the address names, as long as its mark is there."""
        self._marked_words = words

    async def show(self, page: MessagePage, position: ScrollPosition | None) -> None:
        """Show the first page."""
        shown = self._rooms_shown.current
        self._find_first_unread(page)
        if self._has_seen_unread:
            # It may have been that of the room before.
            self.timeline.show_unread_above(0)
        if position is not None:
            if position.faded_number == self._linked_number:
                self._target = None
            await self.timeline.show_at(page, position.offset)
        elif self._linked_number is None:
            self.timeline.show_newest(page)
        else:
            await self._show_around(page, self._linked_number)
        if not self._rooms_shown.has_overtaken(shown):
            await self._load_first_unread()
        if not self._rooms_shown.has_overtaken(shown):
            self.on_scrolled()

    def _find_first_unread(self, page: MessagePage) -> None:
        """Find the first unread message in a page: no line of the chat, and of somebody else."""
        first = self._first_unread
        if first is None or self._unread_since is not None or not page.messages:
            return
        if page.has_older and page.messages[0].number > first:
            return
        for each in page.messages:
            if each.number >= first and each.is_unread_for(self._context.me.id):
                self._first_unread, self._unread_since = each.number, each.sent_at
                return

    async def _load_first_unread(self) -> None:
        """Load the first unread message, which is above the window: the button says since when."""
        first = self._first_unread
        if first is not None and self._unread_since is None:
            loading = self.room.after(self._context.me, first - 1, self._owner.page_size)
            page = await self._load(loading)
            if page is not None:
                self._find_first_unread(replace(page, has_older=False))

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
                self._faded_number,
                first_number,
                timeline.window.last_number,
                timeline.window.offset,
            )
        self._rooms_shown.start()
        self._stop_fade()
        timeline.suspend()
        self._room = None

    def is_visible(self, number: int) -> bool:
        """Whether the message with this number is in the window."""
        return self.is_open and self.timeline.window.contains(number)

    def row_state(self, message: Message) -> RowState:
        """The row state of a message for the viewer."""
        person_id, blocks = self._context.me.id, self._context.workspace.blocks
        number = message.number
        if not self._has_formula_fonts and may_have_formula(message.text):
            self._has_formula_fonts = True
            asyncio.get_running_loop().call_soon(self._owner.load_formula_fonts)
        opened_entry = (
            self._opened_parts.get((message.room_id, number)) if self._opened_parts else None
        )
        line_width = self._line_width_of(message)
        is_hidden = hides_quote = False
        if hidden_ids := self._hidden_ids:
            is_hidden = message.author.id in hidden_ids and blocks.hides(person_id, message)
            hides_quote = message.quote is not None and message.quote.author_id in hidden_ids
        if (
            line_width == LINE_WIDTH
            and not is_hidden
            and not hides_quote
            and not message.reactions
            and not message.mentions
            and opened_entry is None
            and message.poll is None
            and message.view is None
            and number
            not in {self._first_unread, self._target, self._anchor, self._edited, self._chosen}
        ):
            return DEFAULT_ROW_STATE
        field_values: tuple[tuple[str, Hashable], ...] = ()
        field_errors: tuple[tuple[str, str], ...] = ()
        if message.view is not None:
            self.field_edits.note_drawn(message)
            field_values = self.field_edits.row_values(message)
            field_errors = self.field_edits.row_errors(message)
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
            person_id if any(each == person_id for _, each in message.mention_names) else 0,
            self._marked_words if number == self._target else (),
            number == self._edited,
            self._chosen_part if number == self._chosen else None,
            line_width,
            field_values,
            field_errors,
            is_hidden,
            hides_quote,
        )
        return DEFAULT_ROW_STATE if state == DEFAULT_ROW_STATE else state

    @property
    def _hidden_ids(self) -> frozenset[PersonId]:
        """The people whom the viewer has blocked, and does not want to read here for now."""
        blocked_ids = self._context.blocked_ids
        return blocked_ids - self._shown_authors if self._shown_authors else blocked_ids

    def show_hidden(self, author_id: PersonId) -> None:
        """Show what somebody whom the viewer has blocked wrote here, until another room comes."""
        self._shown_authors.add(author_id)
        self.redraw_author(author_id)

    def on_blocks_changed(self, author_id: PersonId) -> None:
        """The viewer has blocked somebody, or unblocked them."""
        self._shown_authors.discard(author_id)
        self.redraw_author(author_id)

    def redraw_author(self, author_id: PersonId) -> None:
        """Start to draw all rows again that are of a person, or quote them."""
        if self.is_open:
            self._context.tasks.start(self._redraw_author(author_id), "draw rows of a person again")

    async def _redraw_author(self, author_id: PersonId) -> None:
        window = self.timeline.window
        if not window.row_count:
            return
        page = await self.read(window.first_number, window.last_number)
        for previous, message in page.with_previous() if page is not None else ():
            quote = message.quote
            is_quoted = quote is not None and quote.author_id == author_id
            is_concerned = message.author.id == author_id or is_quoted
            if is_concerned and not is_foldable(message):
                self.timeline.redraw_content(RowContent(previous, message))

    def redraw_message(self, number: int) -> None:
        """Draw a row again, if it is on the screen."""
        self._redraw_if_shown([number])

    def fit(self) -> None:
        """Fold long texts for the width that the timeline has now."""
        line_width = folding_line_width(self.timeline_width) if self.is_open else self._line_width
        if line_width != self._line_width:
            self._line_width = line_width
            self.timeline.redraw_long_texts()

    def _line_width_of(self, message: Message) -> int:
        is_narrow = self._line_width != LINE_WIDTH
        return self._line_width if is_narrow and may_be_folded(message.text) else LINE_WIDTH

    def toggle_part(self, message: Message, part: int) -> None:
        """Open or close a part of a message for this viewer."""
        opened_parts = set(self.row_state(message).opened_parts) ^ {part}
        message_key = (message.room_id, message.number)
        self._opened_parts[message_key] = (message.edited_at, tuple(sorted(opened_parts)))
        neighbours = MAX_FOLDED_EVENTS if part == SHOW_EVENTS else 0
        redrawing = self._redraw(message.number, neighbours=neighbours)
        self._context.tasks.start(redrawing, "draw a row again")

    def set_first_unread(self, number: int | None) -> None:
        """Move the divider of unread messages."""
        previous_number, self._first_unread = self._first_unread, number
        self._redraw_if_shown({previous_number, number})

    def set_edited(self, number: int | None) -> None:
        """Mark the message that is being edited, or none."""
        previous_number, self._edited = self._edited, number
        if number != previous_number:
            self._redraw_if_shown({previous_number, number})

    @property
    def chosen(self) -> int | None:
        """The message that was chosen with the keyboard, if it is in the window."""
        number = self._chosen
        return number if number is not None and self.timeline.window.contains(number) else None

    def set_chosen(self, number: int | None, part: int = 0) -> None:
        """Put a ring around a message, or a part of its row; None removes it."""
        previous = self._chosen, self._chosen_part
        self._chosen, self._chosen_part = number, part
        if previous != (number, part):
            self._redraw_if_shown(dict.fromkeys((previous[0], number)))

    async def row_near(self, number: int, step: int) -> RowContent | None:
        """The next row of the window that is drawn, above (-1) or below (1) that of a message, or
        its own (0).

        None if there is none.
        """
        reach = _NEAR_ROWS
        while True:
            window = self.timeline.window
            first = max(window.first_number, number - reach)
            last = min(window.last_number, number + reach)
            page = await self._load(
                self.room.after(self._context.me, first - 1, max(0, last - first) + 1)
            )
            if page is None:
                return None
            rows = row_contents(page.with_previous(), self._context.viewer)
            found = _next_drawn(rows, number, step)
            # The row of an event depends on the other events around it.
            is_sure = found is not None and not is_foldable(found.message)
            has_all = first == window.first_number and last == window.last_number
            if is_sure or has_all or reach >= MAX_FOLDED_EVENTS:
                return found
            reach = MAX_FOLDED_EVENTS

    def _redraw_if_shown(self, numbers: Collection[int | None]) -> None:
        for each in numbers:
            if each is not None and self.timeline.window.contains(each):
                self._context.tasks.start(self._redraw(each), "draw a row again")

    async def show_newest(self) -> None:
        """Replace the window by the newest page."""
        if not self.is_open:
            return
        page = await self._load(self._load_newest(self.room))
        if page is not None:
            self._forget_target()
            self.timeline.show_newest(page)

    async def show_message(self, number: int) -> None:
        """Show the message with this number in the middle. Raises NoSuchMessage."""
        page = await self._load(self.load_page(self.room, number))
        if page is not None:
            self._target = number
            await self._show_around(page, number)

    async def reveal(self, number: int) -> None:
        """Replace the window by a page with this message in the middle."""
        page = await self._load(self._load_around(self.room, number))
        if page is not None:
            await self._show_around(page, number)

    async def show_first_unread(self) -> None:
        """Replace the window by the page around the first unread message."""
        if self.is_open and self._first_unread is not None:
            page = await self._load(self._load_around(self.room, self._first_unread))
            if page is None or self._first_unread is None:
                return
            self._find_first_unread(page)
            self.dismiss_unread()
            await self._show_around(page, self._first_unread)

    def dismiss_unread(self) -> bool:
        """The person has been at the first unread message, or does not want to go there.

        Returns whether the button to it was visible.
        """
        was_visible = self.timeline.shows_unread_above
        if not self._has_seen_unread and self._room is not None:
            self._has_seen_unread = True
            self._context.workspace.memberships.unread_seen(self._context.me, self._room.info.id)
        self.timeline.show_unread_above(0)
        return was_visible

    def on_scrolled(self) -> None:
        """The person has scrolled, or sees another page: is the first unread message visible?"""
        first = self._first_unread
        if first is None or self._has_seen_unread or not self.timeline.window.is_shown:
            return
        if self.timeline.may_show(first):
            self.dismiss_unread()
        elif first > self.timeline.window.last_number:
            # They are below: the button that jumps to the latest leads there.
            self.timeline.show_unread_above(0)
        else:
            self.timeline.show_unread_above(self._unread_count, self._unread_since)

    async def load_older(self) -> None:
        """Load a page above the window."""
        first_number = self.timeline.window.first_number
        read = partial(self.room.before, self._context.me, first_number)
        page = await self._load(self._fill_page(read))
        events_after: Sequence[Message] = ()
        if page is not None and page.messages and is_foldable(page.messages[-1]):
            loading = self.room.after(self._context.me, first_number - 1, MAX_FOLDED_EVENTS)
            below = await self._load(loading)
            if below is None:
                return
            last_number = self.timeline.window.last_number
            events_after = [
                each
                for each in takewhile(is_foldable, below.messages)
                if each.number <= last_number
            ]
        if page is not None:
            self._find_first_unread(page)
            self.timeline.add_older(page, events_after)
            self.on_scrolled()

    async def load_newer(self) -> None:
        """Load a page below the window. It begins with rows that are on the screen."""
        number = self.timeline.window.last_number
        page = await self._load(
            self.room.around(self._context.me, number, 2 * self._owner.page_size)
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
        if number == self._target:
            self._stop_fade()
            self._fade = self._context.tasks.start(self._fade_target(number), "fade a mark")

    def _stop_fade(self) -> None:
        if self._fade is not None:
            self._fade.cancel()
            self._fade = None

    async def _fade_target(self, number: int) -> None:
        """Take the mark of a message away: the person has seen where it is."""
        await asyncio.sleep(_FADE_DELAY)
        message = await self.room.message(self._context.me, number)
        if message.kind is MessageKind.TEXT and not message.erased:
            self.timeline.fade_target(message)
        await asyncio.sleep(FADE_MILLISECONDS / 1000)
        self._fade = None
        self._forget_target()
        await self._redraw(number)

    def _forget_target(self) -> None:
        """Mark no message any more, and go back to the address of the room."""
        self._stop_fade()
        number, self._target, self._marked_words = self._target, None, ()
        if number is not None and self._linked_number == number:
            self._linked_number, self._faded_number = None, number
            self._owner.on_target_faded()

    def redraw_messages(self, numbers: Sequence[int]) -> None:
        """Start to draw these messages of the window again, in order of number."""
        self._context.tasks.start(self._redraw(*numbers), "draw rows again")

    async def _redraw(self, *numbers: int, neighbours: int = 0) -> None:
        """Draw rows again; with their `neighbours` if they may be of one run with them."""
        first = max(1, numbers[0] - neighbours)
        count = numbers[-1] + neighbours - first + 1
        page = await self._load(self.room.after(self._context.me, first - 1, count))
        if page is None:
            return
        window = self.timeline.window
        pairs = [each for each in page.with_previous() if window.contains(each[1].number)]
        for content in row_contents(pairs, self._context.viewer):
            if content.message.number in numbers:
                if is_foldable(content.message):
                    self.timeline.redraw_content(content)
                else:
                    self.timeline.redraw(MessageChanged(content.message, content.previous))

    async def _fill_gap(self, number: int) -> None:
        """Load the messages after `number`. A gap larger than a page replaces the window."""
        try:
            page = await self._load(
                self.room.after(self._context.me, number, self._owner.page_size)
            )
            is_contiguous = number > 0 and page is not None and not page.has_newer
            if page is not None and not is_contiguous:
                page = await self._load(self._load_newest(self.room))
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


def _next_drawn(rows: Sequence[RowContent], number: int, step: int) -> RowContent | None:
    """The first drawn row above (-1) or below (1) a message, or its own (0)."""
    if step < 0:
        rows = [each for each in reversed(rows) if each.message.number < number]
    elif step > 0:
        rows = [each for each in rows if each.message.number > number]
    else:
        rows = [each for each in rows if each.message.number == number]
    return next((x for x in rows if not (x.message.erased or x.run.is_folded)), None)
