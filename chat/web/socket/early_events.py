"""Who is told of what happens on a page; what is sent before anybody is waits for them."""

from collections.abc import Callable
from typing import Any

from chat.ui.client.connection import KEYBOARD, Listener

# A page that was just loaded again shows its field before its session listens.
_SENDS = ("send ", "pick enter")

# So many of them wait.
_MOST = 8


class Ear:
    """The listener of one connection, or none yet."""

    __slots__ = ("_early", "_listener")

    def __init__(self) -> None:
        self._listener: Listener | None = None
        self._early: tuple[tuple[str, object], ...] = ()

    def listen(self, listener: Listener | None) -> list[Callable[[], Any]]:
        """From now on `listener` is told; returns what is to happen of what it missed."""
        self._listener = listener
        if listener is None:
            return []
        early, self._early = self._early, ()
        told = [listener(KEYBOARD, event, data) for event, data in early]
        return [each for each in told if each is not None]

    def tell(self, control: int, event: str, data: object) -> Callable[[], Any] | None:
        """What happens at an event of a control; None if nobody knows."""
        if self._listener is not None:
            return self._listener(control, event, data)
        if control == KEYBOARD and event.startswith(_SENDS):
            self._early = (*self._early, (event, data))[-_MOST:]
        return None
