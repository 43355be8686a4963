"""Midnight: dividers name the right day, also where no timer ran because the computer slept."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chat.ui.panes import room_pane
from tests.conftest import NewUser
from tests.harness.clock import ShiftedDatetime, shifted_clock
from tests.harness.user import ChatUser

DAYS = {"Today", "Yesterday"}

ZONE = ZoneInfo("Asia/Shanghai")


def set_clock(time_of_day: str, days: int = 0) -> None:
    """Set the clock to a time of today in `ZONE`, or so many days later."""
    hour, minute = map(int, time_of_day.split(":"))
    now = datetime.now(ZONE)
    then = now.replace(hour=hour, minute=minute, second=0) + timedelta(days=days)
    ShiftedDatetime.shift = then - now


@pytest.fixture(autouse=True)
def evening() -> Iterator[None]:
    """It is 23:50 in `ZONE`."""
    with shifted_clock():
        set_clock("23:50")
        yield


def days_shown(person: ChatUser) -> list[str]:
    """The dividers of days on a screen."""
    return [text for text in person.timeline.texts if text in DAYS]


@pytest.mark.parametrize(("time_of_day", "days"), [("00:01", 1), ("07:30", 1), ("23:59", 1)])
@pytest.mark.parametrize("with_script", [True, False])
async def test_one_divider_says_today_after_a_night_of_sleep(
    new_user: NewUser, time_of_day: str, days: int, with_script: bool
) -> None:
    options = {"zone": ZONE.key, "has_script": with_script}
    ann, bob = await new_user("Ann", **options), await new_user("Bob", **options)
    await ann.composer.posts("good night")
    await bob.timeline.waits_for_message("good night")
    assert days_shown(ann) == days_shown(bob) == ["Today"]
    set_clock(time_of_day, days)
    # A fresh tab draws the new message first, and shares what it has drawn.
    cem = await new_user("Cem", **options)
    await ann.composer.posts("good morning")
    for person in (ann, bob, cem):
        await person.timeline.waits_for_message("good morning")
        await person.waits_until(lambda p: days_shown(p) == ["Yesterday", "Today"])
        assert person.timeline.texts.count("good morning") == 1


async def test_quiet_screen_changes_its_divider_soon_after_the_sleep(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_pane, "CLOCK_INTERVAL", 0.05)
    ann = await new_user("Ann", zone=ZONE.key)
    await ann.composer.posts("good night")
    assert days_shown(ann) == ["Today"]
    set_clock("00:05", 1)
    await ann.until(lambda: days_shown(ann) == ["Yesterday"])


async def test_timer_of_a_quiet_screen_is_short() -> None:
    assert room_pane.CLOCK_INTERVAL <= 60
