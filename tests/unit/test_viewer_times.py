"""Time zones: each viewer sees times and days in their own zone."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.ui.viewer import ViewerContext, parse_time_zone

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)

ZURICH, TOKYO, NEW_YORK = (
    ViewerContext(ZoneInfo(name)) for name in ("Europe/Zurich", "Asia/Tokyo", "America/New_York")
)


# In POSIX form, because a minimal system has no time zone database.
IN_ZURICH, IN_TOKYO = "CET-1CEST,M3.5.0,M10.5.0/3", "JST-9"


@pytest.fixture
def set_machine_zone() -> Iterator[Callable[[str], None]]:
    """A function that sets the time zone of this machine."""
    if not hasattr(time, "tzset"):
        pytest.skip("only POSIX can change the zone of a process")
    before = os.environ.get("TZ")

    def set_zone(name: str) -> None:
        os.environ["TZ"] = name
        time.tzset()

    yield set_zone
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_time_is_formatted_in_the_viewers_zone() -> None:
    assert [viewer.format_time(NOON) for viewer in (ZURICH, TOKYO, NEW_YORK)] == [
        "14:00",
        "21:00",
        "08:00",
    ]


def test_time_accepts_a_moment_of_any_zone() -> None:
    same_moment = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert ZURICH.format_time(same_moment) == "14:00"


def test_time_follows_daylight_saving_changes() -> None:
    assert ZURICH.format_time(datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == "01:59"
    assert ZURICH.format_time(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == "03:00"
    assert ZURICH.format_time(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == "02:30"
    assert ZURICH.format_time(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == "02:30"


def test_day_depends_on_the_viewers_zone() -> None:
    late = datetime(2026, 6, 15, 22, 30, tzinfo=UTC)
    assert ZURICH.local_date(late) == date(2026, 6, 16)
    assert NEW_YORK.local_date(late) == date(2026, 6, 15)
    assert ZURICH.format_day(NOON, late) == "Yesterday"
    assert NEW_YORK.format_day(NOON, late) == "Today"


@pytest.mark.parametrize(
    ("moment", "formatted"),
    [
        (datetime(2026, 1, 2, 0, 0), "Today"),
        (datetime(2026, 1, 2, 23, 59), "Today"),
        (datetime(2026, 1, 1, 23, 59), "Yesterday"),
        (datetime(2026, 1, 1, 0, 0), "Yesterday"),
        (datetime(2025, 12, 31, 23, 59), "Wednesday, 31 December 2025"),
        (datetime(2026, 1, 3, 0, 0), "Tomorrow"),
        (datetime(2026, 1, 4, 0, 0), "Sunday, 4 January"),
        (datetime(2026, 11, 9, 8, 0), "Monday, 9 November"),
        (datetime(2024, 2, 29, 8, 0), "Thursday, 29 February 2024"),
    ],
)
def test_day_is_formatted_as_today_yesterday_or_a_date(moment: datetime, formatted: str) -> None:
    now = datetime(2026, 1, 2, 9, 41, tzinfo=ZoneInfo("Europe/Zurich"))
    assert ZURICH.format_day(moment.replace(tzinfo=now.tzinfo), now) == formatted


def test_new_years_eve_is_yesterday_on_new_years_day() -> None:
    eve = datetime(2025, 12, 31, 23, 0, tzinfo=UTC)
    viewer = ViewerContext(UTC)
    assert viewer.format_day(eve, eve + timedelta(hours=2)) == "Yesterday"


def test_now_defaults_to_the_current_time() -> None:
    now = datetime.now(UTC)
    assert (
        ViewerContext(UTC)
        .format_day(now - timedelta(days=400))
        .endswith(str((now - timedelta(days=400)).year))
    )
    assert 0 < ViewerContext(UTC).seconds_until_midnight() <= 24 * 3600


HOUR = 3600.0
DAYS = timedelta(days=2)

MIDNIGHTS = {
    # The zone, the current time in it, and the hours until its next day.
    "an ordinary day": ("Europe/Zurich", datetime(2026, 6, 15, 22, 30), 1.5),
    "just begun": ("Europe/Zurich", datetime(2026, 6, 15, 0, 0), 24),
    "the short day in spring": ("Europe/Zurich", datetime(2026, 3, 29, 0, 30), 22.5),
    "the short day, after the leap": ("Europe/Zurich", datetime(2026, 3, 29, 12, 0), 12),
    "the evening before the short day": ("Europe/Zurich", datetime(2026, 3, 28, 20, 0), 4),
    "the long day in autumn": ("Europe/Zurich", datetime(2026, 10, 25, 0, 30), 24.5),
    "the long day, after the leap": ("Europe/Zurich", datetime(2026, 10, 25, 12, 0), 12),
    "half an hour of summer": ("Australia/Lord_Howe", datetime(2026, 10, 4, 0, 0), 23.5),
    "a midnight that does not exist": ("America/Santiago", datetime(2026, 9, 5, 22, 0), 2),
    "a midnight that comes twice": ("America/Havana", datetime(2026, 11, 1, 0, 30), 24.5),
    "the day before a year": ("Asia/Kathmandu", datetime(2026, 12, 31, 23, 0), 1),
}


@pytest.mark.parametrize(("name", "now", "hours"), MIDNIGHTS.values(), ids=MIDNIGHTS)
def test_until_midnight_handles_daylight_saving_days(
    name: str, now: datetime, hours: float
) -> None:
    viewer = ViewerContext(ZoneInfo(name))
    local = now.replace(tzinfo=viewer.time_zone)
    assert viewer.seconds_until_midnight(local.astimezone(UTC)) == hours * HOUR


def test_until_midnight_uses_the_machines_zone_without_a_viewer_zone(
    set_machine_zone: Callable[[str], None],
) -> None:
    set_machine_zone(IN_ZURICH)
    for name, now, hours in MIDNIGHTS.values():
        if name == "Europe/Zurich":
            assert ViewerContext().seconds_until_midnight(now.astimezone(UTC)) == hours * HOUR


@given(st.sampled_from([*MIDNIGHTS.values()]), st.timedeltas(-DAYS, DAYS))
@settings(deadline=None, database=None, max_examples=200)
def test_day_changes_exactly_at_the_computed_midnight(
    midnight: tuple[str, datetime, float], offset: timedelta
) -> None:
    name, time_of_day, _ = midnight
    viewer, now = ViewerContext(ZoneInfo(name)), time_of_day.replace(tzinfo=UTC) + offset
    midnight_time = now + timedelta(seconds=viewer.seconds_until_midnight(now))
    moment = timedelta(milliseconds=1)
    assert viewer.local_date(midnight_time + moment) == viewer.local_date(now) + timedelta(days=1)
    assert viewer.local_date(midnight_time - moment) == viewer.local_date(now)


def test_zone_parses_an_iana_name() -> None:
    assert parse_time_zone("Europe/Zurich") == ZoneInfo("Europe/Zurich")
    assert ViewerContext(parse_time_zone("Asia/Tokyo")).format_time(NOON) == "21:00"
    assert parse_time_zone("UTC") == ZoneInfo("UTC")


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        " ",
        "Nowhere/Atlantis",
        "../etc/passwd",
        "../../../../etc/passwd",
        "/etc/passwd",
        "/etc/localtime",
        "Europe",
        "Europe/",
        "Europe/../Europe/Zurich",
        ".",
        "..",
        "zone.tab",
        "tzdata.zi",
        "__init__.py",
        "Europe/__init__.py",
        "Europe/Zurich\x00",
        "Europe/Zurich\n",
        "\ud800",
        "x" * 10_000,
        "Europe/" * 2000,
        "%s",
        "Zürich",
    ],
    ids=lambda name: ascii(name)[:30],
)
def test_unknown_zone_name_falls_back_to_the_servers_zone(name: str | None) -> None:
    assert parse_time_zone(name) is None
    assert ViewerContext(parse_time_zone(name)).to_local(NOON) == NOON


@given(st.text(st.characters(), max_size=70) | st.text("./\\_aEurope", max_size=20))
@example("con/nul")
@settings(deadline=None, database=None)
def test_any_zone_name_is_parsed_without_an_error(name: str) -> None:
    zone = parse_time_zone(name)
    assert zone is None or str(zone) == name


def test_missing_zone_uses_the_machines_zone(
    set_machine_zone: Callable[[str], None],
) -> None:
    set_machine_zone(IN_TOKYO)
    assert ViewerContext().format_time(NOON) == "21:00"
    assert ViewerContext().local_date(datetime(2026, 6, 15, 15, 30, tzinfo=UTC)) == date(
        2026, 6, 16
    )
