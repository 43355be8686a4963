"""The toolbar at the row under the mouse: actions, and when the message was sent.

A continuation, which has no time of its own, gets one left of its text. These controls move; of the
rows only the background changes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Protocol

import flet as ft

from chat.languages import Language
from chat.model.messages import Message
from chat.tasks import Latest, Tasks
from chat.ui.theme import theme, widgets

# A mouse that crosses a row faster than this, in seconds, does not open the toolbar.
_SHOW_DELAY = 0.08

# The heights of the toolbar, and of a line of text, in pixels: they have one middle.
_BAR_HEIGHT, _LINE_HEIGHT = 36, 21

# The distance of the toolbar from the end of the text, and from the right edge, in pixels.
_TEXT_DISTANCE, _EDGE_DISTANCE = 24, 16

# More pixels than any line has.
_LONGEST_LINE = 10_000

# Around the time in the toolbar, in pixels.
_TIME_MARGIN = ft.Margin.only(left=8, right=4)

# How far the time of a continuation reaches beyond the column of the avatars, and how much lower
# than the text its line begins, in pixels.
_COLUMN_OVERHANG = 4
_LINE_OFFSET = 3

# The emoji in the toolbar with which one click reacts.
QUICK_REACTIONS = 3

OnMessageClick = Callable[[int], Awaitable[None]]

# Reacts to the message of this number with an emoji.
React = Callable[[str, int], Awaitable[None]]

ToolbarActions = dict[str, tuple[ft.IconData, OnMessageClick]]


@dataclass(frozen=True, slots=True)
class HoveredRow:
    """A message, and when it was sent: the day and the time; for a continuation also the
    `short_time`.

    `emoji` are the `QUICK_REACTIONS` of the person; none where nobody can react.
    The first line of the row is `padding` pixels below its upper edge, begins right of a column of
    `column_width` pixels, and is about `line_width` pixels wide.
    """

    message: Message
    full_time: str
    short_time: str
    padding: float
    column_width: float
    line_width: float
    emoji: tuple[str, ...] = ()


class HoverableRows(Protocol):
    """The timeline, as its toolbar knows it."""

    controls: list[ft.Control]

    def update(self) -> None:
        """Draw the controls that float above the rows."""

    def tint(self, message: Message | None) -> None:
        """Tint the row of a message, and no other."""


class HoverToolbar:
    """The toolbar of one timeline, created at the first mouse event: a phone never needs it."""

    def __init__(
        self,
        rows: HoverableRows,
        actions: ToolbarActions,
        t: Language,
        *,
        react: React,
        load_row: Callable[[int], Awaitable[HoveredRow | None]],
    ) -> None:
        self._rows = rows
        self._actions = actions
        self._t = t
        self._react = react
        self._load_row = load_row
        self._tasks = Tasks()
        self._loads = Latest()
        self._bar: _Bar | None = None
        self._time_label: _TimeLabel | None = None
        self._message_number = 0
        # The row that the mouse has entered last, as `show_soon` got it.
        self._entered: tuple[int, float, float] | None = None
        self._is_mouse_on_bar = False
        self._show_timer: asyncio.TimerHandle | None = None

    def show_soon(self, number: int, row_top: float, mouse_left: float) -> None:
        """The mouse is on this message, whose row begins `row_top` pixels below the timeline's
        top.

        It is `mouse_left` pixels right of the left edge: the toolbar does not appear below it.
        """
        self._entered = entered = (number, row_top, mouse_left)
        self._cancel_timer()
        if number != self._message_number and not self._is_mouse_on_bar:
            loop = asyncio.get_running_loop()
            self._show_timer = loop.call_later(_SHOW_DELAY, self._start_show, *entered)

    def hide(self) -> None:
        """The mouse has left the row, or the rows have moved."""
        self._cancel_timer()
        self._loads.start()
        self._entered, self._is_mouse_on_bar = None, False
        self._rows.tint(None)
        if self._bar is not None and self._bar.visible:
            self._message_number = 0
            self._bar.visible = False
            self._bar.update()
        if self._time_label is not None and self._time_label.visible:
            self._time_label.visible = False
            self._time_label.update()

    def on_hover(self, event: ft.Event[ft.Container]) -> None:
        """The mouse has entered or left the timeline."""
        if event.data is False:
            self.hide()

    def _on_bar_hover(self, event: ft.Event[ft.Container]) -> None:
        """The mouse is on the toolbar, or no more. It reaches a little beyond its row."""
        self._is_mouse_on_bar = event.data is True
        if self._is_mouse_on_bar:
            self._cancel_timer()
        elif self._entered is not None:
            self.show_soon(*self._entered)

    def _cancel_timer(self) -> None:
        if self._show_timer is not None:
            self._show_timer.cancel()
            self._show_timer = None

    def _start_show(self, number: int, row_top: float, mouse_left: float) -> None:
        self._tasks.start(self._show(number, row_top, mouse_left), "show the hover toolbar")

    async def _show(self, number: int, row_top: float, mouse_left: float) -> None:
        load = self._loads.start()
        row = await self._load_row(number)
        if row is None or self._loads.has_overtaken(load):
            return
        self._message_number = number
        self._rows.tint(row.message)
        top = max(4, row_top + row.padding - (_BAR_HEIGHT - _LINE_HEIGHT) / 2)
        if self._bar is None:
            self._bar = _Bar(
                self._actions,
                self._t,
                run=self._run,
                react=self._react,
                on_hover=self._on_bar_hover,
            )
            self._time_label = _TimeLabel()
            self._rows.controls += [self._bar, self._time_label]
            self._bar.show_at(top, mouse_left, row)
            self._time_label.show(row, row_top)
            self._rows.update()
            return
        self._bar.show_at(top, mouse_left, row)
        self._bar.update()
        if self._time_label is not None and self._time_label.show(row, row_top):
            self._time_label.update()

    async def _run(self, action: OnMessageClick) -> None:
        number = self._message_number
        self.hide()
        if number:
            await action(number)


class _Bar(ft.Row):
    """The buttons, right of the text of their row where there is space.

    The space left of them is as wide as the text, or as there is space.
    """

    def __init__(
        self,
        actions: ToolbarActions,
        t: Language,
        *,
        run: Callable[[OnMessageClick], Awaitable[None]],
        react: React,
        on_hover: Callable[[ft.Event[ft.Container]], None],
    ) -> None:
        self._t = t
        self._run = run
        self._react = react
        self._emoji_buttons = [
            ft.Container(
                ft.Text("", size=16, text_align=ft.TextAlign.CENTER),
                width=32,
                height=30,
                alignment=ft.Alignment.CENTER,
                border_radius=8,
                ink=True,
            )
            for _ in range(QUICK_REACTIONS)
        ]
        buttons: list[ft.Control] = [
            ft.IconButton(
                widgets.labelled_icon(icon, words, ft.Colors.ON_SURFACE_VARIANT),
                tooltip=words,
                icon_size=18,
                width=34,
                height=30,
                padding=0,
                on_click=partial(run, act),
            )
            for words, (icon, act) in actions.items()
        ]
        self._time = widgets.secondary_text("", 12, margin=_TIME_MARGIN)
        box = ft.Container(
            ft.Row([self._time, *self._emoji_buttons, *buttons], spacing=0, tight=True),
            padding=2,
            border_radius=10,
            border=theme.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
            on_hover=on_hover,
        )
        self._space = ft.Container(expand=True, expand_loose=True)
        super().__init__(
            # The wheel and the right button act on the rows below.
            [self._space, ft.TransparentPointer(box)],
            spacing=0,
            left=0,
            right=_EDGE_DISTANCE,
        )

    def show_at(self, top: float, mouse_left: float, row: HoveredRow) -> None:
        """Show the toolbar `top` pixels below the upper edge of the timeline."""
        self.top = round(top)
        self.visible = True
        text_left = theme.PAGE_PADDING + row.column_width + theme.GAP
        text_right = text_left + min(row.line_width, _LONGEST_LINE)
        self._space.width = round(max(text_right, mouse_left) + _TEXT_DISTANCE)
        self._time.value, self._time.visible = row.full_time, bool(row.full_time)
        for button, emoji in zip_longest(self._emoji_buttons, row.emoji):
            button.visible = emoji is not None
            text = button.content
            if emoji is not None and isinstance(text, ft.Text) and text.value != emoji:
                text.value = emoji
                button.tooltip = self._t("React with {emoji}", emoji=emoji)
                button.on_click = partial(self._run, partial(self._react, emoji))


class _TimeLabel(ft.Text):
    """The time of a continuation, in the column of the avatars."""

    def __init__(self) -> None:
        super().__init__(
            "",
            size=11,
            color=ft.Colors.ON_SURFACE_VARIANT,
            text_align=ft.TextAlign.CENTER,
            no_wrap=True,
            left=theme.PAGE_PADDING - _COLUMN_OVERHANG,
            visible=False,
        )

    def show(self, row: HoveredRow, row_top: float) -> bool:
        """Show the time of a row; returns whether something has changed."""
        was_visible, self.visible = self.visible, bool(row.short_time)
        self.value = row.short_time
        self.width = row.column_width + 2 * _COLUMN_OVERHANG
        # The line of a smaller text is less high.
        self.top = round(row_top + row.padding + _LINE_OFFSET)
        return self.visible or was_visible
