"""Overlapping loads: the later load wins, whichever of them ends first."""

import asyncio

from chat.model.messages import SearchHit
from chat.tasks import Latest
from chat.text.search_query import Query, parse_query
from chat.ui.dialogs.message_list import MessageEntry
from chat.ui.dialogs.search import SearchDialog
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


async def test_two_quick_clicks_append_one_page_of_search_results() -> None:
    message, requested_pages = corpus.messages_by_name()["long"], list[int | None]()

    async def search(text: str, before_id: int | None) -> tuple[Query, tuple[SearchHit, ...]]:
        requested_pages.append(before_id)
        await asyncio.sleep(0)
        first_id = 3 * RESULTS_PAGE_SIZE if before_id is None else before_id - 1
        hits = [
            SearchHit(first_id - n, corpus.GARDEN, message)
            for n in range(RESULTS_PAGE_SIZE if text else 0)
        ]
        return parse_query(text, None), tuple(hits)

    async def ignore_path(path: str, marked_words: tuple[str, ...]) -> None:
        pass

    def build_entry(hit: SearchHit, text: str, marks: tuple[tuple[int, int], ...]) -> MessageEntry:
        return MessageEntry(hit.message, "Garden", f"/{hit.id}", text, marks)

    client = Client().open()
    dialog = SearchDialog(
        ViewerContext(), search=search, build_entry=build_entry, navigate=ignore_path
    )
    client.page.show_dialog(dialog)
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
    assert requested_pages == [None, 2 * RESULTS_PAGE_SIZE + 1]
    await wait_until(lambda: len(results()) == 2 * RESULTS_PAGE_SIZE, interval=0.005)
