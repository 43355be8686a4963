"""One member at full speed: what others feel while one session asks for all that it can.

`python -m benchmarks.member_at_full_speed`, a part of `benchmarks.hostile_clients`: people post in
turn, and for some seconds one more member repeats one expensive request. It reports the p99 of the
others beside that of the quiet time before, and the longest time that `/healthz` kept another
process waiting.
"""

import argparse
import contextlib
import http.client
import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks.client_protocols import PageScriptProtocol, flet_frame
from benchmarks.command_line import start_report
from benchmarks.hostile_clients import measure_p99, running_resource_load_test
from benchmarks.hostile_member import PREPARE, SCENARIOS
from benchmarks.load_clients import LoadClients
from benchmarks.server_process import ROOT
from benchmarks.table import markdown_table
from benchmarks.websocket_frames import BINARY, encode_frame
from chat.ui.client.page_messages import QuickSwitcherKey, ShortcutsKey, encode_event
from tests.harness.client import EVENT, SET

_RATE = 20.0

# Frames of the member each second: a connection may send 600 at once, and 30 a second from then on.
_FRAMES_PER_SECOND = 30.0
_BURST = 300


class MemberProtocol(PageScriptProtocol):
    """A member whose frames a scenario makes."""

    def say(self, text: str) -> bytes:
        """The frames that send a text."""
        return self.send_frame(text)

    def fill(self, text: str) -> bytes:
        """The frames of a text that is pasted into the field."""
        change = flet_frame(EVENT, {"target": self._field_id, "name": "change", "data": text})
        return flet_frame(SET, {"id": self._field_id, "props": {"value": text}}) + change


def _key(event: Any) -> bytes:
    return encode_frame(BINARY, encode_event(event))


def _scenarios(member: MemberProtocol) -> dict[str, Iterator[bytes]]:
    """The frames of each scenario, without end."""
    numbers = itertools.count()
    return {
        "S1 2,000 shortcodes": (member.fill(":a:" * 2000 + str(n)) for n in itertools.count()),
        "S2 a text of repeated atoms": (
            member.say(f"[{'1.' * 4900}](https://e.example/{n})") for n in itertools.count()
        ),
        "S3 Ctrl+K": itertools.repeat(_key(QuickSwitcherKey())),
        "S3 Ctrl+K and Ctrl+/": itertools.cycle((_key(QuickSwitcherKey()), _key(ShortcutsKey()))),
        "S7 /dm with 1,600 names": (
            member.say("/dm " + " ".join(f"n{each}" for each in range(1600)))
            for _ in itertools.count()
        ),
        "S7 @ in the field": (member.fill(f"{n} @") for n in itertools.count()),
        "S8 /nick": (member.say(f"/nick Mallory {n}") for n in numbers),
        "long messages": (member.say(f"{n} " + "x" * 9000) for n in itertools.count()),
    }


class HealthProbe:
    """Asks `/healthz` in a thread, again and again."""

    def __init__(self, port: int) -> None:
        self.worst = 0.0
        self._port = port
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "HealthProbe":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while not self._stopped.wait(0.005):
            started = time.perf_counter()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            self.worst = max(self.worst, time.perf_counter() - started)


def measure(people: int, seconds: float, only: str) -> None:
    """Measure each scenario on a fresh server, and print a table."""
    rows = []
    for name in [*_scenarios(MemberProtocol("/")), *SCENARIOS]:
        if only not in name:
            continue
        prepare = PREPARE.get(name)
        with running_resource_load_test(people, prepare=prepare) as (server, load_test):
            start_member = _process_member if name in SCENARIOS else _thread_member
            with start_member(server.port, name) as begin:
                baseline = measure_p99(load_test, _RATE, seconds)
                with HealthProbe(server.port) as probe:
                    begin()
                    loaded = measure_p99(load_test, _RATE, seconds)
        rows.append(
            (
                name,
                f"{baseline:.1f}",
                f"{loaded:.1f} ({loaded / max(baseline, 0.1):.1f} ×)",
                f"{1000 * probe.worst:.0f}",
            )
        )
        print(*rows[-1], flush=True)
    print(f"{people} people, {_RATE:g} messages a second, {seconds:g} s for each row; in ms:\n")
    print(markdown_table(("one member", "p99 before", "p99 meanwhile", "longest stall"), rows))


@contextlib.contextmanager
def _thread_member(port: int, scenario: str) -> Iterator[Callable[[], None]]:
    """A member that sends frames; the `with` block gets what begins it, and ends it."""
    member = MemberProtocol("/chat?username=Mallory")
    clients = LoadClients(port, deflate=False)
    clients.connect_all([member], 1, 60.0)
    stop = threading.Event()
    sending = threading.Thread(target=_send, args=(clients, _scenarios(member)[scenario], stop))
    try:
        yield sending.start
    finally:
        stop.set()
        if sending.ident is not None:
            sending.join()
        clients.close()


@contextlib.contextmanager
def _process_member(port: int, scenario: str) -> Iterator[Callable[[], None]]:
    """The same with a whole client, see `benchmarks.hostile_member`."""
    command = [sys.executable, "-m", "benchmarks.hostile_member", str(port), scenario]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the member of “{scenario}” did not come in")
        begin = process.stdin
        try:
            yield lambda: print(file=begin, flush=True)
            if process.poll() is not None:
                raise RuntimeError(f"the member of “{scenario}” has ended")
        finally:
            process.kill()


def _send(clients: LoadClients, frames: Iterator[bytes], stop: threading.Event) -> None:
    """Send a burst at first, then as many frames as the rate limit allows; read everything."""
    member, started = clients.sockets[0], time.monotonic()
    sent, data = 0, memoryview(b"")
    while not stop.is_set() and not member.close_reason:
        allowed = _BURST + (time.monotonic() - started) * _FRAMES_PER_SECOND
        if not data and sent < allowed:
            data, sent = memoryview(next(frames)), sent + 1
        with contextlib.suppress(BlockingIOError):
            data = data[member.socket.send(data) :] if data else data
        clients.poll_once(0.0 if sent < allowed else 0.01)


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.member_at_full_speed", description=__doc__
    )
    parser.add_argument("--people", type=int, default=50, help="people who talk (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each row (%(default)s)")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    args = parser.parse_args(argv)
    start_report()
    measure(args.people, args.seconds, args.only)


if __name__ == "__main__":
    run()
