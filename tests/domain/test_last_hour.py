"""The last hour of a person: a moderator deletes it at once, where they act on the person."""

from datetime import UTC, datetime, timedelta

import pytest

from chat.errors import TooLateToUndo
from chat.model.moderation import AuditAct
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.workspace.last_hour import DELETION_LIMIT
from chat.workspace.workspace import Workspace


async def texts_in(room: Room, reader: Person) -> list[str]:
    """The texts of a room that are not deleted."""
    page = await room.newest(reader)
    return [each.text for each in page.messages if each.text and not each.deleted]


async def test_moderator_deletes_the_last_hour_where_they_moderate_and_may_undo_it(
    workspace: Workspace, store: Store, ann: Person, bob: Person, private_room: Room
) -> None:
    rooms, last_hour = workspace.rooms, workspace.last_hour
    # Ann made the first two rooms. Nobody moderates a conversation, and the other is Bob's own.
    other = await rooms.create(ann, "Second", invited=[bob])
    direct = await rooms.get_or_create_direct(ann, [bob])
    own = await rooms.create(bob, "Third", RoomKind.PRIVATE, invited=[ann])
    for room in (private_room, other, direct, own):
        for n in range(2):
            await room.post(bob, f"b{n}", f"bob {room.info.id} {n}")
        await room.post(ann, "by Ann", f"ann {room.info.id}")
    before = await texts_in(private_room, ann)
    found = await last_hour.find(ann, bob)
    assert {each.room.info.id for each in found} == {private_room.info.id, other.info.id}
    assert {each.room for each in await last_hour.find(bob, ann)} == {own}
    # One of them is gone meanwhile.
    await private_room.delete(bob, found[-1].number)
    deleted = await last_hour.delete(ann, bob, found)
    assert len(deleted) == len(found) - 1 == 3
    for room in (private_room, other):
        assert "b1" not in await texts_in(room, ann)
        assert "by Ann" in await texts_in(room, ann)
    for room in (direct, own):
        assert "b1" in await texts_in(room, bob)
    (entry,) = await store.audit_page(None, 10)
    assert (entry.act, entry.actor, entry.person, entry.detail) == (
        AuditAct.MESSAGES_DELETED,
        ann,
        bob,
        "4",
    )
    await last_hour.restore(ann, deleted)
    assert await texts_in(private_room, ann) == [each for each in before if each != "b0"]
    assert await last_hour.find(ann, bob) == deleted
    with pytest.raises(TooLateToUndo):
        await last_hour.restore(ann, deleted)


async def test_only_the_last_texts_since_a_time_are_found(
    store: Store, ann: Person, public_room: Room
) -> None:
    numbers = [(await public_room.post(ann, str(n), f"a{n}")).number for n in range(3)]
    now, room_id = datetime.now(UTC), public_room.info.id
    found = await store.messages_since(ann.id, now - timedelta(hours=1), 2)
    assert found == ((room_id, numbers[2]), (room_id, numbers[1]))
    assert await store.messages_since(ann.id, now + timedelta(seconds=1), DELETION_LIMIT) == ()
