"""The search dialog: a field, and results while the person types."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import flet as ft

from chat.errors import ChatError, gettext_noop
from chat.model.messages import SearchHit
from chat.tasks import Latest, Tasks
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.text.previews import message_preview
from chat.text.search_query import Excerpt, Query, excerpt
from chat.ui.client.connection import Navigate
from chat.ui.dialogs.message_list import MessageEntry, MessageList
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import RESULTS_PAGE_SIZE

# Seconds from the last key to the search.
_DEBOUNCE = 0.15

_SYNTAX_HINT = gettext_noop(
    "from:ann  in:lobby  before:2026-11-30  after: on:  has:link  is:pinned  mentions:me  "
    "“exact words”  -without"
)

_INITIAL_TEXT = gettext_noop("What you may read in any room is found while you write.")

SearchMessages = Callable[[str, int | None], Awaitable[tuple[Query, tuple[SearchHit, ...]]]]


class SearchDialog(Dialog):
    """`search(text, before_id)` loads a page of results; `build_entry` makes each a list entry."""

    def __init__(
        self,
        viewer: ViewerContext,
        *,
        search: SearchMessages,
        build_entry: Callable[[SearchHit, str, tuple[tuple[int, int], ...]], MessageEntry],
        navigate: Navigate,
    ) -> None:
        self._search = search
        self._t = t = viewer.t
        self._build_entry = build_entry
        self._tasks = Tasks()
        self._searches, self._pages = Latest(), Latest()
        self._entries: list[MessageEntry] = []
        self._last_id: int | None = None
        self._search_field = ft.TextField(
            hint_text=t("Search messages"),
            prefix_icon=ft.Icons.SEARCH_ROUNDED,
            autofocus=True,
            max_length=500,
            counter="",
            on_change=self._on_change,
            on_submit=self._on_change,
        )
        self._results = MessageList(viewer, navigate=self.close_then(navigate))
        self._results.fill([], t(_INITIAL_TEXT))
        self._more_button = ft.TextButton(
            t("Show older ones"), on_click=self._load_more, visible=False
        )
        parts = [
            self._search_field,
            widgets.secondary_text(t(_SYNTAX_HINT), 12),
            self._results,
            self._more_button,
        ]
        super().__init__(
            t("Search messages"),
            stretched_column(parts, 8),
            [close_button(t, self.close)],
            width=600,
            height=560,
            title_size=None,
        )

    def _on_change(self) -> None:
        self._tasks.start(self._run_search(self._searches.start()), "search")

    async def _run_search(self, search: int) -> None:
        await asyncio.sleep(_DEBOUNCE)
        text = self._search_field.value
        if self._searches.has_overtaken(search):
            return
        try:
            query, hits = await self._search(text, None)
        except ChatError as error:
            if not self._searches.has_overtaken(search) and self.open:
                self._entries = []
                self._show_results((), (), self._t.error(error))
            return
        if self._searches.has_overtaken(search) or not self.open:
            return
        self._entries = []
        empty_text = self._t(
            "Nothing was found for “{words}”. Try fewer or shorter words.", words=text.strip()
        )
        if not text.strip():
            empty_text = self._t(_INITIAL_TEXT)
        excerpts = await asyncio.to_thread(_excerpts, query, hits)
        if not self._searches.has_overtaken(search) and self.open:
            self._show_results(hits, excerpts, empty_text)

    async def _load_more(self) -> None:
        # A second click reads the same page: only the later of the two is appended.
        search, page = self._searches.current, self._pages.start()
        try:
            query, hits = await self._search(self._search_field.value, self._last_id)
        except ChatError:
            # The query was changed meanwhile: its own search shows what is wrong.
            return
        excerpts = await asyncio.to_thread(_excerpts, query, hits)
        if not (self._searches.has_overtaken(search) or self._pages.has_overtaken(page)):
            self._show_results(hits, excerpts, "")

    def _show_results(
        self, hits: Sequence[SearchHit], excerpts: Sequence[Excerpt], empty_text: str
    ) -> None:
        for hit, (text, highlights) in zip(hits, excerpts, strict=True):
            self._entries.append(self._build_entry(hit, text, highlights))
        self._last_id = hits[-1].id if hits else None
        self._results.fill(self._entries, empty_text)
        self._results.update()
        self._more_button.visible = len(hits) == RESULTS_PAGE_SIZE
        self._more_button.update()


def _excerpts(query: Query, hits: Sequence[SearchHit]) -> list[Excerpt]:
    """The part of each message that a query found. Long messages take long: call it in a thread."""
    return [
        excerpt(
            to_plain_text(emote_text(hit.message.author.name, message_preview(hit.message))), query
        )
        for hit in hits
    ]
