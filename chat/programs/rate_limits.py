"""How often a program may ask: a token bucket for each token and webhook, and one for each room."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

# Requests at once, and how many a second are added.
BURST, REQUESTS_PER_SECOND = 20, 2.0

# Pieces of messages that a token writes piece by piece: five messages, five times a second.
PIECE_BURST, PIECES_PER_SECOND = 50, 25.0

# The messages of all programs of one room.
ROOM_BURST, ROOM_MESSAGES_PER_SECOND = 40, 20.0

# A program may make so many rooms within so many seconds.
MAX_NEW_ROOMS, NEW_ROOMS_SECONDS = 20, 3600.0

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

    def remaining(self, key: Hashable) -> int:
        """How many can be taken now."""
        held, at = self._buckets.get(key, (self._burst, 0.0))
        return int(min(self._burst, held + (self._clock() - at) * self._per_second))
