"""What was posted and what was seen: the count that everything else is made of."""

import math
import time
from array import array
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wait:
    """A percentile in ms; `at_least` where some of those below it never came."""

    ms: float
    at_least: bool = False


class Tally:
    """`messages` numbers from `first` on, each posted once and to be seen by all `people`."""

    def __init__(self, first: int, messages: int, people: int) -> None:
        self.first = first
        self.messages = messages
        self.people = people
        self.seen = 0
        # Of an earlier tally, or seen already.
        self.late = 0
        self.twins = 0
        self.last_seen = 0
        self._sent = array("q", bytes(8 * messages))
        self._seen = bytearray(messages * people)
        self._waits = array("q")

    @property
    def expected(self) -> int:
        """How many deliveries there should be."""
        return self.messages * self.people

    def sends(self, number: int) -> None:
        """`number` (counted from 0) is posted now."""
        self._sent[number] = time.perf_counter_ns()

    def sees(self, person: int, number: int, now: int) -> None:
        """`person` read the message that bears `number`."""
        number -= self.first
        if not 0 <= number < self.messages:
            self.late += 1
            return
        at = number * self.people + person
        if self._seen[at]:
            self.twins += 1
            return
        self._seen[at] = 1
        self.seen += 1
        self.last_seen = now
        self._waits.append(now - self._sent[number])

    def seen_by_anybody(self) -> list[int]:
        """The numbers that at least one person read."""
        rows = range(self.messages)
        return [
            self.first + n for n in rows if 1 in self._seen[n * self.people : (n + 1) * self.people]
        ]

    def percentile(self, part: float) -> Wait | None:
        """The wait that `part` of all expected deliveries did not exceed, unseen ones included."""
        missing = self._missing_waits()
        waits = sorted([*self._waits, *missing])
        if not waits:
            return None
        wait = waits[math.ceil(part * len(waits)) - 1]
        return Wait(wait / 1e6, bool(missing) and min(missing) <= wait)

    def _missing_waits(self) -> list[int]:
        """How long those that were never seen have been on their way by now."""
        if self.seen == self.expected:
            return []
        now = time.perf_counter_ns()
        missing = []
        for number, sent in enumerate(self._sent):
            at = number * self.people
            unseen = self._seen.count(0, at, at + self.people)
            missing += [now - sent if sent else now] * unseen
        return missing
