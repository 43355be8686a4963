"""Who is writing in a room: told to everyone there, and never stored."""

import asyncio
from collections.abc import Callable

from chat.model.events import TypingUpdated
from chat.model.people import Person, PersonId

# In seconds: how long somebody writes who is not heard of again, and the shortest time between two
# times that others are told of one person.
TYPING_TIMEOUT = 5.0
TYPING_ANNOUNCE_INTERVAL = 2.0


class TypingStatus:
    """The people who write in one room."""

    def __init__(self, publish: Callable[[TypingUpdated], None]) -> None:
        self._publish = publish
        self._typing: dict[PersonId, tuple[Person, asyncio.TimerHandle]] = {}
        self._published_at: dict[PersonId, float] = {}

    def started(self, person: Person) -> None:
        """A key was pressed, or several."""
        loop = asyncio.get_running_loop()
        before = self._typing.get(person.id)
        if before is not None:
            before[1].cancel()
        elif (
            loop.time() - self._published_at.get(person.id, -TYPING_ANNOUNCE_INTERVAL)
            < TYPING_ANNOUNCE_INTERVAL
        ):
            return
        self._typing[person.id] = (person, loop.call_later(TYPING_TIMEOUT, self.stopped, person))
        if before is None:
            self._published_at = {
                p: at
                for p, at in self._published_at.items()
                if loop.time() - at < TYPING_ANNOUNCE_INTERVAL
            }
            self._published_at[person.id] = loop.time()
            self._publish_typing()

    def stopped(self, person: Person) -> None:
        """The message was sent, given up, or not gone on with."""
        found = self._typing.pop(person.id, None)
        if found is not None:
            found[1].cancel()
            self._publish_typing()

    def close(self) -> None:
        """Announce nothing more."""
        for _, timer in self._typing.values():
            timer.cancel()

    def _publish_typing(self) -> None:
        self._publish(TypingUpdated(tuple(person for person, _ in self._typing.values())))
