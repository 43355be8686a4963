"""Unread counts: those in memory equal the stored ones after any event; and notifications."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chat.errors import NotStored
from chat.model.events import MembershipUpdated, MessageNotification
from chat.model.people import Person
from chat.model.rooms import Membership, NotificationLevel, RoomId, RoomInfo, RoomKind
from chat.rooms.memberships import MembershipTimings
from chat.rooms.room import Room
from chat.rooms.unread_marks import UnreadMark, UnreadMarks
from chat.store.contract import Store
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.domain import NO_DELAY, EventRecorder, settled, sign_in
from tests.harness.waiting import wait_until


def saved_every(seconds: float) -> Timings:
    """Timings that save the read positions this often, and delay nothing else."""
    return replace(NO_DELAY, memberships=MembershipTimings(batch_delay=0.0, save_interval=seconds))


@pytest.fixture
def timings() -> Timings:
    return NO_DELAY


@pytest.fixture
async def people(workspace: Workspace) -> list[Person]:
    """Ann, who posts, and Bob and Cid, who are connected."""
    people = await sign_in(workspace, "Ann", "Bob", "Cid")
    for person in people[1:]:
        await workspace.memberships.session_connected(person, session_of(person))
    return people


@pytest.fixture
async def private_room(workspace: Workspace, people: list[Person]) -> Room:
    """A room of all three, without messages."""
    return await workspace.rooms.create(people[0], "Garden", RoomKind.PRIVATE, invited=people[1:])


def session_of(person: Person) -> str:
    """The id of a person's first session."""
    return f"tab of {person.name}"


def unread_counts(workspace: Workspace, person: Person, room: Room) -> tuple[int, int]:
    """The unread messages of a person in a room, and the mentions among them."""
    membership = workspace.memberships.get(person, room.info.id)
    assert membership is not None
    return membership.unread, membership.unread_mentions


async def assert_memberships_match_store(
    workspace: Workspace, store: Store, *people: Person
) -> None:
    """The memberships of connected people equal the stored ones. No one may view a room."""
    await settled(workspace)
    for person in people:
        assert workspace.memberships.for_person(person) == await store.memberships(person.id)


