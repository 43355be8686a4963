"""A load test: a server, its clients, and the cost of the messages that they post."""

import contextlib
import gc
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import seed
from benchmarks.delivery_counter import DeliveryCounter, Latency
from benchmarks.load_clients import LoadClients, NotAllConnected
from benchmarks.page_files import compress_page_files
from benchmarks.server_process import Server, ServerFailed, free_port, machine_cpu
from benchmarks.systems import System

# Clients that connect before the memory is read for the first time, so that everything a server
# allocates once is allocated.
_WARM_UP_PEOPLE = 5

# In seconds; a server to which they cannot connect in this time is broken.
_WARM_UP_TIMEOUT = 20.0

# Clients that connect at the same time.
_CONCURRENT_CONNECTS = 20

# Seconds after the last delivery that still count: a server empties a field, writes to the disk.
_SETTLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Workload:
    """`people` clients that post in turn, `rate` messages a second in all."""

    people: int
    rate: float

    @classmethod
    def parse(cls, text: str) -> "Workload":
        """`400/20` is 400 people and 20 messages a second. Raises ValueError."""
        people, _, rate = text.partition("/")
        return cls(int(people), float(rate))

    def __str__(self) -> str:
        return f"{self.people}/{self.rate:g}"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a workload is measured; times are in seconds.

    `delivery_timeout` is the wait for deliveries after the last post, and `history` the number of
    messages in our chat before the run. `deflate` offers compression, `loop` is the event loop of
    the servers that are not ours.
    """

    seconds: float = 10.0
    delivery_timeout: float = 10.0
    connect_timeout: float = 120.0
    history: int = 50
    deflate: bool = True
    loop: str = "auto"


@dataclass(frozen=True, slots=True)
class Measurement:
    """Deliveries and costs of one phase of posts.

    `seen` counts the deliveries of this phase; `received` also late ones of an earlier phase.
    """

    expected: int
    seen: int
    received: int
    duplicates: int
    deliveries_per_second: float
    p50: Latency | None
    p99: Latency | None
    # CPU of the server and of the clients, in µs a delivery.
    server_cpu: float
    client_cpu: float
    # Received bytes a delivery.
    bytes_per_delivery: float
    # The largest delay of a post, in ms. If it is large, the clients are the bottleneck.
    worst_post_delay: float
    # Share of the machine's CPU that other processes used, from 0 to 1.
    other_load: float


@dataclass(frozen=True, slots=True)
class Result:
    """One system under one workload; `measurement` is None if not all clients could connect."""

    system: str
    workload: Workload
    measurement: Measurement | None
    # KB (1,000 bytes) a session, before the first message and after the last.
    idle_memory: float = 0.0
    loaded_memory: float = 0.0
    # Seconds until all clients were connected, and the server's CPU for one of them, in ms.
    connect_seconds: float = 0.0
    connect_cpu: float = 0.0
    is_compressed: bool = False
    note: str = ""


class LoadTest:
    """A running server and its clients; one client for each of `people`."""

    def __init__(self, server: Server, clients: LoadClients, people: int) -> None:
        self.server = server
        self.clients = clients
        self.people = people
        self.idle_memory = 0.0
        self.connect_seconds = 0.0
        self.connect_cpu = 0.0
        self._baseline_memory = 0
        self._posted = 0

    def connect_all(self, system: System, timeout: float) -> None:
        """Connect a client for each person. Raises NotAllConnected."""
        self.server.wait_until_idle()
        protocols = system.make_protocols(self.server.port, self.people)
        self.clients.connect_all(
            protocols[:_WARM_UP_PEOPLE], _WARM_UP_PEOPLE, min(timeout, _WARM_UP_TIMEOUT)
        )
        self.clients.wait_until_quiet(1.0, 10.0)
        self._baseline_memory = self.server.memory_bytes()
        cpu, started = self.server.cpu_seconds(), time.monotonic()
        self.clients.connect_all(protocols[_WARM_UP_PEOPLE:], _CONCURRENT_CONNECTS, timeout)
        self.connect_seconds = time.monotonic() - started
        self.clients.wait_until_quiet(1.0, 10.0)
        self.connect_cpu = (
            (self.server.cpu_seconds() - cpu) * 1000 / max(1, self.people - _WARM_UP_PEOPLE)
        )
        self.idle_memory = self.memory_per_session()

    def memory_per_session(self) -> float:
        """KB of the server's memory that each session has added since the warm-up."""
        return (
            (self.server.memory_bytes() - self._baseline_memory)
            / 1000
            / max(1, self.people - _WARM_UP_PEOPLE)
        )

    def measure_posts(self, messages: int, rate: float, timeout: float) -> Measurement:
        """Post `messages` round-robin at `rate` a second, and wait for their deliveries.

        The wait ends `timeout` seconds after the last post. Raises ServerFailed.
        """
        deliveries = self.clients.deliveries = DeliveryCounter(self._posted, messages, self.people)
        self._posted += messages
        gc.collect()
        gc.disable()
        try:
            cpu, client_cpu, size = (
                self.server.cpu_seconds(),
                time.process_time(),
                self.clients.received_bytes,
            )
            machine, started = machine_cpu(), time.monotonic()
            span, worst_delay = self._post_and_wait(deliveries, rate, timeout)
            self.clients.wait_until_quiet(_SETTLE_SECONDS, _SETTLE_SECONDS)
        finally:
            gc.enable()
        cpu, client_cpu = self.server.cpu_seconds() - cpu, time.process_time() - client_cpu
        cores = (time.monotonic() - started) * (os.cpu_count() or 1)
        received = deliveries.seen + deliveries.late
        per_delivery = 1 / max(1, received)
        return Measurement(
            expected=deliveries.expected,
            seen=deliveries.seen,
            received=received,
            duplicates=deliveries.duplicates,
            deliveries_per_second=received / span,
            p50=deliveries.percentile(0.5),
            p99=deliveries.percentile(0.99),
            server_cpu=cpu * 1e6 * per_delivery,
            client_cpu=client_cpu * 1e6 * per_delivery,
            bytes_per_delivery=(self.clients.received_bytes - size) * per_delivery,
            worst_post_delay=worst_delay * 1000,
            other_load=max(0.0, (machine_cpu() - machine - cpu - client_cpu) / cores),
        )

    def _post_and_wait(
        self, deliveries: DeliveryCounter, rate: float, timeout: float
    ) -> tuple[float, float]:
        """Post the messages; returns the seconds until the last delivery, and the largest delay."""
        started = now = time.perf_counter()
        number, worst_delay = 0, 0.0
        deadline = started + deliveries.messages / rate + timeout
        while deliveries.seen < deliveries.expected and now < deadline and not self._all_closed():
            while number < deliveries.messages and now >= (due := started + number / rate):
                worst_delay = max(worst_delay, now - due)
                self.clients.post((deliveries.first + number) % self.people, number)
                number += 1
                now = time.perf_counter()
            next_post = started + number / rate if number < deliveries.messages else deadline
            self.clients.poll_once(max(0.0, min(next_post - now, 0.1)))
            now = time.perf_counter()
        return max(now - started, deliveries.messages / rate), worst_delay

    def _all_closed(self) -> bool:
        return self.clients.close_reasons.total() == len(self.clients.sockets)


