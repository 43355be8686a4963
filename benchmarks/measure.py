"""One gathering of people on one server, and what a stretch of their talk costs."""

import contextlib
import gc
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import seed
from benchmarks.crowd import LoadClients
from benchmarks.process import Server, ServerFailed, free_port, machine_cpu
from benchmarks.systems import System
from benchmarks.tally import Tally, Wait

# These come in before the memory is read for the first time: what a server makes once is made.
_FIRST = 5

# A server that does not let them in by then, in seconds, is broken.
_FIRST_IN = 20.0

# How many connect at the same time.
_AT_ONCE = 20

# Work that a server does after the last delivery belongs to it: a field is emptied, words are kept.
_AFTERWARDS = 0.5


@dataclass(frozen=True, slots=True)
class Workload:
    """So many people, and so many messages a second, said by one after another."""

    people: int
    rate: float

    @classmethod
    def read(cls, words: str) -> "Workload":
        """`400/20` is 400 people and 20 messages a second. Raises ValueError."""
        people, _, rate = words.partition("/")
        return cls(int(people), float(rate))

    def __str__(self) -> str:
        return f"{self.people}/{self.rate:g}"


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is measured: seconds of talk, of patience after it, and for everybody to come in.

    `history` is how many messages our chat holds before.
    """

    seconds: float = 10.0
    patience: float = 10.0
    come_in: float = 120.0
    history: int = 50
    deflate: bool = True
    loop: str = "auto"


@dataclass(frozen=True, slots=True)
class Stretch:
    """What some seconds of talk cost; `read` counts late arrivals of an earlier stretch too."""

    expected: int
    seen: int
    read: int
    twins: int
    per_second: float
    p50: Wait | None
    p99: Wait | None
    # Microseconds of the server's, and of the crowd's processor, a delivery.
    cpu: float
    crowd_cpu: float
    # On the wire, a delivery.
    size: float
    # How late the crowd was with its worst post, in ms: it is the limit if this is large.
    behind: float
    # The part of the machine that neither of the two used, from 0 to 1.
    others: float


@dataclass(frozen=True, slots=True)
class Result:
    """One system under one workload; `stretch` is None where not all people could come in."""

    system: str
    workload: Workload
    stretch: Stretch | None
    # In KB (1,000 bytes), for each session: before anything was said, and after the talk.
    idle: float = 0.0
    after: float = 0.0
    # Seconds until everybody was in, and the server's CPU for one of them, in ms.
    came_in: float = 0.0
    entry: float = 0.0
    compressed: bool = False
    note: str = ""


class Gathering:
    """A server with all its people connected."""

    def __init__(self, server: Server, crowd: LoadClients, people: int) -> None:
        self.server = server
        self.crowd = crowd
        self.people = people
        self.idle = 0.0
        self.came_in = 0.0
        self.entry = 0.0
        self._empty = 0
        self._said = 0

    def comes_together(self, system: System, seconds: float) -> bool:
        """Everybody connects; False if some could not."""
        self.server.rests()
        voices = system.voices(self.server.port, self.people)
        if not self.crowd.connect_all(voices[:_FIRST], _FIRST, min(seconds, _FIRST_IN)):
            return False
        self.crowd.wait_until_quiet(1.0, 10.0)
        self._empty = self.server.memory()
        cpu, began = self.server.cpu(), time.monotonic()
        if not self.crowd.connect_all(voices[_FIRST:], _AT_ONCE, seconds):
            return False
        self.came_in = time.monotonic() - began
        self.crowd.wait_until_quiet(1.0, 10.0)
        self.entry = (self.server.cpu() - cpu) * 1000 / max(1, self.people - _FIRST)
        self.idle = self.memory_each()
        return True

    def memory_each(self) -> float:
        """KB that each session has added to the server."""
        return (self.server.memory() - self._empty) / 1000 / max(1, self.people - _FIRST)

    def talks(self, messages: int, rate: float, patience: float) -> Stretch:
        """Post `messages` round-robin at `rate` a second, and wait for them."""
        tally = self.crowd.deliveries = Tally(self._said, messages, self.people)
        self._said += messages
        gc.collect()
        gc.disable()
        try:
            cpu, own, size = self.server.cpu(), time.process_time(), self.crowd.received_bytes
            machine, began = machine_cpu(), time.monotonic()
            span, behind = self._post_and_wait(tally, rate, patience)
            self.crowd.wait_until_quiet(_AFTERWARDS, _AFTERWARDS)
        finally:
            gc.enable()
        cpu, own = self.server.cpu() - cpu, time.process_time() - own
        cores = (time.monotonic() - began) * (os.cpu_count() or 1)
        read = tally.seen + tally.late
        each = 1 / max(1, read)
        return Stretch(
            expected=tally.expected,
            seen=tally.seen,
            read=read,
            twins=tally.twins,
            per_second=read / span,
            p50=tally.percentile(0.5),
            p99=tally.percentile(0.99),
            cpu=cpu * 1e6 * each,
            crowd_cpu=own * 1e6 * each,
            size=(self.crowd.received_bytes - size) * each,
            behind=behind * 1000,
            others=max(0.0, (machine_cpu() - machine - cpu - own) / cores),
        )

    def _post_and_wait(self, tally: Tally, rate: float, patience: float) -> tuple[float, float]:
        """Seconds that it took, and by how many the worst post was late."""
        began = now = time.perf_counter()
        number, behind = 0, 0.0
        until = began + tally.messages / rate + patience
        while tally.seen < tally.expected and now < until and not self._all_gone():
            while number < tally.messages and now >= (due := began + number / rate):
                behind = max(behind, now - due)
                self.crowd.post((tally.first + number) % self.people, number)
                number += 1
                now = time.perf_counter()
            next_post = began + number / rate if number < tally.messages else until
            self.crowd.poll_once(max(0.0, min(next_post - now, 0.1)))
            now = time.perf_counter()
        return max(now - began, tally.messages / rate), behind

    def _all_gone(self) -> bool:
        return self.crowd.close_reasons.total() == len(self.crowd.sockets)


@contextlib.contextmanager
def gathering(system: System, people: int, manner: Manner) -> Iterator[Gathering]:
    """A fresh server of `system` on a fresh folder, and people who do not know it yet.

    Raises ServerFailed.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        if system.keeps:
            seed.fill(folder, people, manner.history)
        port = free_port()
        with Server(system.command(port, folder, manner.loop), port, folder) as server:
            crowd = LoadClients(port, deflate=manner.deflate)
            try:
                yield Gathering(server, crowd, people)
            finally:
                crowd.close()


