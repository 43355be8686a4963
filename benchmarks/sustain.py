"""Search for the highest rate that 100 people sustain: no delivery lost, p99 under a second."""

import math
import time
from dataclasses import dataclass, replace

from benchmarks.load_test import RunOptions, Workload, measure
from benchmarks.systems import System

PEOPLE = 100

_MAX_P99 = 1000.0
_MIN_SECONDS = 4.0
_FIRST_RATE = 40.0
_MIN_RATE = 0.25

# The search ends when the ratio of the lowest failed to the highest sustained rate is below this.
_PRECISION = 1.1


@dataclass(frozen=True, slots=True)
class Sustained:
    """The highest sustained rate and the lowest failed one, in messages a second.

    `failed_rate` is None if no rate failed within the budget.
    """

    system: str
    people: int
    sustained_rate: float
    failed_rate: float | None
    # Disconnects, or that the clients were the bottleneck.
    note: str = ""


def find_sustained_rate(system: System, options: RunOptions, budget: float) -> Sustained:
    """Double (or halve) the rate until one is sustained and one fails, then bisect.

    The search takes about `budget` seconds.
    """
    deadline = time.monotonic() + budget
    sustained_rate, failed_rate, note = 0.0, math.inf, ""
    rate = _FIRST_RATE
    while time.monotonic() < deadline and failed_rate > max(_MIN_RATE, sustained_rate * _PRECISION):
        is_sustained, note = _is_sustained(system, rate, options)
        if is_sustained:
            sustained_rate = rate
        else:
            failed_rate = rate
        rate = sustained_rate * 2 if failed_rate == math.inf else (sustained_rate + failed_rate) / 2
    return Sustained(
        system.name, PEOPLE, sustained_rate, failed_rate if failed_rate < math.inf else None, note
    )


def _is_sustained(system: System, rate: float, options: RunOptions) -> tuple[bool, str]:
    short_options = replace(options, seconds=max(_MIN_SECONDS, 3 / rate), delivery_timeout=1.5)
    result = measure(system, Workload(PEOPLE, rate), short_options)
    measurement = result.measurement
    if measurement is None or measurement.p99 is None:
        return False, result.note
    note = result.note
    if measurement.worst_post_delay > _MAX_P99 / 2:
        delay = measurement.worst_post_delay
        note = f"at {rate:.0f}/s the process of the clients was {delay:.0f} ms late {note}"
    all_seen = measurement.seen == measurement.expected
    return (
        all_seen and measurement.p99.ms < _MAX_P99 and measurement.worst_post_delay < _MAX_P99 / 2,
        note,
    )
