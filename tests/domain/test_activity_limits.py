"""Activity limits: who acts too fast is told how long to wait, and nothing of it is stored."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chat.activity.activity_limits import (
    ALL_POSTS_A_MINUTE,
    CHANGE_BURST,
    NETWORK_BURST_SECONDS,
    NETWORK_POSTS_A_MINUTE,
    POSTS_AT_ONCE,
    PROGRAM_BURST_SECONDS,
    PROGRAM_POSTS_A_MINUTE,
    PROGRAMS_OF_OWNER,
    ROOM_CHANGE_BURST,
    SEARCH_BURST,
    Act,
    ActivityLimits,
    ActivityRates,
)
from chat.activity.free_space import CHECK_SECONDS, FreeSpace
from chat.activity.networks import NETWORK_LIMIT, Networks
from chat.activity.rate_limits import RateLimits
from chat.errors import (
    ChatError,
    DiskNearlyFull,
    NetworkTooFast,
    NoSuchMessage,
    PostingTooFast,
    SlowDown,
    TooManyConversations,
    TooManyPosts,
    TooManyRooms,
)
from chat.model.people import Person
from chat.rooms.drafts import Drafts
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.text.dice import Dice
from chat.text.snippets import PLAIN_TEXT
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.activity import MANY_ACTS
from tests.harness.domain import entries_of, sign_in, upload_file
from tests.harness.waiting import wait_until_true


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of `limits`."""
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> ActivityLimits:
    """The usual limits."""
    return ActivityLimits(ActivityRates(), Networks(), FreeSpace(None, 0), clock=clock)


def people(first_id: int = 1, *, is_bot: bool = False) -> Iterator[Person]:
    """People without end."""
    while True:
        yield Person(first_id, f"P{first_id}", is_bot=is_bot)
        first_id += 1


def post(limits: ActivityLimits, *authors: Person, owner_id: int | None = None) -> None:
    """Each author posts once."""
    for each in authors:
        with limits.post(each, owner_id):
            pass


def test_person_posts_some_at_once_and_then_one_a_second(
    limits: ActivityLimits, clock: Clock
) -> None:
    ann, bob = Person(1, "Ann"), Person(2, "Bob")
    with pytest.raises(NoSuchMessage), limits.post(ann, None):
        raise NoSuchMessage
    post(limits, *[ann] * POSTS_AT_ONCE)
    with pytest.raises(PostingTooFast, match="can go in 1 s") as refusal:
        post(limits, ann)
    assert refusal.value.wait == 1
    post(limits, bob)
    clock.now += 0.5
    with pytest.raises(PostingTooFast):
        post(limits, ann)
    # What was refused costs nothing.
    for _ in range(5):
        clock.now += 1
        post(limits, ann)
    clock.now += 1000
    post(limits, *[ann] * POSTS_AT_ONCE)


def test_program_posts_one_a_second_and_all_programs_of_a_person_share_a_limit(
    limits: ActivityLimits, clock: Clock
) -> None:
    burst = PROGRAM_POSTS_A_MINUTE * PROGRAM_BURST_SECONDS // 60
    bots = people(is_bot=True)
    first = next(bots)
    post(limits, *[first] * burst, owner_id=99)
    with pytest.raises(SlowDown, match="Wait 1 seconds"):
        post(limits, first, owner_id=99)
    for _ in range(PROGRAMS_OF_OWNER - 1):
        post(limits, *[next(bots)] * burst, owner_id=99)
    with pytest.raises(SlowDown):
        post(limits, next(bots), owner_id=99)
    post(limits, next(bots), owner_id=98)
    clock.now += 1
    post(limits, first, owner_id=99)


def test_people_of_one_network_share_a_limit_and_so_do_all(
    limits: ActivityLimits, clock: Clock
) -> None:
    burst = NETWORK_POSTS_A_MINUTE * NETWORK_BURST_SECONDS // 60
    everybody = people()
    for _ in range(burst):
        person = next(everybody)
        limits.networks.saw(person.id, "10.0.0.5")
        post(limits, person)
    late, elsewhere, local = next(everybody), next(everybody), next(everybody)
    limits.networks.saw(late.id, "10.0.0.5")
    limits.networks.saw(elsewhere.id, "10.0.0.6")
    with pytest.raises(NetworkTooFast, match="from your network"):
        post(limits, late)
    # The computer that runs the chat, and a person who goes home.
    post(limits, elsewhere, local)
    limits.networks.saw(late.id, None)
    post(limits, late)
    all_at_once = ALL_POSTS_A_MINUTE * NETWORK_BURST_SECONDS // 60
    for _ in range(all_at_once - burst - 3):
        post(limits, next(everybody))
    with pytest.raises(TooManyPosts, match="here just now"):
        post(limits, next(everybody))
    clock.now += 1
    post(limits, next(everybody))


