"""The viewer context: times, days, language and density of one viewer, and row states."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from chat.errors import gettext_noop
from chat.languages import ENGLISH, Language
from chat.model.attachments import avatar_url
from chat.model.people import Person, PersonId
from chat.text.folding import LINE_WIDTH
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
    """The time zone that a browser reports, or None (the server's zone) if it does not exist."""
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
    """The viewer context of a time zone, a language and a density.

    Viewers of the same context share the object, and so all packed rows.
    """
    return ViewerContext(parse_time_zone(time_zone_name), t, metrics)


@dataclass(frozen=True, slots=True)
class ViewerContext:
    """The properties of a viewer that change a row: time zone, language and density.

    Without a time zone it is that of this computer. `sign_url` is None in a browser, whose cookie
    identifies the person; for other clients it makes an address that the client may fetch.
    `base_path` is the path prefix of the chat.
    """

    time_zone: tzinfo | None = None
    t: Language = ENGLISH
    metrics: DensityMetrics = COMFORTABLE_METRICS
    sign_url: Callable[[str], str] | None = None
    base_path: str = ""

    def image_url(self, url: str) -> str:
        """The address of a picture for the viewer's client."""
        return self.base_path + url if self.sign_url is None else self.sign_url(url)

    def avatar_url(self, person: Person) -> str | None:
        """The address of a person's avatar for the viewer's client; None without one."""
        return self.image_url(avatar_url(person.avatar)) if person.avatar else None

    def to_local(self, moment: datetime) -> datetime:
        """A moment (of any zone) in the viewer's time zone."""
        return moment.astimezone(self.time_zone)

    def format_time(self, moment: datetime) -> str:
        """The time of day, as `09:41`."""
        return f"{self.to_local(moment):%H:%M}"

    def format_date_time(self, moment: datetime) -> str:
        """The day and the time."""
        day, time = self.format_day(moment), self.format_time(moment)
        return self.t("{day}, {time}", day=day, time=time)

    def format_recent_time(self, moment: datetime) -> str:
        """The time of today, or the day and the time."""
        is_today = self.local_date(moment) == self.local_date(datetime.now(UTC))
        return self.format_time(moment) if is_today else self.format_date_time(moment)

    def format_full_time(self, moment: datetime) -> str:
        """The weekday, the date with its year, and the time."""
        day = self._format_date(self.local_date(moment), has_year=True)
        return self.t("{day}, {time}", day=day, time=self.format_time(moment))

    def local_date(self, moment: datetime) -> date:
        """The calendar day of a moment."""
        return self.to_local(moment).date()

    def format_day(self, moment: datetime, now: datetime | None = None) -> str:
        """The day in words: "Today", "Yesterday", or a date, with the year if it is not this
        year."""
        return self.name_of_day(self.local_date(moment), now)

    def name_of_day(self, day: date, now: datetime | None = None) -> str:
        """A day in words, as `format_day`."""
        today = self.local_date(now or datetime.now(UTC))
        if day == today:
            return self.t("Today")
        if day == today - timedelta(days=1):
            return self.t("Yesterday")
        if day == today + timedelta(days=1):
            return self.t("Tomorrow")
        return self._format_date(day, has_year=day.year != today.year)

    def _format_date(self, day: date, *, has_year: bool) -> str:
        weekday, month = self.t(_WEEKDAYS[day.weekday()]), self.t(_MONTHS[day.month - 1])
        values: dict[str, object] = {"weekday": weekday, "day": day.day, "month": month}
        if has_year:
            return self.t("{weekday}, {day} {month} {year}", **values, year=day.year)
        return self.t("{weekday}, {day} {month}", **values)

    def seconds_until_midnight(self, now: datetime | None = None) -> float:
        """Seconds until the next midnight of the viewer."""
        now = now or datetime.now(UTC)
        tomorrow = self.local_date(now) + timedelta(days=1)
        # In UTC: within one zone Python subtracts wall clocks, but some days have 23 hours.
        midnight = datetime.combine(tomorrow, time(), self.time_zone).astimezone(UTC)
        return (midnight - now.astimezone(UTC)).total_seconds()


@dataclass(frozen=True, slots=True)
class RowState:
    """The properties of one message for one viewer.

    `starts_unread` puts the divider of unread messages above it; `is_target` marks the message that
    an address named, and `is_edited` the one that the viewer is editing; `mentions_viewer`
    highlights it; `is_anchor` lets the list scroll to it. `mentioned_id` is the viewer's id if the
    message mentions them by name, 0 otherwise. `marked_words` are the words that a search found in
    it. `own_reactions` and `own_votes` are the viewer's. `opened_parts` are the spoilers that the
    viewer opened, or the rest of a long text. `chosen_part` is the part of the row that the viewer
    chose with the keyboard (`ui/chosen_row.py`), 0 for the whole row, None for another row.
    `field_values` and `field_errors` are what the viewer has changed in the fields of a view, and
    what is wrong with it, by the keys of fields (`ui/views`).
    `is_hidden` is whether the viewer has blocked the author, `hides_quote` the same of the message
    that it quotes.
    `line_width` is that of a narrow timeline where a long text is folded by it, in characters.
    """

    starts_unread: bool = False
    is_target: bool = False
    mentions_viewer: bool = False
    is_anchor: bool = False
    own_reactions: tuple[str, ...] = ()
    opened_parts: tuple[int, ...] = ()
    own_votes: tuple[int, ...] = ()
    mentioned_id: PersonId = 0
    marked_words: tuple[str, ...] = ()
    is_edited: bool = False
    chosen_part: int | None = None
    line_width: int = LINE_WIDTH
    field_values: tuple[tuple[str, Hashable], ...] = ()
    field_errors: tuple[tuple[str, str], ...] = ()
    is_hidden: bool = False
    hides_quote: bool = False


# The state of nearly every message for every viewer.
DEFAULT_ROW_STATE = RowState()
