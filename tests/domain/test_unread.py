"""Places: what waits for whom is true, whatever happens and whoever looks; and who is called."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from chat.errors import NotStored
from chat.model.events import MembershipUpdated, MessageNotification
from chat.model.people import Person
from chat.model.rooms import Membership, NotificationLevel, RoomId, RoomKind
from chat.rooms.room import Room
from chat.workspace.workspace import Workspace
from tests.harness.domain import Ear, come_in, settled
from tests.harness.waiting import until


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is gathered is told in the next turn."""
    monkeypatch.setattr("chat.rooms.memberships._BATCH_DELAY", 0.0)


@pytest.fixture
async def people(house: Workspace) -> list[Person]:
    """Ann, who talks, and Bob and Cid, whose tabs are open."""
    people = await come_in(house, "Ann", "Bob", "Cid")
    for person in people[1:]:
        await house.memberships.session_connected(person, tab(person))
    return people


@pytest.fixture
async def garden(house: Workspace, people: list[Person]) -> Room:
    """A room that all three are in, and in which nothing was said yet."""
    return await house.rooms.create(people[0], "Garden", RoomKind.PRIVATE, invited=people[1:])


def tab(person: Person) -> str:
    """Somebody's first session."""
    return f"tab of {person.name}"


def waiting(house: Workspace, person: Person, room: Room) -> tuple[int, int]:
    """How many messages wait for somebody in a room, and how many of them call them."""
    seat = house.memberships.get(person, room.info.id)
    assert seat is not None
    return seat.unread, seat.unread_mentions


async def is_true(house: Workspace, *people: Person) -> None:
    """Hold the places of connected people who look nowhere against those of a fresh arrival."""
    await settled(house)
    for person in people:
        assert house.memberships.for_person(person) == await house._store.memberships(person.id)


