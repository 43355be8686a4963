"""Typing status: the people who are typing in a room. It is published, and never stored."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from chat.model.events import TypingUpdated
from chat.model.people import Person, PersonId


@dataclass(frozen=True, slots=True)
class TypingTimings:
    """All in seconds."""

    # The time after the last report of typing until a person counts as stopped.
    timeout: float = 5.0
    # The shortest time between two announcements about one person.
    announce_interval: float = 2.0


class TypingStatus:
    """The people who are typing in one room."""

    def __init__(
        self,
        timings: TypingTimings,
        *,
        publish: Callable[[TypingUpdated], None],
    ) -> None:
        self._publish = publish
        self._timings = timings
        self._typing: dict[PersonId, tuple[Person, asyncio.TimerHandle]] = {}
        self._published_at: dict[PersonId, float] = {}

    def started(self, person: Person) -> None:
        """Count a person as typing."""
        loop = asyncio.get_running_loop()
        interval = self._timings.announce_interval
        before = self._typing.get(person.id)
        if before is not None:
            before[1].cancel()
        elif loop.time() - self._published_at.get(person.id, -interval) < interval:
            return
        timer = loop.call_later(self._timings.timeout, self.stopped, person)
        self._typing[person.id] = (person, timer)
        if before is None:
            self._published_at = {
                p: at for p, at in self._published_at.items() if loop.time() - at < interval
            }
            self._published_at[person.id] = loop.time()
            self._publish_typing()

    def stopped(self, person: Person) -> None:
        """Count a person as stopped: they sent or deleted the text, or paused."""
        found = self._typing.pop(person.id, None)
        if found is not None:
            found[1].cancel()
            self._publish_typing()

    def close(self) -> None:
        """Cancel the timers."""
        for _, timer in self._typing.values():
            timer.cancel()

    def _publish_typing(self) -> None:
        self._publish(TypingUpdated(tuple(person for person, _ in self._typing.values())))
