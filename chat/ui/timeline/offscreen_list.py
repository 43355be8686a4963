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
_CACHE_EXTENT = 20_000

# How far below the newest row the list goes on, in pixels.
_EDGE_PADDING = 8

# A client that has not found the message by then, in seconds, does not.
_MEASURE_TIMEOUT = 3.0

# So many times its place may change meanwhile.
_MAX_REPEATS = 5

# Two frames: the client has drawn what it was told, in seconds.
_TWO_FRAMES = 0.1

OnScroll = Callable[[ft.OnScrollEvent], Awaitable[None]]

_ScrollMetrics = tuple[float, float, float]

# Of a list that all fits into the screen no place would be heard: meanwhile there is so much room
# above the oldest row, in pixels.
_EXTRA_PADDING = 10_000

_LIST_PADDING = ft.Padding.symmetric(vertical=_EDGE_PADDING)
_OFFSCREEN_PADDING = ft.Padding.only(top=_EXTRA_PADDING + _EDGE_PADDING, bottom=_EDGE_PADDING)


def new_list(on_scroll: OnScroll) -> ft.ListView:
    """A list for the rows of a timeline."""
    return ft.ListView(
        reverse=True,
        spacing=0,
        expand=True,
        scroll_interval=100,
        on_scroll=on_scroll,
        padding=_LIST_PADDING,
    )


class OffscreenList:
    """A list that is not seen yet; afterwards `scrolled` hears of it."""

    def __init__(self, on_scroll: OnScroll) -> None:
        self._forward_scroll = on_scroll
        self._measured: asyncio.Future[_ScrollMetrics] | None = None
        self.list_view = new_list(self._on_scroll)
        self.list_view.opacity = 0
        self.list_view.cache_extent = _CACHE_EXTENT
        self.list_view.padding = _OFFSCREEN_PADDING
        self.selection_area = ft.SelectionArea(self.list_view)
        # What happened meanwhile to messages that are drawn in it.
        self.pending_changes: list[MessageChanged] = []

    def reveal(self) -> None:
        """From now on it is seen; the caller updates."""
        self.list_view.opacity = 1
        self.list_view.cache_extent = None
        self.list_view.padding = _LIST_PADDING

    async def restore(self, offset: float) -> float:
        """Scroll to where the person was: so far above the bottom."""
        if offset > 0:
            await self._measure_stable({"offset": offset})
        await asyncio.sleep(_TWO_FRAMES)
        return offset

    async def scroll_to_message(self, number: int, offset: float, *, centered: bool) -> float:
        """Scroll to a message: into the middle, or to where it is in a list that stands `pixels`
        above its bottom, of which it is the last row. Returns how far that is from this bottom."""
        measured_offset, viewport_height, max_offset = await self._measure_stable(
            {"scroll_key": f"m{number}"}
        )
        target_offset = (
            measured_offset - viewport_height / 2
            if centered
            else measured_offset - _EDGE_PADDING + offset
        )
        target_offset = max(0.0, min(target_offset, max_offset - _EXTRA_PADDING))
        with contextlib.suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(_MEASURE_TIMEOUT):
                await self.list_view.scroll_to(offset=target_offset, duration=0)
        await asyncio.sleep(_TWO_FRAMES)
        return target_offset

    async def _measure_stable(self, scroll_target: dict[str, Any]) -> _ScrollMetrics:
        """As `_until_heard`, again until it stays: a page that was just loaded draws its rows with
        another font for a moment."""
        metrics = await self._measure(scroll_target)
        for _ in range(_MAX_REPEATS):
            self._measured = measured = asyncio.get_running_loop().create_future()
            with contextlib.suppress(TimeoutError, RuntimeError):
                async with asyncio.timeout(_MEASURE_TIMEOUT):
                    await self.list_view.scroll_to(**scroll_target, duration=0)
            await asyncio.wait([measured], timeout=_TWO_FRAMES)
            if not measured.done():
                break
            metrics = measured.result()
        return metrics

    async def _measure(self, scroll_target: dict[str, Any]) -> _ScrollMetrics:
        """How far the list stands above its bottom when it is scrolled there, how high it is, and
        how far it can be scrolled, in pixels."""
        self._measured = measured = asyncio.get_running_loop().create_future()
        with contextlib.suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(_MEASURE_TIMEOUT):
                while not measured.done():
                    # As long as the rows are not drawn nothing happens, and nothing is said of it.
                    await asyncio.sleep(_TWO_FRAMES)
                    await self.list_view.scroll_to(**scroll_target, duration=0)
                    await asyncio.wait([measured], timeout=_TWO_FRAMES)
        return measured.result() if measured.done() else (0.0, 0.0, 0.0)

    async def _on_scroll(self, event: ft.OnScrollEvent) -> None:
        if self._measured is not None and not self._measured.done():
            metrics = (event.pixels, event.viewport_dimension, event.max_scroll_extent)
            self._measured.set_result(metrics)
        await self._forward_scroll(event)