def measure(system: System, workload: Workload, manner: Manner) -> Result:
    """One system under one workload, in a bounded time."""
    try:
        with gathering(system, workload.people, manner) as them:
            return _measured(them, system, workload, manner)
    except (ServerFailed, OSError) as failure:
        return Result(system.name, workload, None, note=f"the server failed: {failure}")


def _measured(them: Gathering, system: System, workload: Workload, manner: Manner) -> Result:
    if not them.comes_together(system, manner.come_in):
        came = sum(each.protocol.is_ready for each in them.crowd.sockets)
        note = f"only {came} of {workload.people} came in"
        note += f"; {ends}" if (ends := _ends(them.crowd)) else ""
        return Result(system.name, workload, None, note=note)
    # A second of talk that does not count: code is loaded, lists are no longer empty.
    them.talks(max(1, round(workload.rate)), workload.rate, manner.patience / 2)
    messages = max(1, round(workload.rate * manner.seconds))
    stretch = them.talks(messages, workload.rate, manner.patience)
    return Result(
        system.name,
        workload,
        stretch,
        idle=them.idle,
        after=them.memory_each(),
        came_in=them.came_in,
        entry=them.entry,
        compressed=them.crowd.is_compressed,
        note=_ends(them.crowd),
    )


def _ends(crowd: LoadClients) -> str:
    """Which sockets did not stay open."""
    return ", ".join(f"{count} × {why}" for why, count in crowd.close_reasons.items())
