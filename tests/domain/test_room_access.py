"""Access: a room that a person may not read gives the same errors as a room that does not exist."""

import inspect
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from chat.errors import (
    ModeratorRequired,
    NoSuchMessage,
    NoSuchRoom,
)
from chat.model.people import Person
from chat.model.rooms import NotificationLevel
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.text.dice import Dice
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, entries_of

# The error for a room that does not exist.
NO_SUCH_ROOM = str(NoSuchRoom())


# All operations on a Room, or on the address of one.
RoomOperation = Callable[[Workspace, Room, Person, Person], Awaitable[object]]

READ_OPERATIONS: dict[str, RoomOperation] = {
    "room.revisions": lambda h, r, who, _: r.revisions(who, 1),
    "room.last_own_message": lambda h, r, who, _: r.last_own_message(who),
    "room.newest": lambda h, r, who, _: r.newest(who),
    "room.before": lambda h, r, who, _: r.before(who, 2),
    "room.after": lambda h, r, who, _: r.after(who, 0),
    "room.around": lambda h, r, who, _: r.around(who, 1),
    "room.number_at": lambda h, r, who, _: r.number_at(who, datetime.now(UTC)),
    "room.pinned": lambda h, r, who, _: r.pinned(who),
    "room.message": lambda h, r, who, _: r.message(who, 1),
    "room.save_draft": lambda h, r, who, _: r.save_draft(who, "dear"),
    "room.restore_draft": lambda h, r, who, _: r.restore_draft(who, "dear"),
    "room.draft": lambda h, r, who, _: r.draft(who),
    "rooms.by_slug": lambda h, r, who, _: h.rooms.by_slug(who, r.info.slug),
    "rooms.by_id": lambda h, r, who, _: h.rooms.by_id(who, r.info.id),
    "rooms.leave": lambda h, r, who, _: h.rooms.leave(who, r),
}
JOIN_OPERATIONS: dict[str, RoomOperation] = {
    "rooms.enter": lambda h, r, who, _: h.rooms.enter(who, r.info.slug),
    "rooms.join": lambda h, r, who, _: h.rooms.join(who, r),
}
MEMBER_OPERATIONS: dict[str, RoomOperation] = {
    "room.begin_upload": lambda h, r, who, _: r.begin_upload(who, "plan.pdf", 1000),
    "room.post": lambda h, r, who, _: r.post(who, "hello", "new"),
    "room.post_poll": lambda h, r, who, _: r.post_poll(who, "Lunch?", ["Soup", "Salad"], "asked"),
    "room.vote": lambda h, r, who, _: r.vote(who, 1, 0),
    "room.close_poll": lambda h, r, who, _: r.close_poll(who, 1),
    "room.roll": lambda h, r, who, _: r.roll(who, Dice(1, 6), "thrown"),
    "room.edit": lambda h, r, who, _: r.edit(who, 1, "hello"),
    "room.delete": lambda h, r, who, _: r.delete(who, 1),
    "room.react": lambda h, r, who, _: r.react(who, 1, "👍"),
    "room.pin": lambda h, r, who, _: r.pin(who, 1, pinned=True),
    "rooms.get_or_create_thread": lambda h, r, who, _: h.rooms.get_or_create_thread(
        who, r, _first_message(r)
    ),
    "rooms.invite": lambda h, r, who, guest: h.rooms.invite(who, r, guest),
    "rooms.set_notification_level": lambda h, r, who, _: h.rooms.set_notification_level(
        who, r, NotificationLevel.NOTHING
    ),
    "rooms.set_topic": lambda h, r, who, _: h.rooms.set_topic(who, r, "roses"),
}
MODERATOR_OPERATIONS: dict[str, RoomOperation] = {
    "rooms.rename": lambda h, r, who, _: h.rooms.rename(who, r, "Roses"),
    "rooms.set_archived": lambda h, r, who, _: h.rooms.set_archived(who, r, archived=True),
}
# Operations with invalid arguments: access is checked before the arguments are.
INVALID_OPERATIONS: dict[str, RoomOperation] = {
    "room.post": lambda h, r, who, _: r.post(who, "", "new"),
    "room.begin_upload": lambda h, r, who, _: r.begin_upload(who, "", 0),
    "room.post a file": lambda h, r, who, _: r.post(who, "", "new", upload_ids=["4711"]),
    "room.post an answer": lambda h, r, who, _: r.post(who, "hello", "new", quoted_number=4711),
    "room.post_poll": lambda h, r, who, _: r.post_poll(who, "", [], "asked"),
    "room.vote": lambda h, r, who, _: r.vote(who, 4711, -1),
    "room.edit": lambda h, r, who, _: r.edit(who, 4711, ""),
    "room.delete": lambda h, r, who, _: r.delete(who, 4711),
    "room.react": lambda h, r, who, _: r.react(who, 4711, "no emoji"),
    "room.message": lambda h, r, who, _: r.message(who, 4711),
    "rooms.get_or_create_thread": lambda h, r, who, _: h.rooms.get_or_create_thread(who, r, 4711),
    "rooms.invite": lambda h, r, who, guest: h.rooms.invite(who, r, who),
    "rooms.rename": lambda h, r, who, _: h.rooms.rename(who, r, ""),
    "rooms.set_topic": lambda h, r, who, _: h.rooms.set_topic(who, r, "x" * 1000),
}
ALL_OPERATIONS = READ_OPERATIONS | JOIN_OPERATIONS | MEMBER_OPERATIONS | MODERATOR_OPERATIONS

