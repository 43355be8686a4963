"""Drafts on the screen: a message takes its draft with it, and what was typed since stays."""

import asyncio
from dataclasses import dataclass, field

import pytest

from chat.errors import NotStored
from chat.model.messages import Message, NewMessage
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store.sql_store import SqlStore
from tests.conftest import NewUser
from tests.harness.waiting import wait_until


@dataclass
class StoreProbe:
    """The drafts that were stored, in order.

    Messages wait while `open` is not set, and are refused if `is_full`.
    """

    saved_drafts: list[str] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    is_full: bool = False


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> StoreProbe:
    """Observe the store of the chat."""
    probe = StoreProbe()
    probe.open.set()
    save_draft, append = SqlStore.save_draft, SqlStore.append

    async def probed_save(store: SqlStore, room_id: RoomId, person: PersonId, text: str) -> None:
        await save_draft(store, room_id, person, text)
        probe.saved_drafts.append(text)

    async def probed_append(store: SqlStore, new_message: NewMessage) -> Message:
        await probe.open.wait()
        if probe.is_full:
            raise NotStored
        return await append(store, new_message)

    monkeypatch.setattr(SqlStore, "save_draft", probed_save)
    monkeypatch.setattr(SqlStore, "append", probed_append)
    return probe


async def test_sent_draft_is_gone_without_a_second_commit(
    new_user: NewUser, probe: StoreProbe
) -> None:
    ann = await new_user("Ann")
    await ann.types("hello")
    await wait_until(lambda: probe.saved_drafts == ["hello"])
    await ann.types("hello all")
    await ann.sends()
    await ann.waits_for_message("hello all")
    await ann.waits_for_composer_text("")
    # Longer than a draft waits to be stored.
    await asyncio.sleep(1.5)
    assert probe.saved_drafts == ["hello"]
    tab = await new_user(like=ann)
    await tab.waits_for_message("hello all")
    assert tab.composer_text == ""


@pytest.mark.parametrize("typed_since", ["and then", "hello"])
async def test_draft_typed_while_a_message_is_stored_is_not_lost(
    new_user: NewUser, probe: StoreProbe, typed_since: str
) -> None:
    ann = await new_user("Ann")
    await ann.types("hello")
    await wait_until(lambda: probe.saved_drafts == ["hello"])
    probe.open.clear()
    await ann.sends()
    await ann.types(f"hello{typed_since}")
    if typed_since != "hello":
        await wait_until(lambda: probe.saved_drafts[-1] == typed_since)
    probe.open.set()
    await ann.waits_for_message("hello")
    await ann.waits_for_composer_text(typed_since)
    await ann.reloads()
    await ann.waits_for_composer_text(typed_since)


async def test_command_that_posts_nothing_leaves_no_draft(
    new_user: NewUser, probe: StoreProbe
) -> None:
    ann = await new_user("Ann")
    await ann.types("/help")
    await wait_until(lambda: probe.saved_drafts == ["/help"])
    await ann.sends()
    await wait_until(lambda: probe.saved_drafts == ["/help", ""])


@pytest.mark.parametrize("comes_back", [False, True])
async def test_refused_messages_come_back_in_front_of_the_draft_of_their_room(
    new_user: NewUser, probe: StoreProbe, comes_back: bool
) -> None:
    ann = await new_user("Ann")
    await ann.creates_room("Garden")
    probe.open.clear()
    await ann.types("one")
    await ann.sends()
    await ann.types("one two")
    await ann.sends()
    await ann.types("one two and more")
    await ann.opens_room("Lobby")
    await wait_until(lambda: probe.saved_drafts[-1:] == [" and more"])
    if comes_back:
        await ann.opens_room("Garden")
        await ann.waits_for_composer_text(" and more")
    probe.is_full = True
    probe.open.set()
    if comes_back:
        await ann.waits_for_partial_text("could not be stored")
    else:
        await wait_until(lambda: probe.saved_drafts[-1:] == ["one two and more"])
        await ann.opens_room("Garden")
    await ann.waits_for_composer_text("one two and more")
