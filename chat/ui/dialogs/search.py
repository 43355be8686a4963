"""The search dialog: a field, and results while the person types."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import flet as ft

from chat.errors import ChatError, gettext_noop
from chat.loop_time import run_in_thread
from chat.model.messages import SearchHit
from chat.tasks import Latest, Tasks
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.text.previews import message_preview
from chat.text.search_query import Excerpt, Query, excerpt
from chat.ui.dialogs.message_list import (
    MessageEntry,
    MessageItems,
    OpenMessage,
    empty_list_text,
)
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column
from chat.ui.theme.pages import Limit, Pages
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import RESULTS_PAGE_SIZE

# Seconds from the last key to the search.
_DEBOUNCE = 0.15

# The longest list of results. Nobody reads further; who looks for more writes another word.
MAX_RESULTS = 5 * RESULTS_PAGE_SIZE

_SYNTAX_HINT = gettext_noop(
    "from:ann  in:lobby  before:2026-11-30  after: on:  has:link  is:pinned  mentions:me  "
    "“exact words”  -without"
)

_INITIAL_TEXT = gettext_noop("What you may read in any room is found while you write.")

SearchMessages = Callable[[str, int | None], Awaitable[tuple[Query, tuple[SearchHit, ...]]]]


class SearchDialog(Dialog):
    """`search(text, before_id)` loads a page of results; `build_entry` makes each a list entry.

    A `text` is searched at once.
    """

    def __init__(
        self,
        viewer: ViewerContext,
        *,
        search: SearchMessages,
        build_entry: Callable[[SearchHit, str, tuple[tuple[int, int], ...]], MessageEntry],
        navigate: OpenMessage,
        text: str = "",
    ) -> None:
        self._search = search
        self._t = t = viewer.t
        self._build_entry = build_entry
        self._tasks = Tasks()
        self._searches = Latest()
        self._last_id: int | None = None
        self._search_field = ft.TextField(
            value=text,
            hint_text=t("Search messages"),
            prefix_icon=ft.Icons.SEARCH_ROUNDED,
            autofocus=True,
            max_length=500,
            counter="",
            on_change=self._on_change,
            on_submit=self._on_change,
        )
        self._list = ft.ListView(spacing=2, expand=True)
        self._results = Pages[MessageEntry](
            self._list,
            t("Show older ones"),
            build=MessageItems(viewer, navigate=self.close_then(navigate)).build,
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
        self._results.show_text(empty_list_text(t(_INITIAL_TEXT)))
        parts = [
            self._search_field,
            widgets.secondary_text(t(_SYNTAX_HINT), 12),
            self._list,
        ]
        super().__init__(
            t("Search messages"),
            stretched_column(parts, 8),
            [close_button(t, self.close)],
            width=600,
            height=560,
            title_size=None,
        )
        if text:
            self._on_change()

    def _on_change(self) -> None:
        self._tasks.start(self._run_search(self._searches.start()), "search")

    async def _run_search(self, search: int) -> None:
        await asyncio.sleep(_DEBOUNCE)
        text = self._search_field.value
        if self._searches.has_overtaken(search):
            return
        empty_text = self._t(
            "Nothing was found for “{words}”. Try fewer or shorter words.", words=text.strip()
        )
        if not text.strip():
            empty_text = self._t(_INITIAL_TEXT)
        entries: Sequence[MessageEntry] = ()
        try:
            entries = await self._load_entries(text, None)
        except ChatError as error:
            empty_text = self._t.error(error)
        if self._searches.has_overtaken(search) or not self.open:
            return
        if entries:
            self._results.show(entries)
        else:
            self._results.show_text(empty_list_text(empty_text))
        self._list.update()

    async def _load_older(self, _: int) -> Sequence[MessageEntry]:
        """The results after those that are shown; none if the query has become invalid.

        (The search of the changed query shows what is wrong.)
        """
        try:
            return await self._load_entries(self._search_field.value, self._last_id)
        except ChatError:
            return ()

    async def _load_entries(self, text: str, before_id: int | None) -> Sequence[MessageEntry]:
        """A page of results. Raises ChatError."""
        search = self._searches.current
        query, hits = await self._search(text, before_id)
        excerpts = await run_in_thread(partial(_excerpts, query, hits))
        if not self._searches.has_overtaken(search):
            self._last_id = hits[-1].id if hits else None
        return [
            self._build_entry(hit, text, highlights)
            for hit, (text, highlights) in zip(hits, excerpts, strict=True)
        ]


def _excerpts(query: Query, hits: Sequence[SearchHit]) -> list[Excerpt]:
    """The part of each message that a query found. Long messages take long: call it in a thread."""
    return [
        excerpt(
            to_plain_text(emote_text(hit.message.author.name, message_preview(hit.message))), query
        )
        for hit in hits
    ]
