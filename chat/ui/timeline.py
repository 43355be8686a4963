"""The timeline: a bounded stretch of a room's messages, newest at the bottom.

The list is reversed (index 0 is the newest row): a post at the bottom appears without scrolling,
and older rows added at the far end move nothing. While the person reads above, new messages wait
behind a button, because a row inserted below would shift what is being read.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

import flet as ft

from chat.messages import History, Message
from chat.ui import look
from chat.ui.clock import Clock
from chat.ui.rows import row

# At the bottom, rows beyond this many are let go of at the top.
WINDOW = 200

# In pixels: this near to the bottom is at the bottom, this near to the top wants an older page.
_AT_BOTTOM = 40
_NEAR_TOP = 800


class Timeline(Protocol):
    """What the conversation asks of whatever draws its messages."""

    def show(self, page: History) -> None:
        """Replace everything by the newest page, and be at the bottom."""

    def place(self, messages: Iterable[Message]) -> None:
        """New messages; twins are dropped, and those after a gap wait until it is filled."""

    def change(self, message: Message) -> None:
        """Draw a message again if it is on show."""

    def remove(self, number: int) -> None:
        """Take a row away."""

    def older(self, page: History) -> None:
        """Add a page above."""

    def newer(self, page: History) -> None:
        """Add a page below."""


class RowTimeline(ft.Stack):
    """A Timeline of ordinary Flet controls, updated by name."""

    def __init__(
        self,
        clock: Clock,
        beginning: str,
        load_older: Callable[[], Awaitable[None]],
        load_missing: Callable[[int], None],
    ) -> None:
        """`load_missing(number)` asks for what comes after `number`, which was never placed."""
        self._clock = clock
        self._load_older = load_older
        self._load_missing = load_missing
        self._messages: dict[int, Message] = {}
        self._previous: Message | None = None
        self._held: list[Message] = []
        self._has_older = False
        self._loading = False
        self._at_bottom = True
        self._beginning = _Beginning(beginning)
        self._list = ft.ListView(
            reverse=True,
            spacing=0,
            expand=True,
            scroll_interval=100,
            on_scroll=self._scrolled,
            padding=ft.Padding.symmetric(vertical=8),
        )
        self._jump = _JumpButton(self._jump_to_newest)
        super().__init__(
            # One area for all rows: a selection may span messages, and each row stays one
            # line for screen readers (a text that is selectable by itself has no label).
            controls=[ft.SelectionArea(self._list), self._jump],
            fit=ft.StackFit.EXPAND,
            expand=True,
        )

    @property
    def first(self) -> int:
        """The lowest number on show, 0 if there is none."""
        return next(iter(self._messages), 0)

    @property
    def last(self) -> int:
        """The highest number that is on show or waits behind the button."""
        if self._held:
            return self._held[-1].number
        return next(reversed(self._messages), 0)

    def show(self, page: History) -> None:
        self._messages = {m.number: m for m in page.messages}
        self._previous = page.previous
        self._held = []
        self._has_older = page.has_older
        self._at_bottom = True
        rows = [row(m, before, self._clock) for before, m in page.pairs()]
        self._list.controls = rows[::-1] + self._top()
        self._show_held()
        self._list.update()

    def place(self, messages: Iterable[Message]) -> None:
        fresh: list[Message] = []
        last = self.last
        for message in messages:
            if message.number > last + 1:
                self._load_missing(last)
                break
            if message.number > last:
                fresh.append(message)
                last = message.number
        self._take(fresh)

    def _take(self, fresh: list[Message]) -> None:
        if not fresh:
            return
        if self._at_bottom:
            self._append(fresh)
        else:
            self._held += fresh
            self._show_held()

    def change(self, message: Message) -> None:
        if message.number not in self._messages:
            return
        self._messages[message.number] = message
        numbers = list(self._messages)
        at = numbers.index(message.number)
        before = self._messages[numbers[at - 1]] if at else self._previous
        self._list.controls[len(numbers) - 1 - at] = row(message, before, self._clock)
        self._list.update()

    def remove(self, number: int) -> None:
        if number in self._messages:
            at = len(self._messages) - 1 - list(self._messages).index(number)
            del self._messages[number]
            del self._list.controls[at]
            self._list.update()

    def older(self, page: History) -> None:
        self._messages = {m.number: m for m in page.messages} | self._messages
        self._previous = page.previous
        self._has_older = page.has_older
        rows = [row(m, before, self._clock) for before, m in page.pairs()]
        self._list.controls = self._rows() + rows[::-1] + self._top()
        self._list.update()

    def newer(self, page: History) -> None:
        if page.has_newer:
            # More is missing than a page: the newest page replaces the window.
            self.show(page)
        else:
            self._take([m for m in page.messages if m.number > self.last])

    def day_changed(self) -> None:
        """Midnight: draw the rows that say what day it is again."""
        previous = self._previous
        for message in list(self._messages.values()):
            if previous is None or self._clock.day(previous.sent_at) != self._clock.day(
                message.sent_at
            ):
                self.change(message)
            previous = message

    async def to_newest(self) -> None:
        """Show what waits, and go to the bottom."""
        self._at_bottom = True
        self._release()
        await self._list.scroll_to(offset=0, duration=150)

    def _append(self, fresh: list[Message]) -> None:
        before = next(reversed(self._messages.values()), self._previous)
        for message in fresh:
            self._list.controls.insert(0, row(message, before, self._clock))
            self._messages[message.number] = before = message
        self._trim()
        self._list.update()

    def _trim(self) -> None:
        while len(self._messages) > WINDOW:
            number = self.first
            self._previous = self._messages.pop(number)
            self._has_older = True
        del self._list.controls[len(self._messages) :]
        self._list.controls += self._top()

    def _rows(self) -> list[ft.Control]:
        return [c for c in self._list.controls if c is not self._beginning]

    def _top(self) -> list[ft.Control]:
        return [] if self._has_older else [self._beginning]

    def _release(self) -> None:
        held, self._held = self._held, []
        if held:
            self._append(held)
            self._show_held()

    def _show_held(self) -> None:
        if self._jump.count != len(self._held):
            self._jump.count = len(self._held)
            self._jump.update()

    async def _jump_to_newest(self) -> None:
        await self.to_newest()

    async def _scrolled(self, event: ft.OnScrollEvent) -> None:
        self._at_bottom = event.pixels < _AT_BOTTOM
        if self._at_bottom:
            self._release()
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
