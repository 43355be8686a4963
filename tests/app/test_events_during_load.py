"""Messages posted while a page of history loads: they appear below that page."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest

from chat.rooms import feed
from chat.rooms.history import RoomHistory
from chat.rooms.memberships import Memberships
from chat.store.sql_store import SqlMessageStore
from chat.web.guard import rate_limit
from tests.conftest import NewUser
from tests.harness.hostile_clients import wait_until_processed
from tests.harness.user import ChatUser
from tests.harness.waiting import delay_results


def slow_page(
    query: str, monkeypatch: pytest.MonkeyPatch
) -> AbstractAsyncContextManager[asyncio.Event]:
    """Delay the results of this query to the end of the block.

    The event of the block is set as soon as the query has its result.
    """
    # The newest page is mostly one that the feed holds.
    source = RoomHistory if query == "newest" else SqlMessageStore
    return delay_results(source, query, monkeypatch)


@pytest.mark.parametrize(("query", "path"), [("newest", "/"), ("around", "/room/lobby/2")])
async def test_message_posted_while_the_first_page_loads_is_shown(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch, query: str, path: str
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.posts("before")
    await ann.timeline.waits_for_message("before")
    async with slow_page(query, monkeypatch) as query_started:
        opening = asyncio.ensure_future(new_user(path=path, like=ann))
        await query_started.wait()
        await bob.composer.posts("meanwhile")
    tab = await opening
    await tab.timeline.waits_for_message("meanwhile")
    assert tab.timeline.texts_without_divider == bob.timeline.texts_without_divider


@pytest.mark.parametrize(("query", "lines"), [("after", 5), ("newest", 52)])
async def test_messages_posted_while_a_gap_is_filled_are_shown(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch, query: str, lines: int
) -> None:
    monkeypatch.setattr(feed, "BUFFER_SIZE", 3)
    monkeypatch.setattr(rate_limit, "BURST", 1e9)
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await ann.timeline.waits_for_message("Bob has joined the room.")
    await ann.timeline.scrolls(400, extent=9_000)
    for n in range(lines):
        await bob.composer.posts(f"line {n}")
    async with slow_page(query, monkeypatch) as query_started:
        await ann.timeline.scrolls(0, extent=9_000)
        await query_started.wait()
        for n in range(5):
            await bob.composer.posts(f"meanwhile {n}")
    await ann.timeline.waits_for_message("meanwhile 4")
    assert ann.timeline.texts_without_divider[-10:] == bob.timeline.texts_without_divider[-10:]


async def open_without_room(
    new_user: NewUser,
    user: ChatUser,
    query_started: asyncio.Event,
    path: str = "/",
    *,
    has_script: bool = True,
) -> ChatUser:
    """Open another tab of `user`; returns it with the composer shown and the room not loaded."""
    opening = asyncio.ensure_future(new_user(path=path, like=user, has_script=has_script))
    await query_started.wait()
    tab = await opening
    await tab.until(lambda: tab.composer.control is not None)
    return tab


@pytest.mark.parametrize("draft", ["", "well "])
async def test_text_typed_before_the_room_loads_is_appended_to_the_draft(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch, draft: str
) -> None:
    ann = await new_user("Ann")
    bob = await new_user("Bob")
    await bob.composer.types(draft)
    await wait_until_processed(bob)
    await bob.disconnects()
    async with slow_page("newest", monkeypatch) as query_started:
        tab = await open_without_room(new_user, bob, query_started)
        await tab.composer.types("first li")
        await wait_until_processed(tab)
    await tab.timeline.waits_for_message("Ann has joined the chat.")
    await tab.composer.waits_for_text(f"{draft}first li")
    await tab.composer.types(f"{tab.composer.text}ne")
    await tab.composer.sends()
    await ann.timeline.waits_for_message(f"{draft}first line")


@pytest.mark.parametrize("has_script", [True, False])
@pytest.mark.parametrize("draft", ["", "well "])
async def test_enter_before_the_room_loads_is_sent_once_it_has_loaded(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch, draft: str, has_script: bool
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.types(draft)
    await wait_until_processed(bob)
    await bob.disconnects()
    async with slow_page("newest", monkeypatch) as query_started:
        tab = await open_without_room(new_user, bob, query_started, has_script=has_script)
        for text in ("one", "one, two"):
            await tab.composer.types(text)
            await tab.composer.sends()
        await tab.composer.types("one, two, three")
        await wait_until_processed(tab)
        assert "one" not in ann.timeline.texts
    await ann.timeline.waits_for_message(", two")
    assert ann.timeline.texts[-2:] == ["one", ", two"]
    await tab.composer.waits_for_text(f"{draft}, three")
    await tab.composer.sends()
    await ann.timeline.waits_for_message(f"{draft}, three")


async def test_enter_before_an_unknown_room_loads_is_not_posted_to_the_lobby(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.disconnects()
    async with delay_results(Memberships, "session_connected", monkeypatch) as query_started:
        tab = await open_without_room(new_user, bob, query_started, "/room/nowhere")
        await tab.composer.types("for their eyes")
        await tab.composer.sends()
        await wait_until_processed(tab)
    await tab.timeline.waits_for_message("Bob has joined the chat.")
    await tab.composer.waits_for_text("for their eyes")
    # A message of the tab would have a lower number than this one.
    await ann.composer.posts("after that")
    await tab.timeline.waits_for_message("after that")
    assert "for their eyes" not in ann.timeline.texts
