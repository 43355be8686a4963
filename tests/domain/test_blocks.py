"""Blocks: what a person sees of somebody whom they have blocked, and what the other one notices."""

import itertools
from collections.abc import AsyncIterator

import pytest

from chat.errors import BadBlock
from chat.model.events import BlocksChanged, MessagesPosted, OnlinePeople, person_topic
from chat.model.people import Person
from chat.model.reports import ReportKind
from chat.model.rooms import Membership
from chat.people import blocks
from chat.people.blocks import Blocks
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.domain import NO_DELAY, EventRecorder, sign_in
from tests.harness.waiting import wait_until


@pytest.fixture
def timings() -> Timings:
    return NO_DELAY


@pytest.fixture
async def lobby(workspace: Workspace, ann: Person, bob: Person) -> AsyncIterator[Room]:
    """The lobby with Ann, who is connected, and Bob."""
    await workspace.memberships.session_connected(ann, "tab of Ann")
    yield await workspace.rooms.by_slug(ann, "lobby")
    workspace.memberships.session_disconnected(ann, "tab of Ann")


async def in_memory_and_stored(
    workspace: Workspace, store: Store, person: Person, room: Room
) -> Membership:
    """The membership of a connected person, which is the same in memory and in the store."""
    await wait_until(lambda: workspace.is_idle)
    kept = workspace.memberships.get(person, room.info.id)
    (stored,) = await store.memberships(person.id, room.info.id)
    assert kept is not None
    assert (kept.unread, kept.unread_mentions) == (stored.unread, stored.unread_mentions)
    return kept


async def test_nothing_of_a_blocked_person_counts_notifies_or_is_found(
    workspace: Workspace,
    store: Store,
    lobby: Room,
    ann: Person,
    bob: Person,
    outsider: Person,
    recorder: EventRecorder,
) -> None:
    await workspace.blocks.block(ann, bob)
    assert recorder.events_of(person_topic(bob.id)) == []
    with recorder.recorded_notifications(ann, outsider) as notified:
        posted = await lobby.post(bob, "@Ann garden @Cid", "b1")
        await workspace.memberships.session_connected(outsider, "tab of Cid")
        await lobby.edit(bob, posted.number, "@Ann the garden @Cid")
        membership = await in_memory_and_stored(workspace, store, ann, lobby)
    assert (membership.unread, membership.unread_mentions) == (0, 0)
    assert notified == {}
    # The others, and the author, see a mention as ever: nothing tells of the block.
    assert posted.mentions == {ann.id, outsider.id}
    assert [name for name, _ in posted.mention_names] == ["Ann", "Cid"]
    assert await workspace.mentions(ann) == ()
    assert len(await workspace.mentions(outsider)) == 1
    for text in ("garden", "from:Bob", "mentions:me"):
        assert (await workspace.search(ann, text, None))[1] == ()
        assert len((await workspace.search(outsider, "garden", None))[1]) == 1
    await lobby.post(outsider, "@Ann hello", "c1")
    membership = await in_memory_and_stored(workspace, store, ann, lobby)
    assert (membership.unread, membership.unread_mentions) == (1, 1)
    await workspace.blocks.unblock(ann, bob.id)
    membership = await in_memory_and_stored(workspace, store, ann, lobby)
    assert (membership.unread, membership.unread_mentions) == (2, 2)
    assert len((await workspace.search(ann, "garden", None))[1]) == 1
    workspace.memberships.session_disconnected(outsider, "tab of Cid")


async def test_conversation_takes_messages_of_the_blocked_person_and_is_closed_for_the_other(
    workspace: Workspace, store: Store, lobby: Room, ann: Person, bob: Person
) -> None:
    direct = await workspace.rooms.get_or_create_direct(bob, [ann])
    await direct.post(ann, "hello", "a1")
    await workspace.blocks.block(ann, bob)
    for n in range(2):
        await direct.post(bob, f"do you read this? {n}", f"b{n}")
        membership = await in_memory_and_stored(workspace, store, ann, direct)
        assert (membership.is_closed, membership.unread) == (True, 0)
    # Ann reads it if she wants to, and writes only after unblocking.
    assert [each.text for each in (await direct.newest(ann)).messages][-1] == "do you read this? 1"
    root = (await direct.newest(ann)).messages[0]
    thread = await workspace.rooms.get_or_create_thread(ann, direct, root.number)
    for room in (direct, thread):
        with pytest.raises(BadBlock, match="You blocked Bob"):
            await room.post(ann, "still there?", f"a2 {room.info.id}")
    # With others in it, it is a conversation like any other.
    cid = (await sign_in(workspace, "Cid"))[0]
    group = await workspace.rooms.get_or_create_direct(bob, [ann, cid])
    await group.post(ann, "hello both", "a3")
    assert not (await in_memory_and_stored(workspace, store, ann, group)).is_closed
    await workspace.blocks.unblock(ann, bob.id)
    membership = await in_memory_and_stored(workspace, store, ann, direct)
    assert (membership.is_closed, membership.unread) == (False, 2)
    await direct.post(ann, "now I do", "a4")


