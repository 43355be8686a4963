"""Access: a room that a person may not read gives the same errors as a room that does not exist."""

import inspect
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from chat.drawings.views import NewView
from chat.errors import (
    ModeratorRequired,
    NoSuchMessage,
    NoSuchRoom,
)
from chat.model.people import Person
from chat.model.programs import Via
from chat.model.rooms import NotificationLevel
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.text.dice import Dice
from chat.text.snippets import LANGUAGES
from chat.workspace.workspace import Workspace
from tests.harness.domain import EventRecorder, entries_of

# The error for a room that does not exist.
NO_SUCH_ROOM = str(NoSuchRoom())


# All operations on a Room, or on the address of one.
RoomOperation = Callable[[Workspace, Room, Person, Person], Awaitable[object]]

READ_OPERATIONS: dict[str, RoomOperation] = {
    "room.revisions": lambda workspace, room, person, _: room.revisions(person, 1),
    "room.require_visible": lambda workspace, room, person, _: room.require_visible(person, 1),
    "room.last_own_message": lambda workspace, room, person, _: room.last_own_message(person),
    "room.newest": lambda workspace, room, person, _: room.newest(person),
    "room.before": lambda workspace, room, person, _: room.before(person, 2),
    "room.after": lambda workspace, room, person, _: room.after(person, 0),
    "room.around": lambda workspace, room, person, _: room.around(person, 1),
    "room.number_at": lambda workspace, room, person, _: room.number_at(person, datetime.now(UTC)),
    "room.pinned": lambda workspace, room, person, _: room.pinned(person),
    "room.files": lambda workspace, room, person, _: room.files(person, pictures=True),
    "room.message": lambda workspace, room, person, _: room.message(person, 1),
    "room.message_with_previous": lambda workspace, room, person, _: room.message_with_previous(
        person, 1
    ),
    "room.save_draft": lambda workspace, room, person, _: room.save_draft(person, "dear"),
    "room.draft": lambda workspace, room, person, _: room.draft(person),
    "rooms.by_slug": lambda workspace, room, person, _: workspace.rooms.by_slug(
        person, room.info.slug
    ),
    "rooms.by_id": lambda workspace, room, person, _: workspace.rooms.by_id(person, room.info.id),
    "rooms.leave": lambda workspace, room, person, _: workspace.rooms.leave(person, room),
    "rooms.find_thread": lambda workspace, room, person, _: workspace.rooms.find_thread(
        person, room, _first_message(room)
    ),
}
JOIN_OPERATIONS: dict[str, RoomOperation] = {
    "rooms.enter": lambda workspace, room, person, _: workspace.rooms.enter(person, room.info.slug),
    "rooms.join": lambda workspace, room, person, _: workspace.rooms.join(person, room),
}
MEMBER_OPERATIONS: dict[str, RoomOperation] = {
    "room.begin_upload": lambda workspace, room, person, _: room.begin_upload(
        person, "plan.pdf", 1000
    ),
    "room.post": lambda workspace, room, person, _: room.post(person, "hello", "new"),
    "room.begin_stream": lambda workspace, room, person, _: room.begin_stream(person, "", "new"),
    "room.write_stream": lambda workspace, room, person, _: _stream(room, person),
    "room.end_stream": lambda workspace, room, person, _: _stream(room, person),
    "room.set_via": lambda workspace, room, person, _: _set_via(room, person),
    "room.set_view": lambda workspace, room, person, _: _set_view(room, person),
    "room.post_poll": lambda workspace, room, person, _: room.post_poll(
        person, "Lunch?", ["Soup", "Salad"], "new"
    ),
    "room.post_snippet": lambda workspace, room, person, _: room.post_snippet(
        person, "x = 1", LANGUAGES[0], "new"
    ),
    "room.upload_text": lambda workspace, room, person, _: room.upload_text(
        person, "plan.txt", "roses"
    ),
    "room.forward": lambda workspace, room, person, _: room.forward(
        person, 1, room, "http://chat.example/1", "", "new"
    ),
    "room.vote": lambda workspace, room, person, _: room.vote(person, 1, 0),
    "room.close_poll": lambda workspace, room, person, _: room.close_poll(person, 1),
    "room.roll": lambda workspace, room, person, _: room.roll(person, Dice(1, 6), "new"),
    "room.edit": lambda workspace, room, person, _: room.edit(person, 1, "hello"),
    "room.delete": lambda workspace, room, person, _: room.delete(person, 1),
    "room.restore": lambda workspace, room, person, _: _delete_and_restore(room, person),
    "room.react": lambda workspace, room, person, _: room.react(person, 1, "👍"),
    "room.pin": lambda workspace, room, person, _: room.pin(person, 1, pinned=True),
    "rooms.get_or_create_thread": lambda workspace, room, person, _: (
        workspace.rooms.get_or_create_thread(person, room, _first_message(room))
    ),
    "rooms.invite": lambda workspace, room, person, other: workspace.rooms.invite(
        person, room, other
    ),
    "rooms.close_direct": lambda workspace, room, person, _: workspace.rooms.close_direct(
        person, room
    ),
    "rooms.set_notification_level": lambda workspace, room, person, _: (
        workspace.rooms.set_notification_level(person, room, NotificationLevel.NOTHING)
    ),
    "rooms.set_favourite": lambda workspace, room, person, _: workspace.rooms.set_favourite(
        person, room, favourite=True
    ),
    "rooms.set_topic": lambda workspace, room, person, _: workspace.rooms.set_topic(
        person, room, "roses"
    ),
}
MODERATOR_OPERATIONS: dict[str, RoomOperation] = {
    "rooms.rename": lambda workspace, room, person, _: workspace.rooms.rename(
        person, room, "Roses"
    ),
    "rooms.set_archived": lambda workspace, room, person, _: workspace.rooms.set_archived(
        person, room, archived=True
    ),
    "rooms.remove": lambda workspace, room, person, other: workspace.rooms.remove(
        person, room, other
    ),
    "rooms.set_slow_mode": lambda workspace, room, person, _: workspace.rooms.set_slow_mode(
        person, room, 30
    ),
    "rooms.set_moderator": lambda workspace, room, person, other: workspace.rooms.set_moderator(
        person, room, other, moderates=True
    ),
}
# Operations with invalid arguments: access is checked before the arguments are.
INVALID_OPERATIONS: dict[str, RoomOperation] = {
    "room.post": lambda workspace, room, person, _: room.post(person, "", "new"),
    "room.begin_upload": lambda workspace, room, person, _: room.begin_upload(person, "", 0),
    "room.post a file": lambda workspace, room, person, _: room.post(
        person, "", "new", upload_ids=["4711"]
    ),
    "room.post a quote": lambda workspace, room, person, _: room.post(
        person, "hello", "new", quoted_number=4711
    ),
    "room.begin_stream": lambda workspace, room, person, _: room.begin_stream(
        person, "x" * 10**6, "new"
    ),
    "room.write_stream": lambda workspace, room, person, _: room.write_stream(person, 4711, ""),
    "room.end_stream": lambda workspace, room, person, _: room.end_stream(person, 4711, ""),
    "room.set_via": lambda workspace, room, person, _: room.set_via(person, 4711, Via()),
    "room.set_view": lambda workspace, room, person, _: room.set_view(person, 4711, None),
    "room.post_poll": lambda workspace, room, person, _: room.post_poll(person, "", [], "new"),
    "room.post_snippet": lambda workspace, room, person, _: room.post_snippet(
        person, "", LANGUAGES[0], "new"
    ),
    "room.upload_text": lambda workspace, room, person, _: room.upload_text(person, "", ""),
    "room.forward": lambda workspace, room, person, _: room.forward(
        person, 4711, room, "", "x" * 10**6, "new"
    ),
    "room.vote": lambda workspace, room, person, _: room.vote(person, 4711, -1),
    "room.edit": lambda workspace, room, person, _: room.edit(person, 4711, ""),
    "room.delete": lambda workspace, room, person, _: room.delete(person, 4711),
    "room.restore": lambda workspace, room, person, _: room.restore(person, 4711),
    "room.react": lambda workspace, room, person, _: room.react(person, 4711, "no emoji"),
    "room.message": lambda workspace, room, person, _: room.message(person, 4711),
    "rooms.get_or_create_thread": lambda workspace, room, person, _: (
        workspace.rooms.get_or_create_thread(person, room, 4711)
    ),
    "rooms.invite": lambda workspace, room, person, other: workspace.rooms.invite(
        person, room, person
    ),
    "rooms.rename": lambda workspace, room, person, _: workspace.rooms.rename(person, room, ""),
    "rooms.remove": lambda workspace, room, person, other: workspace.rooms.remove(
        person, room, person
    ),
    "rooms.set_topic": lambda workspace, room, person, _: workspace.rooms.set_topic(
        person, room, "x" * 1000
    ),
}
ALL_OPERATIONS = READ_OPERATIONS | JOIN_OPERATIONS | MEMBER_OPERATIONS | MODERATOR_OPERATIONS

