"""The timeline: a bounded window of a room's messages, newest at the bottom.

The list is reversed (index 0 is the newest row): a new message at the bottom appears without
scrolling, and older rows added at the far end move nothing. While the person reads above, new
messages wait behind a button, because a row inserted below would move what is being read. Another
window, or one that is longer below, is drawn in an off-screen list (`offscreen_list.py`) first.

A session keeps the numbers of its window, not its rows. `history_window.py` decides the effects of
an event on the window; the timeline draws and loads accordingly.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Protocol

import flet as ft

from chat.model.events import MessageChanged
from chat.model.messages import Message, MessagePage
from chat.model.people import PersonId
from chat.text.folding import may_be_folded
from chat.ui.chosen_row import chosen_key
from chat.ui.client.connection import ClientConnection, connection_of, scroll_time
from chat.ui.context import SessionContext
from chat.ui.days.day_pill import DayPill, DaySource
from chat.ui.packing.control_ids import RowIds
from chat.ui.row_parts import OnPartClick
from chat.ui.rows.event_runs import (
    MessagePair,
    RowContent,
    is_foldable,
    row_contents,
)
from chat.ui.rows.message import background_of
from chat.ui.theme import widgets
from chat.ui.timeline.history_window import (
    BOTTOM_TOLERANCE,
    Appended,
    Arrived,
    DrawArrived,
    DrawPending,
    Effect,
    HistoryWindow,
    InsertAbove,
    Invalidated,
    JumpedToEnd,
    LoadEnded,
    LoadNewer,
    LoadNewest,
    LoadOlder,
    OlderLoaded,
    PageShown,
    Refresh,
    RoomChanged,
    Scrolled,
    Suspended,
    Trim,
    WindowEvent,
    reduce,
)
from chat.ui.timeline.jump_buttons import JumpButtons
from chat.ui.timeline.list_stack import ListStack
from chat.ui.timeline.live_tail import LiveTail
from chat.ui.timeline.offscreen_list import EDGE_PADDING, OffscreenList
from chat.ui.viewer import RowState

# Rows that are drawn again one by one when the message that they quote, or a person, has changed.
# More of them cost less as a new page.
_MAX_REDRAWN_ROWS = 20


# In pixels: a row of several lines, and what is above and below the timeline.
_ROW_HEIGHT = 60
_SURROUNDING_HEIGHT = 150

# Milliseconds between two reports of the timeline's height.
_SIZE_INTERVAL = 200

# Within this time the list scrolls to the chosen message, and to the newest one.
_CHOOSE_MILLISECONDS, _JUMP_MILLISECONDS = 80, 150


class HistorySource(DaySource, Protocol):
    """The history of the room that a timeline shows."""

    @property
    def last_number(self) -> int:
        """The number of the newest message in the room."""

    def row_state(self, message: Message) -> RowState:
        """The row state of a message for the viewer."""

    def messages_after(self, number: int) -> tuple[Message, ...] | None:
        """The messages after a number, or None if the room does not keep them in memory."""

    def redraw_messages(self, numbers: Sequence[int]) -> None:
        """Start to draw these messages of the window again, in order of number."""

    def load_missing(self, number: int) -> None:
        """Start to load the messages after a number, and call `add_newer` or `show_newest`."""

    async def load_older(self) -> None:
        """Load a page above the window: the person scrolled near its upper end."""

    async def load_newer(self) -> None:
        """Load a page below the window: the person scrolled near its lower end."""

    async def show_newest(self) -> None:
        """Replace the window by the newest page."""

    async def show_first_unread(self) -> None:
        """Replace the window by the page around the first unread message."""

    def dismiss_unread(self) -> object:
        """The person does not want to see the first unread message."""


class Timeline(ft.Stack):
    """The rows of the room on the screen; a `RowRenderer` draws them.

    `on_event(topic, event)` gets the events that the live tail does not draw itself, and
    `on_position_changed()` is called when the person scrolls.
    """

    def __init__(
        self,
        context: SessionContext,
        source: HistorySource,
        *,
        row_ids: RowIds,
        on_event: Callable[[str, object], None],
        on_position_changed: Callable[[], None],
    ) -> None:
        self._context = context
        self._source = source
        self._row_ids = row_ids
        self._on_position_changed = on_position_changed
        # The heights of the screen and of all rows, in pixels; 0 until the client reports them.
        self._viewport_height, self._content_height = 0.0, 0.0
        self._create_header: Callable[[], ft.Control] = ft.Container
        self.live_tail = LiveTail(context.me.id, fallback=on_event)
        self._window = HistoryWindow()
        # Created when the person scrolls.
        self._day_pill: DayPill | None = None
        # The rows that are to be tinted, and the one that is.
        self._hovered: Message | None = None
        self._held: Message | None = None
        self._tinted: Message | None = None
        super().__init__(fit=ft.StackFit.EXPAND, expand=True)
        self._list_stack = ListStack(
            self,
            context,
            row_ids=row_ids,
            on_scroll=self._on_scroll,
            get_row_state=source.row_state,
        )
        self._jump_buttons = JumpButtons(
            self,
            context.t,
            jump_down=self.jump_to_newest,
            jump_up=source.show_first_unread,
            dismiss=source.dismiss_unread,
        )

    @property
    def window(self) -> HistoryWindow:
        """The messages on the screen."""
        last_number = self.live_tail.last_number
        if last_number != self._window.last_number:
            # The live tail has drawn messages by itself.
            self._window = replace(self._window, last_number=last_number)
        return self._window

    @property
    def is_at_end(self) -> bool:
        """Whether the newest message is on the screen."""
        return self._window.is_at_end

    def attach(self, connection: ClientConnection | None, on_part_click: OnPartClick) -> None:
        """Draw on this connection, or ordinary controls without one, from the next page on."""
        self._list_stack.attach(connection, on_part_click)
        self._apply(Suspended())
        if connection is not None:
            self.live_tail.try_send = connection.try_send
            self.live_tail.last_frame = self._context.row_cache.last_frame(
                self._context.viewer, self._row_ids
            )

    def set_header(self, create_header: Callable[[], ft.Control]) -> None:
        """Use this header above the first message, from the next page on."""
        self._create_header = create_header
        self._apply(RoomChanged())

    def suspend(self) -> None:
        """Draw nothing until the next page: the client disconnected."""
        self._list_stack.discard_offscreen_list()
        self._apply(Suspended())

    def clear(self) -> None:
        """Remove all rows until the next page."""
        self._list_stack.show_main_list().replace_all([], None)
        self.live_tail.last_message = None
        self._apply(Suspended(cleared=True))

    def show_newest(self, page: MessagePage) -> None:
        """Replace the window by the newest page and what was posted since, and scroll to the
        bottom."""
        renderer = self._list_stack.show_main_list()
        effects = self._apply_page(page, offset=0.0, is_fresh=True)
        renderer.replace_all(list(page.with_previous()), self._header_if_oldest())
        self._carry_out(effects)

    async def show_around(self, page: MessagePage, number: int) -> None:
        """Replace the window by a page, with the message `number` in the middle of the screen."""
        await self._swap_in(
            page,
            lambda offscreen_list: offscreen_list.scroll_to_message(
                number, self._window.offset, centered=True
            ),
        )

    async def show_at(self, page: MessagePage, target_offset: float) -> None:
        """Replace the window by a page, scrolled to a distance from its bottom, in pixels."""
        await self._swap_in(page, lambda offscreen_list: offscreen_list.restore(target_offset))

    def add_newer(self, page: MessagePage) -> None:
        """Add a page below, if the person is at the end; else it waits until they return there."""
        if self.is_at_end:
            last_number = self.live_tail.last_number
            self._append(tuple(m for m in page.messages if m.number > last_number))
        self._draw_pending()

    async def extend_below(self, page: MessagePage) -> None:
        """Extend the window by a page that contains its last message, which keeps its place."""
        last_number = self.live_tail.last_number
        if page.messages and page.messages[-1].number > last_number:
            await self._swap_in(
                page,
                lambda offscreen_list: offscreen_list.scroll_to_message(
                    last_number, self._window.offset, centered=False
                ),
            )

    def on_new_messages(self, messages: tuple[Message, ...]) -> None:
        """Draw new messages: at once, when the client is idle, or when the person returns to the
        end.

        A duplicate is dropped.
        """
        if self.check_day() and self.is_at_end:
            return  # The page that is loaded has them.
        if messages:
            effects = self._apply(Arrived(messages[0].number, messages[-1].number))
            self._carry_out(effects, messages)

    def redraw(self, changed: MessageChanged) -> None:
        """Draw a changed message again, if it is in the window.

        If it was erased, the next one too.
        """
        if self._list_stack.offscreen_list is not None:
            self._list_stack.offscreen_list.pending_changes.append(changed)
        message, following, window = changed.message, changed.following, self.window
        if message.number == window.last_number:
            self.live_tail.last_message = message
        self._redraw_row(changed.previous, message)
        if message.erased and following is not None:
            self._redraw_row(message, following)
        if quoting := [each for each in changed.quoting if window.contains(each)]:
            self._redraw_quotes(quoting)

    def redraw_content(self, content: RowContent) -> None:
        """Draw a row again, if it is in the window."""
        window, number = self.window, content.message.number
        if window.contains(number):
            self._list_stack.renderer.redraw(window.index(number), content)
            if self._tinted is not None and self._tinted.number == number:
                self._show_tint(content.message, is_tinted=True)

    async def scroll_to_chosen(self, number: int) -> None:
        """Scroll to the row of the chosen message, which is drawn."""
        await self._list_stack.visible_list.scroll_to(
            scroll_key=chosen_key(number),
            duration=scroll_time(connection_of(self.page), _CHOOSE_MILLISECONDS),
        )

    def middle_number(self) -> int:
        """The number of a message that is probably in the middle of the screen."""
        window = self.window
        row_height = self._row_height()
        height = self._viewport_height or self._default_height()
        index = int((window.offset + height / 2) / row_height) if window.offset else 0
        return max(window.first_number, window.last_number - index)

    def fade_target(self, message: Message) -> None:
        """Let the background of the message that an address named fade."""
        self._set_background(message, background_of(self._source.row_state(message)))

    def tint(self, message: Message | None) -> None:
        """Tint the row under the mouse; without a message none is under it.

        While a menu is open, its row stays tinted (`hold_tint`).
        """
        self._hovered = message
        self._draw_tint()

    def hold_tint(self, message: Message | None) -> None:
        """Tint the row whose menu is open, until this is called without a message."""
        self._held = message
        self._draw_tint()

    def _draw_tint(self) -> None:
        wanted, tinted = self._held or self._hovered, self._tinted
        self._tinted = wanted
        if tinted is not None and (wanted is None or wanted.number != tinted.number):
            self._show_tint(tinted, is_tinted=False)
        if wanted is not None:
            self._show_tint(wanted, is_tinted=True)

    def _show_tint(self, message: Message, *, is_tinted: bool) -> None:
        state = self._source.row_state(message)
        # The mark of a target is stronger, and fades.
        if not state.is_target:
            self._set_background(message, background_of(state, is_tinted=is_tinted))

    def _set_background(self, message: Message, color: ft.ColorValue) -> None:
        window = self.window
        if window.is_shown and window.contains(message.number):
            renderer = self._list_stack.renderer
            renderer.set_background(window.index(message.number), message, color)

    def _redraw_row(self, previous: Message | None, message: Message) -> None:
        if not is_foldable(message):
            self.redraw_content(RowContent(previous, message))
        elif (contents := self._window_contents()) is None:
            self.invalidate()
        else:
            for each in contents:
                if each.message.number == message.number:
                    self.redraw_content(each)

    def _window_contents(self) -> list[RowContent] | None:
        """The contents of all rows, or None if the room does not keep them in memory."""
        window = self.window
        # With the message before the first row, which that row depends on.
        messages = self._source.messages_after(max(0, window.first_number - 2))
        if messages is None:
            return None
        pairs = MessagePage(messages).with_previous()
        viewer = self._context.viewer
        return row_contents([each for each in pairs if window.contains(each[1].number)], viewer)

    def redraw_person(self, person_id: PersonId) -> None:
        """A person has another name or avatar: draw the rows that have it again.

        Rows that are older than the messages in memory are drawn again at the next return to the
        end, with all others.
        """
        window = self.window
        if not window.is_shown:
            return
        contents = self._window_contents()
        if contents is None:
            self.invalidate()
            return
        naming = [
            each
            for each in contents
            if any(event.names(person_id) for event in (each.message, *each.run.events))
        ]
        if len(naming) > _MAX_REDRAWN_ROWS:
            self.invalidate()
            return
        for each in naming:
            if is_foldable(each.message):
                self.redraw_content(each)
            else:
                self.redraw(MessageChanged(each.message, each.previous))

    def redraw_long_texts(self) -> None:
        """Long texts are folded for another width: draw their rows again, as `redraw_person`."""
        if not self.window.is_shown:
            return
        contents = self._window_contents()
        long = [each for each in contents or () if may_be_folded(each.message.text)]
        if contents is None or len(long) > _MAX_REDRAWN_ROWS:
            self.invalidate()
            return
        for each in long:
            self.redraw_content(each)

    def _redraw_quotes(self, numbers: Sequence[int]) -> None:
        if len(numbers) > _MAX_REDRAWN_ROWS:
            self.invalidate()
        else:
            self._source.redraw_messages(numbers)

    def show_unread_above(self, unread_count: int, since: datetime | None = None) -> None:
        """Show how many unread messages are above the screen, and since when; 0 hides the
        button."""
        viewer = self._context.viewer
        since_text = "" if since is None else viewer.format_recent_time(since)
        self._jump_buttons.show_above(unread_count, since_text)

    @property
    def shows_unread_above(self) -> bool:
        """Whether the button to unread messages is visible."""
        return self._jump_buttons.shows_above

    def may_show(self, number: int) -> bool:
        """Whether the row of a message is probably not above the screen.

        The client does not report where a row is; all rows count as equally high.
        """
        window = self._window
        if not window.contains(number):
            return False
        height = self._viewport_height or self._default_height()
        return (window.index(number) + 1) * self._row_height() <= window.offset + height

    def _row_height(self) -> float:
        """The height of a row in the middle, in pixels."""
        if self._content_height:
            return self._content_height / max(1, self._window.row_count)
        return float(_ROW_HEIGHT)

    def redraw_header(self) -> None:
        """The header has changed."""
        window = self.window
        if window.is_shown and not window.has_older:
            self._list_stack.renderer.redraw_header(window.row_count, self._create_header())

    def add_older(self, page: MessagePage, events_after: Sequence[Message] = ()) -> None:
        """Add a page above the window; `events_after` are the first messages of the window, if they
        may be of one run with the last added one."""
        if page.messages:
            loaded = OlderLoaded(page.messages[0].number, page.messages[-1].number, page.has_older)
            for effect in self._apply(loaded):
                if isinstance(effect, InsertAbove):
                    below = MessagePage(tuple(events_after), page.messages[-1]).with_previous()
                    self._list_stack.renderer.add_older(
                        effect.index,
                        list(page.with_previous()),
                        self._header_if_oldest(),
                        list(below),
                    )

    async def jump_to_newest(self) -> None:
        """Show the waiting messages, and scroll to the bottom."""
        effects = self._apply(JumpedToEnd())
        if LoadNewest() in effects:
            await self._source.show_newest()
            return
        self._carry_out(effects)
        if self._window.offset > 0:
            duration = scroll_time(connection_of(self.page), _JUMP_MILLISECONDS)
            await self._list_stack.visible_list.scroll_to(offset=0, duration=duration)

    def check_day(self) -> bool:
        """Whether a new day has begun since the rows were drawn. They are invalid then.

        It is asked before new rows are drawn, too: no timer runs while the computer sleeps.
        """
        today = self._context.viewer.local_date(datetime.now(UTC))
        if self.live_tail.day in {today, date.min}:
            return False
        self.live_tail.day = today
        self.invalidate()
        return True

    def invalidate(self) -> None:
        """All rows have changed, for example at midnight.

        They are drawn again at the next return to the end.
        """
        self._carry_out(self._apply(Invalidated()))

    async def _swap_in(
        self, page: MessagePage, scroll: Callable[[OffscreenList], Awaitable[float]]
    ) -> None:
        """Draw a page in an off-screen list, and show the list when it is scrolled to its place."""
        self._apply(Suspended())
        offscreen_list, renderer = self._list_stack.start_offscreen_list()
        header = None if page.has_older else self._create_header()
        renderer.replace_all(list(page.with_previous()), header)
        offset = await scroll(offscreen_list)
        if self._list_stack.offscreen_list is not offscreen_list:
            return
        self._list_stack.swap_in(offscreen_list)
        effects = self._apply_page(page, offset, is_fresh=False)
        for each in offscreen_list.pending_changes:
            self.redraw(each)
        self._carry_out(effects)

    def _apply_page(self, page: MessagePage, offset: float, *, is_fresh: bool) -> Sequence[Effect]:
        """The page has replaced the rows."""
        self._content_height = 0.0
        self.live_tail.day = self._context.viewer.local_date(datetime.now(UTC))
        first, last = (page.messages[0], page.messages[-1]) if page.messages else (None, None)
        self.live_tail.last_message = last
        return self._apply(
            PageShown(
                0 if first is None else first.number,
                0 if last is None else last.number,
                page.has_older,
                page.has_newer,
                self._source.last_number,
                offset,
                is_fresh,
            )
        )

    def _apply(self, event: WindowEvent) -> Sequence[Effect]:
        """Reduce an event, and return its effects."""
        self._window, effects = reduce(self.window, event)
        window, live_tail = self._window, self.live_tail
        live_tail.set_window(window.first_number, live_tail.last_message)
        live_tail.is_live = (
            window.is_at_end
            and self._list_stack.connection is not None
            and self._list_stack.shows_main_list
        )
        if isinstance(event, PageShown | Suspended) and self._day_pill is not None:
            self._day_pill.forget_rows()
        if isinstance(event, PageShown | Scrolled | JumpedToEnd):
            self._on_position_changed()
        return effects

    def _carry_out(self, effects: Sequence[Effect], arrived: tuple[Message, ...] = ()) -> None:
        """Carry out the effects that need no waiting."""
        for effect in effects:
            match effect:
                case DrawArrived() if not self._list_stack.is_busy:
                    self._append(arrived)
                case DrawArrived() | DrawPending():
                    self._draw_pending()
                case Trim(kept, row_count):
                    self._list_stack.renderer.trim(kept, row_count)
                case Refresh():
                    self._source.load_missing(0)
                case _:
                    pass
        self._update_jump_button()

    def _update_jump_button(self) -> None:
        window = self._window
        self._jump_buttons.show_below(window.new_count, is_far=window.is_far_from_end)

    def _draw_pending(self) -> None:
        """Draw the messages after the window, as soon as the client and the person are there."""
        window = self.window
        if window.newest_number > window.last_number and window.is_at_end:
            if (connection := self._list_stack.connection) is not None and connection.busy:
                connection.when_idle(self._draw_pending)
            elif (messages := self._source.messages_after(window.last_number)) is None:
                self._source.load_missing(window.last_number)
            else:
                self._append(messages)
        else:
            self._update_jump_button()

    def _append(self, messages: tuple[Message, ...]) -> None:
        if messages:
            last_message = self.live_tail.last_message
            events_before = partial(self._events_before, messages[0])
            self._list_stack.renderer.add_newer(last_message, messages, events_before)
            self.live_tail.last_message = messages[-1]
            self._carry_out(self._apply(Appended(messages[0].number, messages[-1].number)))

    def _events_before(self, message: Message, limit: int) -> Sequence[MessagePair]:
        """The events right before a new one, at most `limit`, if they may be of one run with it."""
        last = self.live_tail.last_message
        if last is None or not is_foldable(message) or not is_foldable(last):
            return ()
        # One more: the message before a row is part of its pair.
        first_number = max(self.window.first_number - 1, last.number - limit, 0)
        messages = self._source.messages_after(max(0, first_number - 1))
        if messages is None:
            return ()
        pairs = list[MessagePair]()
        for pair in MessagePage(messages).with_previous():
            if pair[1].number > last.number:
                break
            if not is_foldable(pair[1]):
                pairs.clear()
            elif pair[1].number > first_number:
                pairs.append(pair)
        return pairs

    def _default_height(self) -> float:
        """About the height of the timeline, in pixels, before the client has reported it."""
        return max(0.0, float(widgets.page_of(self).height or 0) - _SURROUNDING_HEIGHT)

    def _header_if_oldest(self) -> ft.Control | None:
        return None if self._window.has_older else self._create_header()

    def _show_day(self) -> None:
        """Show the day of the topmost visible row, unless the newest ones are visible."""
        window = self._window
        if window.offset < BOTTOM_TOLERANCE:
            if self._day_pill is not None:
                self._day_pill.hide()
            return
        if self._day_pill is None:
            self._day_pill = DayPill(self, self._context, self._source)
            # (The pill sends it along.)
            self.controls.append(_size_reporter(self._on_size_changed))
        self._day_pill.show(
            window.first_number,
            window.last_number,
            distance=window.offset + self._viewport_height - EDGE_PADDING,
            is_below_button=self.shows_unread_above,
        )

    def _on_size_changed(self, event: ft.LayoutSizeChangeEvent[ft.LayoutControl]) -> None:
        """The field below has another height, or the window: another row is the topmost one."""
        self._viewport_height = event.height
        if self._window.is_shown:
            self._show_day()

    async def _on_scroll(self, event: ft.OnScrollEvent) -> None:
        if event.control is not self._list_stack.visible_list or not self._window.is_shown:
            return
        self._viewport_height = event.viewport_dimension or 0.0
        self._content_height = event.max_scroll_extent + self._viewport_height
        effects = self._apply(Scrolled(event.pixels, event.max_scroll_extent))
        self._carry_out(effects)
        self._show_day()
        for effect in effects:
            try:
                if isinstance(effect, LoadOlder):
                    await self._source.load_older()
                elif isinstance(effect, LoadNewer):
                    await self._source.load_newer()
                else:
                    continue
            finally:
                self._apply(LoadEnded())


def _size_reporter(
    on_size_changed: Callable[[ft.LayoutSizeChangeEvent[ft.LayoutControl]], None],
) -> ft.Container:
    """An invisible control as high as the timeline, which reports its height. (A list reports its
    own only when it is scrolled.)"""
    return ft.Container(
        left=0,
        width=1,
        top=0,
        bottom=0,
        content=ft.Container(on_size_change=on_size_changed, size_change_interval=_SIZE_INTERVAL),
        ignore_interactions=True,
    )