async def test_event_names_those_who_see_another_row(
    workspace: Workspace,
    lobby: Room,
    ann: Person,
    bob: Person,
    outsider: Person,
    recorder: EventRecorder,
) -> None:
    await workspace.blocks.block(ann, bob)
    first = await lobby.post(bob, "hello", "b1")
    await lobby.post(outsider, "what?", "c1", quoted_number=first.number)
    await lobby.post(outsider, "well", "c2")
    events = [each for each in recorder.events_of_room(lobby.info.id) if _is_post(each)]
    looks = [set(each.own_look_ids) for each in events if isinstance(each, MessagesPosted)]
    assert looks[-3:] == [{ann.id}, {ann.id}, set()]


def _is_post(event: object) -> bool:
    return isinstance(event, MessagesPosted)


async def test_mention_by_a_blocked_person_makes_nobody_follow_a_thread(
    workspace: Workspace, lobby: Room, ann: Person, bob: Person
) -> None:
    own = await lobby.post(ann, "mine", "a1")
    other = await lobby.post(bob, "his", "b1")
    await workspace.blocks.block(ann, bob)
    for root in (own, other):
        thread = await workspace.rooms.get_or_create_thread(bob, lobby, root.number)
        await thread.post(bob, "@Ann look", f"b2 {root.number}")
        assert set(thread.members) == {bob.id}
        await thread.post(ann, "I follow it now", f"a2 {root.number}")
        assert set(thread.members) == {ann.id, bob.id}


async def test_report_by_a_blocked_person_reaches_the_moderator(
    workspace: Workspace, store: Store, owner: Person, ann: Person, bob: Person
) -> None:
    await workspace.ownership.claim_if_unowned(owner)
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    posted = await lobby.post(ann, "buy", "a1")
    await workspace.blocks.block(owner, bob)
    await workspace.memberships.session_connected(owner, "tab")
    await workspace.reports.report(bob, lobby, posted.number, ReportKind.SPAM)
    room = await workspace.rooms.moderators_room()
    assert room is not None
    membership = await in_memory_and_stored(workspace, store, owner, room)
    assert (membership.unread, membership.unread_mentions) == (1, 1)
    (report,) = (await room.newest(owner)).messages
    assert not workspace.blocks.hides(owner.id, report)
    assert len((await workspace.search(owner, "buy", None))[1]) == 2
    # And a moderator who is blocked mutes all the same.
    await workspace.blocks.block(ann, owner)
    await workspace.moderation.mute(owner, ann, None)
    assert workspace.sanctions.silences(ann.id)
    workspace.memberships.session_disconnected(owner, "tab")


async def test_blocks_are_bounded_and_kept_until_the_person_leaves(
    workspace: Workspace,
    store: Store,
    ann: Person,
    bob: Person,
    outsider: Person,
    recorder: EventRecorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_LIMIT", 2)
    with pytest.raises(BadBlock, match="yourself"):
        await workspace.blocks.block(ann, ann)
    dora = (await sign_in(workspace, "Dora"))[0]
    for each in (bob, bob, outsider):
        await workspace.blocks.block(ann, each)
    assert recorder.events_of(person_topic(ann.id))[-2:] == [
        BlocksChanged(bob.id),
        BlocksChanged(outsider.id),
    ]
    with pytest.raises(BadBlock, match="You have blocked 2 people"):
        await workspace.blocks.block(ann, dora)
    await workspace.blocks.block(dora, ann)
    reopened = Blocks(store, publish=recorder.on_event)
    await reopened.open()
    assert reopened.of(ann.id) == {bob.id, outsider.id}
    assert await reopened.people(ann) == (outsider, bob)
    assert reopened.blockers_of((ann.id, bob.id)) == {ann.id, dora.id}
    await workspace.sign_out(ann)
    assert workspace.blocks.of(ann.id) == frozenset()
    assert await store.blocks() == ((dora.id, ann.id),)


async def test_person_blocks_and_unblocks_so_many_times_within_a_minute(
    workspace: Workspace, ann: Person, bob: Person
) -> None:
    for n in itertools.count():
        try:
            if n % 2:
                await workspace.blocks.unblock(ann, bob.id)
            else:
                await workspace.blocks.block(ann, bob)
        except BadBlock as error:
            assert "within a minute" in str(error)
            break
    assert n == blocks.MAX_BLOCK_CHANGES


def test_online_people_without_some() -> None:
    people = tuple(Person(n, name) for n, name in enumerate(("Ann", "Bob", "Cid")))
    online = OnlinePeople(people, frozenset({1, 2}))
    assert online.without(frozenset({9})) is online
    assert online.without(frozenset({1})) == OnlinePeople((people[0], people[2]), frozenset({2}))
