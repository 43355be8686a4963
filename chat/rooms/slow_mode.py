"""Slow mode: in some rooms a person writes one message, then none for so many seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chat.errors import SlowModeWait
from chat.model.people import PersonId

# The longest time between two messages of a person, in seconds.
MAX_SLOW_SECONDS = 3600


class SlowMode:
    """When each person wrote last in one room, as far as it still matters; in memory only."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # In order of time.
        self._wrote_at: dict[PersonId, float] = {}

    def wait(self, person_id: PersonId, seconds: int) -> float:
        """The seconds until a person may write again; 0 if they may now."""
        wrote_at = self._wrote_at.get(person_id)
        if not seconds or wrote_at is None:
            return 0.0
        return max(0.0, wrote_at + seconds - self._clock())

    @contextmanager
    def turn(self, person_id: PersonId, seconds: int) -> Iterator[None]:
        """The block stores a message of a person. Raises SlowModeWait.

        Nothing is counted if the block raises.
        """
        if wait := self.wait(person_id, seconds):
            raise SlowModeWait(wait)
        before = self._wrote_at.pop(person_id, None)
        self._wrote_at[person_id] = now = self._clock()
        try:
            yield
        except BaseException:
            del self._wrote_at[person_id]
            if before is not None:
                self._wrote_at = {person_id: before, **self._wrote_at}
            raise
        self._forget_before(now - seconds)

    def _forget_before(self, oldest: float) -> None:
        while self._wrote_at:
            person_id = next(iter(self._wrote_at))
            if self._wrote_at[person_id] > oldest:
                return
            del self._wrote_at[person_id]
