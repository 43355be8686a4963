"""Long lists in dialogs: they are drawn in pages, and a button loads the next one.

Building and sending a page of controls takes ten milliseconds, in which the event loop would serve
nobody else. So a page is drawn in steps of a few items.
"""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import flet as ft

from chat import loop_time
from chat.rooms.history import PAGE_SIZE
from chat.tasks import Latest, Tasks
from chat.ui.theme import widgets

# Items that are drawn in one step: about a millisecond.
STEP_SIZE = 5

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Limit:
    """Of more than `count` items no more are loaded, and `text` says so."""

    count: int
    text: str


@ft.control(isolated=True)  # type: ignore[arg-type]
class _DrawnItems(ft.Column):
    """The items of one step. They never change: Flet does not compare them again."""


class Pages(Generic[Item]):
    """The items of `container`: its last control is a button while there may be more of them.

    `build(item)` makes the control of an item. `load(skipped)` loads the page after the items that
    were skipped. A page that is shorter than `page_size` is the last one.
    """

    def __init__(
        self,
        container: ft.Column | ft.ListView,
        more_text: str,
        *,
        build: Callable[[Item], ft.Control],
        load: Callable[[int], Awaitable[Sequence[Item]]],
        page_size: int = PAGE_SIZE,
        limit: Limit | None = None,
    ) -> None:
        self._container = container
        self._build = build
        self._load = load
        self._page_size = page_size
        self._limit = limit
        self._is_loading = False
        self._count = 0
        self._shows = Latest()
        self._tasks = Tasks()
        self._button = ft.TextButton(more_text, on_click=self.load_more)

    def show(self, items: Sequence[Item]) -> None:
        """Show a first page instead of what is shown: its first items now, the others soon."""
        show = self._shows.start()
        self._is_loading = False
        self._count = 0
        self._container.controls = []
        self._draw(items[:STEP_SIZE])
        if len(items) > STEP_SIZE:
            rest = self._draw_in_steps(items[STEP_SIZE:], len(items), show)
            self._tasks.start(rest, "draw the rest of a list")
        else:
            self._end_page(len(items))

    def show_text(self, text: ft.Control) -> None:
        """Show a text instead of items."""
        self._shows.start()
        self._container.controls = [text]

    async def load_more(self) -> None:
        """Show the next page, if there may be one."""
        # A second click while a page is loading would load the same one.
        if self._is_loading or self._button not in self._container.controls:
            return
        self._is_loading = True
        show = self._shows.current
        try:
            items = await self._load(self._count)
        except BaseException:
            self._is_loading = False
            raise
        if not self._shows.has_overtaken(show):
            self._container.controls.remove(self._button)
            await self._draw_in_steps(items, len(items), show)
            self._is_loading = False

    async def _draw_in_steps(self, items: Sequence[Item], page_length: int, show: int) -> None:
        """Append items step by step, unless something else is shown meanwhile."""
        for start in range(0, len(items), STEP_SIZE):
            await loop_time.let_others_run()
            if self._shows.has_overtaken(show):
                return
            self._draw(items[start : start + STEP_SIZE])
            self._update()
        self._end_page(page_length)
        self._update()

    def _draw(self, items: Sequence[Item]) -> None:
        if items:
            drawn = _DrawnItems([self._build(each) for each in items])
            drawn.spacing, drawn.tight = self._container.spacing, True
            drawn.horizontal_alignment = ft.CrossAxisAlignment.STRETCH
            self._container.controls.append(drawn)

    def _end_page(self, page_length: int) -> None:
        self._count += page_length
        if page_length == self._page_size:
            end: ft.Control = self._button
            if self._limit is not None and self._count >= self._limit.count:
                end = widgets.secondary_text(self._limit.text, 12)
            self._container.controls.append(end)

    def _update(self) -> None:
        # The dialog may have been closed meanwhile, or the session have ended: Flet raises
        # RuntimeError then.
        if self._container.parent is not None:
            with contextlib.suppress(RuntimeError):
                self._container.update()
