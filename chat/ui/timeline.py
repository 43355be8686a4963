"""The timeline: a bounded stretch of a room's messages, newest at the bottom.

The list is reversed (index 0 is the newest row): a post at the bottom appears without scrolling,
and older rows added at the far end move nothing. While the person reads above, new messages wait
behind a button, because a row inserted below would shift what is being read.

A session keeps the numbers of its stretch, not its rows: number n stands at index `last - n`.
"""

from collections.abc import Awaitable, Callable

import flet as ft

from chat.messages import History, Message
from chat.ui import look
from chat.ui.clock import Clock
from chat.ui.drawing import ControlDrawing, Drawing, PackedDrawing, Wire
from chat.ui.follower import SLACK, WINDOW, Follower
from chat.ui.press import TIMELINE_ID, Press
from chat.ui.rows import Touched

# In pixels: this near to the bottom is at the bottom, this near to the top wants an older page.
_AT_BOTTOM = 40
_NEAR_TOP = 800


_INSIDE = ft.Padding.symmetric(vertical=8)


class Timeline(ft.Stack):
    """What the conversation shows of its room: `show`, `place`, `change`, `remove`, `older`,
    `newer`; how rows are drawn is behind a `Drawing`."""

    def __init__(
        self,
        clock: Clock,
        beginning: str,
        hear: Callable[[str, object], None],
        recent: Callable[[int], tuple[Message, ...] | None],
        load_older: Callable[[], Awaitable[None]],
        load_missing: Callable[[int], None],
    ) -> None:
        """`hear(topic, event)` is what happens to all that the follower does not draw itself.

        `recent(number)` is what came after it, None if that is not at hand any more: then
        `load_missing(number)` is called, which ends in `newer` or `show`.
        """
        self._clock = clock
        self._beginning = beginning
        self._recent = recent
        self._load_older = load_older
        self._load_missing = load_missing
        self._drawing: Drawing | None = None
        self._wire: Wire | None = None
        self.follower = Follower(hear)
        self.first = 0
        self._heard = 0
        self._has_older = False
        self._loading = False
        # By less than 40 pixels it is at the bottom still.
        self._away = False
        self._at_bottom = True
        # False while its first page is being read: what is heard then is not drawn yet.
        self._shown = False
        self._stale = False
        self._list = ft.ListView(
            reverse=True,
            spacing=0,
            expand=True,
            scroll_interval=100,
            on_scroll=self._scrolled,
            padding=_INSIDE,
        )
        self._list._i = TIMELINE_ID
        self._jump: _JumpButton | None = None
        super().__init__(
            # One area for all rows: a selection may span messages, and each row stays one
            # line for screen readers (a text that is selectable by itself has no label).
            controls=[ft.SelectionArea(self._list)],
            fit=ft.StackFit.EXPAND,
            expand=True,
        )

    def draw_on(self, wire: Wire | None, press: Press, touched: Touched) -> None:
        """Draw on `wire`, or ordinary controls where there is none, from the next `show` on."""
        self._wire = wire
        self._shown = self.follower.calm = False
        if wire is None:
            self._drawing = ControlDrawing(self._list, self._clock, touched)
        else:
            self.follower.offer = wire.offer
            self.follower.newest = press.newest(self._clock)
            self._drawing = PackedDrawing(self._list, self._clock, wire, press)

    def show(self, page: History) -> None:
        """Replace everything by the newest page, and be at the bottom."""
        self.first = page.messages[0].number if page.messages else 0
        self.follower.shows(self.first, page.messages[-1] if page.messages else None)
        self._has_older = page.has_older
        self._shown = True
        self._stand(at_bottom=True)
        self._stale = False
        self._draw.show(list(page.pairs()), self._top())
        self._show_waiting()
        self._draw_new()

    def place(self, fresh: tuple[Message, ...]) -> None:
        """New messages: drawn at once, or when the client has taken what it was sent, or when
        the person comes back to the bottom. A twin is dropped."""
        if not fresh or fresh[-1].number <= max(self._heard, self.last):
            return
        self._heard = fresh[-1].number
        if self._at_bottom and fresh[0].number == self.last + 1 and not self._is_busy:
            self._append(fresh)
        else:
            self._draw_new()

    def catch_up(self) -> None:
        """Draw what was said since the page of `show` was read."""
        fresh = self._recent(self.last)
        if fresh is None:
            self._load_missing(self.last)
        else:
            self.place(fresh)

    def shows(self, number: int) -> bool:
        """Whether the message with this number is on show."""
        return self.first <= number <= self.last

    def change(self, message: Message, previous: Message | None) -> None:
        """Draw a message again if it is on show."""
        if self.shows(message.number):
            self._draw.change(self.last - message.number, (previous, message))

    def older(self, page: History) -> None:
        """Add a page above."""
        if not page.messages or not self.first or page.messages[-1].number != self.first - 1:
            return
        at = self.last - self.first + 1
        self.first = page.messages[0].number
        self.follower.shows(self.first, self.follower.tail)
        self._has_older = page.has_older
        self._draw.above(at, list(page.pairs()), self._top())

    def newer(self, page: History) -> None:
        """Add a page below, where it is missing."""
        self._append(tuple(m for m in page.messages if m.number > self.last))
        self._show_waiting()

    async def to_newest(self) -> None:
        """Show what waits, and go to the bottom."""
        self._came_down()
        if self._away:
            await self._list.scroll_to(offset=0, duration=150)

    def day_changed(self) -> None:
        """Midnight: "Today" is another day now. Who reads above is not disturbed."""
        self._stale = True
        if self._at_bottom:
            self._came_down()

    @property
    def last(self) -> int:
        """The newest number on show."""
        return self.follower.last

    @property
    def _draw(self) -> Drawing:
        assert self._drawing is not None, "draw_on comes first"
        return self._drawing

    @property
    def _is_busy(self) -> bool:
        return self._wire is not None and self._wire.busy

    def _draw_new(self) -> None:
        """Draw what was heard and is not on show, unless it has to wait."""
        if self._heard <= self.last:
            return
        if not self._at_bottom:
            self._show_waiting()
        elif self._wire is not None and self._is_busy:
            self._wire.when_idle(self._draw_new)
        elif (fresh := self._recent(self.last)) is None:
            self._load_missing(self.last)
        else:
            self._append(fresh)

    def _append(self, fresh: tuple[Message, ...]) -> None:
        if not fresh:
            return
        self._draw.below(self.follower.tail, fresh)
        self.first = self.first or fresh[0].number
        self.follower.shows(self.first, fresh[-1])
        self._trim()

    def _trim(self) -> None:
        rows = self.last - self.first + 1
        if self._at_bottom and rows > WINDOW + SLACK:
            self._draw.trim(WINDOW, rows if self._has_older else rows + 1)
            self.first = self.last - WINDOW + 1
            self.follower.shows(self.first, self.follower.tail)
            self._has_older = True

    def _top(self) -> ft.Control | None:
        return None if self._has_older else _Beginning(self._beginning)

    def _show_waiting(self) -> None:
        waiting = 0 if self._at_bottom else max(0, self._heard - self.last)
        if self._jump is None and waiting:
            # Not before it is needed: most sessions never are.
            self._jump = _JumpButton(self.to_newest)
            self._jump.count = waiting
            self.controls.append(self._jump)
            self.update()
        elif self._jump is not None and self._jump.count != waiting:
            self._jump.count = waiting
            self._jump.update()

    def _stand(self, *, at_bottom: bool) -> None:
        self._at_bottom = at_bottom
        self.follower.calm = at_bottom and self._shown and self._wire is not None

    def _came_down(self) -> None:
        self._stand(at_bottom=True)
        if self._stale:
            self._load_missing(0)
        self._draw_new()
        self._show_waiting()

    async def _scrolled(self, event: ft.OnScrollEvent) -> None:
        self._away = event.pixels > 0
        self._stand(at_bottom=event.pixels < _AT_BOTTOM)
        if self._at_bottom:
            self._came_down()
        near_top = event.pixels > event.max_scroll_extent - _NEAR_TOP
        if near_top and self._has_older and not self._loading:
            self._loading = True
            try:
                await self._load_older()
            finally:
                self._loading = False


class _Beginning(ft.Container):
    """What stands above the first message of a room."""

    def __init__(self, words: str) -> None:
        super().__init__(
            content=look.quiet(words, 13),
            padding=ft.Padding.only(left=look.EDGE, right=look.EDGE, top=20, bottom=4),
        )


class _JumpButton(ft.Container):
    """ "3 new messages ↓", above the bottom edge."""

    def __init__(self, on_click: Callable[[], Awaitable[None]]) -> None:
        self._label = ft.Text("", size=13, weight=ft.FontWeight.W_600)
        self._count = 0
        button = ft.FilledTonalButton(
            content=self._label,
            icon=ft.Icons.ARROW_DOWNWARD_ROUNDED,
            on_click=on_click,
            elevation=3,
        )
        super().__init__(
            content=ft.Row([button], alignment=ft.MainAxisAlignment.CENTER),
            left=0,
            right=0,
            bottom=10,
            visible=False,
        )

    @property
    def count(self) -> int:
        """How many messages wait."""
        return self._count

    @count.setter
    def count(self, count: int) -> None:
        self._count = count
        self.visible = count > 0
        self._label.value = "1 new message" if count == 1 else f"{count} new messages"
