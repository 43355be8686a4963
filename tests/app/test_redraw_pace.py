"""Redraws are gathered: what one person changes again and again costs the other screens little."""

import asyncio

import pytest

from chat.rooms.directory import LOBBY
from chat.server.app import ChatServer
from chat.ui.timeline.redraw_pace import (
    MAX_REMEMBERED,
    MESSAGE_INTERVAL,
    PERSON_INTERVAL,
    PERSON_SPREAD,
    RedrawPace,
)
from chat.workspace.timings import Timings
from tests.conftest import NewUser
from tests.harness.control_tree import texts_of
from tests.harness.waiting import wait_until


@pytest.mark.parametrize("timings", [Timings(rename_seconds=0.0)])
async def test_toggled_reaction_and_changed_names_reach_the_others_gathered(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for n in range(20):
        await ann.composer.posts(f"line {n}")
    await bob.timeline.waits_for_message("line 19")
    people = {each.name: each for each in await chat.workspace.all_people()}
    room = await chat.workspace.rooms.by_slug(people["Bob"], LOBBY)
    loop = asyncio.get_running_loop()
    before, started = len(ann.received), loop.time()
    for _ in range(100):
        await room.react(people["Bob"], room.last_number, "🎉")
    await room.react(people["Bob"], room.last_number, "🚀")
    await ann.waits_for_text("🚀 1")
    redraws = 2 + (loop.time() - started) / MESSAGE_INTERVAL
    assert len(ann.received) - before < 5_000 * redraws
    assert not ann.sees("🎉 1")
    # A changed name draws the rows of that person again.
    before, started = len(ann.received), loop.time()
    for n in range(30):
        await chat.workspace.profiles.rename(people["Bob"], f"Bob {n}")
    await ann.until(lambda: ann.sees("Bob 29"))
    await asyncio.sleep(PERSON_INTERVAL)
    redraws = 2 + (loop.time() - started) / PERSON_INTERVAL
    assert len(ann.received) - before < 60_000 * redraws


async def test_changed_name_draws_the_rows_that_have_it_and_no_others(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("of Ann")
    await ann.composer.posts("Ann with a reaction of Bob")
    await bob.composer.posts("of Bob")
    for person in (ann, bob):
        await person.timeline.waits_for_message("of Bob")
    await bob.message_menu.reacts("Ann with a reaction of Bob", "👍")
    await ann.timeline.waits_for_reaction("Ann with a reaction of Bob", "👍")
    others = ann.timeline.row("of Ann")
    await bob.composer.posts("/nick Robert")
    await ann.timeline.waits_for_message("Bob is called Robert now.")
    await ann.until(
        lambda: (
            "Robert" in texts_of(ann.timeline.row("of Bob"))
            and "Robert" in ann.timeline.reactions("Ann with a reaction of Bob")["👍"][2]
        )
    )
    await asyncio.sleep(2 * PERSON_SPREAD)
    assert ann.timeline.row("of Ann") is others, "it was not drawn again"


async def test_changed_name_is_drawn_in_the_root_message_of_a_thread(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.posts("the root")
    await ann.timeline.waits_for_message("the root")
    await ann.message_menu.runs("the root", "Reply in thread")
    await ann.until(lambda: ann.header.title == "Thread")
    await bob.composer.posts("/nick Robert")
    await ann.until(lambda: "Robert" in ann.timeline.texts)


@pytest.mark.parametrize(("interval", "calls"), [(0.05, 300), (0.1, 40), (0.2, 1000)])
async def test_newest_of_many_is_drawn_at_the_end_of_the_interval(
    interval: float, calls: int
) -> None:
    pace, drawn = RedrawPace(), list[int]()
    loop = asyncio.get_running_loop()
    started = loop.time()
    for n in range(calls):
        pace.draw("row", lambda n=n: drawn.append(n), interval)  # type: ignore[misc]
        await asyncio.sleep(0)
    await wait_until(lambda: drawn[-1] == calls - 1)
    assert drawn[0] == 0
    assert len(drawn) <= 2 + (loop.time() - started) / interval


async def test_each_message_has_its_own_pace_and_the_number_of_them_is_bounded() -> None:
    pace, drawn = RedrawPace(), list[int]()
    for n in range(3 * MAX_REMEMBERED):
        for _ in range(2):
            pace.draw(n, lambda n=n: drawn.append(n), PERSON_INTERVAL)  # type: ignore[misc]
    # The first of each is drawn at once, and the second of those that are forgotten.
    assert len(drawn) == 3 * MAX_REMEMBERED + 2 * MAX_REMEMBERED
    pace.clear()


async def test_what_must_disappear_is_drawn_at_once_and_nothing_older_after_it() -> None:
    pace, drawn = RedrawPace(), list[str]()
    pace.draw(1, lambda: drawn.append("first"), 0.02)
    pace.draw(1, lambda: drawn.append("older"), 0.02)
    pace.draw(1, lambda: drawn.append("deleted"), 0.02, at_once=True)
    assert drawn == ["first", "deleted"]
    await asyncio.sleep(0.05)
    assert drawn == ["first", "deleted"]


async def test_nothing_is_drawn_after_another_room_was_opened() -> None:
    pace, drawn = RedrawPace(), list[int]()
    for n in range(2):
        pace.draw("row", lambda n=n: drawn.append(n), 0.01)  # type: ignore[misc]
    pace.clear()
    await asyncio.sleep(0.03)
    assert drawn == [0]


async def test_redraw_with_a_delay_is_drawn_once_after_it_with_the_newest_change() -> None:
    pace, drawn = RedrawPace(), list[int]()
    for n in range(3):
        pace.draw("rows", lambda n=n: drawn.append(n), 0.05, delay=0.02)  # type: ignore[misc]
    assert drawn == []
    await asyncio.sleep(0.04)
    assert drawn == [2]
    pace.draw("rows", lambda: drawn.append(3), 0.05, delay=0.02)
    assert drawn == [2], "the interval has not ended"
    await wait_until(lambda: drawn == [2, 3])
