"""The day of the topmost visible row, at the upper edge of a timeline that is scrolled up.

Nothing is read, kept or sent before a person scrolls, and a day is sent once, however long a
person scrolls through it.
"""

from datetime import date
from typing import Protocol

import flet as ft

from chat.model.messages import MessagePage
from chat.ui.context import SessionContext
from chat.ui.days.row_days import RowDays
from chat.ui.rows.event_runs import row_contents
from chat.ui.theme import theme

# The distance from the upper edge, and the same below a button, in pixels.
_TOP, _TOP_BELOW_BUTTON = 8, 54

# The most messages that are read at once for the heights of their rows.
READ_COUNT = 200

_PILL_PADDING = ft.Padding.symmetric(horizontal=14, vertical=5)


class DaySource(Protocol):
    """The timeline's history, for the days of its rows."""

    @property
    def timeline_width(self) -> float:
        """The width of the timeline, in pixels."""

    async def read(self, first_number: int, last_number: int) -> MessagePage | None:
        """The messages from a number to another one; None if another room is shown by now."""

    async def show_calendar(self, day: date) -> None:
        """Let the person choose a day; `day` is chosen at first."""


class DayPill:
    """The pill of one timeline, a control of `stack`. The timeline creates it at the first
    scroll."""

    def __init__(self, stack: ft.Stack, context: SessionContext, source: DaySource) -> None:
        self._stack = stack
        self._context = context
        self._source = source
        self._rows: RowDays | None = None
        # The oldest row of the window.
        self._first_number = 0
        self._is_reading = False
        # The upper edge of the visible part, in pixels above the lower edge of the newest row.
        self._distance = 0.0
        self._is_below_button = False
        self._is_at_end = False
        self._control: _Pill | None = None

    def show(
        self, first_number: int, last_number: int, *, distance: float, is_below_button: bool
    ) -> None:
        """The rows of these messages are scrolled so that the visible part ends `distance` pixels
        above the lower edge of the newest one. `is_below_button` is whether a button is there."""
        self._distance, self._is_below_button = distance, is_below_button
        self._first_number, self._is_at_end = first_number, False
        rows = self._rows
        if rows is None or rows.last_number != last_number:
            rows = self._rows = RowDays(last_number)
        if rows.first_number > first_number and not self._is_reading:
            self._is_reading = True
            self._context.tasks.start(self._read(), "read the days of rows")
        self._draw(rows)

    def forget_rows(self) -> None:
        """The timeline shows other rows."""
        self._rows = None
        self.hide()

    def hide(self) -> None:
        """The timeline shows its end."""
        self._is_at_end = True
        if self._control is not None and self._control.visible:
            self._control.visible = False
            self._control.update()

    async def _read(self) -> None:
        viewer = self._context.viewer
        try:
            while (rows := self._rows) is not None and rows.first_number > self._first_number:
                last_number = rows.first_number - 1
                page = await self._source.read(
                    max(self._first_number, last_number - READ_COUNT + 1), last_number
                )
                if rows is not self._rows:
                    continue
                if page is None or not page.messages:
                    return
                contents = row_contents(page.with_previous(), viewer)
                rows.add_older(contents, viewer, self._source.timeline_width)
        finally:
            self._is_reading = False
        # Meanwhile the person may have gone back to the end.
        if self._rows is not None and not self._is_at_end:
            self._draw(self._rows)

    def _draw(self, rows: RowDays) -> None:
        day = rows.day_at(self._distance)
        if self._control is None:
            if day is None:
                return
            self._control = _Pill(on_click=self._on_click)
            self._show_day(self._control, day)
            self._stack.controls.append(self._control)
            self._stack.update()
        elif self._show_day(self._control, day):
            self._control.update()

    def _show_day(self, pill: "_Pill", day: date | None) -> bool:
        """Show a day, or nothing; returns whether something has changed."""
        words = "" if day is None else self._context.viewer.name_of_day(day)
        return pill.show(day, words, _TOP_BELOW_BUTTON if self._is_below_button else _TOP)

    async def _on_click(self) -> None:
        if self._control is not None and self._control.day is not None:
            await self._source.show_calendar(self._control.day)


class _Pill(ft.Row):
    """The words of a day, in the middle. Beside them the rows below can be clicked."""

    def __init__(self, *, on_click: object) -> None:
        self.day: date | None = None
        self._label = ft.Text("", size=12, weight=ft.FontWeight.W_600)
        pill = ft.Container(
            self._label,
            padding=_PILL_PADDING,
            border_radius=14,
            border=theme.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
            ink=True,
            on_click=on_click,  # type: ignore[arg-type]
        )
        button = ft.Semantics(content=pill, container=True, button=True)
        super().__init__([button], alignment=ft.MainAxisAlignment.CENTER, left=0, right=0)

    def show(self, day: date | None, words: str, top: float) -> bool:
        """Show a day in `words`; returns whether something has changed."""
        previous = (self.day, self.top, self.visible, self._label.value)
        self.day, self.top, self.visible = day, top, day is not None
        if day is not None:
            self._label.value = words
        return previous != (self.day, self.top, self.visible, self._label.value)
