"""Long lists in dialogs: they are drawn in pages, and a button loads the next one."""

from collections.abc import Awaitable, Callable, Sequence

import flet as ft

from chat.rooms.history import PAGE_SIZE

# The controls of the items after `skipped` ones: a page of them, or all that are left.
LoadItems = Callable[[int], Awaitable[Sequence[ft.Control]]]


class Pages:
    """The items of `container`: its last control is a button while there may be more of them.

    `more_text` is the text of the button.
    """

    def __init__(
        self, container: ft.Column | ft.ListView, more_text: str, *, load: LoadItems
    ) -> None:
        self._container = container
        self._load = load
        self._is_loading = False
        self._count = 0
        self._button = ft.TextButton(more_text, on_click=self._load_more)

    def show(self, items: Sequence[ft.Control]) -> None:
        """Show the first page."""
        self._container.controls = []
        self._add(items)

    def _add(self, items: Sequence[ft.Control]) -> None:
        self._count += len(items)
        more = [self._button] if len(items) == PAGE_SIZE else []
        shown = [each for each in self._container.controls if each is not self._button]
        self._container.controls = [*shown, *items, *more]

    async def _load_more(self) -> None:
        # A second click while a page is loading would load the same one.
        if self._is_loading:
            return
        self._is_loading = True
        try:
            items = await self._load(self._count)
        finally:
            self._is_loading = False
        self._add(items)
        # The dialog may have been closed meanwhile.
        if self._container.parent is not None:
            self._container.update()
