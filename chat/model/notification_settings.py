"""Notification settings of a person, the same on every device; a new person has the defaults."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

# The length of the short pause, and the time of day at which the long one ends.
SHORT_PAUSE = timedelta(hours=1)
PAUSE_END_TIME = time(9)

# The end of a pause that the person ends by themselves.
OPEN_END = datetime(9999, 1, 1, tzinfo=UTC)


class Pause(StrEnum):
    """How long nothing notifies a person."""

    HOUR = "hour"
    TOMORROW = "tomorrow"
    OPEN = "open"
    """Until the person ends it."""


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """What notifies a person besides the levels of their rooms, and how.

    `keywords` are words that count like a mention. Until `paused_until`, in UTC, nothing notifies;
    everything is counted.
    """

    has_sound: bool = True
    keywords: tuple[str, ...] = ()
    paused_until: datetime | None = None

    def is_paused(self, now: datetime) -> bool:
        """Whether nothing notifies at this moment."""
        return self.paused_until is not None and now < self.paused_until


def pause_end(pause: Pause, now: datetime, time_zone: tzinfo | None) -> datetime:
    """The end of a pause that begins `now`, in UTC.

    "Tomorrow" is the next day in a person's time zone; None is that of this computer.
    """
    match pause:
        case Pause.HOUR:
            return (now + SHORT_PAUSE).astimezone(UTC)
        case Pause.TOMORROW:
            tomorrow = now.astimezone(time_zone).date() + timedelta(days=1)
            return datetime.combine(tomorrow, PAUSE_END_TIME, time_zone).astimezone(UTC)
        case Pause.OPEN:
            return OPEN_END
