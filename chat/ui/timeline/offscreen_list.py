"""The off-screen list: another history window is drawn invisibly, then shown without a jump.

Rows that are added below the visible ones would move them, and nothing tells by how much before
they are drawn. So the rows are drawn in an invisible list, which is scrolled to the message that
must keep its place; its scroll position tells the height of the rows below.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from chat.model.events import MessageChanged

# How far the client draws beyond the screen, in pixels. It can only scroll to a row that is drawn.
_CACHE_EXTENT = 20_000

# The padding below the newest row, in pixels.
EDGE_PADDING = 8

# Seconds after which a client will not find the message any more.
_MEASURE_TIMEOUT = 3.0

# The largest number of further measurements.
_MAX_REPEATS = 5

# Seconds (two frames) after which the client has drawn the frames that it received.
_TWO_FRAMES = 0.1

OnScroll = Callable[[ft.OnScrollEvent], Awaitable[None]]

_ScrollMetrics = tuple[float, float, float]

# A list that fits the screen would not report its position. So this much padding, in pixels, is
# above the oldest row meanwhile.
_EXTRA_PADDING = 10_000

_LIST_PADDING = ft.Padding.symmetric(vertical=EDGE_PADDING)
_OFFSCREEN_PADDING = ft.Padding.only(top=_EXTRA_PADDING + EDGE_PADDING, bottom=EDGE_PADDING)


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
    """A list that is invisible at first; `on_scroll` gets its scroll events."""

    def __init__(
        self,
        *,
        on_scroll: OnScroll,
    ) -> None:
        self._forward_scroll = on_scroll
        self._measured: asyncio.Future[_ScrollMetrics] | None = None
        self.list_view = new_list(self._on_scroll)
        self.list_view.opacity = 0
        self.list_view.cache_extent = _CACHE_EXTENT
        self.list_view.padding = _OFFSCREEN_PADDING
        self.selection_area = ft.SelectionArea(self.list_view)
        # The message changes that were received meanwhile.
        self.pending_changes: list[MessageChanged] = []
        self._discarded = asyncio.Event()

    def discard(self) -> None:
        """Another list replaces this one: the client answers no scroll of it any more."""
        self._discarded.set()

    def reveal(self) -> None:
        """Make the list visible; the caller updates."""
        self.list_view.opacity = 1
        self.list_view.cache_extent = None
        self.list_view.padding = _LIST_PADDING

    async def restore(self, offset: float) -> float:
        """Scroll to a distance from the bottom, in pixels."""
        if offset > 0:
            await self._measure_stable({"offset": offset})
        await asyncio.sleep(_TWO_FRAMES)
        return offset

    async def scroll_to_message(self, number: int, offset: float, *, centered: bool) -> float:
        """Scroll to a message, and return the distance of that position from the bottom, in pixels.

        The message goes into the middle, or to where it is in a list of which it is the last row,
        and which is scrolled `offset` pixels above its bottom.
        """
        measured_offset, viewport_height, max_offset = await self._measure_stable(
            {"scroll_key": f"m{number}"}
        )
        target_offset = (
            measured_offset - viewport_height / 2
            if centered
            else measured_offset - EDGE_PADDING + offset
        )
        target_offset = max(0.0, min(target_offset, max_offset - _EXTRA_PADDING))
        await self._scroll({"offset": target_offset})
        await asyncio.sleep(_TWO_FRAMES)
        return target_offset

    async def _measure_stable(self, scroll_target: dict[str, Any]) -> _ScrollMetrics:
        """Measure until the result is stable: a page that has just been loaded draws its rows in
        another font for a moment."""
        metrics = await self._measure(scroll_target)
        for _ in range(_MAX_REPEATS):
            self._measured = measured = asyncio.get_running_loop().create_future()
            await self._scroll(scroll_target)
            await asyncio.wait([measured], timeout=_TWO_FRAMES)
            if not measured.done():
                break
            metrics = measured.result()
        return metrics

    async def _measure(self, scroll_target: dict[str, Any]) -> _ScrollMetrics:
        """Scroll, and return the distance from the bottom, the height of the viewport, and the
        greatest distance, in pixels."""
        self._measured = measured = asyncio.get_running_loop().create_future()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_MEASURE_TIMEOUT):
                while not measured.done() and not self._discarded.is_set():
                    # Until the rows are drawn the client neither scrolls nor reports.
                    await asyncio.sleep(_TWO_FRAMES)
                    await self._scroll(scroll_target)
                    await asyncio.wait([measured], timeout=_TWO_FRAMES)
        return measured.result() if measured.done() else (0.0, 0.0, 0.0)

    async def _scroll(self, target: dict[str, Any]) -> None:
        """Scroll, and wait for the client's answer; not for that of a list that is discarded."""
        scroll = asyncio.ensure_future(self.list_view.scroll_to(**target, duration=0))
        discarded = asyncio.ensure_future(self._discarded.wait())
        try:
            await asyncio.wait(
                (scroll, discarded),
                timeout=_MEASURE_TIMEOUT,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if scroll.done():
                with contextlib.suppress(TimeoutError, RuntimeError):
                    scroll.result()
        finally:
            scroll.cancel()
            discarded.cancel()

    async def _on_scroll(self, event: ft.OnScrollEvent) -> None:
        if self._measured is not None and not self._measured.done():
            metrics = (event.pixels, event.viewport_dimension, event.max_scroll_extent)
            self._measured.set_result(metrics)
        await self._forward_scroll(event)
