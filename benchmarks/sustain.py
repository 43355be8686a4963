"""The highest rate that people sustain: everything seen, 99 of 100 within a second."""

import math
import time
from dataclasses import dataclass, replace

from benchmarks.measure import Manner, Workload, measure
from benchmarks.systems import System

PEOPLE = 100

_WITHIN = 1000.0
_SECONDS = 4.0
_FIRST = 40.0
_LEAST = 0.25

# The search ends when the best and the worst rate are this near to each other.
_NEAR = 1.1


@dataclass(frozen=True, slots=True)
class Sustained:
    """Messages a second that held, and the lowest that did not; None where the time was up."""

    system: str
    people: int
    holds: float
    breaks: float | None
    # What broke it, if it was not the server.
    note: str = ""


def sustain(system: System, manner: Manner, budget: float) -> Sustained:
    """Double (or halve) until one holds and one breaks, then halve the distance.

    The search takes about `budget` seconds.
    """
    until = time.monotonic() + budget
    holds, breaks, note = 0.0, math.inf, ""
    rate = _FIRST
    while time.monotonic() < until and breaks > max(_LEAST, holds * _NEAR):
        held, note = _holds(system, rate, manner)
        if held:
            holds = rate
        else:
            breaks = rate
        rate = holds * 2 if breaks == math.inf else (holds + breaks) / 2
    return Sustained(system.name, PEOPLE, holds, breaks if breaks < math.inf else None, note)


def _holds(system: System, rate: float, manner: Manner) -> tuple[bool, str]:
    short = replace(manner, seconds=max(_SECONDS, 3 / rate), patience=1.5)
    result = measure(system, Workload(PEOPLE, rate), short)
    stretch = result.stretch
    if stretch is None or stretch.p99 is None:
        return False, result.note
    note = result.note
    if stretch.behind > _WITHIN / 2:
        note = f"at {rate:.0f}/s the people's own process was {stretch.behind:.0f} ms behind {note}"
    all_seen = stretch.seen == stretch.expected
    return all_seen and stretch.p99.ms < _WITHIN and stretch.behind < _WITHIN / 2, note
