"""How often somebody may do something: so many times within so many seconds."""

import time
from collections import deque
from collections.abc import Callable, Hashable


class ActionLimit:
    """Counts one action of all people, or addresses, within the last `seconds`.

    Only those who have acted within that time are kept.
    """

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        # The times of each person's actions. Who has acted last is the last one.
        self._acted_at: dict[Hashable, deque[float]] = {}

    def __len__(self) -> int:
        return len(self._acted_at)

    def wait(self, person_id: Hashable, count: int) -> float:
        """The seconds until somebody may act who may do so `count` times; 0 if they may."""
        now = self._clock()
        self._forget_old(now)
        times = self._acted_at.get(person_id, deque[float]())
        while times and now - times[0] >= self._seconds:
            times.popleft()
        return self._seconds - (now - times[0]) if len(times) >= count else 0.0

    def record(self, person_id: Hashable, count: int) -> float:
        """Count an action, if the person has acted less than `count` times.

        Returns 0 if so, else the seconds until they may act again.
        """
        if wait := self.wait(person_id, count):
            return wait
        times = self._acted_at.get(person_id, deque[float]())
        times.append(self._clock())
        self._acted_at.pop(person_id, None)
        self._acted_at[person_id] = times
        return 0.0

    def withdraw(self, person_id: Hashable) -> None:
        """Forget the last action of somebody: nothing came of it."""
        if times := self._acted_at.get(person_id):
            times.pop()
        if not times:
            self._acted_at.pop(person_id, None)

    def _forget_old(self, now: float) -> None:
        """Forget the people whose last action is too long ago."""
        while self._acted_at:
            person_id, times = next(iter(self._acted_at.items()))
            if now - times[-1] < self._seconds:
                return
            del self._acted_at[person_id]
