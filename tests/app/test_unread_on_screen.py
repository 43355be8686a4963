"""What waits in the rooms that nobody looks at, in every tab of a person."""

import asyncio
from pathlib import Path

import pytest

from chat.people.emoji_preferences import EmojiPreferencesService
from chat.timings import Timings
from tests.app.test_rooms_on_screen import assert_same_as_fresh_tab
from tests.conftest import NewUser, running_chat
from tests.harness.user import ChatUser
from tests.harness.waiting import delay_results


async def two_members_of_garden(new_user: NewUser) -> tuple[ChatUser, ChatUser]:
    """Ann, who is in a room, and Bob, who is in it too and looks at the lobby."""
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.creates_room("Garden")
    await bob.joins_room("Garden")
    await bob.opens_room("Lobby")
    return ann, bob


async def test_reading_in_one_tab_clears_the_unread_count_in_all_tabs(
    new_user: NewUser,
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    tab = await new_user(like=bob)
    for n in range(3):
        await ann.posts(f"rose {n}")
    for each in (bob, tab):
        await each.waits_for_sidebar_room("Garden", "3")
        await each.waits_until(lambda it: it.unread_badge == 3)
    await assert_same_as_fresh_tab(new_user, bob)
    assert ann.sidebar_rooms == {"Lobby": "", "Garden": ""}
    await tab.opens_room("Garden")
    assert tab.unread_begins_at("rose 0")
    for each in (bob, tab):
        await each.waits_for_sidebar_room("Garden", "")
        await each.waits_until(lambda it: it.unread_badge == 0)
    # Whoever looks has read it, in all tabs.
    await ann.posts("rose 3")
    await tab.waits_for_message("rose 3")
    await tab.opens_room("Lobby")
    await bob.reloads("/")
    await bob.until(lambda: bob.is_in_room("Lobby"))
    assert bob.sidebar_rooms["Garden"] == ""
    await bob.opens_room("Garden")
    assert "New messages" not in bob.timeline_texts


async def test_messages_missed_while_disconnected_are_unread_on_reconnect(
    new_user: NewUser,
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    await ann.posts("rose 1")
    await bob.waits_for_sidebar_room("Garden", "1")
    await bob.disconnects()
    await ann.posts("rose 2")
    await ann.posts("rose 3")
    await bob.connects(bob.address_bar)
    await bob.waits_for_sidebar_room("Garden", "3")
    await bob.waits_until(lambda it: it.unread_badge == 3)
    await assert_same_as_fresh_tab(new_user, bob)
    await ann.posts("rose 4")
    await bob.waits_for_sidebar_room("Garden", "4")


async def test_disconnect_before_a_room_is_shown_leaves_it_unread(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    tab = await new_user()
    tab.cookies, tab.known_secrets = bob.cookies, bob.known_secrets
    async with delay_results(EmojiPreferencesService, "load", monkeypatch) as has_arrived:
        coming = asyncio.create_task(tab.opens("/room/garden"))
        await has_arrived.wait()
        coming.cancel()
        await tab.disconnects()
        await ann.posts("rose 1")
        await bob.waits_for_sidebar_room("Garden", "1")
    await ann.posts("rose 2")
    await bob.waits_for_sidebar_room("Garden", "2")
    await bob.opens_room("Garden")
    assert bob.unread_begins_at("rose 1")


async def test_mention_highlights_the_unread_count_in_the_sidebar(new_user: NewUser) -> None:
    ann, bob = await two_members_of_garden(new_user)
    await ann.posts("hello")
    await bob.waits_for_sidebar_room("Garden", "1")
    await ann.posts("@Bob look")
    await bob.waits_for_sidebar_room("Garden", "1!")
    await ann.posts("@everyone too")
    await bob.waits_for_sidebar_room("Garden", "2!")
    await assert_same_as_fresh_tab(new_user, bob)
    await ann.deletes_message("@Bob look")
    await bob.waits_for_sidebar_room("Garden", "1!")
    await ann.runs_message_action("@everyone too", "Edit")
    await ann.waits_for_composer_text("@everyone too")
    await ann.posts("nobody")
    await bob.waits_for_sidebar_room("Garden", "2")
    await assert_same_as_fresh_tab(new_user, bob)


async def test_notification_level_controls_what_the_sidebar_counts(
    new_user: NewUser,
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    await bob.opens_room("Garden")
    await bob.sets_notification_level("nothing")
    await bob.opens_room("Lobby")
    await bob.waits_for_sidebar_room("Garden", "muted")
    await ann.posts("@Bob do you hear?")
    await bob.posts("no")
    await assert_same_as_fresh_tab(new_user, bob)
    assert bob.sidebar_rooms["Garden"] == "muted"
    await bob.opens_room("Garden")
    await bob.sets_notification_level("mentions")
    await bob.opens_room("Lobby")
    await ann.posts("not for Bob")
    await ann.posts("for @Bob")
    await bob.waits_for_sidebar_room("Garden", "1!")
    await assert_same_as_fresh_tab(new_user, bob)
    await bob.opens_room("Garden")
    await bob.sets_notification_level("all")
    await bob.opens_room("Lobby")
    await ann.posts("for all")
    await bob.waits_for_sidebar_room("Garden", "1")


async def test_message_marked_unread_stays_unread_until_the_room_is_reopened(
    new_user: NewUser,
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    for n in range(4):
        await ann.posts(f"rose {n}")
    await bob.opens_room("Garden")
    await bob.waits_for_sidebar_room("Garden", "")
    await bob.runs_message_action("rose 1", "Mark unread")
    await bob.until(lambda: bob.unread_begins_at("rose 1"))
    tab = await new_user(like=bob)
    await tab.waits_for_sidebar_room("Garden", "3")
    await bob.opens_room("Lobby")
    await bob.waits_for_sidebar_room("Garden", "3")
    await ann.posts("rose 4")
    await bob.waits_for_sidebar_room("Garden", "4")
    await bob.opens_room("Garden")
    assert bob.unread_begins_at("rose 1")
    for each in (bob, tab):
        await each.waits_for_sidebar_room("Garden", "")


async def test_unread_counts_and_drafts_survive_a_restart(tmp_path: Path) -> None:
    async with running_chat(tmp_path) as chat:
        ann, bob = ChatUser(chat.url), ChatUser(chat.url)
        for person, name in ((ann, "Ann"), (bob, "Bob")):
            await person.opens()
            await person.signs_in(name)
        await ann.creates_room("Garden")
        await bob.joins_room("Garden")
        await bob.opens_room("Lobby")
        await ann.posts("one")
        await ann.posts("two @Bob")
        await bob.waits_for_sidebar_room("Garden", "1!")
        await bob.opens_direct_conversation("Ann")
        await bob.posts("for Ann")
        await ann.waits_for_sidebar_room("Bob", "1!")
        await bob.types("half a")
        before = [person.sidebar_rooms for person in (ann, bob)]
        for person in (ann, bob):
            await person.disconnects()
    async with running_chat(tmp_path) as chat:
        for person in (ann, bob):
            person.address = chat.url
            await person.opens(person.address_bar)
        await ann.until(lambda: ann.is_in_room("Garden") and ann.sidebar_rooms == before[0])
        await bob.until(lambda: bob.is_in_room("Ann") and bob.sidebar_rooms == before[1])
        await bob.waits_for_composer_text("half a")
        for person in (ann, bob):
            await person.disconnects()


async def test_messages_below_a_scrolled_up_reader_stay_unread(new_user: NewUser) -> None:
    ann, bob = await two_members_of_garden(new_user)
    await bob.opens_room("Garden")
    for n in range(30):
        await ann.posts(f"rose {n}")
    await bob.waits_for_message("rose 29")
    await bob.scrolls_up(10)
    await ann.posts("rose 30")
    await bob.waits_for_partial_text("1 new message")
    tab = await new_user(like=bob)
    await tab.waits_for_sidebar_room("Garden", "1")
    await bob.clicks("1 new message")
    await bob.waits_for_message("rose 30")
    await tab.waits_for_sidebar_room("Garden", "")
    await assert_same_as_fresh_tab(new_user, ann, bob)


@pytest.mark.parametrize(("looks", "away"), [("background", ["Bob"]), ("in view", [])])
@pytest.mark.parametrize("timings", [Timings(away_announce_interval=0.0)])
async def test_inactive_page_leaves_messages_unread_and_gets_a_notification(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch, looks: str, away: list[str]
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.allows_notifications(True)
    await bob.reports_visibility(looks)
    await ann.opens_direct_conversation("Bob")
    await ann.posts("are you there?")
    await bob.until(lambda: bob.notifications)
    await ann.until(lambda: ann.away_people == away)
    notice = bob.notifications[-1]
    assert (notice["title"], notice["body"]) == ("Ann", "are you there?")
    await bob.until(lambda: bob.unread_badge == 1)
    await bob.clicks_notification(notice)
    await bob.until(lambda: bob.room_title == "Ann" and bob.is_target_row("are you there?"))
    await bob.reports_visibility("looked at")
    await bob.until(lambda: bob.unread_badge == 0)
    await assert_same_as_fresh_tab(new_user, ann)


async def test_notification_goes_only_to_the_active_tab(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    phone = await new_user(like=bob)
    for each in (bob, phone):
        await each.allows_notifications(True)
    await phone.reports_visibility("background")
    await bob.opens_direct_conversation("Ann")
    await phone.waits_for_message("Bob has joined the chat.")
    await ann.posts("@Bob are you there?")
    await bob.until(lambda: bob.notifications)
    await ann.opens_direct_conversation("Bob")
    await ann.posts("or here?")
    await bob.waits_for_message("or here?")
    await asyncio.sleep(0.3)
    assert [each["title"] for each in bob.notifications] == ["Ann in Lobby"]
    assert phone.notifications == []