def test_networks_are_remembered_of_so_many_people() -> None:
    networks = Networks()
    for person_id in range(NETWORK_LIMIT + 1):
        networks.saw(person_id, "10.0.0.5")
    assert [networks.of(each) for each in (0, 1, NETWORK_LIMIT)] == [None, "10.0.0.5", "10.0.0.5"]


def test_each_act_has_a_burst_of_its_own(limits: ActivityLimits, clock: Clock) -> None:
    ann = Person(1, "Ann")
    bursts = {Act.CHANGE: CHANGE_BURST, Act.ROOM_CHANGE: ROOM_CHANGE_BURST}
    for act, burst in {**bursts, Act.SEARCH: SEARCH_BURST}.items():
        for _ in range(burst):
            limits.act(ann, act)
        with pytest.raises(SlowDown):
            limits.act(ann, act)
        limits.act(Person(2, "Bob"), act)
    clock.now += 1
    for act in Act:
        limits.act(ann, act)


def test_bucket_gives_back_what_came_to_nothing(clock: Clock) -> None:
    bucket = RateLimits(2, 1.0, clock=clock)
    bucket.give_back("ann")
    assert [bucket.take("ann") for _ in range(3)] == [0, 0, 1]
    assert bucket.wait("ann") == 1
    bucket.give_back("ann")
    assert bucket.wait("ann") == 0
    assert bucket.remaining("ann") == 1


FEW = Timings(activity=replace(MANY_ACTS, posts_at_once=3, posts_a_minute=1))


@pytest.mark.parametrize("timings", [FEW])
async def test_all_kinds_of_messages_count_in_all_rooms_and_no_answer_is_lost(
    workspace: Workspace, bob: Person, public_room: Room, private_room: Room
) -> None:
    lobby = await workspace.rooms.by_slug(bob, "lobby")
    upload_id = await upload_file(workspace, bob, private_room, "notes.txt", b"notes")
    await lobby.post(bob, "first", "1")
    await private_room.roll(bob, Dice(1, 6), "2")
    poll = await private_room.post_poll(bob, "Lunch?", ["Soup", "Salad"], "3")
    with pytest.raises(PostingTooFast):
        await private_room.post(bob, "with a file", "4", upload_ids=[upload_id])
    with pytest.raises(PostingTooFast):
        await lobby.begin_stream(bob, "", "5")
    with pytest.raises(PostingTooFast):
        await lobby.post_snippet(bob, "print()", PLAIN_TEXT, "6")
    # The answer to the first attempt was lost.
    assert (await private_room.post_poll(bob, "Lunch?", ["Soup", "Salad"], "3")) == poll
    # The file of the refused message can be sent with another one.
    assert workspace.uploads.attach(bob.id, private_room.info.id, [upload_id], "7")


@pytest.mark.parametrize("timings", [FEW])
async def test_owner_and_moderators_wait_as_well(workspace: Workspace, owner: Person) -> None:
    lobby = await workspace.rooms.by_slug(owner, "lobby")
    for n in range(3):
        await lobby.post(owner, str(n), str(n))
    with pytest.raises(PostingTooFast):
        await lobby.post(owner, "4", "4")


@pytest.mark.parametrize("timings", [FEW])
async def test_texts_that_are_due_at_once_are_sent_when_their_author_may_write_again(
    workspace: Workspace, store: Store, bob: Person
) -> None:
    lobby = await workspace.rooms.by_slug(bob, "lobby")
    due_at = datetime.now(UTC) + timedelta(hours=1)
    for n in range(5):
        await workspace.scheduled_texts.schedule(bob, lobby, f"text {n}", due_at, f"c{n}")
    await workspace.scheduled_texts.run_due(due_at)
    texts = [text for kind, text in await entries_of(lobby, bob) if kind.value == "text"]
    assert texts == ["text 0", "text 1", "text 2"]
    waiting = await workspace.scheduled_texts.of_person(bob)
    assert [each.text for each in waiting] == ["text 3", "text 4"]
    # A minute for one message.
    for each in waiting:
        assert timedelta(seconds=55) < each.due_at - due_at <= timedelta(seconds=61)
        assert not each.problem


