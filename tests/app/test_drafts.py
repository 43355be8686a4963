"""Drafts on the screen: sending a message removes its draft, and a text typed later stays."""

import asyncio
import secrets
from dataclasses import dataclass, field

import pytest

from chat.errors import NotStored
from chat.model.messages import Message, NewMessage
from chat.store.sql_store import SqlStore
from chat.ui.client.page_messages import SendKey
from tests.conftest import NewUser
from tests.harness.waiting import wait_until


@dataclass
class StoreProbe:
    """The drafts that were stored, in order.

    Messages wait while `open` is not set, and are refused if `is_full`.
    """

    saved_drafts: list[str]
    open: asyncio.Event = field(default_factory=asyncio.Event)
    is_full: bool = False


@pytest.fixture
def probe(saved_drafts: list[str], monkeypatch: pytest.MonkeyPatch) -> StoreProbe:
    """Observe the store of the chat."""
    probe = StoreProbe(saved_drafts)
    probe.open.set()
    append = SqlStore.append

    async def probed_append(store: SqlStore, new_message: NewMessage) -> Message:
        await probe.open.wait()
        if probe.is_full:
            raise NotStored
        return await append(store, new_message)

    monkeypatch.setattr(SqlStore, "append", probed_append)
    return probe


async def test_command_that_the_client_has_reported_in_part_leaves_no_draft(
    new_user: NewUser,
) -> None:
    await new_user("Bob")
    ann = await new_user("Ann")
    await ann.composer.types("/")
    await ann.page_script.send_event(SendKey(secrets.token_hex(16), 0, "/dm Bob"))
    await ann.until(lambda: ann.header.title == "Bob")
    await ann.sidebar.opens_room("Lobby")
    assert ann.composer.text == ""


async def test_sent_draft_is_gone_without_a_second_commit(
    new_user: NewUser, probe: StoreProbe
) -> None:
    ann = await new_user("Ann")
    await ann.composer.types("hello")
    await wait_until(lambda: probe.saved_drafts == ["hello"])
    await ann.composer.types("hello all")
    await ann.composer.sends()
    await ann.timeline.waits_for_message("hello all")
    await ann.composer.waits_for_text("")
    # Longer than the delay before a draft is stored.
    await asyncio.sleep(1.5)
    assert probe.saved_drafts == ["hello"]
    tab = await new_user(like=ann)
    await tab.timeline.waits_for_message("hello all")
    assert tab.composer.text == ""


@pytest.mark.parametrize("typed_later", ["and then", "hello"])
async def test_draft_typed_while_a_message_is_stored_is_not_lost(
    new_user: NewUser, probe: StoreProbe, typed_later: str
) -> None:
    ann = await new_user("Ann")
    await ann.composer.types("hello")
    await wait_until(lambda: probe.saved_drafts == ["hello"])
    probe.open.clear()
    await ann.composer.sends()
    await ann.composer.types(f"hello{typed_later}")
    # (A draft that equals the stored one is not stored again.)
    if typed_later != "hello":
        await wait_until(lambda: probe.saved_drafts[-1] == typed_later)
    probe.open.set()
    await ann.timeline.waits_for_message("hello")
    await ann.composer.waits_for_text(typed_later)
    await ann.reloads()
    await ann.composer.waits_for_text(typed_later)


async def test_command_that_posts_nothing_leaves_no_draft(
    new_user: NewUser, probe: StoreProbe
) -> None:
    ann = await new_user("Ann")
    await ann.composer.types("/help")
    await wait_until(lambda: probe.saved_drafts == ["/help"])
    await ann.composer.sends()
    await wait_until(lambda: probe.saved_drafts == ["/help", ""])


@pytest.mark.parametrize("returns", [False, True])
async def test_refused_messages_come_back_in_front_of_the_draft_of_their_room(
    new_user: NewUser, probe: StoreProbe, returns: bool
) -> None:
    ann = await new_user("Ann")
    await ann.rooms_dialog.creates_room("Garden")
    probe.open.clear()
    await ann.composer.types("one")
    await ann.composer.sends()
    await ann.composer.types("one two")
    await ann.composer.sends()
    await ann.composer.types("one two and more")
    await ann.sidebar.opens_room("Lobby")
    await wait_until(lambda: probe.saved_drafts[-1:] == [" and more"])
    if returns:
        await ann.sidebar.opens_room("Garden")
        await ann.composer.waits_for_text(" and more")
    probe.is_full = True
    probe.open.set()
    if returns:
        await ann.waits_for_partial_text("could not be stored")
    else:
        await wait_until(lambda: probe.saved_drafts[-1:] == ["one two and more"])
        await ann.sidebar.opens_room("Garden")
    await ann.composer.waits_for_text("one two and more")