# Methods that do not concern one room, or that only the workspace itself calls.
NOT_ROOM_SPECIFIC = {
    "rooms.all_people",
    "rooms.public_rooms",
    "rooms.create",
    "rooms.get_or_create_direct",
    "rooms.remove_person",
}
OF_THE_WORKSPACE = {
    "rooms.close",
    "rooms.update_thread_title",
    "room.post_system_message",
    "room.close",
}


def _first_message(room: Room) -> int:
    """The number of a message that each room of these tests has from the beginning."""
    return room.last_number


def test_every_public_room_operation_is_in_the_access_tables() -> None:
    public = {
        f"{owner}.{name}"
        for owner, kind in (("room", Room), ("rooms", RoomDirectory))
        for name, _ in inspect.getmembers(kind, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    assert public == ALL_OPERATIONS.keys() | NOT_ROOM_SPECIFIC | OF_THE_WORKSPACE


@pytest.fixture(params=["private", "direct", "thread of a private room"])
async def forbidden_room(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    private_room: Room,
    ann: Person,
    bob: Person,
) -> Room:
    """A room that Cid may not read."""
    room = private_room
    if request.param == "direct":
        room = await workspace.rooms.get_or_create_direct(ann, [bob])
    told = await room.post(ann, "secret", "s1")
    if request.param.startswith("thread"):
        room = await workspace.rooms.get_or_create_thread(bob, room, told.number)
        await room.post(bob, "secret reply", "s2")
    return room


async def test_outsider_gets_the_same_error_for_a_private_and_a_missing_room(
    workspace: Workspace,
    store: Store,
    forbidden_room: Room,
    outsider: Person,
    ann: Person,
    recorder: EventRecorder,
) -> None:
    before = (await forbidden_room.newest(ann), dict(forbidden_room.members), forbidden_room.info)
    for name, ask in (
        ALL_OPERATIONS | {f"{name}, wrong": ask for name, ask in INVALID_OPERATIONS.items()}
    ).items():
        with pytest.raises(NoSuchRoom) as error:
            await ask(workspace, forbidden_room, outsider, ann)
        assert str(error.value) == NO_SUCH_ROOM, name
    recorder.events.clear()
    forbidden_room.report_typing(outsider)
    assert recorder.events == []
    assert not forbidden_room.can_read(outsider)
    assert (
        await forbidden_room.newest(ann),
        dict(forbidden_room.members),
        forbidden_room.info,
    ) == before
    assert await store.memberships(outsider.id, forbidden_room.info.id) == ()
    for path in (f"/room/{forbidden_room.info.slug}", "/room/nowhere"):
        with pytest.raises(NoSuchRoom) as error:
            await workspace.resolve(outsider, path)
        assert str(error.value) == NO_SUCH_ROOM
    with pytest.raises(NoSuchRoom, match=NO_SUCH_ROOM):
        await workspace.rooms.by_slug(outsider, "nowhere")
    with pytest.raises(NoSuchRoom, match=NO_SUCH_ROOM):
        await workspace.rooms.by_id(outsider, 4711)


@pytest.mark.parametrize("name", [*MEMBER_OPERATIONS, *MODERATOR_OPERATIONS])
async def test_non_member_of_a_public_room_may_read_but_not_change(
    workspace: Workspace, public_room: Room, ann: Person, outsider: Person, name: str
) -> None:
    await public_room.post(ann, "roses", "a1")
    before = await entries_of(public_room, ann)
    with pytest.raises(ModeratorRequired if name in MODERATOR_OPERATIONS else NoSuchRoom):
        await ALL_OPERATIONS[name](workspace, public_room, outsider, ann)
    assert await entries_of(public_room, ann) == before
    for ask in READ_OPERATIONS.values():
        await ask(workspace, public_room, outsider, ann)


MessageOperation = Callable[[Workspace, Room, Person, int], Awaitable[object]]

MESSAGE_OPERATIONS: dict[str, MessageOperation] = {
    "edit": lambda h, r, who, n: r.edit(who, n, "other words"),
    "delete": lambda h, r, who, n: r.delete(who, n),
    "react": lambda h, r, who, n: r.react(who, n, "👍"),
    "pin": lambda h, r, who, n: r.pin(who, n, pinned=True),
    "unpin": lambda h, r, who, n: r.pin(who, n, pinned=False),
    "vote": lambda h, r, who, n: r.vote(who, n, 0),
    "close a poll": lambda h, r, who, n: r.close_poll(who, n),
    "quote": lambda h, r, who, n: r.post(who, "an answer", f"new {n}", quoted_number=n),
    "thread": lambda h, r, who, n: h.rooms.get_or_create_thread(who, r, n),
}


@pytest.mark.parametrize("doing", MESSAGE_OPERATIONS)
async def test_message_operations_refuse_missing_deleted_and_system_messages(
    workspace: Workspace, public_room: Room, ann: Person, recorder: EventRecorder, doing: str
) -> None:
    await workspace.rooms.rename(ann, public_room, "A title that could be quoted")
    plain, kept = [await public_room.post(ann, str(n), f"a{n}") for n in range(2)]
    await public_room.post(ann, "it hangs on it", "a2", quoted_number=kept.number)
    for each in (plain, kept):
        await public_room.delete(ann, each.number)
    before = await public_room.newest(ann)
    recorder.events.clear()
    for number in (1, 2, plain.number, kept.number, 99, 0, -1, 2**31, 2**53, 2**63, -(2**70)):
        with pytest.raises(NoSuchMessage) as error:
            await MESSAGE_OPERATIONS[doing](workspace, public_room, ann, number)
        assert str(error.value) == str(NoSuchMessage())
    assert await public_room.newest(ann) == before
    assert recorder.events == []


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**53, 2**63, -(2**70), 10**30])
async def test_pages_around_an_impossible_number_clamp_to_the_ends(
    public_room: Room, ann: Person, number: int
) -> None:
    await public_room.post(ann, "roses", "a1")
    shown = [each.number for each in (await public_room.around(ann, number)).messages]
    assert shown in ([1, 2], [])
    assert (await public_room.before(ann, number)).has_newer is (number <= 2)
    assert (await public_room.after(ann, number)).has_newer is False
    assert await public_room.revisions(ann, number) == ()