async def test_what_was_read_stays_so_while_it_cannot_be_stored_and_is_stored_later(
    house: Workspace, people: list[Person], garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.rooms.read_positions._SAVE_INTERVAL", 0.02)
    ann, bob, _ = people
    for n in range(3):
        await garden.post(ann, str(n), f"a{n}")
    store, tried = house._store.save_read_positions, 0

    async def cannot(_: object) -> None:
        nonlocal tried
        tried += 1
        raise NotStored

    monkeypatch.setattr(house._store, "read", cannot)
    house.memberships.start_viewing(bob, tab(bob), garden.info.id, garden.last_number)
    house.memberships.stop_viewing(tab(bob))
    house.memberships.session_disconnected(bob, tab(bob))
    await house.memberships.session_connected(bob, tab(bob))
    assert waiting(house, bob, garden) == (0, 0)
    await until(lambda: tried > 3)
    monkeypatch.setattr(house._store, "read", store)
    await until(lambda: not house.memberships._read_positions._unsaved)
    await is_true(house, bob)


async def test_what_others_said_waits_and_what_one_said_oneself_does_not(
    house: Workspace, people: list[Person], garden: Room, ear: Ear
) -> None:
    ann, bob, cid = people
    for n, text in enumerate(("one", "two, @Bob", "three")):
        await garden.post(ann, text, f"a{n}")
    await garden.post(bob, "four", "b1")
    assert [waiting(house, who, garden) for who in (bob, cid)] == [(3, 1), (4, 0)]
    assert house.memberships.for_person(ann) == ()
    await house.memberships.session_connected(ann, tab(ann))
    assert waiting(house, ann, garden) == (1, 0)
    await is_true(house, *people)
    told = [
        now.membership
        for now in ear.seats_of(bob)
        if now.room_id == garden.info.id and now.membership
    ]
    assert (told[-1].unread, told[-1].unread_mentions) == (3, 1)


async def test_what_people_did_to_a_room_waits_for_nobody(
    house: Workspace, people: list[Person], garden: Room
) -> None:
    ann, bob, _ = people
    await house.rooms.rename(ann, garden, "Back yard")
    await house.rooms.set_topic(ann, garden, "roses")
    assert waiting(house, bob, garden) == (0, 0)
    await is_true(house, bob)


async def test_for_whoever_looks_nothing_waits_in_any_of_their_sessions(
    house: Workspace, people: list[Person], garden: Room
) -> None:
    ann, bob, _ = people
    await house.memberships.session_connected(bob, "phone")
    await garden.post(ann, "one", "a1")
    house.memberships.start_viewing(bob, "phone", garden.info.id, garden.last_number)
    house.memberships.start_viewing(bob, tab(bob), garden.info.id, garden.last_number)
    assert waiting(house, bob, garden) == (0, 0)
    await garden.post(ann, "two", "a2")
    house.memberships.stop_viewing(tab(bob))
    house.memberships.stop_viewing(tab(bob))
    await garden.post(ann, "three", "a3")
    assert waiting(house, bob, garden) == (0, 0)
    house.memberships.session_disconnected(bob, "phone")
    await garden.post(ann, "four, @Bob", "a4")
    assert waiting(house, bob, garden) == (1, 1)
    await is_true(house, bob)


async def test_whoever_looks_elsewhere_looks_away(
    house: Workspace, people: list[Person], garden: Room
) -> None:
    ann, bob, _ = people
    lobby = await house.rooms.enter(bob, "lobby")
    house.memberships.start_viewing(bob, tab(bob), garden.info.id, garden.last_number)
    house.memberships.start_viewing(bob, tab(bob), lobby.info.id, lobby.last_number)
    await garden.post(ann, "one", "a1")
    assert waiting(house, bob, garden) == (1, 0)
    house.memberships.stop_viewing(tab(bob))
    await is_true(house, bob)


async def test_a_reload_does_not_bring_back_what_was_read(
    house: Workspace, people: list[Person], garden: Room
) -> None:
    ann, bob, _ = people
    await garden.post(ann, "one", "a1")
    for _ in range(3):
        house.memberships.start_viewing(bob, tab(bob), garden.info.id, garden.last_number)
        house.memberships.session_disconnected(bob, tab(bob))
        await house.memberships.session_connected(bob, tab(bob))
        assert waiting(house, bob, garden) == (0, 0)
    await is_true(house, bob)


async def test_what_is_said_while_somebody_arrives_is_counted_once(
    house: Workspace, people: list[Person], garden: Room
) -> None:
    ann, bob, _ = people
    await garden.post(ann, "one", "a1")
    for n in range(20):
        house.memberships.session_disconnected(bob, tab(bob))
        await asyncio.gather(
            *(garden.post(ann, f"@Bob {n} {k}", f"{n} {k}") for k in range(3)),
            house.memberships.session_connected(bob, tab(bob)),
            garden.edit(ann, garden.last_number, f"edited {n}"),
        )
        await is_true(house, bob)


MEANWHILE: dict[str, Callable[[Workspace, Room, Person, Person], Awaitable[object]]] = {
    "said": lambda house, room, ann, bob: room.post(ann, "@Bob new", "new"),
    "edited": lambda house, room, ann, bob: room.edit(ann, room.last_number, "nobody"),
    "deleted": lambda house, room, ann, bob: room.delete(ann, room.last_number),
    "renamed": lambda house, room, ann, bob: house.rooms.rename(ann, room, "Back yard"),
    "left": lambda house, room, ann, bob: house.rooms.leave(bob, room),
    "invited": lambda house, room, ann, bob: house.rooms.create(ann, "Attic", invited=[bob]),
    "muted": lambda house, room, ann, bob: house.rooms.set_notification_level(
        bob, room, NotificationLevel.NOTHING
    ),
    "called": lambda house, room, ann, bob: house.rooms.get_or_create_direct(ann, [bob]),
}


@pytest.mark.parametrize("arrives", [True, False], ids=["arriving", "being here"])
@pytest.mark.parametrize("what", MEANWHILE)
async def test_what_happens_while_places_are_read_is_not_lost(
    house: Workspace,
    people: list[Person],
    garden: Room,
    what: str,
    arrives: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, bob, _ = people
    for n in range(2):
        await garden.post(ann, f"@Bob {n}", f"a{n}")
    read, happens = house._store.memberships, [MEANWHILE[what]]

    async def slowly(person: int, room: RoomId | None = None) -> tuple[Membership, ...]:
        found = await read(person, room)
        if happens and person == bob.id:
            await happens.pop()(house, garden, ann, bob)
        return found

    monkeypatch.setattr(house._store, "seats", slowly)
    if arrives:
        house.memberships.session_disconnected(bob, tab(bob))
        await house.memberships.session_connected(bob, tab(bob))
    else:
        await house.memberships.mark_unread(bob, garden.info.id, garden.last_number)
    assert happens == []
    await is_true(house, bob)


def looks_in(house: Workspace, room: Room, who: Person) -> None:
    """Somebody looks at a room, and elsewhere."""
    house.memberships.start_viewing(who, tab(who), room.info.id, room.last_number)
    house.memberships.stop_viewing(tab(who))


READING: dict[str, Callable[[Workspace, Room, Person], object]] = {
    "looks": looks_in,
    "reads all": lambda house, room, who: house.memberships.mark_all_read(who),
}


@pytest.mark.parametrize("what", READING)
async def test_what_is_read_while_an_older_mark_is_stored_is_read(
    house: Workspace,
    people: list[Person],
    garden: Room,
    what: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, bob, _ = people
    await garden.post(ann, "@Bob", "a1")
    keep, read, happens = (
        house._store.save_read_positions,
        house._store.memberships,
        [READING[what]],
    )
    places_are_read = asyncio.Event()

    async def slowly(marks: Sequence[tuple[RoomId, int, int]]) -> None:
        if happens:
            happens.pop()(house, garden, bob)
        else:
            await places_are_read.wait()
        await keep(marks)

    async def before(person: int, room: RoomId | None = None) -> tuple[Membership, ...]:
        found = await read(person, room)
        places_are_read.set()
        return found

    monkeypatch.setattr(house._store, "read", slowly)
    monkeypatch.setattr(house._store, "seats", before)
    await house.memberships.mark_unread(bob, garden.info.id, garden.last_number)
    await is_true(house, bob)
    assert waiting(house, bob, garden) == (0, 0)


async def test_arriving_in_two_tabs_and_going_again_leaves_nothing(
    house: Workspace, people: list[Person], garden: Room
) -> None:
    ann, bob, cid = people
    arriving = [
        asyncio.create_task(house.memberships.session_connected(ann, each))
        for each in ("one", "two")
    ]
    await asyncio.sleep(0)
    house.memberships.session_disconnected(ann, "one")
    house.memberships.session_disconnected(ann, "two")
    await asyncio.gather(*arriving)
    for who in (bob, cid):
        house.memberships.session_disconnected(who, tab(who))
    house.memberships.session_disconnected(bob, "never arrived")
    await settled(house)
    assert house.memberships.for_person(ann) == house.memberships.for_person(bob) == ()
    assert not house.memberships._sessions
    assert not house.memberships._memberships
    assert not any(house.memberships._not_viewing.values())
    await garden.post(ann, "anybody?", "a1")


async def test_from_an_unread_mark_on_all_waits(
    house: Workspace, people: list[Person], garden: Room
) -> None:
    ann, bob, _ = people
    numbers = [(await garden.post(ann, f"@Bob {n}", f"a{n}")).number for n in range(5)]
    house.memberships.start_viewing(bob, tab(bob), garden.info.id, garden.last_number)
    await house.memberships.mark_unread(bob, garden.info.id, numbers[2])
    assert waiting(house, bob, garden) == (3, 3)
    await garden.post(ann, "six", "a6")
    assert waiting(house, bob, garden) == (4, 3), "though the page still shows the room"
    await is_true(house, bob)
    house.memberships.start_viewing(bob, tab(bob), garden.info.id, garden.last_number)
    assert waiting(house, bob, garden) == (0, 0)
    house.memberships.stop_viewing(tab(bob))
    await house.memberships.mark_unread(bob, garden.info.id, numbers[4])
    assert waiting(house, bob, garden) == (2, 1)
    await is_true(house, bob)


@pytest.mark.parametrize("number", [-5, 0, 10**9, 2**70])
async def test_an_unread_mark_stands_in_the_room(
    house: Workspace, people: list[Person], garden: Room, number: int
) -> None:
    ann, bob, _ = people
    await garden.post(ann, "one", "a1")
    await house.memberships.mark_unread(bob, garden.info.id, number)
    await garden.post(ann, "two", "a2")
    assert waiting(house, bob, garden) == ((2, 0) if number < 1 else (1, 0))
    await is_true(house, bob)
    await house.memberships.mark_unread(bob, 4711, number)


async def test_what_is_deleted_or_calls_nobody_any_more_does_not_wait(
    house: Workspace, people: list[Person], garden: Room
) -> None:
    ann, bob, _ = people
    one, two, three = [await garden.post(ann, f"@Bob {n}", f"a{n}") for n in range(3)]
    await garden.delete(ann, one.number)
    await garden.edit(ann, two.number, "nobody")
    await settled(house)
    assert waiting(house, bob, garden) == (2, 1)
    await garden.edit(ann, two.number, "@Bob after all")
    await garden.delete(ann, three.number)
    await settled(house)
    assert waiting(house, bob, garden) == (1, 1)
    await is_true(house, bob)


async def test_the_count_ends_at_a_hundred_and_comes_down_again(
    house: Workspace, people: list[Person], garden: Room
) -> None:
    ann, bob, _ = people
    said = await asyncio.gather(*(garden.post(ann, str(n), f"a{n}") for n in range(103)))
    assert waiting(house, bob, garden) == (100, 0)
    await is_true(house, bob)
    await asyncio.gather(*(garden.delete(ann, each.number) for each in said[:5]))
    await settled(house)
    assert waiting(house, bob, garden) == (98, 0)
    await is_true(house, bob)


async def test_a_muted_room_counts_and_calls_nobody(
    house: Workspace, people: list[Person], garden: Room, ear: Ear
) -> None:
    ann, bob, cid = people
    await house.rooms.set_notification_level(bob, garden, NotificationLevel.NOTHING)
    with ear.calls(*people) as calls:
        await garden.post(ann, "@Bob @Cid @everyone", "a1")
    assert calls == {"Cid": ["@Bob @Cid @everyone"]}
    assert waiting(house, bob, garden) == waiting(house, cid, garden) == (1, 1)
    await house.rooms.set_notification_level(bob, garden, NotificationLevel.ALL)
    with ear.calls(*people) as calls:
        await garden.post(ann, "@Bob", "a2")
    assert calls == {"Bob": ["@Bob"]}
    await is_true(house, bob, cid)


async def test_a_new_place_is_told_and_one_that_is_given_up(
    house: Workspace, people: list[Person], ear: Ear
) -> None:
    ann, bob, _ = people
    room = await house.rooms.create(ann, "Cellar", RoomKind.PRIVATE)
    await room.post(ann, "before Bob", "a1")
    await house.rooms.invite(ann, room, bob)
    assert ear.seats_of(bob)[-1].room_id == room.info.id
    assert waiting(house, bob, room) == (0, 0), "all that was said before is read"
    await room.post(ann, "welcome, @Bob", "a2")
    assert waiting(house, bob, room) == (1, 1)
    await house.rooms.leave(bob, room)
    assert ear.seats_of(bob)[-1] == MembershipUpdated(room.info.id, None)
    await room.post(ann, "@Bob?", "a3")
    assert house.memberships.get(bob, room.info.id) is None
    await is_true(house, bob)


async def test_who_replies_to_a_thread_that_they_look_at_has_read_it(
    house: Workspace, people: list[Person], garden: Room, ear: Ear
) -> None:
    ann, bob, _ = people
    told = await garden.post(ann, "roses", "a1")
    thread = await house.rooms.get_or_create_thread(bob, garden, told.number)
    house.memberships.start_viewing(bob, tab(bob), thread.info.id, thread.last_number)
    assert house.memberships.get(bob, thread.info.id) is None
    await thread.post(bob, "which?", "b1")
    with ear.calls(*people) as calls:
        await thread.post(ann, "red ones", "a2")
    assert calls == {}
    assert waiting(house, bob, thread) == (0, 0)
    house.memberships.stop_viewing(tab(bob))
    with ear.calls(*people) as calls:
        await thread.post(ann, "and white ones", "a3")
    assert calls == {"Bob": ["and white ones"]}
    assert waiting(house, bob, thread) == (1, 0)
    await is_true(house, bob)


async def test_mentions_direct_messages_and_followed_threads_call_and_nothing_else(
    house: Workspace, people: list[Person], garden: Room, ear: Ear
) -> None:
    ann, bob, cid = people
    await house.memberships.session_connected(ann, tab(ann))
    with ear.calls(*people) as calls:
        told = await garden.post(ann, "hello", "a1")
        await garden.post(ann, "hello @Cid and @Ann", "a2")
        await garden.edit(ann, told.number, "hello @Bob")
        await garden.react(bob, told.number, "👍")
        await house.rooms.rename(ann, garden, "@Bob")
    assert calls == {"Cid": ["hello @Cid and @Ann"]}
    direct = await house.rooms.get_or_create_direct(ann, [bob])
    house.memberships.start_viewing(ann, tab(ann), direct.info.id, direct.last_number)
    with ear.calls(*people) as calls:
        await direct.post(ann, "psst", "a3")
        await direct.post(bob, "what?", "b1")
    assert calls == {"Bob": ["psst"]}
    thread = await house.rooms.get_or_create_thread(bob, garden, told.number)
    with ear.calls(*people) as calls:
        await thread.post(bob, "why?", "b2")
        await thread.post(cid, "because", "c1")
        await thread.post(ann, "so", "a4")
    assert calls == {"Ann": ["why?", "because"], "Bob": ["because", "so"], "Cid": ["so"]}
    for room in (direct, thread):
        await house.rooms.set_notification_level(bob, room, NotificationLevel.MENTIONS)
    with ear.calls(*people) as calls:
        await direct.post(ann, "still there?", "a5")
        await thread.post(ann, "hm", "a6")
        await thread.post(ann, "hm, @Bob", "a7")
    assert calls == {"Bob": ["hm, @Bob"], "Cid": ["hm", "hm, @Bob"]}


async def test_a_call_says_what_waits(
    house: Workspace, people: list[Person], garden: Room, ear: Ear
) -> None:
    ann = people[0]
    await garden.post(ann, "one", "a1")
    message = await garden.post(ann, "two, @Bob", "a2")
    (call,) = [event for _, event in ear.heard if isinstance(event, MessageNotification)]
    assert call.message == message
    assert (call.membership.room, call.membership.unread, call.membership.unread_mentions) == (
        garden.info,
        2,
        1,
    )


async def test_the_same_waits_after_the_house_was_closed(
    tmp_path: Path, people: list[Person], house: Workspace, garden: Room
) -> None:
    ann, bob, cid = people
    for n in range(3):
        await garden.post(ann, f"{n} @Bob", f"a{n}")
    house.memberships.start_viewing(cid, tab(cid), garden.info.id, garden.last_number)
    await garden.post(ann, "four", "a4")
    await house.memberships.mark_unread(bob, garden.info.id, garden.last_number - 1)
    await garden.delete(ann, garden.last_number)
    await settled(house)
    before = {who.name: house.memberships.for_person(who) for who in (bob, cid)}
    assert [seat.unread for seat in before["Bob"]] == [0, 1]
    await house.close()
    again = await Workspace.open(tmp_path, Ear().hear)
    for who in (bob, cid):
        await again.memberships.session_connected(who, tab(who))
    assert {who.name: again.memberships.for_person(who) for who in (bob, cid)} == before
    await again.close()


async def test_what_is_read_is_stored_every_few_seconds(
    people: list[Person], house: Workspace, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.rooms.read_positions._SAVE_INTERVAL", 0.01)
    ann, bob, _ = people
    house.memberships.start_viewing(bob, tab(bob), garden.info.id, garden.last_number)
    last = (await garden.post(ann, "one", "a1")).number
    async with asyncio.timeout(5):
        while (await house._store.memberships(bob.id, garden.info.id))[0].last_read < last:
            pass
