"""Who is writing in a room: told to everyone there, and never stored."""

import asyncio
from collections.abc import Callable

from chat.model.events import Typing
from chat.model.people import Person, PersonId

# In seconds: how long somebody writes who is not heard of again, and the shortest time between two
# times that others are told of one person.
LASTS = 5.0
PACE = 2.0


class Typists:
    """The people who write in one room."""

    def __init__(self, announce: Callable[[Typing], None]) -> None:
        self._announce = announce
        self._writing: dict[PersonId, tuple[Person, asyncio.TimerHandle]] = {}
        self._told: dict[PersonId, float] = {}

    def writes(self, person: Person) -> None:
        """A key was pressed, or several."""
        loop = asyncio.get_running_loop()
        before = self._writing.get(person.id)
        if before is not None:
            before[1].cancel()
        elif loop.time() - self._told.get(person.id, -PACE) < PACE:
            return
        self._writing[person.id] = (person, loop.call_later(LASTS, self.stopped, person))
        if before is None:
            self._told = {p: at for p, at in self._told.items() if loop.time() - at < PACE}
            self._told[person.id] = loop.time()
            self._tell()

    def stopped(self, person: Person) -> None:
        """The message was sent, given up, or not gone on with."""
        found = self._writing.pop(person.id, None)
        if found is not None:
            found[1].cancel()
            self._tell()

    def close(self) -> None:
        """Announce nothing more."""
        for _, timer in self._writing.values():
            timer.cancel()

    def _tell(self) -> None:
        self._announce(Typing(tuple(person for person, _ in self._writing.values())))