@contextlib.contextmanager
def running_load_test(system: System, people: int, options: RunOptions) -> Iterator[LoadTest]:
    """A fresh server of `system` on a fresh folder, without connected clients.

    Raises ServerFailed, TimeoutError.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        if system.needs_seed:
            compress_page_files()
            seed.fill_folder(folder, people, options.history)
        port = free_port()
        with Server(system.command(port, folder, options.loop), port, folder) as server:
            clients = LoadClients(port, deflate=options.deflate)
            try:
                yield LoadTest(server, clients, people)
            finally:
                clients.close()


def measure(system: System, workload: Workload, options: RunOptions) -> Result:
    """Measure one system under one workload; failures become the note of the result."""
    try:
        with running_load_test(system, workload.people, options) as load_test:
            return _run_workload(load_test, system, workload, options)
    except NotAllConnected as error:
        return Result(system.name, workload, None, note=f"not all clients connected: {error}")
    except (ServerFailed, OSError) as error:
        return Result(system.name, workload, None, note=f"the server failed: {error}")


def _run_workload(
    load_test: LoadTest, system: System, workload: Workload, options: RunOptions
) -> Result:
    load_test.connect_all(system, options.connect_timeout)
    # A second of messages that does not count: it loads code, and fills empty lists.
    load_test.measure_posts(
        max(1, round(workload.rate)), workload.rate, options.delivery_timeout / 2
    )
    messages = max(1, round(workload.rate * options.seconds))
    measurement = load_test.measure_posts(messages, workload.rate, options.delivery_timeout)
    return Result(
        system.name,
        workload,
        measurement,
        idle_memory=load_test.idle_memory,
        loaded_memory=load_test.memory_per_session(),
        connect_seconds=load_test.connect_seconds,
        connect_cpu=load_test.connect_cpu,
        is_compressed=load_test.clients.is_compressed,
        note=load_test.clients.close_summary(),
    )
