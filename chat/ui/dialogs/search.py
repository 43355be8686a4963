"""Finding what was said: a field, and what it finds while it is written in."""

import asyncio
from collections.abc import Awaitable, Callable

import flet as ft

from chat.errors import gettext_noop
from chat.model.messages import SearchHit
from chat.tasks import Tasks
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.text.search_query import Query, excerpt
from chat.ui.client.connection import Go
from chat.ui.dialogs.message_list import Entry, FoundList, leaving
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, close_button, stretched_column
from chat.ui.viewer import Clock
from chat.workspace.workspace import RESULTS_PAGE_SIZE

# After a key it is waited so long for another, in seconds.
_PAUSE = 0.15

_HINT = gettext_noop(
    "from:ann  in:lobby  before:2026-11-30  after: on:  has:link  is:pinned  mentions:me  "
    "“exact words”  -without"
)

_BEFORE = gettext_noop("What you may read in any room is found while you write.")

Search = Callable[[str, int | None], Awaitable[tuple[Query, tuple[SearchHit, ...]]]]


class SearchDialog(Dialog):
    """`search(text, before)` finds a page, `entry(found, text, marks)` says how it is shown."""

    def __init__(
        self,
        search: Search,
        entry: Callable[[SearchHit, str, tuple[tuple[int, int], ...]], Entry],
        viewer: Clock,
        go: Go,
        close: Callable[[], object],
    ) -> None:
        self._search = search
        self._t = t = viewer.t
        self._entry = entry
        self._close = close
        self._tasks = Tasks()
        self._asked = 0
        self._entries: list[Entry] = []
        self._last: int | None = None
        self._field = ft.TextField(
            hint_text=t("Search messages"),
            prefix_icon=ft.Icons.SEARCH_ROUNDED,
            autofocus=True,
            max_length=500,
            counter="",
            on_change=self._changed,
            on_submit=self._changed,
        )
        self._found = FoundList(viewer, leaving(close, go))
        self._found.fill([], t(_BEFORE))
        self._more = ft.TextButton(t("Show older ones"), on_click=self._go_on, visible=False)
        parts = [self._field, widgets.secondary_text(t(_HINT), 12), self._found, self._more]
        super().__init__(
            t("Search messages"),
            stretched_column(parts, 8),
            [close_button(t, close)],
            width=600,
            height=560,
            show_title=False,
        )

    def _changed(self) -> None:
        self._asked += 1
        self._tasks.start(self._find(self._asked), "search")

    async def _find(self, turn: int) -> None:
        await asyncio.sleep(_PAUSE)
        text = self._field.value
        if turn != self._asked:
            return
        query, found = await self._search(text, None)
        if turn != self._asked or not self.open:
            return
        self._entries = []
        otherwise = self._t(
            "Nothing was found for “{words}”. Try fewer or shorter words.", words=text.strip()
        )
        if not text.strip():
            otherwise = self._t(_BEFORE)
        self._show(query, found, otherwise)

    async def _go_on(self) -> None:
        turn = self._asked
        query, found = await self._search(self._field.value, self._last)
        if turn == self._asked:
            self._show(query, found, "")

    def _show(self, query: Query, found: tuple[SearchHit, ...], otherwise: str) -> None:
        for each in found:
            text = to_plain_text(emote_text(each.message.author.name, each.message.preview))
            text, marks = excerpt(text, query)
            self._entries.append(self._entry(each, text, marks))
        self._last = found[-1].id if found else None
        self._found.fill(self._entries, otherwise)
        self._found.update()
        self._more.visible = len(found) == RESULTS_PAGE_SIZE
        self._more.update()
