"""The bar of buttons at the row that the mouse is on."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from chat.ui.theme import theme, widgets

# Somebody whose mouse is on its way over many rows means none of them, in seconds.
_STAYS = 0.08

# In pixels: how far the bar stands above the upper edge of its row.
_ABOVE = 14

Act = Callable[[int], Awaitable[None]]


Acts = dict[str, tuple[ft.IconData, Act]]


class Hover:
    """The bar of one timeline, made when a mouse is first seen there: on a phone there is none."""

    def __init__(self, over: ft.Stack, acts: Acts) -> None:
        self._over = over
        self._acts = acts
        self._bar: _Bar | None = None
        self._number = 0
        self._coming: asyncio.TimerHandle | None = None

    def come_to(self, number: int, edge: float) -> None:
        """The mouse is on this message, whose row begins `edge` pixels below the timeline's top."""
        self._wait_no_more()
        if number != self._number:
            loop = asyncio.get_running_loop()
            self._coming = loop.call_later(_STAYS, self._stand, number, max(4, edge - _ABOVE))

    def go(self) -> None:
        """The mouse is elsewhere, or the rows are."""
        self._wait_no_more()
        if self._bar is not None and self._bar.visible:
            self._number = 0
            self._bar.visible = False
            self._bar.update()

    def hovered(self, event: ft.Event[ft.Container]) -> None:
        """The mouse came to the timeline, or left it."""
        if event.data is False:
            self.go()

    def _wait_no_more(self) -> None:
        if self._coming is not None:
            self._coming.cancel()
            self._coming = None

    def _stand(self, number: int, top: float) -> None:
        self._number = number
        if self._bar is None:
            self._bar = _Bar(self._acts, self._do)
            self._over.controls.append(self._bar)
            self._bar.stand(top)
            self._over.update()
        else:
            self._bar.stand(top)
            self._bar.update()

    async def _do(self, act: Act) -> None:
        number = self._number
        self.go()
        if number:
            await act(number)


class _Bar(ft.Container):
    def __init__(self, acts: Acts, do: Callable[[Act], Awaitable[None]]) -> None:
        buttons: list[ft.Control] = [
            ft.IconButton(
                widgets.labelled_icon(icon, words, ft.Colors.ON_SURFACE_VARIANT),
                tooltip=words,
                icon_size=18,
                width=34,
                height=30,
                padding=0,
                on_click=partial(do, act),
            )
            for words, (icon, act) in acts.items()
        ]
        super().__init__(
            ft.Row(buttons, spacing=0, tight=True),
            right=16,
            padding=2,
            border_radius=10,
            border=theme.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
        )

    def stand(self, top: float) -> None:
        """Be seen so many pixels below the top."""
        self.top = round(top)
        self.visible = True
