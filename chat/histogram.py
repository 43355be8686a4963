"""A histogram of durations: how many were at most as long as each of some bounds."""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

# The bounds in seconds. A message is stored and delivered within some milliseconds on a quiet
# machine; from a second on people wait.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class HistogramCounts:
    """A histogram as it was at one moment.

    `cumulative` are the durations up to each of `BOUNDS`, then all; `seconds` is their sum.
    """

    cumulative: tuple[int, ...]
    seconds: float

    @property
    def total(self) -> int:
        """How many durations were counted."""
        return self.cumulative[-1]


class Histogram:
    """Counts durations. One thread observes; any thread may read."""

    __slots__ = ("_counts", "_seconds")

    def __init__(self) -> None:
        # The last one is for those beyond all bounds.
        self._counts = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0

    def observe(self, seconds: float) -> None:
        """Count a duration. (It is in the path of each message: below a microsecond.)"""
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self._seconds += seconds

    def counts(self) -> HistogramCounts:
        """The counts of this moment."""
        return HistogramCounts(tuple(accumulate(self._counts)), self._seconds)
