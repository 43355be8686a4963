"""How the presence of a person is said: here, away, or when they were here last."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import lru_cache
from zoneinfo import ZoneInfo

from chat.model.people import Person, PersonDetails, PersonId
from chat.ui.viewer import ViewerContext


class PresenceState(Enum):
    """The presence of one person."""

    HERE = auto()
    AWAY = auto()
    OFFLINE = auto()
    LEFT = auto()  # they have left the chat for good
    BOT = auto()  # a program is neither here nor not here


def presence_of(
    person: Person, online_ids: Collection[PersonId], away_ids: Collection[PersonId]
) -> PresenceState:
    """The presence of a person who has not left the chat."""
    if person.is_bot:
        return PresenceState.BOT
    if person.id not in online_ids:
        return PresenceState.OFFLINE
    return PresenceState.AWAY if person.id in away_ids else PresenceState.HERE


def presence_text(state: PresenceState, details: PersonDetails, viewer: ViewerContext) -> str:
    """The presence in words; of a person who allows it with the time when they were here last."""
    t = viewer.t
    match state:
        case PresenceState.HERE:
            return t("here")
        case PresenceState.AWAY:
            return t("away")
        case PresenceState.LEFT:
            return t("has left the chat")
        case PresenceState.BOT:
            return t("bot")
    if details.last_seen_at is None:
        return t("not here")
    return t("last here: {when}", when=viewer.format_date_time(details.last_seen_at))


def local_time_text(details: PersonDetails, viewer: ViewerContext) -> str:
    """The time of day where a person is, and how far it is from the viewer's; may be empty."""
    zone = _zone(details.time_zone)
    if zone is None:
        return ""
    t, now = viewer.t, datetime.now(UTC)
    theirs, own = now.astimezone(zone), viewer.to_local(now)
    text = t("{time} local time", time=f"{theirs:%H:%M}")
    hours = (_offset(theirs) - _offset(own)).total_seconds() / 3600
    if hours > 0:
        return t("{time}, {hours} h ahead of you", time=text, hours=f"{hours:g}")
    if hours < 0:
        return t("{time}, {hours} h behind you", time=text, hours=f"{-hours:g}")
    return text


def status_end_text(ends_at: datetime, viewer: ViewerContext) -> str:
    """Until when a status is shown."""
    if viewer.local_date(ends_at) == viewer.local_date(datetime.now(UTC)):
        return viewer.t("until {when}", when=viewer.format_time(ends_at))
    return viewer.t("until {when}", when=viewer.format_date_time(ends_at))


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    """A stored time zone; None if there is none, or this computer does not know it any more."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None
