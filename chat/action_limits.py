"""How often a person may do something: so many times within so many seconds."""

import time
from collections import deque
from collections.abc import Callable

from chat.model.people import PersonId


class ActionLimit:
    """Counts one action of all people within the last `seconds`.

    Only people who have acted within that time are kept.
    """

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        # The times of each person's actions. Who has acted last is the last one.
        self._acted_at: dict[PersonId, deque[float]] = {}

    def __len__(self) -> int:
        return len(self._acted_at)

    def record(self, person_id: PersonId, count: int) -> float:
        """Count an action, if the person has acted less than `count` times.

        Returns 0 if so, else the seconds until they may act again.
        """
        now = self._clock()
        self._forget_old(now)
        times = self._acted_at.get(person_id, deque[float]())
        while times and now - times[0] >= self._seconds:
            times.popleft()
        if len(times) >= count:
            return self._seconds - (now - times[0])
        times.append(now)
        self._acted_at.pop(person_id, None)
        self._acted_at[person_id] = times
        return 0.0

    def _forget_old(self, now: float) -> None:
        """Forget the people whose last action is too long ago."""
        while self._acted_at:
            person_id, times = next(iter(self._acted_at.items()))
            if now - times[-1] < self._seconds:
                return
            del self._acted_at[person_id]
