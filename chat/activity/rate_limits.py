"""Rate limits: a token bucket for each key, as a person, a token or a room."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

# Buckets that are kept. A full one is as good as none.
BUCKET_LIMIT = 10_000


class RateLimits:
    """Token buckets by any key, of one size."""

    def __init__(
        self, burst: float, per_second: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        # What each bucket holds, and since when. Who has asked last is the last one.
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable) -> float:
        """Take one; returns 0, or the seconds until there is one."""
        now = self._clock()
        held, at = self._buckets.pop(key, (self._burst, now))
        held = min(self._burst, held + (now - at) * self._per_second)
        wait = 0.0 if held >= 1 else (1 - held) / self._per_second
        self._buckets[key] = (held if wait else held - 1, now)
        while len(self._buckets) > BUCKET_LIMIT:
            self._buckets.popitem(last=False)
        return wait

    def wait(self, key: Hashable) -> float:
        """The seconds until one can be taken; 0 if it can be now."""
        held, at = self._buckets.get(key, (self._burst, 0.0))
        held = min(self._burst, held + (self._clock() - at) * self._per_second)
        return 0.0 if held >= 1 else (1 - held) / self._per_second

    def give_back(self, key: Hashable) -> None:
        """Put one back that was taken: nothing came of it."""
        held, at = self._buckets.get(key, (self._burst, 0.0))
        self._buckets[key] = (min(self._burst, held + 1), at)

    def remaining(self, key: Hashable) -> int:
        """How many can be taken now."""
        held, at = self._buckets.get(key, (self._burst, 0.0))
        return int(min(self._burst, held + (self._clock() - at) * self._per_second))
