"""Counts posts and their deliveries, and computes latency percentiles."""

import math
import time
from array import array
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """A percentile in ms; a lower bound if a delivery below it never arrived."""

    ms: float
    is_lower_bound: bool = False


class DeliveryCounter:
    """Deliveries of `messages` messages, numbered from `first` on, to each of `people` clients."""

    def __init__(self, first: int, messages: int, people: int) -> None:
        self.first = first
        self.messages = messages
        self.people = people
        self.seen = 0
        # Deliveries of messages that an earlier counter expects.
        self.late = 0
        self.duplicates = 0
        self._sent_at = array("q", bytes(8 * messages))
        self._seen = bytearray(messages * people)
        self._latencies = array("q")

    @property
    def expected(self) -> int:
        """The number of deliveries if none is lost."""
        return self.messages * self.people

    def mark_sent(self, number: int) -> None:
        """Record that the message with this number, counted from 0, is posted now."""
        self._sent_at[number] = time.perf_counter_ns()

    def mark_seen(self, person: int, number: int, now: int) -> None:
        """Record a delivery to the client at index `person`, at `now` (`perf_counter_ns`)."""
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
        """The numbers of the messages that were delivered to at least one client."""
        rows = range(self.messages)
        return [
            self.first + n for n in rows if 1 in self._seen[n * self.people : (n + 1) * self.people]
        ]

    def percentile(self, fraction: float) -> Latency | None:
        """The latency that a `fraction` (0 to 1) of the expected deliveries do not exceed.

        A missing delivery counts with the time since its post. None if nothing is expected.
        """
        missing = self._missing_latencies()
        latencies = sorted([*self._latencies, *missing])
        if not latencies:
            return None
        latency = latencies[math.ceil(fraction * len(latencies)) - 1]
        return Latency(latency / 1e6, bool(missing) and min(missing) <= latency)

    def _missing_latencies(self) -> list[int]:
        """Nanoseconds since the post, for each missing delivery."""
        if self.seen == self.expected:
            return []
        now = time.perf_counter_ns()
        missing = []
        for number, sent in enumerate(self._sent_at):
            start = number * self.people
            unseen = self._seen.count(0, start, start + self.people)
            missing += [now - sent if sent else now] * unseen
        return missing
