"""What is said while a page is being read: it stands below that page, whatever led there."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest

from chat.rooms import feed
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
    """Whoever reads a page in this way gets it at the end of the block; it is set when they do."""
    return delay_results(SqlMessageStore, query, monkeypatch)


@pytest.mark.parametrize(("reading", "path"), [("newest", "/"), ("around", "/room/lobby/2")])
async def test_message_posted_while_the_first_page_loads_is_shown(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch, reading: str, path: str
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.posts("before")
    await ann.timeline.waits_for_message("before")
    async with slow_page(reading, monkeypatch) as is_read:
        coming = asyncio.ensure_future(new_user(path=path, like=ann))
        await is_read.wait()
        await bob.composer.posts("meanwhile")
    tab = await coming
    await tab.timeline.waits_for_message("meanwhile")
    assert tab.timeline.texts_without_divider == bob.timeline.texts_without_divider


@pytest.mark.parametrize(("reading", "lines"), [("after", 5), ("newest", 52)])
async def test_messages_posted_while_a_gap_is_filled_are_shown(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch, reading: str, lines: int
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
    async with slow_page(reading, monkeypatch) as is_read:
        await ann.timeline.scrolls(0, extent=9_000)
        await is_read.wait()
        for n in range(5):
            await bob.composer.posts(f"meanwhile {n}")
    await ann.timeline.waits_for_message("meanwhile 4")
    assert ann.timeline.texts_without_divider[-10:] == bob.timeline.texts_without_divider[-10:]


async def open_without_room(
    new_user: NewUser,
    person: ChatUser,
    query_started: asyncio.Event,
    path: str = "/",
    *,
    script: bool = True,
) -> ChatUser:
    """They come back, and are shown the field before the room."""
    coming = asyncio.ensure_future(new_user(path=path, like=person, has_script=script))
    await query_started.wait()
    tab = await coming
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
    async with slow_page("newest", monkeypatch) as has_read:
        tab = await open_without_room(new_user, bob, has_read)
        await tab.composer.types("first li")
        await wait_until_processed(tab)
    await tab.timeline.waits_for_message("Ann has joined the chat.")
    await tab.composer.waits_for_text(f"{draft}first li")
    await tab.composer.types(f"{tab.composer.text}ne")
    await tab.composer.sends()
    await ann.timeline.waits_for_message(f"{draft}first line")


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("draft", ["", "well "])
async def test_enter_before_the_room_loads_is_sent_once_it_has_loaded(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch, draft: str, script: bool
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.types(draft)
    await wait_until_processed(bob)
    await bob.disconnects()
    async with slow_page("newest", monkeypatch) as has_read:
        tab = await open_without_room(new_user, bob, has_read, script=script)
        for words in ("one", "one, two"):
            await tab.composer.types(words)
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
    async with delay_results(Memberships, "session_connected", monkeypatch) as is_asked:
        tab = await open_without_room(new_user, bob, is_asked, "/room/nowhere")
        await tab.composer.types("for their eyes")
        await tab.composer.sends()
        await wait_until_processed(tab)
    await tab.timeline.waits_for_message("Bob has joined the chat.")
    await tab.composer.waits_for_text("for their eyes")
    # Whatever the tab sent would come before this.
    await ann.composer.posts("after that")
    await tab.timeline.waits_for_message("after that")
    assert "for their eyes" not in ann.timeline.texts
