"""What waits in the rooms that nobody looks at, in every tab of a person."""

import asyncio
from pathlib import Path

import pytest

from chat.people import people
from chat.people.emoji_preferences import EmojiPreferencesService
from tests.app.test_rooms_on_screen import is_as_fresh
from tests.conftest import Knock, a_chat
from tests.harness.user import Resident
from tests.harness.waiting import held


async def two_in_the_garden(new_user: Knock) -> tuple[Resident, Resident]:
    """Ann, who is in a room, and Bob, who is in it too and looks at the lobby."""
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.makes_room("Garden")
    await bob.joins("Garden")
    await bob.opens_room("Lobby")
    return ann, bob


async def test_what_nobody_has_read_is_counted_and_read_in_one_tab_is_read_in_all(
    new_user: Knock,
) -> None:
    ann, bob = await two_in_the_garden(new_user)
    tab = await new_user(like=bob)
    for n in range(3):
        await ann.says(f"rose {n}")
    for each in (bob, tab):
        await each.has_place("Garden", "3")
        await each.shows(lambda it: it.unread == 3)
    await is_as_fresh(new_user, bob)
    assert ann.places == {"Lobby": "", "Garden": ""}
    await tab.opens_room("Garden")
    assert tab.begins_at("rose 0")
    for each in (bob, tab):
        await each.has_place("Garden", "")
        await each.shows(lambda it: it.unread == 0)
    # Whoever looks has read it, in all tabs.
    await ann.says("rose 3")
    await tab.reads("rose 3")
    await tab.opens_room("Lobby")
    await bob.reloads("/")
    await bob.until(lambda: bob.stands_in("Lobby"))
    assert bob.places["Garden"] == ""
    await bob.opens_room("Garden")
    assert "New messages" not in bob.talk


async def test_what_was_said_while_the_connection_was_away_waits_for_who_comes_back(
    new_user: Knock,
) -> None:
    ann, bob = await two_in_the_garden(new_user)
    await ann.says("rose 1")
    await bob.has_place("Garden", "1")
    await bob.disconnects()
    await ann.says("rose 2")
    await ann.says("rose 3")
    await bob.connects(bob.address_bar)
    await bob.has_place("Garden", "3")
    await bob.shows(lambda it: it.unread == 3)
    await is_as_fresh(new_user, bob)
    await ann.says("rose 4")
    await bob.has_place("Garden", "4")


