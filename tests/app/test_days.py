"""The day at the top of a timeline that is scrolled up, and the calendar."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import NewUser
from tests.harness.clock import ShiftedDatetime, shifted_clock
from tests.harness.user import ChatUser

ZONE = ZoneInfo("Asia/Shanghai")

# Higher than a screen, at 25 pixels for each.
_LINES_PER_DAY = 40


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """The chat has a clock that tests set. It is noon in `ZONE`."""
    with shifted_clock():
        set_days_ago(0)
        yield


def set_days_ago(days: int) -> None:
    """Set the clock to noon of a day before today."""
    now = datetime.now(ZONE)
    then = datetime.combine(now.date() - timedelta(days=days), time(12), ZONE)
    ShiftedDatetime.shift = then - now


def midnight(days_ago: int) -> datetime:
    """When a day before today began."""
    return datetime.combine(
        datetime.now(ZONE).date() - timedelta(days=days_ago), time(), ZONE
    ).astimezone(UTC)


async def user_with_four_days(new_user: NewUser) -> ChatUser:
    """Ann, who wrote many lines four days ago, three days ago, yesterday and today."""
    set_days_ago(4)
    ann = await new_user("Ann", zone=ZONE.key)
    for days in (4, 3, 1, 0):
        set_days_ago(days)
        for number in range(_LINES_PER_DAY):
            await ann.composer.posts(f"line {number} of {days} days ago")
    await ann.reloads()
    await ann.timeline.waits_for_message("line 39 of 0 days ago")
    return ann


async def test_day_of_the_topmost_row_is_shown_while_the_timeline_is_scrolled_up(
    new_user: NewUser,
) -> None:
    ann = await user_with_four_days(new_user)
    assert ann.timeline.day_at_top == ""
    await ann.timeline.scrolls(100, 3000)
    await ann.until(lambda: ann.timeline.day_at_top == "Today")
    await ann.timeline.scrolls(550, 3000)
    await ann.until(lambda: ann.timeline.day_at_top == "Yesterday")
    # Nothing is sent for the same day again.
    received = len(ann.received)
    await ann.timeline.scrolls(580, 3000)
    await ann.timeline.scrolls(300, 3000)
    await ann.until(lambda: ann.timeline.day_at_top == "Today")
    new_bytes = len(ann.received) - received
    assert 0 < new_bytes < 400
    await ann.timeline.scrolls(0, 3000)
    await ann.until(lambda: ann.timeline.day_at_top == "")


async def test_day_at_the_top_does_not_come_after_the_return_to_the_end(new_user: NewUser) -> None:
    ann = await user_with_four_days(new_user)
    # The rows of the day are still being read when the person is back.
    for pixels in (550, 0):
        await ann.timeline.scrolls(pixels, 3000)
    await ann.composer.posts("at the end")
    await ann.timeline.waits_for_message("at the end")
    assert ann.timeline.day_at_top == ""


async def test_day_at_the_top_follows_the_height_of_the_timeline(new_user: NewUser) -> None:
    ann = await user_with_four_days(new_user)
    await ann.timeline.scrolls(550, 3000)
    await ann.until(lambda: ann.timeline.day_at_top == "Yesterday")
    # A long draft, or what it replies to, takes the space of the topmost rows.
    await ann.timeline.reports_height(350)
    await ann.until(lambda: ann.timeline.day_at_top == "Today")


async def test_calendar_leads_to_the_first_message_of_a_day(new_user: NewUser) -> None:
    ann = await user_with_four_days(new_user)
    await ann.timeline.scrolls(100, 3000)
    await ann.until(lambda: ann.timeline.day_at_top == "Today")
    await ann.timeline.clicks_day_at_top()
    await ann.chooses_day(midnight(3))
    await ann.timeline.waits_for_message("line 0 of 3 days ago")
    await ann.until(lambda: ann.timeline.is_target_row("line 0 of 3 days ago"))
    # The pill is gone: other rows are on the screen.
    assert ann.timeline.day_at_top == ""


async def test_calendar_of_a_day_line_leads_past_a_day_without_messages(new_user: NewUser) -> None:
    ann = await user_with_four_days(new_user)
    await ann.timeline.clicks_in_message("line 0 of 0 days ago", "Today")
    await ann.chooses_day(midnight(2))
    await ann.until(lambda: ann.timeline.is_target_row("line 0 of 1 days ago"))


async def test_calendar_of_the_room_has_the_days_from_its_first_message_on(
    new_user: NewUser,
) -> None:
    ann = await user_with_four_days(new_user)
    await ann.room_dialog.opens()
    await ann.clicks("Go to a day")
    calendar = await ann.waits_for_control("DatePicker", open=True)
    days = [
        datetime.fromisoformat(calendar[each].data.decode()).astimezone(ZONE).date()
        for each in ("first_date", "last_date", "value")
    ]
    assert days == [midnight(each).astimezone(ZONE).date() for each in (4, 0, 0)]
    await ann.chooses_day(midnight(4))
    # The first message of that day is Ann's arrival.
    await ann.timeline.waits_for_message("line 0 of 4 days ago")


async def test_deleted_first_message_of_a_day_is_passed_over(new_user: NewUser) -> None:
    ann = await user_with_four_days(new_user)
    await ann.message_menu.deletes("line 0 of 0 days ago")
    await ann.timeline.waits_until_message_gone("line 0 of 0 days ago")
    await ann.room_dialog.opens()
    await ann.clicks("Go to a day")
    await ann.chooses_day(midnight(0))
    await ann.until(lambda: ann.timeline.is_target_row("line 1 of 0 days ago"))


@pytest.mark.parametrize("year", [1, 9999])
async def test_day_that_no_time_zone_has_is_not_taken(new_user: NewUser, year: int) -> None:
    ann = await new_user("Ann", zone=ZONE.key)
    await ann.room_dialog.opens()
    await ann.clicks("Go to a day")
    calendar = await ann.waits_for_control("DatePicker", open=True)
    await ann.chooses_day(datetime(year, 1, 2, tzinfo=UTC))
    await ann.composer.posts("still here")
    await ann.timeline.waits_for_message("still here")
    assert calendar["open"] is False
