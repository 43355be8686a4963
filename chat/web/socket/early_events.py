"""Routes page events to the session, and keeps those that arrive before it listens."""

from collections.abc import Callable
from typing import Any

from chat.ui.client.connection import EventListener
from chat.ui.client.page_messages import (
    AcceptKey,
    CompletionAcceptKey,
    NameEntered,
    ResumeWriting,
    SendKey,
)

# The newest sends that are kept.
_MAX_QUEUED = 8


class EarlyEvents:
    """The listener of one connection, or the events that wait for it."""

    __slots__ = ("_listener", "_queued", "is_stranger")

    def __init__(self) -> None:
        self._listener: EventListener | None = None
        self._queued: tuple[object, ...] = ()
        # Whether nobody is signed in: the listener, if there is one, is that of the start screen.
        self.is_stranger = True

    def set_listener(
        self, listener: EventListener | None, *, is_stranger: bool = False
    ) -> tuple[object, ...]:
        """Give all events to `listener` from now on; returns the kept ones, which are next."""
        self._listener = listener
        self.is_stranger = is_stranger
        if listener is None:
            return ()
        queued, self._queued = self._queued, ()
        return queued

    def dispatch(self, control_id: int, event: str, data: object) -> Callable[[], Any] | None:
        """The listener's action for an event of a control; None if it has none."""
        if self._listener is not None:
            action = self._listener(control_id, event, data)
            if action is not None or not self.is_stranger:
                return action
        if _is_kept(data):
            self._queued = (*self._queued, data)[-_MAX_QUEUED:]
        return None


def _is_kept(event: object) -> bool:
    """Whether an event may send the text of the field, puts one there, or names a stranger.

    After a reload, the page shows its field before the session has a listener.
    """
    match event:
        case NameEntered() | SendKey() | ResumeWriting():
            return True
        case CompletionAcceptKey(key=AcceptKey.ENTER):
            return True
    return False