ROOMS = Timings(activity=replace(MANY_ACTS, rooms_an_hour=2, conversations_an_hour=2))


@pytest.mark.parametrize("timings", [ROOMS])
async def test_rooms_and_conversations_within_an_hour_are_limited(
    workspace: Workspace, owner: Person
) -> None:
    ann, *others = await sign_in(workspace, "Ann", "Bob", "Cem", "Dan")
    for n in range(2):
        await workspace.rooms.create(ann, f"Room {n}")
    with pytest.raises(TooManyRooms, match=r"2 rooms an hour .* Wait 60 minutes"):
        await workspace.rooms.create(ann, "One more")
    # A title that is refused is no room.
    with pytest.raises(ChatError):
        await workspace.rooms.create(owner, "Room 1")
    await workspace.rooms.create(owner, "Room of the owner")
    await workspace.rooms.create(owner, "Another one")
    first = await workspace.rooms.get_or_create_direct(ann, others[:1])
    await workspace.rooms.get_or_create_direct(ann, others[1:2])
    with pytest.raises(TooManyConversations, match="2 new conversations an hour"):
        await workspace.rooms.get_or_create_direct(ann, others[2:])
    # Those that are there stay open, also to somebody else who begins it.
    assert await workspace.rooms.get_or_create_direct(ann, others[:1]) is first
    begun = await workspace.rooms.get_or_create_direct(others[2], [ann])
    assert await workspace.rooms.get_or_create_direct(ann, others[2:]) is begun


@pytest.mark.parametrize("timings", [Timings()])
async def test_changes_of_messages_and_rooms_are_limited(
    workspace: Workspace, bob: Person, private_room: Room
) -> None:
    message = await private_room.post(bob, "text", "1")
    with pytest.raises(SlowDown):
        for n in range(CHANGE_BURST + 20):
            await private_room.edit(bob, message.number, f"text {n}")
    for refused in (
        private_room.react(bob, message.number, "👍"),
        private_room.pin(bob, message.number, pinned=True),
        private_room.edit(bob, message.number, "one more"),
    ):
        with pytest.raises(SlowDown):
            await refused
    # Somebody else is not held up, and what is there may be deleted.
    await private_room.delete(bob, message.number)
    with pytest.raises(SlowDown):
        for n in range(ROOM_CHANGE_BURST + 20):
            await workspace.rooms.set_topic(bob, private_room, f"topic {n}")
    with pytest.raises(SlowDown):
        for _ in range(SEARCH_BURST + 20):
            await workspace.search(bob, "text", UTC)


async def test_drafts_that_come_too_fast_wait_and_only_the_newest_is_stored(
    workspace: Workspace, store: Store, ann: Person, saved_drafts: list[str]
) -> None:
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    drafts = Drafts(
        lobby.info.id, store, pace=RateLimits(1, 50.0), on_changed=lambda *_, **__: None
    )
    await drafts.save(ann.id, "a")
    waiting = [asyncio.create_task(drafts.save(ann.id, "b" * n)) for n in range(1, 6)]

    async def is_last() -> bool:
        # Whoever asks meanwhile gets what was typed last.
        return await drafts.get(ann.id) == "bbbbb"

    await wait_until_true(is_last)
    await asyncio.gather(*waiting)
    assert saved_drafts == ["a", "bbbbb"]
    assert await store.draft(lobby.info.id, ann.id) == "bbbbb"


def test_disk_is_looked_at_once_in_some_seconds(tmp_path: Path, clock: Clock) -> None:
    free = shutil.disk_usage(tmp_path).free
    file = tmp_path / "large"
    space = FreeSpace(tmp_path, free - 20_000_000, clock=clock)
    space.require()
    file.write_bytes(bytes(40_000_000))
    space.require()
    clock.now += CHECK_SECONDS
    with pytest.raises(DiskNearlyFull, match="nearly full"):
        space.require()
    file.unlink()
    clock.now += CHECK_SECONDS
    space.require()
    # A folder that is gone is said by the store.
    clock.now += CHECK_SECONDS
    assert not FreeSpace(tmp_path / "gone", 2**60, clock=clock).is_low
    assert not FreeSpace(None, 2**60).is_low
