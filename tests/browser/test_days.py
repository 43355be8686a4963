"""The day at the top of a timeline, and the calendar, in Chromium in two time zones."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.activity import MANY_ACTS
from tests.harness.browser import Tab
from tests.harness.clock import shifted_clock
from tests.harness.process import ForkedServer, ServerProcess
from tests.harness.threads import run_in_thread

_DAYS, _LINES_PER_DAY = 4, 30


async def _fill(folder: Path) -> None:
    """Bob wrote many lines on each of some days."""
    workspace = await Workspace.open(
        folder, lambda topic, event: None, timings=Timings(activity=MANY_ACTS)
    )
    try:
        with shifted_clock() as clock:
            clock.shift = -timedelta(days=_DAYS)
            bob = await workspace.identity.sign_in("Bob", "the token of Bob")
            await workspace.on_signed_in(bob)
            room = await workspace.rooms.by_slug(bob, "lobby")
            for days in reversed(range(_DAYS)):
                clock.shift = -timedelta(days=days)
                for number in range(_LINES_PER_DAY):
                    text = f"Line {number} of {days} days ago"
                    await room.post(bob, text, f"message {days}.{number}")
    finally:
        await workspace.close()


@pytest.fixture(scope="module")
def filled_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A chat with messages of some days."""
    folder = tmp_path_factory.mktemp("days") / "data"
    run_in_thread(_fill(folder))
    server = ForkedServer(folder, "--web", "--no-browser").start()
    yield server
    server.kill_if_running()


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Shanghai"])
def test_calendar_at_the_day_of_the_topmost_row_leads_to_an_earlier_day(
    browser: Browser, filled_server: ServerProcess, zone: str
) -> None:
    context = browser.new_context(timezone_id=zone, viewport={"width": 900, "height": 800})
    tab = Tab(context, filled_server.address).opens_as(f"Ann in {zone.rpartition('/')[2]}")
    tab.waits_for_text("Line 29 of 0 days ago")
    tab.scrolls_up(600)
    # The line of the day is below the upper edge, or above it: the pill names one day.
    pill = tab.page.get_by_role("button", name="Yesterday")
    tab.until(lambda: pill.count() > 0)
    pill.first.click()
    day = datetime.now(ZoneInfo(zone)).date() - timedelta(days=2)
    tab.page.get_by_role("button", name=f"{day:%A, %B} {day.day}, {day.year}").click()
    tab.page.get_by_role("button", name="Go", exact=True).click()
    # The first line of that day is in the middle, below the last ones of the day before.
    tab.waits_for_text("Line 1 of 2 days ago")
    assert "Line 29 of 3 days ago" in tab.leaf_texts
    context.close()
