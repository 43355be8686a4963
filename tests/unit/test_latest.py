"""Overlapping loads: the later load wins, whichever of them ends first."""

import asyncio

from chat.languages import ENGLISH
from chat.model.messages import SearchHit
from chat.tasks import Latest
from chat.text.search_query import Query, parse_query
from chat.ui.autocomplete.commands import CommandCandidates
from chat.ui.panels.message_list import MessageEntry
from chat.ui.panels.panel import PanelDialog
from chat.ui.panels.search import SearchPanel
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import RESULTS_PAGE_SIZE
from tests.golden import corpus
from tests.golden.client import Client
from tests.harness.control_tree import Control, find_controls
from tests.harness.waiting import wait_until


def test_latest_load_is_not_overtaken() -> None:
    loads = Latest()
    first = loads.start()
    assert not loads.has_overtaken(first)
    second = loads.start()
    assert loads.has_overtaken(first)
    assert not loads.has_overtaken(second)


def test_current_load_does_not_overtake() -> None:
    loads = Latest()
    load = loads.start()
    assert loads.current == load
    assert not loads.has_overtaken(load)


async def test_slow_first_load_is_dropped() -> None:
    loads, shown = Latest(), list[str]()

    async def show(text: str, seconds: float) -> None:
        load = loads.start()
        await asyncio.sleep(seconds)
        if not loads.has_overtaken(load):
            shown.append(text)

    await asyncio.gather(show("first", 0.02), show("second", 0.0))
    assert shown == ["second"]


class _EndlessResults:
    """A search that always finds another page."""

    def __init__(self) -> None:
        self.requested_pages: list[int | None] = []

    async def search(
        self, text: str, before_id: int | None, *, only_here: bool
    ) -> tuple[Query, tuple[SearchHit, ...]]:
        self.requested_pages.append(before_id)
        await asyncio.sleep(0)
        message = corpus.messages_by_name()["long"]
        first_id = 3 * RESULTS_PAGE_SIZE if before_id is None else before_id - 1
        hits = [
            SearchHit(first_id - n, corpus.GARDEN, message)
            for n in range(RESULTS_PAGE_SIZE if text else 0)
        ]
        return parse_query(text, None), tuple(hits)

    async def load_candidates(self) -> CommandCandidates:
        return CommandCandidates()

    def capture_choice_keys(self, enabled: bool) -> None:
        """No page reports keys."""

    def replace_input_text(self, index: int, old: str, new: str) -> bool:
        return False

    def select_input_text(self) -> bool:
        return False

    def build_entry(
        self, hit: SearchHit, text: str, highlights: tuple[tuple[int, int], ...]
    ) -> MessageEntry:
        return MessageEntry(hit.message, "Garden", f"/{hit.id}", text, highlights)

    async def open_message(self, path: str, marked_words: tuple[str, ...]) -> None:
        """No room is on the screen."""

    def on_search(self, words: str, *, only_here: bool) -> None:
        """No page has an address."""


async def test_two_quick_clicks_append_one_page_of_search_results() -> None:
    client, endless = Client().open(), _EndlessResults()
    client.page.show_dialog(
        PanelDialog(
            SearchPanel(ViewerContext(), endless), ENGLISH, page_width=1000, on_dismiss=list
        )
    )
    (field,) = find_controls(client.screen, "TextField", {})
    client.session.apply_patch(field["_i"], {"value": "line"})
    await client.session.dispatch_event(field["_i"], "change", "line")

    def results() -> list[Control]:
        (list_view,) = find_controls(client.screen, "ListView", {})
        columns = [each for each in list_view["controls"] if each["_c"] == "Column"]
        return [each for column in columns for each in column["controls"]]

    await wait_until(lambda: len(results()) == RESULTS_PAGE_SIZE, interval=0.005)
    (button,) = find_controls(client.screen, "TextButton", {"content": "Show older ones"})
    await asyncio.gather(
        *(client.session.dispatch_event(button["_i"], "click", None) for _ in range(2))
    )
    assert endless.requested_pages == [None, 2 * RESULTS_PAGE_SIZE + 1]
    await wait_until(lambda: len(results()) == 2 * RESULTS_PAGE_SIZE, interval=0.005)
