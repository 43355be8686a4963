"""The search panel: a field, results while the person types, and steps from result to result."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import flet as ft

from chat.errors import ChatError, gettext_noop
from chat.loop_time import run_in_thread
from chat.model.messages import SearchHit
from chat.tasks import Latest, Tasks
from chat.text.previews import plain_text
from chat.text.search_query import Excerpt, Query, excerpt
from chat.ui.client.connection import connection_of, scroll_time
from chat.ui.panels.message_list import MessageEntry, empty_list_text, message_item
from chat.ui.panels.panel import Panel
from chat.ui.panels.search_field import CompletionHost, SearchField
from chat.ui.theme import widgets
from chat.ui.theme.pages import Limit, Pages
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import RESULTS_PAGE_SIZE

# Seconds from the last key to the search.
_DEBOUNCE = 0.15

# The time in which the list scrolls to a result.
_SCROLL_MILLISECONDS = 100

# The longest list of results. Nobody reads further; who looks for more writes another word.
MAX_RESULTS = 5 * RESULTS_PAGE_SIZE

_DIALOG_SIZE = 600, 560

_SYNTAX_HINT = gettext_noop(
    "from:ann  in:lobby  before:2026-11-30  after: on:  has:link  is:pinned  mentions:me  "
    "“exact words”  -without"
)

_INITIAL_TEXT = gettext_noop("What you may read in any room is found while you write.")


class SearchHost(CompletionHost, Protocol):
    """The screen, as a search knows it."""

    async def search(
        self, text: str, before_id: int | None, *, only_here: bool
    ) -> tuple[Query, tuple[SearchHit, ...]]:
        """A page of the messages that a query finds, `only_here` in the room on the screen."""

    def build_entry(
        self, hit: SearchHit, text: str, highlights: tuple[tuple[int, int], ...]
    ) -> MessageEntry:
        """The entry of a message that was found, with a part of its text."""

    async def open_message(self, path: str, marked_words: tuple[str, ...]) -> None:
        """Show a message that was found."""

    def on_search(self, words: str, *, only_here: bool) -> None:
        """The person searches for other words, or in another place."""


class SearchPanel(Panel):
    """A search. With `words` it begins at once."""

    def __init__(
        self,
        viewer: ViewerContext,
        host: SearchHost,
        *,
        words: str = "",
        only_here: bool = False,
        takes_focus: bool = True,
    ) -> None:
        self._viewer, self._t, self._host = viewer, viewer.t, host
        t = viewer.t
        self._tasks = Tasks()
        self._searches = Latest()
        self._last_id: int | None = None
        # The results on the screen with their items, and the one that the arrows have chosen.
        self._entries: list[MessageEntry] = []
        self._items: list[ft.Container] = []
        self._selected: int | None = None
        self._is_opened = False
        self._searched_words = ""
        self._field = SearchField(
            viewer,
            host,
            words,
            takes_focus=takes_focus,
            on_query_change=self.search_again,
            on_enter=self._on_enter,
        )
        self._only_here = ft.Checkbox(
            label=t("Only here"), value=only_here, on_change=self.search_again
        )
        self._count = widgets.secondary_text("", 13, expand=True)
        self._buttons = {
            step: widgets.icon_button(
                icon, label, on_click=partial(self._open_next, step), disabled=True
            )
            for step, icon, label in (
                (-1, ft.Icons.KEYBOARD_ARROW_UP_ROUNDED, t("Previous result")),
                (1, ft.Icons.KEYBOARD_ARROW_DOWN_ROUNDED, t("Next result")),
            )
        }
        self._list = ft.ListView(spacing=2, expand=True)
        self._results = Pages[MessageEntry](
            self._list,
            t("Show older ones"),
            build=self._item,
            load=self._load_older,
            page_size=RESULTS_PAGE_SIZE,
            limit=Limit(
                MAX_RESULTS,
                t(
                    "These are the newest {count}. Write another word to find older ones.",
                    count=MAX_RESULTS,
                ),
            ),
        )
        self._show_text(t(_INITIAL_TEXT), has_hint=True)
        status = ft.Row(
            [widgets.own_node(self._count), self._only_here, *self._buttons.values()], spacing=4
        )
        results = ft.Column(
            [status, self._list],
            spacing=8,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )
        # The popup covers the results, which stay where they are.
        popup = self._field.popup
        popup.left = popup.top = popup.right = 0
        stack = ft.Stack([results, popup], fit=ft.StackFit.EXPAND, expand=True)
        super().__init__(t("Search messages"), [self._field, stack], dialog_size=_DIALOG_SIZE)
        if words:
            self.search_again()

    def show_words(self, words: str, *, only_here: bool) -> None:
        """Search for other words, unless they are the same."""
        if (words, only_here) != (self._field.value.strip(), self._only_here.value):
            self._field.set_words(words)
            self._only_here.value = only_here
            self.update()
            self.search_again()

    def search_again(self) -> None:
        """Search for the words in the field."""
        self._tasks.start(self._run_search(self._searches.start()), "search")

    async def take_focus(self) -> None:
        await self._field.take_focus()

    def move_selection(self, step: int) -> None:
        """Choose another completion or result, `step` lines down; the results end at both ends."""
        if (move := self._field.popup.key_handler("up" if step < 0 else "down")) is not None:
            move()
        elif self._items:
            index = -1 if self._selected is None else self._selected
            self._select(min(max(index + step, 0), len(self._items) - 1), is_opened=False)

    @property
    def captures_arrows(self) -> bool:
        """Whether the panel is on the screen."""
        return self.is_open

    @property
    def is_chosen_from(self) -> bool:
        """Whether the field has the focus."""
        return self.is_open and self._field.has_focus

    def completion_handler(self, key: str) -> Callable[[], None] | None:
        """The handler of a key that chooses or closes the completions; None without them."""
        return self._field.popup.key_handler(key) if self.is_chosen_from else None

    async def _on_enter(self) -> None:
        """Open the chosen result, and at the next Enter the one after it."""
        if self._field.value.strip() != self._searched_words:
            self.search_again()
        elif self._selected is None or self._is_opened:
            await self._open_next(1)
        else:
            await self._open(self._selected)
        if self.is_open:
            await self.take_focus()

    async def _open_next(self, step: int) -> None:
        index = 0 if self._selected is None else self._selected + step
        if index == len(self._entries):
            await self._results.load_more()
        if 0 <= index < len(self._entries):
            await self._open(index)

    async def _open(self, index: int) -> None:
        self._field.popup.close()
        self._select(index, is_opened=True)
        entry = self._entries[index]
        await self._host.open_message(entry.path, entry.marked_words)

    def _select(self, index: int, *, is_opened: bool) -> None:
        previous, self._selected, self._is_opened = self._selected, index, is_opened
        for each in {previous, index} - {None}:
            if each is not None and each < len(self._items):
                item = self._items[each]
                item.bgcolor = ft.Colors.SECONDARY_CONTAINER if each == index else None
                item.update()
        self._show_count()
        if index < len(self._items):
            self._tasks.start(self._scroll_to(index), "scroll to a result")

    async def _scroll_to(self, index: int) -> None:
        with contextlib.suppress(TimeoutError, RuntimeError):
            key = _result_key(self._searches.current, index)
            duration = scroll_time(connection_of(self._list.page), _SCROLL_MILLISECONDS)
            await self._list.scroll_to(scroll_key=key, duration=duration)

    async def _run_search(self, search: int) -> None:
        await asyncio.sleep(_DEBOUNCE)
        text = self._field.value
        if self._searches.has_overtaken(search):
            return
        words = text.strip()
        self._host.on_search(words, only_here=bool(self._only_here.value))
        empty_text = self._t(
            "Nothing was found for “{words}”. Try fewer or shorter words.", words=words
        )
        if not words:
            empty_text = self._t(_INITIAL_TEXT)
        entries: Sequence[MessageEntry] = ()
        try:
            entries = await self._load_entries(text, None)
        except ChatError as error:
            empty_text = self._t.error(error)
        if self._searches.has_overtaken(search) or not self.is_open:
            return
        self._searched_words = words
        self._entries, self._items, self._selected = list(entries), [], None
        if entries:
            self._results.show(entries)
        else:
            self._show_text(empty_text, has_hint=not words)
        self._show_count()
        self._list.update()

    def _show_text(self, text: str, *, has_hint: bool) -> None:
        controls: list[ft.Control] = [empty_list_text(text)]
        if has_hint:
            controls.append(empty_list_text(self._t(_SYNTAX_HINT)))
        self._results.show_text(ft.Column(controls, spacing=0, tight=True))

    def _show_count(self) -> None:
        """Show how many results there are, and which of them is chosen."""
        count = len(self._entries)
        has_more = count > 0 and count % RESULTS_PAGE_SIZE == 0
        number = f"{count}+" if has_more else str(count)
        if self._selected is not None:
            text = self._t("{number} of {count}", number=self._selected + 1, count=number)
        else:
            text = self._t("{count} found", count=number) if count else ""
        self._count.value = text
        for step, button in self._buttons.items():
            index = 0 if self._selected is None else self._selected + step
            may_step = 0 <= index < count or (index == count and has_more)
            button.disabled = not may_step or (step < 0 and self._selected is None)
            button.opacity = 0.4 if button.disabled else 1
            if button.parent is not None:
                button.update()
        if self._count.parent is not None:
            self._count.update()

    async def _load_older(self, _: int) -> Sequence[MessageEntry]:
        """The results after those that are shown; none if the query has become invalid.

        (The search of the changed query shows what is wrong.)
        """
        search = self._searches.current
        try:
            entries = await self._load_entries(self._field.value, self._last_id)
        except ChatError:
            return ()
        if not self._searches.has_overtaken(search):
            self._entries += entries
            self._show_count()
        return entries

    async def _load_entries(self, text: str, before_id: int | None) -> Sequence[MessageEntry]:
        """A page of results. Raises ChatError."""
        search, only_here = self._searches.current, bool(self._only_here.value)
        query, hits = await self._host.search(text, before_id, only_here=only_here)
        excerpts = await run_in_thread(partial(_excerpts, query, hits))
        if not self._searches.has_overtaken(search):
            self._last_id = hits[-1].id if hits else None
        return [
            self._host.build_entry(hit, text, highlights)
            for hit, (text, highlights) in zip(hits, excerpts, strict=True)
        ]

    def _item(self, entry: MessageEntry) -> ft.Control:
        index = len(self._items)
        item = message_item(entry, self._viewer, partial(self._open, index))
        item.key = _result_key(self._searches.current, index)
        self._items.append(item)
        return item


def _result_key(search: int, index: int) -> ft.ScrollKey:
    """A key that a list can scroll to. (Flet's decorator hides the field of the class.)"""
    build_key: Callable[[str], ft.ScrollKey] = ft.ScrollKey  # type: ignore[assignment]
    return build_key(f"result {search}.{index}")


def _excerpts(query: Query, hits: Sequence[SearchHit]) -> list[Excerpt]:
    """The part of each message that a query found. Long messages take long: call it in a thread."""
    return [excerpt(plain_text(hit.message), query) for hit in hits]
