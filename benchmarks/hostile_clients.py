"""Latency of ordinary clients beside hostile and slow ones, and a SIGTERM under load.

`python -m benchmarks.hostile_clients` runs three load tests on a real server: thousands of hostile
clients beside two ordinary ones; clients that read 1 kB/s, or nothing, beside ten ordinary ones;
and a SIGTERM while messages are posted.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import seed
from benchmarks.client_protocols import FletProtocol, PageScriptProtocol
from benchmarks.command_line import start_report
from benchmarks.delivery_counter import DeliveryCounter
from benchmarks.load_clients import LoadClients
from benchmarks.load_test import LoadTest
from benchmarks.page_files import compress_page_files
from benchmarks.server_process import ROOT, InstrumentedServer
from benchmarks.systems import OURS, our_protocols
from benchmarks.table import markdown_table
from benchmarks.websocket_frames import handshake_request

# Seconds that a session survives its connection, and until Flet has deleted such sessions.
_SESSION_TIMEOUT = 5
_CLEANUP_SECONDS = 25.0

_HISTORY = 50
_CONNECT_TIMEOUT = 120.0

# Characters of a long message; they fill the kernel's buffers of a slow reader soon.
_LONG_MESSAGE_LENGTH = 9000

_SLOW_READER_COUNT = 10


class LongMessageProtocol(PageScriptProtocol):
    """A client whose messages are long."""

    def post_frames(self, text: str) -> bytes:
        return super().post_frames(text.ljust(_LONG_MESSAGE_LENGTH, "x"))


class ResourceServer(InstrumentedServer):
    """A server of this chat that reports its resources."""

    def __init__(self, folder: Path, *, has_usual_limits: bool = False) -> None:
        super().__init__(
            "resource_counts", folder, str(_SESSION_TIMEOUT), has_usual_limits=has_usual_limits
        )
        self.database = folder / "chat.db"

    def resources(self) -> dict[str, int]:
        """Its tasks, sessions, connected sessions, open files, and memory in KB."""
        return dict(self.fetch_report())


@contextlib.contextmanager
def running_resource_load_test(
    people: int,
    protocol_type: type[PageScriptProtocol] = PageScriptProtocol,
    *,
    prepare: Callable[[Path], None] | None = None,
    has_usual_limits: bool = False,
) -> Iterator[tuple[ResourceServer, LoadTest]]:
    """A fresh server to which `people` clients are connected.

    `prepare` changes the data folder before the server starts. People post as fast as they can,
    unless the chat `has_usual_limits`.
    Raises ServerFailed, NotAllConnected.
    """
    compress_page_files()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        seed.fill_folder(folder, people, _HISTORY)
        if prepare is not None:
            prepare(folder)
        with ResourceServer(folder, has_usual_limits=has_usual_limits) as server:
            clients = LoadClients(server.port, deflate=False)
            load_test = LoadTest(server, clients, people)
            system = replace(
                OURS, make_protocols=partial(our_protocols, protocol_type=protocol_type)
            )
            try:
                load_test.connect_all(system, _CONNECT_TIMEOUT)
                yield server, load_test
            finally:
                clients.close()


def measure_p99(load_test: LoadTest, rate: float, seconds: float) -> float:
    """The p99 latency in ms, of `rate` messages a second for some seconds.

    Raises RuntimeError if a client was disconnected.
    """
    latency = load_test.measure_posts(round(rate * seconds), rate, 10.0).p99
    if load_test.clients.close_reasons:
        raise RuntimeError(
            f"ordinary clients were disconnected: {load_test.clients.close_summary()}"
        )
    return latency.ms if latency else 0.0


def run_hostile_clients(count: int) -> None:
    """Thousands of hostile clients, while two people post messages."""
    with running_resource_load_test(2) as (server, load_test):
        warm_up_swarm = _start_swarm(server, count // 10)
        while warm_up_swarm.poll() is None:
            load_test.clients.poll_once(0.1)
        load_test.clients.wait_until_quiet(_CLEANUP_SECONDS, _CLEANUP_SECONDS)
        before = server.resources()
        baseline = [measure_p99(load_test, 20, 5) for _ in range(3)]
        swarm, started = _start_swarm(server, count), time.monotonic()
        loaded = []
        while swarm.poll() is None:
            loaded.append(measure_p99(load_test, 20, 5))
        took = time.monotonic() - started
        ends = json.loads(swarm.communicate()[0])
        load_test.clients.wait_until_quiet(_CLEANUP_SECONDS, _CLEANUP_SECONDS)
        after = server.resources()
    print(f"{count:,} hostile clients in {took:.0f} s; how their connections ended:\n")
    rows = [(kind, ", ".join(f"{n} × {end}" for end, n in c.items())) for kind, c in ends.items()]
    print(markdown_table(("kind", "end"), rows), "\n")
    resource_rows = [(name, f"{n:,}", f"{after[name]:,}") for name, n in before.items()]
    print(markdown_table(("the server holds", "before", "after"), resource_rows), "\n")
    print(
        "p99 of two people, ms:",
        _format_latencies(baseline),
        "before;",
        _format_latencies(loaded),
        "meanwhile\n",
        flush=True,
    )


def _start_swarm(server: ResourceServer, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.hostile_swarm", str(server.port), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def run_slow_readers(seconds: float) -> None:
    """Ten clients read 1 kB/s and ten read nothing, while ten people post long messages."""
    phase_count = max(1, round(seconds / 5))
    with running_resource_load_test(10, LongMessageProtocol) as (server, load_test):
        before = server.resources()
        baseline = [measure_p99(load_test, 20, 5) for _ in range(phase_count)]
        readers = [_connect_slow_reader(server.port) for _ in range(2 * _SLOW_READER_COUNT)]
        load_test.clients.wait_until_quiet(1.0, 5.0)
        connected = server.resources()["connected"]
        stop = threading.Event()
        reading = threading.Thread(target=_read_slowly, args=(readers[:_SLOW_READER_COUNT], stop))
        reading.start()
        started = time.monotonic()
        loaded, peak_memory, disconnected_after = [], 0, 0.0
        while not disconnected_after and time.monotonic() - started < 120:
            loaded.append(measure_p99(load_test, 20, 5))
            resources = server.resources()
            peak_memory = max(peak_memory, resources["KB"])
            if resources["connected"] == before["connected"]:
                disconnected_after = time.monotonic() - started
        afterwards = [measure_p99(load_test, 20, 5) for _ in range(phase_count)]
        stop.set()
        reading.join()
        for each in readers:
            each.close()
    count = connected - before["connected"]
    print(
        f"{count} of {2 * _SLOW_READER_COUNT} slow readers; "
        f"20 messages of {_LONG_MESSAGE_LENGTH:,} characters a second."
    )
    print(
        f"All were disconnected after {disconnected_after:.0f} s."
        if disconnected_after
        else "NOT all were disconnected in 120 s."
    )
    print(f"memory: {before['KB']:,} KB before, {peak_memory:,} KB at most")
    phases = {"before": baseline, "meanwhile": loaded, "afterwards": afterwards}
    summary = "; ".join(f"{_format_latencies(each)} {name}" for name, each in phases.items())
    print(f"p99 of ten people, ms: {summary}")
    print(f"ratio of the medians: {median(loaded) / median(baseline):.2f}\n", flush=True)


def _connect_slow_reader(port: int) -> socket.socket:
    """A client that signs in and then reads nothing; its receive buffer is small."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(handshake_request(port, "/ws", {}, deflate=False))
    client.recv(4096)
    name = f"S{client.fileno()}"
    client.sendall(FletProtocol(f"/chat?username={name}").opening_frames())
    return client