@pytest.mark.parametrize("timings", [saved_every(0.02)])
async def test_read_position_is_kept_in_memory_until_it_can_be_stored(
    workspace: Workspace,
    store: Store,
    people: list[Person],
    private_room: Room,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, bob, _ = people
    for n in range(3):
        await private_room.post(ann, str(n), f"a{n}")
    save_read_positions, attempts = store.save_read_positions, 0

    async def failing_save(_: object) -> None:
        nonlocal attempts
        attempts += 1
        raise NotStored

    monkeypatch.setattr(store, "save_read_positions", failing_save)
    workspace.memberships.start_viewing(
        bob, session_of(bob), private_room.info.id, private_room.last_number
    )
    workspace.memberships.stop_viewing(session_of(bob))
    workspace.memberships.session_disconnected(bob, session_of(bob))
    await workspace.memberships.session_connected(bob, session_of(bob))
    assert unread_counts(workspace, bob, private_room) == (0, 0)
    await wait_until(lambda: attempts > 3)
    monkeypatch.setattr(store, "save_read_positions", save_read_positions)
    await assert_memberships_match_store(workspace, store, bob)


async def test_messages_of_others_are_unread_and_own_are_not(
    workspace: Workspace,
    store: Store,
    people: list[Person],
    private_room: Room,
    recorder: EventRecorder,
) -> None:
    ann, bob, outsider = people
    for n, text in enumerate(("one", "two, @Bob", "three")):
        await private_room.post(ann, text, f"a{n}")
    await private_room.post(bob, "four", "b1")
    assert [unread_counts(workspace, person, private_room) for person in (bob, outsider)] == [
        (3, 1),
        (4, 0),
    ]
    assert workspace.memberships.for_person(ann) == ()
    await workspace.memberships.session_connected(ann, session_of(ann))
    assert unread_counts(workspace, ann, private_room) == (1, 0)
    await assert_memberships_match_store(workspace, store, *people)
    updates = [
        update.membership
        for update in recorder.membership_updates_of(bob)
        if update.room_id == private_room.info.id and update.membership
    ]
    assert (updates[-1].unread, updates[-1].unread_mentions) == (3, 1)


async def test_system_messages_are_not_unread(
    workspace: Workspace, store: Store, people: list[Person], private_room: Room
) -> None:
    ann, bob, _ = people
    await workspace.rooms.rename(ann, private_room, "Back yard")
    await workspace.rooms.set_topic(ann, private_room, "roses")
    assert unread_counts(workspace, bob, private_room) == (0, 0)
    await assert_memberships_match_store(workspace, store, bob)


async def test_viewing_in_one_session_clears_unread_in_all(
    workspace: Workspace, store: Store, people: list[Person], private_room: Room
) -> None:
    ann, bob, _ = people
    await workspace.memberships.session_connected(bob, "phone")
    await private_room.post(ann, "one", "a1")
    workspace.memberships.start_viewing(
        bob, "phone", private_room.info.id, private_room.last_number
    )
    workspace.memberships.start_viewing(
        bob, session_of(bob), private_room.info.id, private_room.last_number
    )
    assert unread_counts(workspace, bob, private_room) == (0, 0)
    await private_room.post(ann, "two", "a2")
    workspace.memberships.stop_viewing(session_of(bob))
    workspace.memberships.stop_viewing(session_of(bob))
    await private_room.post(ann, "three", "a3")
    assert unread_counts(workspace, bob, private_room) == (0, 0)
    workspace.memberships.session_disconnected(bob, "phone")
    await private_room.post(ann, "four, @Bob", "a4")
    assert unread_counts(workspace, bob, private_room) == (1, 1)
    await assert_memberships_match_store(workspace, store, bob)


async def test_viewing_another_room_stops_viewing_the_first(
    workspace: Workspace, store: Store, people: list[Person], private_room: Room
) -> None:
    ann, bob, _ = people
    lobby = await workspace.rooms.enter(bob, "lobby")
    workspace.memberships.start_viewing(
        bob, session_of(bob), private_room.info.id, private_room.last_number
    )
    workspace.memberships.start_viewing(bob, session_of(bob), lobby.info.id, lobby.last_number)
    await private_room.post(ann, "one", "a1")
    assert unread_counts(workspace, bob, private_room) == (1, 0)
    workspace.memberships.stop_viewing(session_of(bob))
    await assert_memberships_match_store(workspace, store, bob)


async def test_reload_keeps_read_messages_read(
    workspace: Workspace, store: Store, people: list[Person], private_room: Room
) -> None:
    ann, bob, _ = people
    await private_room.post(ann, "one", "a1")
    for _ in range(3):
        workspace.memberships.start_viewing(
            bob, session_of(bob), private_room.info.id, private_room.last_number
        )
        workspace.memberships.session_disconnected(bob, session_of(bob))
        await workspace.memberships.session_connected(bob, session_of(bob))
        assert unread_counts(workspace, bob, private_room) == (0, 0)
    await assert_memberships_match_store(workspace, store, bob)


async def test_messages_posted_while_a_session_connects_are_counted_once(
    workspace: Workspace, store: Store, people: list[Person], private_room: Room
) -> None:
    ann, bob, _ = people
    await private_room.post(ann, "one", "a1")
    for n in range(20):
        workspace.memberships.session_disconnected(bob, session_of(bob))
        await asyncio.gather(
            *(private_room.post(ann, f"@Bob {n} {k}", f"{n} {k}") for k in range(3)),
            workspace.memberships.session_connected(bob, session_of(bob)),
            private_room.edit(ann, private_room.last_number, f"edited {n}"),
        )
        await assert_memberships_match_store(workspace, store, bob)


CONCURRENT_EVENTS: dict[str, Callable[[Workspace, Room, Person, Person], Awaitable[object]]] = {
    "posted": lambda workspace, room, ann, bob: room.post(ann, "@Bob new", "new"),
    "edited": lambda workspace, room, ann, bob: room.edit(ann, room.last_number, "nobody"),
    "deleted": lambda workspace, room, ann, bob: room.delete(ann, room.last_number),
    "renamed": lambda workspace, room, ann, bob: workspace.rooms.rename(ann, room, "Back yard"),
    "left": lambda workspace, room, ann, bob: workspace.rooms.leave(bob, room),
    "invited": lambda workspace, room, ann, bob: workspace.rooms.create(
        ann, "Attic", invited=[bob]
    ),
    "muted": lambda workspace, room, ann, bob: workspace.rooms.set_notification_level(
        bob, room, NotificationLevel.NOTHING
    ),
    "direct conversation": lambda workspace, room, ann, bob: workspace.rooms.get_or_create_direct(
        ann, [bob]
    ),
}


@pytest.mark.parametrize("reconnects", [True, False], ids=["reconnecting", "connected"])
@pytest.mark.parametrize("event_name", CONCURRENT_EVENTS)
async def test_events_during_a_membership_load_are_not_lost(
    workspace: Workspace,
    store: Store,
    people: list[Person],
    private_room: Room,
    event_name: str,
    reconnects: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, bob, _ = people
    for n in range(2):
        await private_room.post(ann, f"@Bob {n}", f"a{n}")
    read_memberships, pending_events = store.memberships, [CONCURRENT_EVENTS[event_name]]

    async def slow_memberships(person: int, room: RoomId | None = None) -> tuple[Membership, ...]:
        memberships = await read_memberships(person, room)
        if pending_events and person == bob.id:
            await pending_events.pop()(workspace, private_room, ann, bob)
        return memberships

    monkeypatch.setattr(store, "memberships", slow_memberships)
    if reconnects:
        workspace.memberships.session_disconnected(bob, session_of(bob))
        await workspace.memberships.session_connected(bob, session_of(bob))
    else:
        await workspace.memberships.mark_unread(bob, private_room.info.id, private_room.last_number)
    assert pending_events == []
    await assert_memberships_match_store(workspace, store, bob)


def view_and_stop(workspace: Workspace, room: Room, person: Person) -> None:
    """A person views a room to its end, then stops viewing it."""
    workspace.memberships.start_viewing(person, session_of(person), room.info.id, room.last_number)
    workspace.memberships.stop_viewing(session_of(person))


READ_ACTIONS: dict[str, Callable[[Workspace, Room, Person], object]] = {
    "views the room": view_and_stop,
    "marks all read": lambda workspace, room, person: workspace.memberships.mark_all_read(person),
}


@pytest.mark.parametrize("action_name", READ_ACTIONS)
async def test_reading_during_the_write_of_an_older_position_is_kept(
    workspace: Workspace,
    store: Store,
    people: list[Person],
    private_room: Room,
    action_name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, bob, _ = people
    await private_room.post(ann, "@Bob", "a1")
    save_read_positions, read_memberships, pending_actions = (
        store.save_read_positions,
        store.memberships,
        [READ_ACTIONS[action_name]],
    )
    memberships_read = asyncio.Event()

    async def slow_save(positions: Sequence[tuple[RoomId, int, int]]) -> None:
        if pending_actions:
            pending_actions.pop()(workspace, private_room, bob)
        else:
            await memberships_read.wait()
        await save_read_positions(positions)

    async def recorded_memberships(
        person: int, room: RoomId | None = None
    ) -> tuple[Membership, ...]:
        memberships = await read_memberships(person, room)
        memberships_read.set()
        return memberships

    monkeypatch.setattr(store, "save_read_positions", slow_save)
    monkeypatch.setattr(store, "memberships", recorded_memberships)
    await workspace.memberships.mark_unread(bob, private_room.info.id, private_room.last_number)
    await assert_memberships_match_store(workspace, store, bob)
    assert unread_counts(workspace, bob, private_room) == (0, 0)


async def test_disconnected_sessions_leave_no_state_in_memory(
    workspace: Workspace, people: list[Person], private_room: Room
) -> None:
    ann, bob, outsider = people
    connections = [
        asyncio.create_task(workspace.memberships.session_connected(ann, each))
        for each in ("one", "two")
    ]
    await asyncio.sleep(0)
    workspace.memberships.session_disconnected(ann, "one")
    workspace.memberships.session_disconnected(ann, "two")
    await asyncio.gather(*connections)
    for person in (bob, outsider):
        workspace.memberships.session_disconnected(person, session_of(person))
    workspace.memberships.session_disconnected(bob, "never arrived")
    await settled(workspace)
    assert workspace.memberships.for_person(ann) == workspace.memberships.for_person(bob) == ()
    assert workspace.memberships.is_empty
    await private_room.post(ann, "anybody?", "a1")


async def test_mark_unread_makes_all_later_messages_unread(
    workspace: Workspace, store: Store, people: list[Person], private_room: Room
) -> None:
    ann, bob, _ = people
    numbers = [(await private_room.post(ann, f"@Bob {n}", f"a{n}")).number for n in range(5)]
    workspace.memberships.start_viewing(
        bob, session_of(bob), private_room.info.id, private_room.last_number
    )
    await workspace.memberships.mark_unread(bob, private_room.info.id, numbers[2])
    assert unread_counts(workspace, bob, private_room) == (3, 3)
    await private_room.post(ann, "six", "a6")
    assert unread_counts(workspace, bob, private_room) == (4, 3), (
        "though the page still shows the room"
    )
    await assert_memberships_match_store(workspace, store, bob)
    workspace.memberships.start_viewing(
        bob, session_of(bob), private_room.info.id, private_room.last_number
    )
    assert unread_counts(workspace, bob, private_room) == (0, 0)
    workspace.memberships.stop_viewing(session_of(bob))
    await workspace.memberships.mark_unread(bob, private_room.info.id, numbers[4])
    assert unread_counts(workspace, bob, private_room) == (2, 1)
    await assert_memberships_match_store(workspace, store, bob)


@pytest.mark.parametrize("number", [-5, 0, 10**9, 2**70])
async def test_mark_unread_clamps_an_impossible_number(
    workspace: Workspace, store: Store, people: list[Person], private_room: Room, number: int
) -> None:
    ann, bob, _ = people
    await private_room.post(ann, "one", "a1")
    await workspace.memberships.mark_unread(bob, private_room.info.id, number)
    await private_room.post(ann, "two", "a2")
    assert unread_counts(workspace, bob, private_room) == ((2, 0) if number < 1 else (1, 0))
    await assert_memberships_match_store(workspace, store, bob)
    await workspace.memberships.mark_unread(bob, 4711, number)


async def test_deletes_and_edits_update_unread_and_mention_counts(
    workspace: Workspace, store: Store, people: list[Person], private_room: Room
) -> None:
    ann, bob, _ = people
    one, two, three = [await private_room.post(ann, f"@Bob {n}", f"a{n}") for n in range(3)]
    await private_room.delete(ann, one.number)
    await private_room.edit(ann, two.number, "nobody")
    await settled(workspace)
    assert unread_counts(workspace, bob, private_room) == (2, 1)
    await private_room.edit(ann, two.number, "@Bob after all")
    await private_room.delete(ann, three.number)
    await settled(workspace)
    assert unread_counts(workspace, bob, private_room) == (1, 1)
    await assert_memberships_match_store(workspace, store, bob)


async def test_unread_count_is_capped_at_100_and_decreases_again(
    workspace: Workspace, store: Store, people: list[Person], private_room: Room
) -> None:
    ann, bob, _ = people
    messages = await asyncio.gather(*(private_room.post(ann, str(n), f"a{n}") for n in range(103)))
    assert unread_counts(workspace, bob, private_room) == (100, 0)
    await assert_memberships_match_store(workspace, store, bob)
    await asyncio.gather(*(private_room.delete(ann, each.number) for each in messages[:5]))
    await settled(workspace)
    assert unread_counts(workspace, bob, private_room) == (98, 0)
    await assert_memberships_match_store(workspace, store, bob)


async def test_muted_room_counts_but_sends_no_notifications(
    workspace: Workspace,
    store: Store,
    people: list[Person],
    private_room: Room,
    recorder: EventRecorder,
) -> None:
    ann, bob, outsider = people
    await workspace.rooms.set_notification_level(bob, private_room, NotificationLevel.NOTHING)
    with recorder.recorded_notifications(*people) as notified:
        await private_room.post(ann, "@Bob @Cid @everyone", "a1")
    assert notified == {"Cid": ["@Bob @Cid @everyone"]}
    assert (
        unread_counts(workspace, bob, private_room)
        == unread_counts(workspace, outsider, private_room)
        == (1, 1)
    )
    await workspace.rooms.set_notification_level(bob, private_room, NotificationLevel.ALL)
    with recorder.recorded_notifications(*people) as notified:
        await private_room.post(ann, "@Bob", "a2")
    assert notified == {"Bob": ["@Bob"]}
    await assert_memberships_match_store(workspace, store, bob, outsider)


async def test_membership_changes_are_published_to_the_person(
    workspace: Workspace, store: Store, people: list[Person], recorder: EventRecorder
) -> None:
    ann, bob, _ = people
    room = await workspace.rooms.create(ann, "Cellar", RoomKind.PRIVATE)
    await room.post(ann, "before Bob", "a1")
    await workspace.rooms.invite(ann, room, bob)
    assert recorder.membership_updates_of(bob)[-1].room_id == room.info.id
    assert unread_counts(workspace, bob, room) == (0, 0), "earlier messages count as read"
    await room.post(ann, "welcome, @Bob", "a2")
    assert unread_counts(workspace, bob, room) == (1, 1)
    await workspace.rooms.leave(bob, room)
    assert recorder.membership_updates_of(bob)[-1] == MembershipUpdated(room.info.id, None)
    await room.post(ann, "@Bob?", "a3")
    assert workspace.memberships.get(bob, room.info.id) is None
    await assert_memberships_match_store(workspace, store, bob)


async def test_replying_in_a_viewed_thread_keeps_it_read(
    workspace: Workspace,
    store: Store,
    people: list[Person],
    private_room: Room,
    recorder: EventRecorder,
) -> None:
    ann, bob, _ = people
    posted = await private_room.post(ann, "roses", "a1")
    thread = await workspace.rooms.get_or_create_thread(bob, private_room, posted.number)
    workspace.memberships.start_viewing(bob, session_of(bob), thread.info.id, thread.last_number)
    assert workspace.memberships.get(bob, thread.info.id) is None
    await thread.post(bob, "which?", "b1")
    with recorder.recorded_notifications(*people) as notified:
        await thread.post(ann, "red ones", "a2")
    assert notified == {}
    assert unread_counts(workspace, bob, thread) == (0, 0)
    workspace.memberships.stop_viewing(session_of(bob))
    with recorder.recorded_notifications(*people) as notified:
        await thread.post(ann, "and white ones", "a3")
    assert notified == {"Bob": ["and white ones"]}
    assert unread_counts(workspace, bob, thread) == (1, 0)
    await assert_memberships_match_store(workspace, store, bob)


async def test_mentions_direct_messages_and_own_threads_notify_and_nothing_else(
    workspace: Workspace, people: list[Person], private_room: Room, recorder: EventRecorder
) -> None:
    ann, bob, outsider = people
    await workspace.memberships.session_connected(ann, session_of(ann))
    with recorder.recorded_notifications(*people) as notified:
        posted = await private_room.post(ann, "hello", "a1")
        await private_room.post(ann, "hello @Cid and @Ann", "a2")
        await private_room.edit(ann, posted.number, "hello @Bob")
        await private_room.react(bob, posted.number, "👍")
        await workspace.rooms.rename(ann, private_room, "@Bob")
    assert notified == {"Cid": ["hello @Cid and @Ann"]}
    direct = await workspace.rooms.get_or_create_direct(ann, [bob])
    workspace.memberships.start_viewing(ann, session_of(ann), direct.info.id, direct.last_number)
    with recorder.recorded_notifications(*people) as notified:
        await direct.post(ann, "psst", "a3")
        await direct.post(bob, "what?", "b1")
    assert notified == {"Bob": ["psst"]}
    thread = await workspace.rooms.get_or_create_thread(bob, private_room, posted.number)
    with recorder.recorded_notifications(*people) as notified:
        await thread.post(bob, "why?", "b2")
        await thread.post(outsider, "because", "c1")
        await thread.post(ann, "so", "a4")
    assert notified == {"Ann": ["why?", "because"], "Bob": ["because", "so"], "Cid": ["so"]}
    for room in (direct, thread):
        await workspace.rooms.set_notification_level(bob, room, NotificationLevel.MENTIONS)
    with recorder.recorded_notifications(*people) as notified:
        await direct.post(ann, "still there?", "a5")
        await thread.post(ann, "hm", "a6")
        await thread.post(ann, "hm, @Bob", "a7")
    assert notified == {"Bob": ["hm, @Bob"], "Cid": ["hm", "hm, @Bob"]}


async def test_notification_carries_the_unread_counts(
    workspace: Workspace, people: list[Person], private_room: Room, recorder: EventRecorder
) -> None:
    ann = people[0]
    await private_room.post(ann, "one", "a1")
    message = await private_room.post(ann, "two, @Bob", "a2")
    (notification,) = [
        event for _, event in recorder.events if isinstance(event, MessageNotification)
    ]
    assert notification.message == message
    assert (
        notification.membership.room,
        notification.membership.unread,
        notification.membership.unread_mentions,
    ) == (
        private_room.info,
        2,
        1,
    )


async def test_unread_counts_survive_a_restart(
    tmp_path: Path, people: list[Person], workspace: Workspace, private_room: Room
) -> None:
    ann, bob, outsider = people
    for n in range(3):
        await private_room.post(ann, f"{n} @Bob", f"a{n}")
    workspace.memberships.start_viewing(
        outsider, session_of(outsider), private_room.info.id, private_room.last_number
    )
    await private_room.post(ann, "four", "a4")
    await workspace.memberships.mark_unread(bob, private_room.info.id, private_room.last_number - 1)
    await private_room.delete(ann, private_room.last_number)
    await settled(workspace)
    before = {person.name: workspace.memberships.for_person(person) for person in (bob, outsider)}
    assert [membership.unread for membership in before["Bob"]] == [0, 1]
    await workspace.close()
    reopened = await Workspace.open(tmp_path, EventRecorder().on_event)
    for person in (bob, outsider):
        await reopened.memberships.session_connected(person, session_of(person))
    assert {
        person.name: reopened.memberships.for_person(person) for person in (bob, outsider)
    } == before
    await reopened.close()


@pytest.mark.parametrize("timings", [saved_every(0.01)])
async def test_read_positions_are_stored_periodically(
    people: list[Person],
    workspace: Workspace,
    store: Store,
    private_room: Room,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, bob, _ = people
    save_read_positions, saved = store.save_read_positions, dict[int, int]()

    async def save_and_record(positions: Sequence[tuple[RoomId, int, int]]) -> None:
        await save_read_positions(positions)
        saved.update({person: number for _, person, number in positions})

    monkeypatch.setattr(store, "save_read_positions", save_and_record)
    workspace.memberships.start_viewing(
        bob, session_of(bob), private_room.info.id, private_room.last_number
    )
    last = (await private_room.post(ann, "one", "a1")).number
    await wait_until(lambda: saved.get(bob.id) == last, 5)
    (membership,) = await store.memberships(bob.id, private_room.info.id)
    assert membership.last_read == last


def test_oldest_places_of_unread_messages_are_dropped() -> None:
    marks = UnreadMarks(max_marks=2)
    for room_id in (1, 2, 3):
        room = RoomInfo(room_id, "", "", "")
        assert marks.open(1, Membership(room, 4, NotificationLevel.ALL, unread=3)) is not None
    assert len(marks) == 2
    read_again = Membership(RoomInfo(3, "", "", ""), 9, NotificationLevel.ALL)
    assert marks.open(1, read_again) == UnreadMark(5, 3)
    more = Membership(RoomInfo(3, "", "", ""), 9, NotificationLevel.ALL, unread=2)
    assert marks.open(1, more) == UnreadMark(5, 5)
    marks.remove(1, (3,))
    assert marks.open(1, read_again) is None


async def test_draft_favourite_and_a_room_marked_read_match_the_store(
    workspace: Workspace, store: Store, people: list[Person], private_room: Room
) -> None:
    ann, bob, cid = people
    rooms, room_id = workspace.rooms, private_room.info.id

    def has_draft() -> bool:
        membership = workspace.memberships.get(bob, room_id)
        return membership is not None and membership.has_draft

    await private_room.post(ann, "@Bob @Cid roses", "a1")
    await private_room.save_draft(bob, "de")
    await private_room.save_draft(bob, "dear all")
    await rooms.set_favourite(bob, private_room, favourite=True)
    assert has_draft()
    assert unread_counts(workspace, bob, private_room) == (1, 1)
    workspace.memberships.mark_read(bob, room_id)
    await assert_memberships_match_store(workspace, store, bob, cid)
    assert unread_counts(workspace, bob, private_room) == (0, 0)
    assert unread_counts(workspace, cid, private_room) == (1, 1)
    await private_room.post(bob, "dear all", "b1", draft="dear all")
    assert not has_draft()
    # A draft that was typed since is another one.
    await private_room.save_draft(bob, "P.S.")
    await private_room.post(bob, "from elsewhere", "b2", draft="dear all")
    assert has_draft()
    await assert_memberships_match_store(workspace, store, bob, cid)
