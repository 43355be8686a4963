"""Times as the tables hold them: microseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now() -> int:
    """This moment."""
    return to_microseconds(datetime.now(UTC))


def to_microseconds(moment: datetime) -> int:
    """Since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(microseconds: int) -> datetime:
    """The moment so long after 1970."""
    return _EPOCH + microseconds * _MICROSECOND


def to_datetime_or_none(microseconds: int | None) -> datetime | None:
    """A moment, or None."""
    return None if microseconds is None else to_datetime(microseconds)