# Methods that do not concern one room, or that only the workspace itself calls.
NOT_ROOM_SPECIFIC = {
    "rooms.all_people",
    "rooms.is_public",
    "rooms.may_read",
    "rooms.public_rooms",
    "rooms.public_room_summaries",
    "rooms.open",
    "rooms.admit_guest",
    "rooms.create",
    "rooms.get_or_create_direct",
    "rooms.remove_person",
    "rooms.rooms_in_common",
    "rooms.memberships_of",
    "rooms.moderators_room",
}
WORKSPACE_ONLY = {
    # Asked for the rights of many programs at once: it gives the rules, and nothing of the room.
    "rooms.access",
    "rooms.close",
    "rooms.update_thread_title",
    "rooms.follow_roles",
    "room.post_system_message",
    # `Reports` calls them, for the moderators' room: `test_reports.py`.
    "room.post_report",
    "room.settle_report",
    "room.close",
}


async def _stream(room: Room, person: Person) -> None:
    """Write a message piece by piece."""
    number = (await room.begin_stream(person, "", "stream")).number
    await room.write_stream(person, number, "half")
    await room.end_stream(person, number, "half of it")


async def _set_via(room: Room, person: Person) -> None:
    """Say how a message of the person was sent."""
    number = (await room.post(person, "an alert", "alert")).number
    await room.set_via(person, number, Via("ops", count=2))


