"""One member at full speed: what others feel while one session asks for all that it can.

`python -m benchmarks.member_at_full_speed`, a part of `benchmarks.hostile_clients`: people post in
turn, and for some seconds one more member repeats one expensive request. It reports the p99 of the
others beside that of the quiet time before, and the longest time that `/healthz` kept another
process waiting.
"""

import argparse
import contextlib
import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from benchmarks.command_line import start_report
from benchmarks.hostile_clients import measure_p99, running_resource_load_test
from benchmarks.hostile_member import PREPARE, SCENARIO_NAMES
from benchmarks.server_process import ROOT
from benchmarks.table import markdown_table

_RATE = 20.0


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
    for name in SCENARIO_NAMES:
        if only not in name:
            continue
        prepare = PREPARE.get(name)
        with (
            running_resource_load_test(people, prepare=prepare, has_usual_limits=True) as (
                server,
                load_test,
            ),
            _member(server.port, name) as begin,
        ):
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
def _member(port: int, scenario: str) -> Iterator[Callable[[], None]]:
    """A member in a process of its own: the `with` block gets what begins it, and ends it.

    (In this process it would hold up the clients that measure.)
    """
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
