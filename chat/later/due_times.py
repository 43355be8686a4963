"""The times that a person may choose for a reminder or for a text that is sent later."""

from datetime import UTC, datetime, timedelta

from chat.errors import BadTime

# How far away a time may be.
MAX_AHEAD = timedelta(days=366)


def require_due_time(due_at: datetime) -> datetime:
    """The time in UTC. Raises BadTime for one in the past, and for one that is too far away."""
    now = datetime.now(UTC)
    if due_at <= now:
        raise BadTime("This time is over. Choose a later one.")
    if due_at > now + MAX_AHEAD:
        raise BadTime("This time is too far away. Choose one within a year.")
    return due_at.astimezone(UTC)