async def test_who_goes_before_a_room_is_shown_to_them_reads_nothing_there(
    new_user: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await two_in_the_garden(new_user)
    tab = await new_user()
    tab.cookies, tab.knows = bob.cookies, bob.knows
    async with held(EmojiPreferencesService, "arrive", monkeypatch) as has_arrived:
        coming = asyncio.create_task(tab.opens("/room/garden"))
        await has_arrived.wait()
        coming.cancel()
        await tab.disconnects()
        await ann.says("rose 1")
        await bob.has_place("Garden", "1")
    await ann.says("rose 2")
    await bob.has_place("Garden", "2")
    await bob.opens_room("Garden")
    assert bob.begins_at("rose 1")


async def test_a_call_is_seen_in_the_list(new_user: Knock) -> None:
    ann, bob = await two_in_the_garden(new_user)
    await ann.says("hello")
    await bob.has_place("Garden", "1")
    await ann.says("@Bob look")
    await bob.has_place("Garden", "1!")
    await ann.says("@everyone too")
    await bob.has_place("Garden", "2!")
    await is_as_fresh(new_user, bob)
    await ann.deletes("@Bob look")
    await bob.has_place("Garden", "1!")
    await ann.acts("@everyone too", "Edit")
    await ann.has_words("@everyone too")
    await ann.says("nobody")
    await bob.has_place("Garden", "2")
    await is_as_fresh(new_user, bob)


async def test_a_muted_room_is_silent_and_one_for_mentions_counts_only_those(
    new_user: Knock,
) -> None:
    ann, bob = await two_in_the_garden(new_user)
    await bob.opens_room("Garden")
    await bob.heeds("nothing")
    await bob.opens_room("Lobby")
    await bob.has_place("Garden", "muted")
    await ann.says("@Bob do you hear?")
    await bob.says("no")
    await is_as_fresh(new_user, bob)
    assert bob.places["Garden"] == "muted"
    await bob.opens_room("Garden")
    await bob.heeds("mentions")
    await bob.opens_room("Lobby")
    await ann.says("not for Bob")
    await ann.says("for @Bob")
    await bob.has_place("Garden", "1!")
    await is_as_fresh(new_user, bob)
    await bob.opens_room("Garden")
    await bob.heeds("all")
    await bob.opens_room("Lobby")
    await ann.says("for all")
    await bob.has_place("Garden", "1")


async def test_what_is_marked_as_unread_stays_so_until_one_comes_back(new_user: Knock) -> None:
    ann, bob = await two_in_the_garden(new_user)
    for n in range(4):
        await ann.says(f"rose {n}")
    await bob.opens_room("Garden")
    await bob.has_place("Garden", "")
    await bob.acts("rose 1", "Mark unread")
    await bob.until(lambda: bob.begins_at("rose 1"))
    tab = await new_user(like=bob)
    await tab.has_place("Garden", "3")
    await bob.opens_room("Lobby")
    await bob.has_place("Garden", "3")
    await ann.says("rose 4")
    await bob.has_place("Garden", "4")
    await bob.opens_room("Garden")
    assert bob.begins_at("rose 1")
    for each in (bob, tab):
        await each.has_place("Garden", "")


async def test_what_waits_and_what_was_begun_outlives_a_restart(tmp_path: Path) -> None:
    async with a_chat(tmp_path) as chat:
        ann, bob = Resident(chat.url), Resident(chat.url)
        for person, name in ((ann, "Ann"), (bob, "Bob")):
            await person.opens()
            await person.comes_in(name)
        await ann.makes_room("Garden")
        await bob.joins("Garden")
        await bob.opens_room("Lobby")
        await ann.says("one")
        await ann.says("two @Bob")
        await bob.has_place("Garden", "1!")
        await bob.talks_to("Ann")
        await bob.says("for Ann")
        await ann.has_place("Bob", "1!")
        await bob.types("half a")
        before = [person.places for person in (ann, bob)]
        for person in (ann, bob):
            await person.disconnects()
    async with a_chat(tmp_path) as chat:
        for person in (ann, bob):
            person.address = chat.url
            await person.opens(person.address_bar)
        await ann.until(lambda: ann.stands_in("Garden") and ann.places == before[0])
        await bob.until(lambda: bob.stands_in("Ann") and bob.places == before[1])
        await bob.has_words("half a")
        for person in (ann, bob):
            await person.disconnects()


async def test_who_reads_above_has_not_read_what_is_below(new_user: Knock) -> None:
    ann, bob = await two_in_the_garden(new_user)
    await bob.opens_room("Garden")
    for n in range(30):
        await ann.says(f"rose {n}")
    await bob.reads("rose 29")
    await bob.goes_up(10)
    await ann.says("rose 30")
    await bob.sees_part("1 new message")
    tab = await new_user(like=bob)
    await tab.has_place("Garden", "1")
    await bob.clicks("1 new message")
    await bob.reads("rose 30")
    await tab.has_place("Garden", "")
    await is_as_fresh(new_user, ann, bob)


@pytest.mark.parametrize(("looks", "away"), [("background", ["Bob"]), ("in view", [])])
async def test_who_does_not_look_at_the_page_has_read_nothing_and_is_called(
    new_user: Knock, monkeypatch: pytest.MonkeyPatch, looks: str, away: list[str]
) -> None:
    monkeypatch.setattr(people, "AWAY_ANNOUNCE_INTERVAL", 0.0)
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.allows(True)
    await bob.looks(looks)
    await ann.talks_to("Bob")
    await ann.says("are you there?")
    await bob.until(lambda: bob.notices)
    await ann.until(lambda: ann.away == away)
    notice = bob.notices[-1]
    assert (notice["title"], notice["body"]) == ("Ann", "are you there?")
    await bob.until(lambda: bob.unread == 1)
    await bob.clicks_notice(notice)
    await bob.until(lambda: bob.title == "Ann" and bob.is_marked("are you there?"))
    await bob.looks("looked at")
    await bob.until(lambda: bob.unread == 0)
    await is_as_fresh(new_user, ann)


async def test_who_looks_at_another_room_is_called_where_they_look(new_user: Knock) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    phone = await new_user(like=bob)
    for each in (bob, phone):
        await each.allows(True)
    await phone.looks("background")
    await bob.talks_to("Ann")
    await phone.reads("Bob has joined the chat.")
    await ann.says("@Bob are you there?")
    await bob.until(lambda: bob.notices)
    await ann.talks_to("Bob")
    await ann.says("or here?")
    await bob.reads("or here?")
    await asyncio.sleep(0.3)
    assert [each["title"] for each in bob.notices] == ["Ann in Lobby"]
    assert phone.notices == []
