"""Slow mode: one message of a person, then none for so many seconds."""

import pytest

from chat.errors import BadRoom, ModeratorRequired, NoSuchMessage, SlowModeWait
from chat.model.moderation import AuditAct
from chat.model.people import Person
from chat.rooms.room import Room
from chat.rooms.slow_mode import MAX_SLOW_SECONDS, SlowMode
from chat.store.contract import Store
from chat.text.dice import Dice
from chat.workspace.workspace import Workspace


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_turn_counts_once_it_has_succeeded_and_is_forgotten_after_its_time() -> None:
    clock = Clock()
    slow_mode = SlowMode(clock=clock)
    with pytest.raises(NoSuchMessage), slow_mode.turn(1, 30):
        raise NoSuchMessage
    assert slow_mode.wait(1, 30) == 0
    with slow_mode.turn(1, 30):
        # A second message that is on its way at the same time waits.
        assert slow_mode.wait(1, 30) == 30
    clock.now = 10
    with pytest.raises(SlowModeWait, match="in 20 s") as refusal, slow_mode.turn(1, 30):
        pass
    assert refusal.value.wait == 20
    # Another time of the room counts from the last message on.
    assert [slow_mode.wait(1, each) for each in (0, 5, 60)] == [0, 0, 50]
    clock.now = 31
    with slow_mode.turn(1, 30), slow_mode.turn(2, 30):
        pass
    clock.now = 500
    with slow_mode.turn(3, 30):
        pass
    assert [slow_mode.wait(each, 10_000) for each in (1, 2)] == [0, 0]


async def test_members_wait_in_the_room_and_its_threads_and_moderators_do_not(
    workspace: Workspace, store: Store, ann: Person, bob: Person, private_room: Room
) -> None:
    rooms = workspace.rooms
    with pytest.raises(ModeratorRequired):
        await rooms.set_slow_mode(bob, private_room, 60)
    for wrong in (-1, MAX_SLOW_SECONDS + 1):
        with pytest.raises(BadRoom):
            await rooms.set_slow_mode(ann, private_room, wrong)
    assert private_room.slow_mode_wait(bob) == 0
    await rooms.set_slow_mode(ann, private_room, 60)
    stored = await store.room(private_room.info.id)
    assert stored is not None
    assert stored.slow_seconds == private_room.info.slow_seconds == 60
    first = await private_room.post(bob, "first", "b1")
    assert 59 < private_room.slow_mode_wait(bob) <= 60
    # The answer was lost: the same message is no second one.
    assert await private_room.post(bob, "first", "b1") == first
    thread = await rooms.get_or_create_thread(ann, private_room, first.number)
    with pytest.raises(SlowModeWait):
        await private_room.post(bob, "second", "b2")
    with pytest.raises(SlowModeWait):
        await thread.post(bob, "second", "b2")
    with pytest.raises(SlowModeWait):
        await private_room.roll(bob, Dice(1, 6), "b3")
    with pytest.raises(SlowModeWait):
        await private_room.post_poll(bob, "Lunch?", ["Soup", "Salad"], "b4")
    with pytest.raises(SlowModeWait):
        await private_room.begin_stream(bob, "", "b5")
    # What is there may be changed, and other rooms are not slow.
    await private_room.edit(bob, first.number, "corrected")
    await private_room.react(bob, first.number, "👍")
    await (await rooms.by_slug(bob, "lobby")).post(bob, "hello", "b6")
    for n in range(3):
        await private_room.post(ann, "a moderator", f"a{n}")
    await rooms.set_slow_mode(ann, private_room, 0)
    await thread.post(bob, "second", "b2")
    page = await store.audit_page(None, 10)
    assert [(each.act, each.detail) for each in page] == [
        (AuditAct.SLOW_MODE, "0"),
        (AuditAct.SLOW_MODE, "60"),
    ]
