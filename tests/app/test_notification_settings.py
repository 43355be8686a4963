"""The settings of the notifications on the screen, on one device and on several."""

from functools import partial

import pytest

from chat.people.presence import PresenceTimings
from chat.ui.client.notification_state import NotificationState
from chat.workspace.timings import Timings
from tests.conftest import NewUser
from tests.harness.hostile_clients import wait_until_processed
from tests.harness.user import ChatUser


def _shows_keyword(person: ChatUser, keyword: str) -> bool:
    return keyword in person.notification_dialog.keywords


def _shows_notifications(person: ChatUser, count: int) -> bool:
    return len(person.page_script.notifications) == count


async def test_switch_asks_the_browser_and_shows_its_answer(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    ann.page_script.grants_notifications = False
    await ann.notification_dialog.opens()
    assert ann.sees("Not allowed yet")
    await ann.notification_dialog.switches_device(on=True)
    # The person closed the question of their browser.
    await ann.until(lambda: not ann.notification_dialog.is_device_on)
    ann.page_script.grants_notifications = True
    await ann.notification_dialog.switches_device(on=True)
    await ann.until(lambda: ann.sees("Notifications are on"))
    await ann.notification_dialog.switches_device(on=False)
    await ann.until(lambda: ann.sees("Off on this device"))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (NotificationState.BLOCKED, "Blocked by the browser"),
        (NotificationState.BLOCKED_IN_FIREFOX, "remove “Blocked” beside"),
        (NotificationState.INSECURE, "over https only"),
        (NotificationState.HOME_SCREEN, "Add to Home Screen"),
        (NotificationState.UNSUPPORTED, "This browser has no notifications"),
    ],
)
async def test_dialog_says_why_there_are_none_and_how_to_allow_them(
    new_user: NewUser, state: NotificationState, words: str
) -> None:
    ann = await new_user("Ann")
    await ann.notification_dialog.opens()
    await ann.page_script.reports_notification_state(state)
    await ann.until(lambda: ann.sees_partial(words))
    assert ann.notification_dialog.is_device_fixed
    assert ann.find("OutlinedButton", content="Send a test")[0]["disabled"]
    await ann.clicks("Other settings")
    await ann.until(lambda: ann.find("SegmentedButton"))


async def test_window_without_a_page_script_says_that_it_has_none(new_user: NewUser) -> None:
    ann = await new_user("Ann", has_script=False)
    await ann.notification_dialog.opens()
    assert ann.sees("This browser has no notifications")


async def test_test_notification_takes_the_way_of_a_message(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.page_script.reports_notification_state(NotificationState.ALLOWED)
    await ann.notification_dialog.opens()
    await ann.notification_dialog.switches_sound(on=False)
    await ann.clicks("Send a test")
    await ann.until(lambda: ann.page_script.notifications)
    notification = ann.page_script.notifications[-1]
    assert (notification["title"], notification["sound"]) == ("Flet Chat", False)
    assert notification["path"] == "/room/lobby"
    await ann.until(lambda: ann.sees_partial("If you see nothing"))


async def test_keywords_are_the_same_in_all_tabs_and_call_like_mentions(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    phone = await new_user(like=bob)
    await phone.notification_dialog.opens()
    await bob.notification_dialog.opens()
    for keyword in ("deploy", "会议"):
        await bob.notification_dialog.adds_keyword(keyword)
        await phone.until(partial(_shows_keyword, phone, keyword))
    await bob.notification_dialog.adds_keyword("++")
    await bob.until(lambda: bob.sees_partial("at least one letter"))
    await phone.notification_dialog.removes_keyword("会议")
    await bob.until(lambda: bob.notification_dialog.keywords == ["deploy"])
    await bob.dialog.closes()
    await phone.dialog.closes()
    for each in (bob, phone):
        await each.page_script.reports_notification_state(NotificationState.ALLOWED)
        await each.page_script.reports_visibility("background")
        await wait_until_processed(each)
    await ann.composer.posts("we Deploy now")
    await bob.until(lambda: bob.page_script.notifications)
    await phone.until(lambda: phone.page_script.notifications)


async def test_pause_silences_all_devices_until_it_is_ended(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.page_script.reports_notification_state(NotificationState.ALLOWED)
    await bob.page_script.reports_visibility("background")
    await bob.notification_dialog.opens()
    await bob.clicks("Until I turn them on")
    await bob.until(lambda: bob.sees("Paused until you turn them on."))
    await ann.sidebar.opens_direct_conversation("Bob")
    await ann.composer.posts("one")
    await bob.until(lambda: bob.page_script.unread_badge == 1)
    assert bob.page_script.notifications == []
    await bob.clicks("Turn on now")
    await bob.until(lambda: bob.sees("For 1 hour"))
    await ann.composer.posts("two")
    await bob.until(lambda: bob.page_script.notifications)
    assert [each["body"] for each in bob.page_script.notifications] == ["two"]


@pytest.mark.parametrize("timings", [Timings(presence=PresenceTimings(away_announce_interval=0.0))])
async def test_reading_on_one_device_closes_the_notifications_of_the_others(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    phone = await new_user(like=bob)
    for each in (bob, phone):
        await each.page_script.reports_notification_state(NotificationState.ALLOWED)
        await each.page_script.reports_visibility("background")
    await ann.until(lambda: ann.sidebar.away_people == ["Bob"])
    await ann.composer.posts("@Bob in the lobby")
    await ann.sidebar.opens_direct_conversation("Bob")
    await ann.composer.posts("to you alone")
    for each in (bob, phone):
        await each.until(partial(_shows_notifications, each, 2))
    await bob.page_script.reports_visibility("looked at")
    for each in (bob, phone):
        await each.until(partial(_shows_notifications, each, 1))
        assert each.page_script.notifications[0]["body"] == "to you alone"
    await phone.disconnects()
    await bob.sidebar.opens_room("Ann")
    await bob.until(lambda: bob.page_script.notifications == [])
    assert len(phone.page_script.notifications) == 1
    await phone.reloads("/room/lobby")
    await phone.until(lambda: phone.page_script.notifications == [])
