"""Deleted messages: gone at once from everywhere, and for a while restored as they were."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from chat.errors import ChatError, NoSuchMessage, RoomArchived, TooLateToUndo
from chat.model.messages import Message
from chat.model.people import Person
from chat.model.rooms import Membership
from chat.rooms import deletions
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.domain import (
    EventRecorder,
    ReplayedRoom,
    open_workspace,
    settled,
    upload_file,
)
from tests.harness.waiting import wait_until

Prepare = Callable[[Workspace, Room, Person, Person], Awaitable[Message]]


async def plain(workspace: Workspace, room: Room, ann: Person, bob: Person) -> Message:
    return await room.post(ann, "needle", "m")


async def annotated(workspace: Workspace, room: Room, ann: Person, bob: Person) -> Message:
    posted = await room.post(ann, "before", "m")
    for n in range(3):
        await room.edit(ann, posted.number, f"@Bob needle {n}")
    for person in (bob, ann):
        for emoji in "👍🎉":
            await room.react(person, posted.number, emoji)
    await room.pin(bob, posted.number, pinned=True)
    return posted


async def poll(workspace: Workspace, room: Room, ann: Person, bob: Person) -> Message:
    posted = await room.post_poll(ann, "needle?", ("a", "b", "c"), "m")
    for person, option in ((bob, 2), (ann, 2), (ann, 0)):
        await room.vote(person, posted.number, option)
    await room.close_poll(ann, posted.number)
    return posted


async def with_files(workspace: Workspace, room: Room, ann: Person, bob: Person) -> Message:
    names = ("needle.txt", "two.bin")
    ids = [await upload_file(workspace, ann, room, name, name.encode()) for name in names]
    return await room.post(ann, "", "m", upload_ids=ids)


async def quoted(workspace: Workspace, room: Room, ann: Person, bob: Person) -> Message:
    posted = await room.post(ann, "needle", "m")
    await room.post(bob, "quoting", "q", posted.number)
    return posted


async def quoting(workspace: Workspace, room: Room, ann: Person, bob: Person) -> Message:
    first = await room.post(bob, "first", "f")
    posted = await room.post(ann, "needle", "m", first.number)
    await room.delete(bob, first.number)
    return posted


async def root(workspace: Workspace, room: Room, ann: Person, bob: Person) -> Message:
    posted = await room.post(ann, "needle", "m")
    thread = await workspace.rooms.get_or_create_thread(ann, room, posted.number)
    await thread.post(bob, "reply", "r")
    return posted


KINDS: list[Prepare] = [plain, annotated, poll, with_files, quoted, quoting, root]


@pytest.fixture
async def room(workspace: Workspace, public_room: Room, bob: Person) -> Room:
    """A public room of Ann and Bob."""
    return await workspace.rooms.enter(bob, public_room.info.slug)


async def found_numbers(workspace: Workspace, person: Person) -> list[int]:
    """The numbers of the messages that a search for “needle” finds."""
    return [hit.message.number for hit in (await workspace.search(person, "needle", None))[1]]


async def page_of(room: Room, person: Person) -> list[Message]:
    """All messages, without their change numbers."""
    page = await room.newest(person, 100)
    return [replace(each, change_number=0) for each in page.messages]


@pytest.mark.parametrize("prepare", KINDS, ids=lambda each: each.__name__)
async def test_restored_message_is_as_it_was_everywhere(
    workspace: Workspace,
    recorder: EventRecorder,
    room: Room,
    ann: Person,
    bob: Person,
    prepare: Prepare,
) -> None:
    number = (await prepare(workspace, room, ann, bob)).number
    before, revisions = await page_of(room, ann), await room.revisions(ann, number)
    pinned, mentions = await room.pinned(ann), await workspace.mentions(bob)
    rooms = [each.room.title for each in await _memberships(workspace, ann)]
    replayed = await ReplayedRoom(recorder, room, ann).load()
    assert await found_numbers(workspace, bob) == [number]
    await room.delete(ann, number)
    await replayed.assert_matches_store()
    deleted = await room.message(ann, number)
    assert (deleted.deleted, deleted.text, deleted.files, deleted.poll) == (True, "", (), None)
    assert await found_numbers(workspace, bob) == []
    await room.restore(ann, number)
    await replayed.assert_matches_store()
    assert await page_of(room, ann) == before
    assert await room.revisions(ann, number) == revisions
    assert [each.number for each in await room.pinned(ann)] == [each.number for each in pinned]
    assert [n for n, _ in await workspace.mentions(bob)] == [n for n, _ in mentions]
    assert await found_numbers(workspace, bob) == [number]
    assert [each.room.title for each in await _memberships(workspace, ann)] == rooms
    for file in before[-1].files:
        assert (await workspace.downloads.file(bob, file.id)).size == file.size


async def _memberships(workspace: Workspace, person: Person) -> tuple[Membership, ...]:
    await workspace.memberships.session_connected(person, "tab")
    await settled(workspace)
    found = workspace.memberships.for_person(person)
    workspace.memberships.session_disconnected(person, "tab")
    return found


async def test_restored_reply_and_its_root_come_back(
    workspace: Workspace, room: Room, ann: Person, bob: Person
) -> None:
    posted = await room.post(ann, "root", "m")
    thread = await workspace.rooms.get_or_create_thread(ann, room, posted.number)
    reply = await thread.post(bob, "reply", "r")
    await room.delete(ann, posted.number)
    await thread.delete(bob, reply.number)
    assert (await room.message(ann, posted.number)).erased
    await thread.restore(bob, reply.number)
    seen = await room.message(ann, posted.number)
    assert (seen.deleted, seen.erased, seen.replies) == (True, False, 1)
    await room.restore(ann, posted.number)
    seen = await room.message(ann, posted.number)
    assert (seen.text, seen.deleted, seen.replies) == ("root", False, 1)
    assert (await workspace.rooms.by_id(ann, thread.info.id)).info.title == "root"


async def test_restored_message_counts_as_unread_again(
    workspace: Workspace, room: Room, ann: Person, bob: Person
) -> None:
    await workspace.memberships.session_connected(bob, "tab")
    posted = await room.post(ann, "@Bob look", "m")

    def counts() -> tuple[int, int]:
        membership = workspace.memberships.get(bob, room.info.id)
        assert membership is not None
        return membership.unread, membership.unread_mentions

    await wait_until(lambda: counts() == (1, 1), 20, 0.01)
    await room.delete(ann, posted.number)
    await wait_until(lambda: counts() == (0, 0), 20, 0.01)
    await room.restore(ann, posted.number)
    await wait_until(lambda: counts() == (1, 1), 20, 0.01)


async def test_only_the_person_who_deleted_a_message_restores_it_and_only_once(
    workspace: Workspace, room: Room, owner: Person, ann: Person, bob: Person
) -> None:
    await workspace.rooms.enter(owner, room.info.slug)
    posted = await room.post(bob, "rude", "m")
    await room.delete(owner, posted.number)
    for other in (ann, bob):
        with pytest.raises(TooLateToUndo):
            await room.restore(other, posted.number)
    await room.restore(owner, posted.number)
    for number in (posted.number, 4711):
        with pytest.raises(TooLateToUndo):
            await room.restore(owner, number)
    await room.delete(owner, posted.number)
    await workspace.rooms.set_archived(ann, room, archived=True)
    with pytest.raises(RoomArchived):
        await room.restore(owner, posted.number)


@pytest.mark.parametrize("timings", [Timings(undo_time=0.05)])
async def test_message_and_its_files_are_gone_after_the_time_to_undo(
    workspace: Workspace, tmp_path: Path, room: Room, ann: Person
) -> None:
    upload_id = await upload_file(workspace, ann, room, "a.txt", b"secret content")
    posted = await room.post(ann, "", "m", upload_ids=[upload_id])
    await room.delete(ann, posted.number)
    folder = tmp_path / "files"
    await wait_until(lambda: not any(each.is_file() for each in folder.rglob("*")), 20, 0.01)
    with pytest.raises(TooLateToUndo):
        await room.restore(ann, posted.number)


async def test_deletion_wins_if_the_process_ends_before_the_time_to_undo(
    workspace: Workspace, tmp_path: Path, room: Room, ann: Person
) -> None:
    upload_id = await upload_file(workspace, ann, room, "a.txt", b"secret content")
    posted = await room.post(ann, "a very long secret", "m", upload_ids=[upload_id])
    await room.edit(ann, posted.number, "another secret")
    await room.delete(ann, posted.number)
    await workspace.close()
    workspace, _ = await open_workspace(tmp_path, lambda topic, event: None)
    room = await workspace.rooms.by_slug(ann, room.info.slug)
    assert (await room.message(ann, posted.number)).erased
    assert await room.revisions(ann, posted.number) == ()
    assert not any(each.is_file() for each in (tmp_path / "files").rglob("*"))
    with pytest.raises(TooLateToUndo):
        await room.restore(ann, posted.number)
    await workspace.close()


async def test_deleted_messages_in_memory_are_bounded(
    room: Room, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "UNDO_SIZE_LIMIT", 25_000)
    numbers = [(await room.post(ann, f"{n}" * 5_000, f"m{n}")).number for n in range(8)]
    for number in numbers:
        await room.delete(ann, number)
    outcomes = []
    for number in numbers:
        try:
            await room.restore(ann, number)
        except ChatError as error:
            assert isinstance(error, TooLateToUndo)
            outcomes.append(False)
        else:
            outcomes.append(True)
    assert outcomes == [False] * 4 + [True] * 4


async def test_restoring_twice_in_the_store_is_refused(
    store: Store, room: Room, ann: Person
) -> None:
    posted = await room.post(ann, "one", "m")
    _, deleted = await store.delete(room.info.id, posted.number, ann.id)
    await store.restore(deleted)
    with pytest.raises(NoSuchMessage):
        await store.restore(deleted)
