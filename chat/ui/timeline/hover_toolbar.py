"""The toolbar at the row under the mouse."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from chat.ui.theme import theme, widgets

# A mouse that crosses a row faster than this, in seconds, does not open the toolbar.
_SHOW_DELAY = 0.08

# The distance of the toolbar above the upper edge of its row, in pixels.
_OVERLAP = 14

OnMessageClick = Callable[[int], Awaitable[None]]


ToolbarActions = dict[str, tuple[ft.IconData, OnMessageClick]]


class HoverToolbar:
    """The toolbar of one timeline, created at the first mouse event: a phone never needs it."""

    def __init__(self, stack: ft.Stack, actions: ToolbarActions) -> None:
        self._stack = stack
        self._actions = actions
        self._bar: _Bar | None = None
        self._message_number = 0
        self._show_timer: asyncio.TimerHandle | None = None

    def show_soon(self, number: int, row_top: float) -> None:
        """The mouse is on this message, whose row begins `row_top` pixels below the timeline's
        top."""
        self._cancel_timer()
        if number != self._message_number:
            loop = asyncio.get_running_loop()
            self._show_timer = loop.call_later(
                _SHOW_DELAY, self._show, number, max(4, row_top - _OVERLAP)
            )

    def hide(self) -> None:
        """The mouse has left the row, or the rows have moved."""
        self._cancel_timer()
        if self._bar is not None and self._bar.visible:
            self._message_number = 0
            self._bar.visible = False
            self._bar.update()

    def on_hover(self, event: ft.Event[ft.Container]) -> None:
        """The mouse has entered or left the timeline."""
        if event.data is False:
            self.hide()

    def _cancel_timer(self) -> None:
        if self._show_timer is not None:
            self._show_timer.cancel()
            self._show_timer = None

    def _show(self, number: int, top: float) -> None:
        self._message_number = number
        if self._bar is None:
            self._bar = _Bar(self._actions, run=self._run)
            self._stack.controls.append(self._bar)
            self._bar.show_at(top)
            self._stack.update()
        else:
            self._bar.show_at(top)
            self._bar.update()

    async def _run(self, action: OnMessageClick) -> None:
        number = self._message_number
        self.hide()
        if number:
            await action(number)


class _Bar(ft.Container):
    def __init__(
        self,
        actions: ToolbarActions,
        *,
        run: Callable[[OnMessageClick], Awaitable[None]],
    ) -> None:
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
        super().__init__(
            ft.Row(buttons, spacing=0, tight=True),
            right=16,
            padding=2,
            border_radius=10,
            border=theme.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
        )

    def show_at(self, top: float) -> None:
        """Show the toolbar `top` pixels below the upper edge of the timeline."""
        self.top = round(top)
        self.visible = True
