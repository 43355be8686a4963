"""What a session costs: memory by the line that asked for it, objects by type, and coming in.

`python -m benchmarks.sessions`: people who were here before come in, one after another. First to
the real server, whose memory and processor time the kernel tells; then to one that counts what it
holds more (that makes it slow and large, so only the shares mean something), and with `--profile`
to one that tells where its time went.
"""

import argparse
import contextlib
import json
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import seed
from benchmarks.crowd import LoadClients
from benchmarks.flags import start_report
from benchmarks.measure import LoadTest, RunOptions, running_load_test
from benchmarks.process import Server, free_port
from benchmarks.systems import OURS
from benchmarks.table import markdown_table

# A name and what was counted of it.
Row = tuple[str, float, float, float]

_HISTORY = 50
_FIRST = 5
_PATIENCE = 120.0


def run(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sessions", description=__doc__)
    parser.add_argument("--people", type=int, default=200, help="in the real server (%(default)s)")
    parser.add_argument("--counted", type=int, default=50, help="in the other (%(default)s)")
    parser.add_argument("--rows", type=int, default=40, help="of each table (%(default)s)")
    parser.add_argument("--profile", action="store_true", help="tell where the time went, too")
    given = parser.parse_args(argv)
    start_report()
    if given.people:
        _kernel(given.people)
    if given.counted:
        _tell(_asked("trace", given.counted), given.counted, given.rows)
    if given.profile:
        _tell_times(_asked("profile", given.counted or 50), given.counted or 50, given.rows)


def _kernel(people: int) -> None:
    with running_load_test(OURS, people, RunOptions(history=_HISTORY)) as them:
        if not them.connect_all(OURS, _PATIENCE):
            raise SystemExit("not all came in")
        cost = f"{them.idle_memory:.0f} KB a session, {them.connect_cpu:.1f} ms of CPU to come in"
        print(f"{people} people: {cost}\n")


def _asked(way: str, people: int) -> dict[str, list[Row]]:
    """What so many people are more than five."""
    with _weighed(way, people) as (tells, them):
        voices = OURS.make_protocols(them.server.port, people + _FIRST)
        for some in (voices[:_FIRST], voices[_FIRST:]):
            if not them.clients.connect_all(some, 20, _PATIENCE):
                raise SystemExit("not all came in")
            them.clients.wait_until_quiet(2.0, 20.0)
            told = _ask(tells)
        return told


@contextlib.contextmanager
def _weighed(way: str, people: int) -> Iterator[tuple[int, LoadTest]]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        seed.fill(folder, people + _FIRST, _HISTORY)
        port, tells = free_port(), free_port()
        serve = ["-m", "benchmarks.servers.weighed", str(port), name, str(tells), way]
        with Server([sys.executable, *serve], port, folder) as server:
            server.wait_until_idle()
            crowd = LoadClients(port, deflate=False)
            try:
                yield tells, LoadTest(server, crowd, people)
            finally:
                crowd.close()


def _ask(port: int) -> dict[str, list[Row]]:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as asking:
        told = b""
        while some := asking.recv(1 << 16):
            told += some
    found: dict[str, list[Row]] = json.loads(told)
    return found


def _tell(found: dict[str, list[Row]], people: int, rows: int) -> None:
    lines = found["lines"]
    whole = sum(size for _, size, *_ in lines)
    print(f"{whole / people / 1000:.1f} KB a session that Python asked for\n")
    files: dict[str, tuple[float, float]] = {}
    for name, size, blocks, _ in lines:
        file = name.rpartition(":")[0]
        before = files.get(file, (0, 0))
        files[file] = before[0] + size, before[1] + blocks
    largest = sorted(files.items(), key=lambda each: -each[1][0])
    _table("file", [(name, *each, 0.0) for name, each in largest[:rows]], people)
    _table("line", lines[:rows], people)
    types = [
        (name, f"{number / people:.1f}")
        for name, number, *_ in found["types"][:rows]
        if number / people >= 0.5
    ]
    print(markdown_table(("type", "objects a session"), types), "\n")


def _table(what: str, rows: Sequence[Row], people: int) -> None:
    cells = [
        (name, f"{size / people:.0f}", f"{blocks / people:.1f}") for name, size, blocks, _ in rows
    ]
    print(markdown_table((what, "bytes a session", "blocks"), cells), "\n")


def _tell_times(found: dict[str, list[Row]], people: int, rows: int) -> None:
    for kind, words in (("own", "own ms"), ("whole", "ms with what it calls")):
        cells = []
        for name, own, whole, calls in found[kind][:rows]:
            seconds = own if kind == "own" else whole
            cells.append((name, f"{seconds * 1000 / people:.3f}", f"{calls / people:.1f}"))
        print(markdown_table((f"function ({kind})", f"{words} a person", "calls"), cells), "\n")


if __name__ == "__main__":
    run()
