"""Timestamps in the tables: microseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now() -> int:
    """The current time."""
    return to_microseconds(datetime.now(UTC))


def to_microseconds(moment: datetime) -> int:
    """A time as a timestamp."""
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(microseconds: int) -> datetime:
    """A timestamp as a time in UTC."""
    return _EPOCH + microseconds * _MICROSECOND


def to_datetime_or_none(microseconds: int | None) -> datetime | None:
    """A timestamp as a time in UTC, or None for None."""
    return None if microseconds is None else to_datetime(microseconds)
