"""Times and days as the viewer's own clock and calendar show them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from chat.errors import gettext_noop
from chat.languages import ENGLISH, Language
from chat.model.attachments import avatar_url
from chat.model.people import Person
from chat.ui.theme.density import COMFORTABLE_METRICS, DensityMetrics

_WEEKDAYS = (
    *(
        gettext_noop("Monday"),
        gettext_noop("Tuesday"),
        gettext_noop("Wednesday"),
        gettext_noop("Thursday"),
    ),
    *(gettext_noop("Friday"), gettext_noop("Saturday"), gettext_noop("Sunday")),
)
_MONTHS = (
    *(
        gettext_noop("January"),
        gettext_noop("February"),
        gettext_noop("March"),
        gettext_noop("April"),
    ),
    *(gettext_noop("May"), gettext_noop("June"), gettext_noop("July"), gettext_noop("August")),
    *(
        gettext_noop("September"),
        gettext_noop("October"),
        gettext_noop("November"),
        gettext_noop("December"),
    ),
)


def parse_time_zone(name: str | None) -> tzinfo | None:
    """The zone that a browser names, or None (the server's own) for one that does not exist."""
    if not name or len(name) > 64:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


@lru_cache(maxsize=1024)
def viewer_for(
    time_zone_name: str | None, t: Language = ENGLISH, metrics: DensityMetrics = COMFORTABLE_METRICS
) -> "ViewerContext":
    """The clock of everyone whose browser names this zone, who reads this language, and whose
    rows stand so far apart.

    What is drawn for one of them is for all.
    """
    return ViewerContext(parse_time_zone(time_zone_name), t, metrics)


@dataclass(frozen=True, slots=True)
class ViewerContext:
    """One viewer's clock, the language that is said beside it, and how far apart the rows stand.

    Without a zone it is the clock of this machine. `opens` is None in a browser, whose cookie says
    who asks for a picture; elsewhere it makes an address that this viewer's client may fetch.
    """

    time_zone: tzinfo | None = None
    t: Language = ENGLISH
    metrics: DensityMetrics = COMFORTABLE_METRICS
    sign_url: Callable[[str], str] | None = None

    def image_url(self, url: str) -> str:
        """Where the viewer's client finds a picture of the chat's."""
        return url if self.sign_url is None else self.sign_url(url)

    def avatar_url(self, person: Person) -> str | None:
        """Where the viewer's client finds the picture of somebody who has one."""
        return self.image_url(avatar_url(person.avatar)) if person.avatar else None

    def to_local(self, moment: datetime) -> datetime:
        """`moment` (any zone) on this clock."""
        return moment.astimezone(self.time_zone)

    def format_time(self, moment: datetime) -> str:
        """As `09:41`."""
        return f"{self.to_local(moment):%H:%M}"

    def format_date_time(self, moment: datetime) -> str:
        """Day and time."""
        day, time = self.format_day(moment), self.format_time(moment)
        return self.t("{day}, {time}", day=day, time=time)

    def local_date(self, moment: datetime) -> date:
        """The calendar day of `moment`."""
        return self.to_local(moment).date()

    def format_day(self, moment: datetime, now: datetime | None = None) -> str:
        """ "Today", "Yesterday", or a date; with the year if it is another."""
        day, today = self.local_date(moment), self.local_date(now or datetime.now(UTC))
        if day == today:
            return self.t("Today")
        if day == today - timedelta(days=1):
            return self.t("Yesterday")
        weekday, month = self.t(_WEEKDAYS[day.weekday()]), self.t(_MONTHS[day.month - 1])
        values: dict[str, object] = {"weekday": weekday, "day": day.day, "month": month}
        if day.year == today.year:
            return self.t("{weekday}, {day} {month}", **values)
        return self.t("{weekday}, {day} {month} {year}", **values, year=day.year)

    def seconds_until_midnight(self, now: datetime | None = None) -> float:
        """Seconds until "Today" means another day."""
        now = now or datetime.now(UTC)
        tomorrow = self.local_date(now) + timedelta(days=1)
        # In UTC: within one zone Python subtracts wall clocks, but some days have 23 hours.
        midnight = datetime.combine(tomorrow, time(), self.time_zone).astimezone(UTC)
        return (midnight - now.astimezone(UTC)).total_seconds()


@dataclass(frozen=True, slots=True)
class RowState:
    """How one viewer sees a message: whether unread ones begin with it, whether an address led to
    it, whether it calls them, and which reactions below it are theirs. `anchor` is whether their
    list is to be scrolled to it, `opened` are the parts of it that they opened: spoilers, or the
    rest of a long text; `chosen` are the options of a poll that they voted for."""

    starts_unread: bool = False
    is_target: bool = False
    mentions_viewer: bool = False
    is_anchor: bool = False
    own_reactions: tuple[str, ...] = ()
    opened_parts: tuple[int, ...] = ()
    own_votes: tuple[int, ...] = ()


# How everyone sees nearly every message.
DEFAULT_ROW_STATE = RowState()
