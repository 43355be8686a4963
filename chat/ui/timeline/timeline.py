"""The timeline: a bounded stretch of a room's messages, newest at the bottom.

The list is reversed (index 0 is the newest row): a post at the bottom appears without scrolling,
and older rows added at the far end move nothing. While the person reads above, new messages wait
behind a button, because a row inserted below would shift what is being read. A stretch that is
somewhere else, or longer below, is drawn in an off-screen list (`offscreen_list.py`) first.

A session keeps the numbers of its stretch, not its rows: number n stands at index `last - n`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import flet as ft

from chat.model.events import MessageChanged
from chat.model.messages import Message, MessagePage
from chat.ui.client.connection import Wire
from chat.ui.packing.row_cache import Press
from chat.ui.row_parts import OnPartClick
from chat.ui.timeline.jump_buttons import Pills
from chat.ui.timeline.list_stack import Stage
from chat.ui.timeline.live_tail import SLACK, WINDOW, Follower
from chat.ui.timeline.offscreen_list import Passage
from chat.ui.timeline.renderer import Viewed
from chat.ui.viewer import ViewerContext

# In pixels: this near to the bottom is at the bottom, this near to an end wants another page.
_AT_BOTTOM = 40
_NEAR = 800

# More than a screen above the bottom, in pixels: from there a button leads down.
_FAR = 800


@dataclass(frozen=True, slots=True)
class Source:
    """What is read of a room, and how to go about in it.

    `last()` is the number of the newest, `recent(number)` what came after that number, None if it
    is not at hand any more: then `missing(number)` is called, which ends in `newer` or `show`.
    `older` and `newer` are asked for when the person comes near an end, `newest` and
    `first_unread` when they want to go there.
    """

    last: Callable[[], int]
    recent: Callable[[int], tuple[Message, ...] | None]
    missing: Callable[[int], None]
    older: Callable[[], Awaitable[None]]
    newer: Callable[[], Awaitable[None]]
    newest: Callable[[], Awaitable[None]]
    first_unread: Callable[[], Awaitable[None]]


class Timeline(ft.Stack):
    """What the conversation shows of its room; how rows are drawn is behind a `Drawing`.

    `hear(topic, event)` is what happens to all that the follower does not draw itself, `view` how
    the viewer sees a message, and `moved()` is called when the person scrolls.
    """

    def __init__(
        self,
        viewer: ViewerContext,
        hear: Callable[[str, object], None],
        source: Source,
        view: Viewed,
        moved: Callable[[], None],
    ) -> None:
        self._source = source
        self._moved = moved
        self._beginning: Callable[[], ft.Control] = ft.Container
        self.follower = Follower(hear)
        self.first = 0
        self._heard = 0
        self._has_older = self._has_newer = False
        self._loading = False
        # By less than 40 pixels it is at the bottom still.
        self.pixels = 0.0
        self._at_bottom = True
        # False while its first page is being read: what is heard then is not drawn yet.
        self._shown = False
        self._stale = False
        super().__init__(fit=ft.StackFit.EXPAND, expand=True)
        self._stage = Stage(self, self._scrolled, viewer, view)
        self._pills = Pills(self, viewer.t, self.to_newest, source.first_unread)

    def wear(self, viewer: ViewerContext) -> None:
        """Rows look otherwise from the next `draw_on` on."""
        self._stage.viewer = viewer

    def draw_on(self, wire: Wire | None, press: Press, touched: OnPartClick) -> None:
        """Draw on `wire`, or ordinary controls where there is none, from the next `show` on."""
        self._stage.draw_on(wire, press, touched)
        self._shown = self.follower.calm = False
        if wire is not None:
            self.follower.offer = wire.offer
            self.follower.newest = press.newest(self._stage.viewer)

    def begin_with(self, beginning: Callable[[], ft.Control]) -> None:
        """What stands above the first message, from the next `show` on."""
        self._beginning = beginning
        self._heard = 0

    def rest(self) -> None:
        """Show nothing new until the next `show`: the client is away."""
        self._stage.end()
        self._shown = self.follower.calm = False

    def clear(self) -> None:
        """Show nothing until the next `show`."""
        self._shown = self.follower.calm = False
        self._stage.back().show([], None)
        self.follower.shows(0, None)
        self.first = 0

    def show(self, page: MessagePage) -> None:
        """Replace everything by the newest page and what was said since, and be at the bottom."""
        drawing = self._stage.back()
        self._stands(page)
        self.pixels = 0.0
        self._stand(at_bottom=True)
        self._stale = False
        drawing.show(list(page.with_previous()), self._top())
        self._show_waiting()
        self._draw_new()

    async def show_around(self, page: MessagePage, number: int) -> None:
        """Replace everything by a page, `number` in the middle of the screen."""
        await self._pass_to(page, lambda way: way.go_to(number, self.pixels, middle=True))

    async def show_at(self, page: MessagePage, pixels: float) -> None:
        """Replace everything by a page that stands so far above its bottom."""
        await self._pass_to(page, lambda way: way.go_back(pixels))

    def newer(self, page: MessagePage) -> None:
        """Add a page below, where it is missing; who reads above gets it when they come down."""
        if self.at_end:
            self._append(tuple(m for m in page.messages if m.number > self.last))
        self._show_waiting()
        self._draw_new()

    async def longer(self, page: MessagePage) -> None:
        """Go on below with a page that holds the last message on show: that keeps its place."""
        if page.messages and page.messages[-1].number > self.last:
            last = self.last
            await self._pass_to(page, lambda way: way.go_to(last, self.pixels, middle=False))

    def place(self, fresh: tuple[Message, ...]) -> None:
        """New messages: drawn at once, or when the client has taken what it was sent, or when
        the person comes back to the bottom. A twin is dropped."""
        if not fresh or fresh[-1].number <= max(self._heard, self.last):
            return
        self._heard = fresh[-1].number
        if self.at_end and fresh[0].number == self.last + 1 and not self._stage.is_busy:
            self._append(fresh)
        else:
            self._draw_new()

    def shows(self, number: int) -> bool:
        """Whether the message with this number is on show."""
        return self.first <= number <= self.last

    def change(self, changed: MessageChanged) -> None:
        """Draw a message again if it is on show; the one after it, too, if it has vanished."""
        if self._stage.passage is not None:
            self._stage.passage.late.append(changed)
        message, after = changed.message, changed.following
        if message.number == self.last:
            self.follower.tail = message
        if self.shows(message.number):
            self._stage.drawing.change(self.last - message.number, (changed.previous, message))
        if message.erased and after is not None and self.shows(after.number):
            self._stage.drawing.change(self.last - after.number, (message, after))

    def point_up(self, unread: int) -> None:
        """So many unread messages begin above what is on show; none takes the button away."""
        self._pills.above(unread)

    def begin_again(self) -> None:
        """What stands above the first message is another."""
        if self._shown and not self._has_older:
            self._stage.drawing.top(self._rows, self._beginning())

    def older(self, page: MessagePage) -> None:
        """Add a page above."""
        if not page.messages or not self.first or page.messages[-1].number != self.first - 1:
            return
        at = self._rows
        self.first = page.messages[0].number
        self.follower.shows(self.first, self.follower.tail)
        self._has_older = page.has_older
        self._stage.drawing.above(at, list(page.with_previous()), self._top())

    async def to_newest(self) -> None:
        """Show what waits, and go to the bottom."""
        if self._has_newer:
            await self._source.newest()
            return
        self._came_down()
        if self.pixels > 0:
            await self._stage.list.scroll_to(offset=0, duration=150)

    def grow_stale(self) -> None:
        """All rows look otherwise: at midnight, say. Who reads above is not disturbed."""
        self._stale = True
        if self.at_end:
            self._came_down()

    @property
    def last(self) -> int:
        """The newest number on show."""
        return self.follower.last

    @property
    def at_end(self) -> bool:
        """Whether the newest message is on the screen."""
        return self._at_bottom and self._shown and not self._has_newer

    @property
    def _rows(self) -> int:
        return self.last - self.first + 1 if self.first else 0

    async def _pass_to(self, page: MessagePage, go: Callable[[Passage], Awaitable[float]]) -> None:
        """Draw a page in a list of its own, and show that when it stands where it has to."""
        self._shown = self.follower.calm = False
        passage, drawing = self._stage.begin()
        top = None if page.has_older else self._beginning()
        drawing.show(list(page.with_previous()), top)
        pixels = await go(passage)
        if self._stage.passage is not passage:
            return
        self.pixels = pixels
        self._stage.arrive(passage)
        self._stands(page)
        for each in passage.late:
            self.change(each)
        self._stand(at_bottom=self.pixels < _AT_BOTTOM)
        self._show_waiting()
        self._draw_new()

    def _stands(self, page: MessagePage) -> None:
        self.first = page.messages[0].number if page.messages else 0
        self.follower.shows(self.first, page.messages[-1] if page.messages else None)
        self._has_older, self._has_newer = page.has_older, page.has_newer
        if not page.has_newer:
            # What was said while it was read was perhaps heard by nobody here.
            self._heard = max(self._heard, self._source.last())
        self._shown = True

    def _draw_new(self) -> None:
        """Draw what was heard and is not on show, unless it has to wait."""
        if self._heard <= self.last:
            return
        if not self.at_end:
            self._show_waiting()
        elif (wire := self._stage.wire) is not None and wire.busy:
            wire.when_idle(self._draw_new)
        elif (fresh := self._source.recent(self.last)) is None:
            self._source.missing(self.last)
        else:
            self._append(fresh)

    def _append(self, fresh: tuple[Message, ...]) -> None:
        if not fresh:
            return
        self._stage.drawing.below(self.follower.tail, fresh)
        self.first = self.first or fresh[0].number
        self.follower.shows(self.first, fresh[-1])
        self._trim()

    def _trim(self) -> None:
        rows = self._rows
        if self._at_bottom and rows > WINDOW + SLACK:
            self._stage.drawing.trim(WINDOW, rows if self._has_older else rows + 1)
            self.first = self.last - WINDOW + 1
            self.follower.shows(self.first, self.follower.tail)
            self._has_older = True

    def _top(self) -> ft.Control | None:
        return None if self._has_older else self._beginning()

    def _show_waiting(self) -> None:
        waiting = 0 if self.at_end else max(0, self._heard - self.last)
        is_far = self._has_newer or (not waiting and self.pixels > _FAR)
        self._pills.below(waiting, far=is_far)

    def _stand(self, *, at_bottom: bool) -> None:
        self._at_bottom = at_bottom
        self.follower.calm = self.at_end and self._stage.wire is not None and self._stage.is_main
        self._moved()

    def _came_down(self) -> None:
        self._stand(at_bottom=True)
        if self._stale:
            self._source.missing(0)
        self._draw_new()
        self._show_waiting()

    async def _scrolled(self, event: ft.OnScrollEvent) -> None:
        if event.control is not self._stage.list or not self._shown:
            return
        self.pixels = event.pixels
        self._stand(at_bottom=event.pixels < _AT_BOTTOM)
        if self.at_end:
            self._came_down()
        else:
            self._show_waiting()
        near_top = event.pixels > event.max_scroll_extent - _NEAR
        if self._loading:
            return
        self._loading = True
        try:
            if near_top and self._has_older:
                await self._source.older()
            elif event.pixels < _NEAR and self._has_newer:
                await self._source.newer()
        finally:
            self._loading = False