def _read_slowly(readers: Sequence[socket.socket], stop: threading.Event) -> None:
    """Read 100 bytes from each, ten times a second."""
    for each in readers:
        each.setblocking(False)
    while not stop.wait(0.1):
        for each in readers:
            with contextlib.suppress(OSError):
                each.recv(100)


def run_sigterm(people: int, unresponsive: int) -> None:
    """A SIGTERM while people post messages, and `unresponsive` clients read nothing."""
    with running_resource_load_test(people) as (server, load_test):
        unresponsive_sockets = [_connect_slow_reader(server.port) for _ in range(unresponsive // 2)]
        unresponsive_sockets += [
            socket.create_connection(("127.0.0.1", server.port))
            for _ in range(unresponsive - len(unresponsive_sockets))
        ]
        clients = load_test.clients
        clients.wait_until_quiet(1.0, 10.0)
        deliveries = clients.deliveries = DeliveryCounter(0, 2000, people)
        posted, started = 0, time.monotonic()
        signalled_at = 0.0
        while load_test.server.exit_code is None and time.monotonic() - started < 30:
            now = time.monotonic()
            if posted < 2000 and now - started > posted / 20:
                clients.post(posted % people, posted)
                posted += 1
            if not signalled_at and posted > 60:
                os.kill(load_test.server.pid, signal.SIGTERM)
                signalled_at = now
            clients.poll_once(0.01)
        took = time.monotonic() - signalled_at
        clients.wait_until_quiet(0.5, 5.0)
        with contextlib.closing(sqlite3.connect(server.database)) as database:
            rows = database.execute("SELECT text FROM message WHERE text LIKE '~m%'")
            stored = {int(text[2:10]) for (text,) in rows}
        seen = deliveries.seen_numbers()
        for each in unresponsive_sockets:
            each.close()
    print(f"SIGTERM with {people} people and {unresponsive} unresponsive clients: ", end="")
    print(f"exit code {load_test.server.exit_code} after {took:.1f} s; ", end="")
    print(clients.close_summary())
    lost = sorted(set(seen) - stored)
    print(
        f"{len(seen)} messages were delivered, {len(stored)} are stored; "
        f"delivered but not stored: {lost or 'none'}",
        flush=True,
    )


def _format_latencies(latencies: Sequence[float]) -> str:
    if not latencies:
        return "–"
    return f"{median(latencies):.1f} ({min(latencies):.1f} to {max(latencies):.1f})"


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.hostile_clients", description=__doc__
    )
    parser.add_argument("--clients", type=int, default=10_000, help="hostile clients (%(default)s)")
    parser.add_argument(
        "--seconds",
        type=float,
        default=20.0,
        help="seconds of messages before and after the slow readers (%(default)s)",
    )
    parser.add_argument(
        "--people", type=int, default=500, help="people at the SIGTERM (%(default)s)"
    )
    parser.add_argument(
        "--unresponsive",
        type=int,
        default=50,
        help="clients that read nothing at the SIGTERM (%(default)s)",
    )
    args = parser.parse_args(argv)
    start_report()
    if args.clients:
        run_hostile_clients(args.clients)
    if args.seconds:
        run_slow_readers(args.seconds)
    if args.people:
        run_sigterm(args.people, args.unresponsive)


if __name__ == "__main__":
    run()
