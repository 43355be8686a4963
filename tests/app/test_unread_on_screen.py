"""Unread counts on the screen: in the sidebar, the badge and the notifications of each tab."""

import asyncio
from pathlib import Path

import pytest

from chat.people.emoji_preferences import EmojiPreferencesService
from chat.people.presence import PresenceTimings
from chat.ui.client.notification_state import NotificationState
from chat.workspace.timings import Timings
from tests.app.test_rooms_on_screen import assert_same_as_fresh_tab
from tests.conftest import NewUser, running_chat
from tests.harness.hostile_clients import wait_until_processed
from tests.harness.user import ChatUser
from tests.harness.waiting import delay_results


async def two_members_of_garden(new_user: NewUser) -> tuple[ChatUser, ChatUser]:
    """Ann with the garden open, and Bob: a member of it with the lobby open."""
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    await bob.rooms_dialog.joins_room("Garden")
    await bob.sidebar.opens_room("Lobby")
    return ann, bob


async def test_reading_in_one_tab_clears_the_unread_count_in_all_tabs(
    new_user: NewUser,
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    tab = await new_user(like=bob)
    for n in range(3):
        await ann.composer.posts(f"rose {n}")
    for each in (bob, tab):
        await each.sidebar.waits_for_room("Garden", "3")
        await each.waits_until(lambda user: user.page_script.unread_badge == 3)
    await assert_same_as_fresh_tab(new_user, bob)
    assert ann.sidebar.rooms == {"Lobby": "", "Garden": ""}
    await tab.sidebar.opens_room("Garden")
    assert tab.timeline.unread_begins_at("rose 0")
    for each in (bob, tab):
        await each.sidebar.waits_for_room("Garden", "")
        await each.waits_until(lambda user: user.page_script.unread_badge == 0)
    # A message in an open room is read at once, in all tabs.
    await ann.composer.posts("rose 3")
    await tab.timeline.waits_for_message("rose 3")
    await tab.sidebar.opens_room("Lobby")
    await bob.reloads("/")
    await bob.until(lambda: bob.sidebar.has_opened("Lobby"))
    assert bob.sidebar.rooms["Garden"] == ""
    await bob.sidebar.opens_room("Garden")
    assert "New messages" not in bob.timeline.texts


async def test_menu_button_of_a_phone_shows_what_is_unread_in_other_rooms(
    new_user: NewUser,
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    phone = await new_user(like=bob, width=390)
    await phone.until(lambda: phone.header.menu_badge == ("", "Rooms and people"))
    await ann.composer.posts("rose 1")
    one = ("1", "Rooms and people: 1 unread message")
    await phone.until(lambda: phone.header.menu_badge == one)
    # A message of the room on the screen does not count.
    await ann.sidebar.opens_room("Lobby")
    await ann.composer.posts("in the lobby")
    await phone.timeline.waits_for_message("in the lobby")
    assert phone.header.menu_badge == one
    await ann.sidebar.opens_room("Garden")
    for n in range(2, 102):
        await ann.composer.posts(f"rose {n}")
    many = ("99+", "Rooms and people: 100 unread messages")
    await phone.until(lambda: phone.header.menu_badge == many)
    # A new session of the phone shows the same.
    fresh = await new_user(like=bob, width=390)
    await fresh.until(lambda: fresh.header.menu_badge == many)
    await bob.sidebar.opens_room("Garden")
    for each in (phone, fresh):
        await each.until(lambda each=each: each.header.menu_badge[0] == "")  # type: ignore[misc]
    # A wide screen lists the rooms, and has no such button.
    await phone.resizes(1280)
    await phone.until(lambda: phone.header.menu_badge == ("", ""))


async def test_messages_missed_while_disconnected_are_unread_on_reconnect(
    new_user: NewUser,
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    await ann.composer.posts("rose 1")
    await bob.sidebar.waits_for_room("Garden", "1")
    await bob.disconnects()
    await ann.composer.posts("rose 2")
    await ann.composer.posts("rose 3")
    await bob.connects(bob.address_bar)
    await bob.sidebar.waits_for_room("Garden", "3")
    await bob.waits_until(lambda user: user.page_script.unread_badge == 3)
    await assert_same_as_fresh_tab(new_user, bob)
    await ann.composer.posts("rose 4")
    await bob.sidebar.waits_for_room("Garden", "4")


async def test_disconnect_before_a_room_is_shown_leaves_it_unread(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    tab = await new_user()
    tab.cookies, tab.known_secrets = bob.cookies, bob.known_secrets
    async with delay_results(EmojiPreferencesService, "load", monkeypatch) as load_started:
        opening = asyncio.create_task(tab.opens("/room/garden"))
        await load_started.wait()
        opening.cancel()
        await tab.disconnects()
        await ann.composer.posts("rose 1")
        await bob.sidebar.waits_for_room("Garden", "1")
    await ann.composer.posts("rose 2")
    await bob.sidebar.waits_for_room("Garden", "2")
    await bob.sidebar.opens_room("Garden")
    assert bob.timeline.unread_begins_at("rose 1")


async def test_mention_highlights_the_unread_count_in_the_sidebar(new_user: NewUser) -> None:
    ann, bob = await two_members_of_garden(new_user)
    await ann.composer.posts("hello")
    await bob.sidebar.waits_for_room("Garden", "1")
    await ann.composer.posts("@Bob look")
    await bob.sidebar.waits_for_room("Garden", "1!")
    await ann.composer.posts("@everyone too")
    await bob.sidebar.waits_for_room("Garden", "2!")
    await assert_same_as_fresh_tab(new_user, bob)
    await ann.message_menu.deletes("@Bob look")
    await bob.sidebar.waits_for_room("Garden", "1!")
    await ann.message_menu.runs("@everyone too", "Edit")
    await ann.composer.waits_for_text("@everyone too")
    await ann.composer.posts("nobody")
    await bob.sidebar.waits_for_room("Garden", "2")
    await assert_same_as_fresh_tab(new_user, bob)


async def test_notification_level_controls_what_the_sidebar_counts(
    new_user: NewUser,
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    await bob.sidebar.opens_room("Garden")
    await bob.room_dialog.sets_notification_level("nothing")
    await bob.sidebar.opens_room("Lobby")
    await bob.sidebar.waits_for_room("Garden", "muted")
    await ann.composer.posts("@Bob do you hear?")
    await bob.composer.posts("no")
    await assert_same_as_fresh_tab(new_user, bob)
    assert bob.sidebar.rooms["Garden"] == "muted"
    await bob.sidebar.opens_room("Garden")
    await bob.room_dialog.sets_notification_level("mentions")
    await bob.sidebar.opens_room("Lobby")
    await ann.composer.posts("not for Bob")
    await ann.composer.posts("for @Bob")
    await bob.sidebar.waits_for_room("Garden", "1!")
    await assert_same_as_fresh_tab(new_user, bob)
    await bob.sidebar.opens_room("Garden")
    await bob.room_dialog.sets_notification_level("all")
    await bob.sidebar.opens_room("Lobby")
    await ann.composer.posts("for all")
    await bob.sidebar.waits_for_room("Garden", "1")


async def test_message_marked_unread_stays_unread_until_the_room_is_reopened(
    new_user: NewUser,
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    for n in range(4):
        await ann.composer.posts(f"rose {n}")
    await bob.sidebar.opens_room("Garden")
    await bob.sidebar.waits_for_room("Garden", "")
    await bob.message_menu.runs("rose 1", "Mark unread")
    await bob.until(lambda: bob.timeline.unread_begins_at("rose 1"))
    tab = await new_user(like=bob)
    await tab.sidebar.waits_for_room("Garden", "3")
    await bob.sidebar.opens_room("Lobby")
    await bob.sidebar.waits_for_room("Garden", "3")
    await ann.composer.posts("rose 4")
    await bob.sidebar.waits_for_room("Garden", "4")
    await bob.sidebar.opens_room("Garden")
    assert bob.timeline.unread_begins_at("rose 1")
    for each in (bob, tab):
        await each.sidebar.waits_for_room("Garden", "")


async def test_unread_counts_and_drafts_survive_a_restart(tmp_path: Path) -> None:
    async with running_chat(tmp_path) as chat:
        ann, bob = ChatUser(chat.url), ChatUser(chat.url)
        for person, name in ((ann, "Ann"), (bob, "Bob")):
            await person.opens()
            await person.signs_in(name)
        await ann.rooms_dialog.creates_room("Garden")
        await bob.rooms_dialog.joins_room("Garden")
        await bob.sidebar.opens_room("Lobby")
        await ann.composer.posts("one")
        await ann.composer.posts("two @Bob")
        await bob.sidebar.waits_for_room("Garden", "1!")
        await bob.sidebar.opens_direct_conversation("Ann")
        await bob.composer.posts("for Ann")
        await ann.sidebar.waits_for_room("Bob", "1!")
        await bob.composer.types("half a")
        before = [person.sidebar.rooms for person in (ann, bob)]
        for person in (ann, bob):
            await person.disconnects()
    async with running_chat(tmp_path) as chat:
        for person in (ann, bob):
            person.address = chat.url
            await person.opens(person.address_bar)
        await ann.until(lambda: ann.sidebar.has_opened("Garden") and ann.sidebar.rooms == before[0])
        await bob.until(lambda: bob.sidebar.has_opened("Ann") and bob.sidebar.rooms == before[1])
        await bob.composer.waits_for_text("half a")
        for person in (ann, bob):
            await person.disconnects()


async def test_messages_below_a_scrolled_up_reader_stay_unread(new_user: NewUser) -> None:
    ann, bob = await two_members_of_garden(new_user)
    await bob.sidebar.opens_room("Garden")
    for n in range(30):
        await ann.composer.posts(f"rose {n}")
    await bob.timeline.waits_for_message("rose 29")
    await bob.timeline.scrolls_up(10)
    await ann.composer.posts("rose 30")
    await bob.waits_for_partial_text("1 new message")
    tab = await new_user(like=bob)
    await tab.sidebar.waits_for_room("Garden", "1")
    await bob.clicks("1 new message")
    await bob.timeline.waits_for_message("rose 30")
    await tab.sidebar.waits_for_room("Garden", "")
    await assert_same_as_fresh_tab(new_user, ann, bob)


@pytest.mark.parametrize("waits", [False, True], ids=["before the room", "before its rows"])
async def test_own_message_is_shown_at_once_after_a_reload_further_up(
    new_user: NewUser, waits: bool
) -> None:
    ann, bob = await two_members_of_garden(new_user)
    await bob.sidebar.opens_room("Garden")
    for n in range(30):
        await ann.composer.posts(f"rose {n}")
    await bob.timeline.waits_for_message("rose 29")
    await bob.timeline.scrolls_up(10)
    await ann.composer.posts("rose 30")
    await bob.waits_for_text("1 new message")
    # The page is slow: it does not report yet where the rows of before are.
    bob.answers_invocations = False
    await bob.reloads(bob.address_bar)
    await bob.until(lambda: bob.composer.control and (not waits or bob.header.title == "Garden"))
    await bob.composer.posts("me too")
    await bob.timeline.waits_for_message("me too")
    bob.answers_invocations = True
    assert bob.timeline.unread_begins_at("rose 30")
    await bob.until(lambda: not bob.sees_partial("new message"))
    tab = await new_user(like=bob)
    await tab.sidebar.waits_for_room("Garden", "")


@pytest.mark.parametrize(("visibility", "away_people"), [("background", ["Bob"]), ("in view", [])])
@pytest.mark.parametrize("timings", [Timings(presence=PresenceTimings(away_announce_interval=0.0))])
async def test_inactive_page_leaves_messages_unread_and_gets_a_notification(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch, visibility: str, away_people: list[str]
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.page_script.reports_notification_state(NotificationState.ALLOWED)
    await bob.page_script.reports_visibility(visibility)
    await wait_until_processed(bob)
    await ann.sidebar.opens_direct_conversation("Bob")
    await ann.composer.posts("are you there?")
    await bob.until(lambda: bob.page_script.notifications)
    await ann.until(lambda: ann.sidebar.away_people == away_people)
    notification = bob.page_script.notifications[-1]
    assert (notification["title"], notification["body"]) == ("Ann", "are you there?")
    await bob.until(lambda: bob.page_script.unread_badge == 1)
    await bob.page_script.clicks_notification(notification)
    await bob.until(
        lambda: bob.header.title == "Ann" and bob.timeline.is_target_row("are you there?")
    )
    await bob.page_script.reports_visibility("looked at")
    await bob.until(lambda: bob.page_script.unread_badge == 0)
    await assert_same_as_fresh_tab(new_user, ann)


async def test_notification_goes_only_to_the_active_tab(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    phone = await new_user(like=bob)
    for each in (bob, phone):
        await each.page_script.reports_notification_state(NotificationState.ALLOWED)
    await phone.page_script.reports_visibility("background")
    await wait_until_processed(phone)
    await bob.sidebar.opens_direct_conversation("Ann")
    await phone.timeline.waits_for_message("Bob has joined the chat.")
    await ann.composer.posts("@Bob are you there?")
    await bob.until(lambda: bob.page_script.notifications)
    await ann.sidebar.opens_direct_conversation("Bob")
    await ann.composer.posts("or here?")
    await bob.timeline.waits_for_message("or here?")
    await ann.sidebar.opens_room("Lobby")
    await ann.composer.posts("@Bob or there?")
    await bob.until(lambda: len(bob.page_script.notifications) == 2)
    assert {each["title"] for each in bob.page_script.notifications} == {"Ann in Lobby"}
    assert phone.page_script.notifications == []
