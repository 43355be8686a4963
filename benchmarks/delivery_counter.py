"""What was posted and what was seen: the count that everything else is made of."""

import math
import time
from array import array
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """A percentile in ms; `at_least` where some of those below it never came."""

    ms: float
    is_lower_bound: bool = False


class DeliveryCounter:
    """`messages` numbers from `first` on, each posted once and to be seen by all `people`."""

    def __init__(self, first: int, messages: int, people: int) -> None:
        self.first = first
        self.messages = messages
        self.people = people
        self.seen = 0
        # Of an earlier tally, or seen already.
        self.late = 0
        self.duplicates = 0
        self._sent_at = array("q", bytes(8 * messages))
        self._seen = bytearray(messages * people)
        self._latencies = array("q")

    @property
    def expected(self) -> int:
        """How many deliveries there should be."""
        return self.messages * self.people

    def mark_sent(self, number: int) -> None:
        """`number` (counted from 0) is posted now."""
        self._sent_at[number] = time.perf_counter_ns()

    def mark_seen(self, person: int, number: int, now: int) -> None:
        """`person` read the message that bears `number`."""
        number -= self.first
        if not 0 <= number < self.messages:
            self.late += 1
            return
        index = number * self.people + person
        if self._seen[index]:
            self.duplicates += 1
            return
        self._seen[index] = 1
        self.seen += 1
        self._latencies.append(now - self._sent_at[number])

    def seen_numbers(self) -> list[int]:
        """The numbers that at least one person read."""
        rows = range(self.messages)
        return [
            self.first + n for n in rows if 1 in self._seen[n * self.people : (n + 1) * self.people]
        ]

    def percentile(self, fraction: float) -> Latency | None:
        """The wait that `part` of all expected deliveries did not exceed, unseen ones included."""
        missing = self._missing_latencies()
        latencies = sorted([*self._latencies, *missing])
        if not latencies:
            return None
        latency = latencies[math.ceil(fraction * len(latencies)) - 1]
        return Latency(latency / 1e6, bool(missing) and min(missing) <= latency)

    def _missing_latencies(self) -> list[int]:
        """How long those that were never seen have been on their way by now."""
        if self.seen == self.expected:
            return []
        now = time.perf_counter_ns()
        missing = []
        for number, sent in enumerate(self._sent_at):
            start = number * self.people
            unseen = self._seen.count(0, start, start + self.people)
            missing += [now - sent if sent else now] * unseen
        return missing