async def _set_view(room: Room, person: Person) -> None:
    """Give a message of the person live controls, and take them away."""
    view = NewView("deploy", {}, {"type": "Text", "value": "1.4"}).checked()
    number = (await room.post(person, "1.4", "view", view=view)).number
    await room.set_view(person, number, None, "1.4 is live")


async def _delete_and_restore(room: Room, person: Person) -> None:
    """Delete a message of the person, and undo that."""
    number = (await room.post(person, "a slip", "slip")).number
    await room.delete(person, number)
    await room.restore(person, number)


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
    assert public == ALL_OPERATIONS.keys() | NOT_ROOM_SPECIFIC | WORKSPACE_ONLY


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
    posted = await room.post(ann, "secret", "s1")
    if request.param.startswith("thread"):
        room = await workspace.rooms.get_or_create_thread(bob, room, posted.number)
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
    for name, operation in (
        ALL_OPERATIONS
        | {f"{name}, wrong": operation for name, operation in INVALID_OPERATIONS.items()}
    ).items():
        with pytest.raises(NoSuchRoom) as error:
            await operation(workspace, forbidden_room, outsider, ann)
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
    for operation in READ_OPERATIONS.values():
        await operation(workspace, public_room, outsider, ann)


MessageOperation = Callable[[Workspace, Room, Person, int], Awaitable[object]]

MESSAGE_OPERATIONS: dict[str, MessageOperation] = {
    "edit": lambda workspace, room, person, n: room.edit(person, n, "other words"),
    "delete": lambda workspace, room, person, n: room.delete(person, n),
    "react": lambda workspace, room, person, n: room.react(person, n, "👍"),
    "pin": lambda workspace, room, person, n: room.pin(person, n, pinned=True),
    "unpin": lambda workspace, room, person, n: room.pin(person, n, pinned=False),
    "vote": lambda workspace, room, person, n: room.vote(person, n, 0),
    "close a poll": lambda workspace, room, person, n: room.close_poll(person, n),
    "quote": lambda workspace, room, person, n: room.post(
        person, "a quote", f"new {n}", quoted_number=n
    ),
    "thread": lambda workspace, room, person, n: workspace.rooms.get_or_create_thread(
        person, room, n
    ),
}


@pytest.mark.parametrize("operation_name", MESSAGE_OPERATIONS)
async def test_message_operations_refuse_missing_deleted_and_system_messages(
    workspace: Workspace,
    public_room: Room,
    ann: Person,
    recorder: EventRecorder,
    operation_name: str,
) -> None:
    await workspace.rooms.rename(ann, public_room, "A title that could be quoted")
    unquoted, quoted = [await public_room.post(ann, str(n), f"a{n}") for n in range(2)]
    await public_room.post(ann, "a quote of it", "a2", quoted_number=quoted.number)
    for each in (unquoted, quoted):
        await public_room.delete(ann, each.number)
    before = await public_room.newest(ann)
    recorder.events.clear()
    for number in (1, 2, unquoted.number, quoted.number, 99, 0, -1, 2**31, 2**53, 2**63, -(2**70)):
        with pytest.raises(NoSuchMessage) as error:
            await MESSAGE_OPERATIONS[operation_name](workspace, public_room, ann, number)
        assert str(error.value) == str(NoSuchMessage())
    assert await public_room.newest(ann) == before
    assert recorder.events == []


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**53, 2**63, -(2**70), 10**30])
async def test_pages_around_an_impossible_number_clamp_to_the_ends(
    public_room: Room, ann: Person, number: int
) -> None:
    await public_room.post(ann, "roses", "a1")
    numbers = [each.number for each in (await public_room.around(ann, number)).messages]
    assert numbers in ([1, 2], [])
    assert (await public_room.before(ann, number)).has_newer is (number <= 2)
    assert (await public_room.after(ann, number)).has_newer is False
    assert await public_room.revisions(ann, number) == ()
