"""The way to another stretch of history without a jump on the screen.

Rows that are added below what is being read would move it, and nothing says by how much before they
are drawn. So they are drawn in a list that is not seen yet, which is scrolled to the message that
has to keep its place; where that is found tells how high the rows below it are.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from chat.model.events import MessageChanged

# In pixels: what is drawn beyond the screen. Only a row that is drawn can be scrolled to.
_DRAWN = 20_000

# How far below the newest row the list goes on, in pixels.
_PADDING = 8

# A client that has not found the message by then, in seconds, does not.
_FOUND = 3.0

# So many times its place may change meanwhile.
_AGAIN = 5

# Two frames: the client has drawn what it was told, in seconds.
_DRAWS = 0.1

Scrolled = Callable[[ft.OnScrollEvent], Awaitable[None]]

_Stands = tuple[float, float, float]

# Of a list that all fits into the screen no place would be heard: meanwhile there is so much room
# above the oldest row, in pixels.
_ROOM = 10_000

_INSIDE = ft.Padding.symmetric(vertical=_PADDING)
_ON_THE_WAY = ft.Padding.only(top=_ROOM + _PADDING, bottom=_PADDING)


def new_list(scrolled: Scrolled) -> ft.ListView:
    """A list for the rows of a timeline."""
    return ft.ListView(
        reverse=True,
        spacing=0,
        expand=True,
        scroll_interval=100,
        on_scroll=scrolled,
        padding=_INSIDE,
    )


class Passage:
    """A list that is not seen yet; afterwards `scrolled` hears of it."""

    def __init__(self, scrolled: Scrolled) -> None:
        self._scrolled = scrolled
        self._found: asyncio.Future[_Stands] | None = None
        self.list = new_list(self._hear)
        self.list.opacity = 0
        self.list.cache_extent = _DRAWN
        self.list.padding = _ON_THE_WAY
        self.area = ft.SelectionArea(self.list)
        # What happened meanwhile to messages that are drawn in it.
        self.late: list[MessageChanged] = []

    def show(self) -> None:
        """From now on it is seen; the caller updates."""
        self.list.opacity = 1
        self.list.cache_extent = None
        self.list.padding = _INSIDE

    async def go_back(self, pixels: float) -> float:
        """Scroll to where the person was: so far above the bottom."""
        if pixels > 0:
            await self._find({"offset": pixels})
        await asyncio.sleep(_DRAWS)
        return pixels

    async def go_to(self, number: int, pixels: float, *, middle: bool) -> float:
        """Scroll to a message: into the middle, or to where it is in a list that stands `pixels`
        above its bottom, of which it is the last row. Returns how far that is from this bottom."""
        at, height, top = await self._find({"scroll_key": f"m{number}"})
        wanted = at - height / 2 if middle else at - _PADDING + pixels
        wanted = max(0.0, min(wanted, top - _ROOM))
        with contextlib.suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(_FOUND):
                await self.list.scroll_to(offset=wanted, duration=0)
        await asyncio.sleep(_DRAWS)
        return wanted

    async def _find(self, goal: dict[str, Any]) -> _Stands:
        """As `_until_heard`, again until it stays: a page that was just loaded draws its rows with
        another font for a moment."""
        stands = await self._until_heard(goal)
        for _ in range(_AGAIN):
            self._found = found = asyncio.get_running_loop().create_future()
            with contextlib.suppress(TimeoutError, RuntimeError):
                async with asyncio.timeout(_FOUND):
                    await self.list.scroll_to(**goal, duration=0)
            await asyncio.wait([found], timeout=_DRAWS)
            if not found.done():
                break
            stands = found.result()
        return stands

    async def _until_heard(self, goal: dict[str, Any]) -> _Stands:
        """How far the list stands above its bottom when it is scrolled there, how high it is, and
        how far it can be scrolled, in pixels."""
        self._found = found = asyncio.get_running_loop().create_future()
        with contextlib.suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(_FOUND):
                while not found.done():
                    # As long as the rows are not drawn nothing happens, and nothing is said of it.
                    await asyncio.sleep(_DRAWS)
                    await self.list.scroll_to(**goal, duration=0)
                    await asyncio.wait([found], timeout=_DRAWS)
        return found.result() if found.done() else (0.0, 0.0, 0.0)

    async def _hear(self, event: ft.OnScrollEvent) -> None:
        if self._found is not None and not self._found.done():
            stands = (event.pixels, event.viewport_dimension, event.max_scroll_extent)
            self._found.set_result(stands)
        await self._scrolled(event)
