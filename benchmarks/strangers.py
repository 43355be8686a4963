"""One member, and one address, at full speed for a minute: what others feel, and what it takes.

`python -m benchmarks.strangers` has people post in turn, with the limits that a chat has unless its
owner changes them. Meanwhile one member, and then all that one address may have open, send long
messages as fast as their connections may. It compares the p99 of the others with that of the quiet
time before, and memory and disk with the bounds in `docs/limits.md`.
"""

import argparse
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import IO

from benchmarks.command_line import start_report
from benchmarks.hostile_clients import ResourceServer, measure_p99, running_resource_load_test
from benchmarks.hostile_strangers import PARTS, add_people
from benchmarks.member_at_full_speed import HealthProbe
from benchmarks.server_process import ROOT
from benchmarks.table import markdown_table
from chat.activity.activity_limits import (
    NETWORK_BURST_SECONDS,
    NETWORK_POSTS_A_MINUTE,
    POSTS_A_MINUTE,
    POSTS_AT_ONCE,
)

# The ordinary people post so many messages a second together, and each of them one in two seconds
# at most: they are not held up by their own limit.
_RATE, _RATE_OF_PERSON = 20.0, 0.5

# The latency of the others may grow by this factor.
MAX_RATIO = 1.2

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Bound:
    """What a part may take: messages at once and within a minute, and bytes of memory, and of disk
    for each message."""

    messages_at_once: int
    messages_a_minute: int
    memory: int
    disk_a_message: int = 128 * 1024

    def messages(self, seconds: float) -> float:
        """The messages within so many seconds."""
        return self.messages_at_once + self.messages_a_minute * seconds / 60


# As docs/limits.md says.
BOUNDS = {
    "one member": Bound(POSTS_AT_ONCE, POSTS_A_MINUTE, 64 * _MIB),
    "one address": Bound(
        NETWORK_POSTS_A_MINUTE * NETWORK_BURST_SECONDS // 60, NETWORK_POSTS_A_MINUTE, 256 * _MIB
    ),
}


@dataclass(frozen=True)
class Usage:
    """What the server holds: its memory and its data folder in bytes, and messages of Mallory."""

    memory: int
    disk: int
    messages: int

    @classmethod
    def of(cls, server: ResourceServer) -> "Usage":
        """What it holds now."""
        folder = server.database.parent
        disk = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
        with closing(sqlite3.connect(server.database)) as database:
            count = "SELECT count(*) FROM message WHERE text GLOB '~M*'"
            (messages,) = database.execute(count).fetchone()
        return cls(server.resources()["KB"] * 1024, disk, messages)


def measure(people: int, seconds: float, only: str) -> bool:
    """Measure each part on a fresh server, and print a table; whether all is within its bounds."""
    rows, is_within, rate = [], True, min(_RATE, people * _RATE_OF_PERSON)
    for name, part in PARTS.items():
        if only not in name:
            continue
        prepare = partial(add_people, part=part)
        with (
            running_resource_load_test(people, prepare=prepare, has_usual_limits=True) as (
                server,
                load_test,
            ),
            _strangers(server.port, name) as begin,
        ):
            load_test.clients.wait_until_quiet(1.0, 30.0)
            baseline, before = measure_p99(load_test, rate, seconds), Usage.of(server)
            with HealthProbe(server.port) as probe:
                print(file=begin, flush=True)
                loaded = measure_p99(load_test, rate, seconds)
            after = Usage.of(server)
        bound, ratio = BOUNDS[name], loaded / max(baseline, 0.1)
        # Those of the ordinary people are stored, too.
        messages = after.messages - before.messages
        stored = messages + round(rate * seconds)
        cells = (
            (f"{baseline:.1f} → {loaded:.1f} ms ({ratio:.2f} ×)", ratio <= MAX_RATIO),
            (f"{messages:,}", messages <= bound.messages(seconds + 15)),
            _grown(before.memory, after.memory, bound.memory),
            _grown(before.disk, after.disk, bound.disk_a_message * stored),
            (f"{1000 * probe.worst:.0f} ms", True),
        )
        rows.append((name, *(text if is_kept else f"{text}: OVER" for text, is_kept in cells)))
        is_within &= all(is_kept for _, is_kept in cells)
        print(*rows[-1], sep=" | ", flush=True)
    print(f"\n{people} people, {rate:g} messages a second, {seconds:g} s for each part:\n")
    heads = ("at full speed", "p99 of the others", "messages", "memory", "disk", "longest stall")
    print(markdown_table(heads, rows))
    return is_within


def _grown(before: int, after: int, bound: int) -> tuple[str, bool]:
    """How much more there is, in MiB, and whether that is within its bound."""
    grown = after - before
    return f"+{grown / _MIB:.1f} of {bound / _MIB:.0f} MiB", grown <= bound


@contextlib.contextmanager
def _strangers(port: int, part: str) -> Iterator[IO[str]]:
    """The people of a part in a process of their own; a line on the given pipe begins it."""
    command = [sys.executable, "-m", "benchmarks.hostile_strangers", str(port), part]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"“{part}” did not come in")
        try:
            yield process.stdin
            if process.poll() is not None:
                raise RuntimeError(f"“{part}” has ended")
        finally:
            process.kill()


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command; its exit code is 1 if something is beyond its bound."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strangers", description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="people who talk (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each part (%(default)s)")
    parser.add_argument("--only", default="", help="parts whose name contains this")
    args = parser.parse_args(argv)
    start_report()
    sys.exit(0 if measure(args.people, args.seconds, args.only) else 1)


if __name__ == "__main__":
    run()
