"""Who is told of what happens on a page; what is sent before anybody is waits for them."""

from collections.abc import Callable
from typing import Any

from chat.ui.client.connection import PAGE_EVENT, PAGE_ID, EventListener
from chat.ui.client.page_messages import AcceptKey, CompletionAcceptKey, SendKey

# So many of them wait.
_MAX_QUEUED = 8


class EarlyEvents:
    """The listener of one connection, or none yet."""

    __slots__ = ("_listener", "_queued")

    def __init__(self) -> None:
        self._listener: EventListener | None = None
        self._queued: tuple[object, ...] = ()

    def set_listener(self, listener: EventListener | None) -> list[Callable[[], Any]]:
        """From now on `listener` is told; returns what is to happen of what it missed."""
        self._listener = listener
        if listener is None:
            return []
        queued, self._queued = self._queued, ()
        actions = [listener(PAGE_ID, PAGE_EVENT, each) for each in queued]
        return [each for each in actions if each is not None]

    def dispatch(self, control_id: int, event: str, data: object) -> Callable[[], Any] | None:
        """What happens at an event of a control; None if nobody knows."""
        if self._listener is not None:
            return self._listener(control_id, event, data)
        if _is_send(data):
            self._queued = (*self._queued, data)[-_MAX_QUEUED:]
        return None


def _is_send(event: object) -> bool:
    """Whether an event may send the text of the field.

    A page that was just loaded again shows its field before its session listens.
    """
    match event:
        case SendKey() | CompletionAcceptKey(key=AcceptKey.ENTER):
            return True
    return False
