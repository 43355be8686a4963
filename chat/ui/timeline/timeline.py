"""The timeline: a bounded window of a room's messages, newest at the bottom.

The list is reversed (index 0 is the newest row): a new message at the bottom appears without
scrolling, and older rows added at the far end move nothing. While the person reads above, new
messages wait behind a button, because a row inserted below would move what is being read. Another
window, or one that is longer below, is drawn in an off-screen list (`offscreen_list.py`) first.

A session keeps the numbers of its window, not its rows: message n is at index `last_number - n`.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

import flet as ft

from chat.model.events import MessageChanged
from chat.model.messages import Message, MessagePage
from chat.ui.client.connection import ClientConnection
from chat.ui.context import SessionContext
from chat.ui.row_parts import OnPartClick
from chat.ui.timeline.jump_buttons import JumpButtons
from chat.ui.timeline.list_stack import ListStack
from chat.ui.timeline.live_tail import MAX_ROWS, TRIM_SLACK, LiveTail
from chat.ui.timeline.offscreen_list import OffscreenList
from chat.ui.viewer import RowState

# In pixels: this near to the bottom counts as the bottom; this near to an end loads another page.
_BOTTOM_TOLERANCE = 40
_LOAD_DISTANCE = 800

# More than a screen above the bottom, in pixels: from there on a button leads down.
_JUMP_DISTANCE = 800


class HistorySource(Protocol):
    """The history of the room that a timeline shows."""

    @property
    def last_number(self) -> int:
        """The number of the newest message in the room."""

    def row_state(self, message: Message) -> RowState:
        """The row state of a message for the viewer."""

    def messages_after(self, number: int) -> tuple[Message, ...] | None:
        """The messages after a number, or None if the room does not keep them in memory."""

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
        on_event: Callable[[str, object], None],
        on_position_changed: Callable[[], None],
    ) -> None:
        self._context = context
        self._source = source
        self._on_position_changed = on_position_changed
        self._create_header: Callable[[], ft.Control] = ft.Container
        self.live_tail = LiveTail(on_event)
        self.first_number = 0
        self._newest_number = 0
        self._has_older = self._has_newer = False
        self._is_loading = False
        # A distance of less than 40 pixels counts as the bottom.
        self.scroll_offset = 0.0
        self._is_at_bottom = True
        # False while the first page is being loaded: messages that arrive then are not drawn yet.
        self._is_shown = False
        self._is_stale = False
        super().__init__(fit=ft.StackFit.EXPAND, expand=True)
        self._list_stack = ListStack(self, self._on_scroll, context, source.row_state)
        self._jump_buttons = JumpButtons(
            self, context.t, self.jump_to_newest, source.show_first_unread
        )

    def attach(self, connection: ClientConnection | None, on_part_click: OnPartClick) -> None:
        """Draw on this connection, or ordinary controls without one, from the next page on."""
        self._list_stack.attach(connection, on_part_click)
        self._is_shown = self.live_tail.is_live = False
        if connection is not None:
            self.live_tail.try_send = connection.try_send
            self.live_tail.last_frame = self._context.row_cache.last_frame(self._context.viewer)

    def set_header(self, create_header: Callable[[], ft.Control]) -> None:
        """Use this header above the first message, from the next page on."""
        self._create_header = create_header
        self._newest_number = 0

    def suspend(self) -> None:
        """Draw nothing until the next page: the client disconnected."""
        self._list_stack.discard_offscreen_list()
        self._is_shown = self.live_tail.is_live = False

    def clear(self) -> None:
        """Remove all rows until the next page."""
        self._is_shown = self.live_tail.is_live = False
        self._list_stack.show_main_list().replace_all([], None)
        self.live_tail.set_window(0, None)
        self.first_number = 0

    def show_newest(self, page: MessagePage) -> None:
        """Replace the window by the newest page and what was posted since, and scroll to the
        bottom."""
        renderer = self._list_stack.show_main_list()
        self._set_window(page)
        self.scroll_offset = 0.0
        self._set_at_bottom(is_at_bottom=True)
        self._is_stale = False
        renderer.replace_all(list(page.with_previous()), self._header_if_oldest())
        self._update_jump_button()
        self._draw_pending()

    async def show_around(self, page: MessagePage, number: int) -> None:
        """Replace the window by a page, with the message `number` in the middle of the screen."""
        await self._swap_in(
            page,
            lambda offscreen_list: offscreen_list.scroll_to_message(
                number, self.scroll_offset, centered=True
            ),
        )

    async def show_at(self, page: MessagePage, target_offset: float) -> None:
        """Replace the window by a page, scrolled to a distance from its bottom, in pixels."""
        await self._swap_in(page, lambda offscreen_list: offscreen_list.restore(target_offset))

    def add_newer(self, page: MessagePage) -> None:
        """Add a page below, if the person is at the end; else it waits until they return there."""
        if self.is_at_end:
            self._append(tuple(m for m in page.messages if m.number > self.last_number))
        self._update_jump_button()
        self._draw_pending()

    async def extend_below(self, page: MessagePage) -> None:
        """Extend the window by a page that contains its last message, which keeps its place."""
        if page.messages and page.messages[-1].number > self.last_number:
            last_number = self.last_number
            await self._swap_in(
                page,
                lambda offscreen_list: offscreen_list.scroll_to_message(
                    last_number, self.scroll_offset, centered=False
                ),
            )

    def on_new_messages(self, messages: tuple[Message, ...]) -> None:
        """Draw new messages: at once, when the client is idle, or when the person returns to the
        end.

        A duplicate is dropped.
        """
        if not messages or messages[-1].number <= max(self._newest_number, self.last_number):
            return
        self._newest_number = messages[-1].number
        if (
            self.is_at_end
            and messages[0].number == self.last_number + 1
            and not self._list_stack.is_busy
        ):
            self._append(messages)
        else:
            self._draw_pending()

    def is_visible(self, number: int) -> bool:
        """Whether the message with this number is in the window."""
        return self.first_number <= number <= self.last_number

    def redraw(self, changed: MessageChanged) -> None:
        """Draw a changed message again, if it is in the window.

        If it was erased, the next one too.
        """
        if self._list_stack.offscreen_list is not None:
            self._list_stack.offscreen_list.pending_changes.append(changed)
        message, following = changed.message, changed.following
        if message.number == self.last_number:
            self.live_tail.last_message = message
        if self.is_visible(message.number):
            self._list_stack.renderer.redraw(
                self.last_number - message.number, (changed.previous, message)
            )
        if message.erased and following is not None and self.is_visible(following.number):
            self._list_stack.renderer.redraw(
                self.last_number - following.number, (message, following)
            )

    def show_unread_above(self, unread_count: int) -> None:
        """Show how many unread messages are above the window; 0 hides the button."""
        self._jump_buttons.show_above(unread_count)

    def redraw_header(self) -> None:
        """The header has changed."""
        if self._is_shown and not self._has_older:
            self._list_stack.renderer.redraw_header(self._row_count, self._create_header())

    def add_older(self, page: MessagePage) -> None:
        """Add a page above the window."""
        if (
            not page.messages
            or not self.first_number
            or page.messages[-1].number != self.first_number - 1
        ):
            return
        row_count = self._row_count
        self.first_number = page.messages[0].number
        self.live_tail.set_window(self.first_number, self.live_tail.last_message)
        self._has_older = page.has_older
        self._list_stack.renderer.add_older(
            row_count, list(page.with_previous()), self._header_if_oldest()
        )

    async def jump_to_newest(self) -> None:
        """Show the waiting messages, and scroll to the bottom."""
        if self._has_newer:
            await self._source.show_newest()
            return
        self._on_reached_bottom()
        if self.scroll_offset > 0:
            await self._list_stack.visible_list.scroll_to(offset=0, duration=150)

    def invalidate(self) -> None:
        """All rows have changed, for example at midnight.

        They are drawn again at the next return to the end.
        """
        self._is_stale = True
        if self.is_at_end:
            self._on_reached_bottom()

    @property
    def last_number(self) -> int:
        """The newest number in the window."""
        return self.live_tail.last_number

    @property
    def is_at_end(self) -> bool:
        """Whether the newest message is on the screen."""
        return self._is_at_bottom and self._is_shown and not self._has_newer

    @property
    def _row_count(self) -> int:
        return self.last_number - self.first_number + 1 if self.first_number else 0

    async def _swap_in(
        self, page: MessagePage, scroll: Callable[[OffscreenList], Awaitable[float]]
    ) -> None:
        """Draw a page in an off-screen list, and show the list when it is scrolled to its place."""
        self._is_shown = self.live_tail.is_live = False
        offscreen_list, renderer = self._list_stack.start_offscreen_list()
        header = None if page.has_older else self._create_header()
        renderer.replace_all(list(page.with_previous()), header)
        offset = await scroll(offscreen_list)
        if self._list_stack.offscreen_list is not offscreen_list:
            return
        self.scroll_offset = offset
        self._list_stack.swap_in(offscreen_list)
        self._set_window(page)
        for each in offscreen_list.pending_changes:
            self.redraw(each)
        self._set_at_bottom(is_at_bottom=self.scroll_offset < _BOTTOM_TOLERANCE)
        self._update_jump_button()
        self._draw_pending()

    def _set_window(self, page: MessagePage) -> None:
        self.first_number = page.messages[0].number if page.messages else 0
        self.live_tail.set_window(self.first_number, page.messages[-1] if page.messages else None)
        self._has_older, self._has_newer = page.has_older, page.has_newer
        if not page.has_newer:
            # A message that was posted while the page was loading may have reached no subscriber
            # here.
            self._newest_number = max(self._newest_number, self._source.last_number)
        self._is_shown = True

    def _draw_pending(self) -> None:
        """Draw the messages that have arrived and are not in the window, unless they have to
        wait."""
        if self._newest_number <= self.last_number:
            return
        if not self.is_at_end:
            self._update_jump_button()
        elif (connection := self._list_stack.connection) is not None and connection.busy:
            connection.when_idle(self._draw_pending)
        elif (messages := self._source.messages_after(self.last_number)) is None:
            self._source.load_missing(self.last_number)
        else:
            self._append(messages)

    def _append(self, messages: tuple[Message, ...]) -> None:
        if not messages:
            return
        self._list_stack.renderer.add_newer(self.live_tail.last_message, messages)
        self.first_number = self.first_number or messages[0].number
        self.live_tail.set_window(self.first_number, messages[-1])
        self._trim()

    def _trim(self) -> None:
        row_count = self._row_count
        if self._is_at_bottom and row_count > MAX_ROWS + TRIM_SLACK:
            self._list_stack.renderer.trim(
                MAX_ROWS, row_count if self._has_older else row_count + 1
            )
            self.first_number = self.last_number - MAX_ROWS + 1
            self.live_tail.set_window(self.first_number, self.live_tail.last_message)
            self._has_older = True

    def _header_if_oldest(self) -> ft.Control | None:
        return None if self._has_older else self._create_header()

    def _update_jump_button(self) -> None:
        new_count = 0 if self.is_at_end else max(0, self._newest_number - self.last_number)
        is_far = self._has_newer or (not new_count and self.scroll_offset > _JUMP_DISTANCE)
        self._jump_buttons.show_below(new_count, is_far=is_far)

    def _set_at_bottom(self, *, is_at_bottom: bool) -> None:
        self._is_at_bottom = is_at_bottom
        self.live_tail.is_live = (
            self.is_at_end
            and self._list_stack.connection is not None
            and self._list_stack.shows_main_list
        )
        self._on_position_changed()

    def _on_reached_bottom(self) -> None:
        self._set_at_bottom(is_at_bottom=True)
        if self._is_stale:
            self._source.load_missing(0)
        self._draw_pending()
        self._update_jump_button()

    async def _on_scroll(self, event: ft.OnScrollEvent) -> None:
        if event.control is not self._list_stack.visible_list or not self._is_shown:
            return
        self.scroll_offset = event.pixels
        self._set_at_bottom(is_at_bottom=event.pixels < _BOTTOM_TOLERANCE)
        if self.is_at_end:
            self._on_reached_bottom()
        else:
            self._update_jump_button()
        is_near_top = event.pixels > event.max_scroll_extent - _LOAD_DISTANCE
        if self._is_loading:
            return
        self._is_loading = True
        try:
            if is_near_top and self._has_older:
                await self._source.load_older()
            elif event.pixels < _LOAD_DISTANCE and self._has_newer:
                await self._source.load_newer()
        finally:
            self._is_loading = False
