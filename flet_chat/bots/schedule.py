"""Times at which a bot does something: days and times of day, an interval, or fields of cron."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from cronsim import CronSim

# The shortest interval.
SHORTEST_INTERVAL = timedelta(seconds=1)

# A time that was missed is made up for if it is not longer past.
CATCH_UP = timedelta(minutes=10)

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_INTERVAL = re.compile(r"(?:(\d{1,6})\s+)?(second|minute|hour|day)s?", re.IGNORECASE)

_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_DAYS = rf"{_DAY}(?:-{_DAY})?(?:\s*,\s*{_DAY}(?:-{_DAY})?)*"
_TIME = r"\d{1,2}:\d{2}"
_TIMES_OF_DAYS = re.compile(rf"(?:({_DAYS})\s+)?({_TIME}(?:\s*,\s*{_TIME})*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due: after each `interval`, or at the times of the `crons`."""

    text: str
    zone: tzinfo | None
    interval: timedelta | None = None
    crons: tuple[str, ...] = field(default=())

    @classmethod
    def parse(cls, text: str, tz: str = "") -> "Schedule":
        """Read `mon-fri 09:00`, `10 minutes`, or `*/5 9-17 * * mon-fri`. Raises ValueError."""
        text = " ".join(text.split())
        zone = _zone(tz)
        if found := _INTERVAL.fullmatch(text):
            interval = timedelta(seconds=int(found[1] or 1) * _UNITS[found[2].lower()])
            if interval < SHORTEST_INTERVAL:
                raise ValueError(f"{text!r} is too often. A second is the shortest interval.")
            return cls(text, zone, interval)
        crons: tuple[str, ...] = (text,)
        if found := _TIMES_OF_DAYS.fullmatch(text):
            days = re.sub(r"\s", "", found[1] or "*")
            times = [each.split(":") for each in re.split(r"\s*,\s*", found[2])]
            crons = tuple(f"{int(minute)} {int(hour)} * * {days}" for hour, minute in times)
        schedule = cls(text, zone, None, crons)
        schedule.next_after(datetime.now(UTC))
        return schedule

    def next_due(self, last: datetime, now: datetime) -> datetime:
        """The next time after the last one; of several that were missed the latest, if at all."""
        if self.interval is not None:
            return max(last + self.interval, now)
        due = self.next_after(max(last, now - CATCH_UP))
        while (following := self.next_after(due)) <= now:
            due = following
        return due

    def next_after(self, moment: datetime) -> datetime:
        """The next time after this one, in UTC. Raises ValueError for what is no schedule."""
        if self.interval is not None:
            return moment + self.interval
        # In the zone, so that a clock that is set forward or back moves the time of day with it.
        local = moment.astimezone(self.zone)
        return min(next(_cron(each, local, self.text)) for each in self.crons).astimezone(UTC)


def _cron(expression: str, start: datetime, text: str) -> "CronSim":
    try:
        from cronsim import CronSim, CronSimError
    except ModuleNotFoundError:
        raise ValueError(
            "Bots with times of day need cronsim: python -m pip install cronsim"
        ) from None
    try:
        return CronSim(expression, start)
    except CronSimError:
        raise ValueError(
            f"{text!r} is no schedule. Write it as “mon-fri 09:00”, “10 minutes”, or five fields "
            "of cron."
        ) from None


def _zone(name: str) -> tzinfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone. Write it as Europe/Berlin.") from None
