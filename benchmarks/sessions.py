"""Cost of a session: memory by file, line and type, and the CPU of signing in.

`python -m benchmarks.sessions` connects people whom the chat knows. First to the real server, whose
memory and CPU the kernel reports. Then to a server that traces its allocations; this makes it slow
and large, so that only the shares are meaningful. With `--profile`, also to a server that profiles
its functions.
"""

import argparse
import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import seed
from benchmarks.command_line import start_report
from benchmarks.load_clients import LoadClients
from benchmarks.load_test import RunOptions, running_load_test
from benchmarks.page_files import compress_page_files
from benchmarks.server_process import InstrumentedServer
from benchmarks.systems import OURS
from benchmarks.table import markdown_table

# A name and its counts, as `benchmarks.servers.profiled` reports them.
Row = tuple[str, float, float, float]

_HISTORY = 50
_WARM_UP_PEOPLE = 5
_CONCURRENT_CONNECTS = 20
_CONNECT_TIMEOUT = 120.0


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sessions", description=__doc__)
    parser.add_argument(
        "--people", type=int, default=200, help="people in the real server (%(default)s)"
    )
    parser.add_argument(
        "--traced", type=int, default=50, help="people in the traced server (%(default)s)"
    )
    parser.add_argument("--rows", type=int, default=40, help="rows of each table (%(default)s)")
    parser.add_argument(
        "--profile", action="store_true", help="print the time of signing in by function, too"
    )
    args = parser.parse_args(argv)
    start_report()
    if args.people:
        _measure_real_server(args.people)
    if args.traced:
        _print_memory(_measure_instrumented_server("trace", args.traced), args.traced, args.rows)
    if args.profile:
        _print_times(
            _measure_instrumented_server("profile", args.traced or 50),
            args.traced or 50,
            args.rows,
        )


def _measure_real_server(people: int) -> None:
    with running_load_test(OURS, people, RunOptions(history=_HISTORY)) as load_test:
        load_test.connect_all(OURS, _CONNECT_TIMEOUT)
        memory, cpu = load_test.idle_memory, load_test.connect_cpu
        cost = f"{memory:.0f} KB a session, {cpu:.1f} ms of CPU to sign in"
        print(f"{people} people: {cost}\n")


def _measure_instrumented_server(mode: str, people: int) -> dict[str, list[Row]]:
    """The report of `people` sessions beyond those of the warm-up."""
    with _instrumented_server(mode, people) as (server, clients):
        protocols = OURS.make_protocols(server.port, people + _WARM_UP_PEOPLE)
        for group in (protocols[:_WARM_UP_PEOPLE], protocols[_WARM_UP_PEOPLE:]):
            clients.connect_all(group, _CONCURRENT_CONNECTS, _CONNECT_TIMEOUT)
            clients.wait_until_quiet(2.0, 20.0)
            report: dict[str, list[Row]] = server.fetch_report()
        return report


@contextlib.contextmanager
def _instrumented_server(
    mode: str, people: int
) -> Iterator[tuple[InstrumentedServer, LoadClients]]:
    compress_page_files()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        seed.fill_folder(folder, people + _WARM_UP_PEOPLE, _HISTORY)
        with InstrumentedServer("profiled", folder, mode) as server:
            server.wait_until_idle()
            clients = LoadClients(server.port, deflate=False)
            try:
                yield server, clients
            finally:
                clients.close()


def _print_memory(report: dict[str, list[Row]], people: int, rows: int) -> None:
    lines = report["lines"]
    total = sum(size for _, size, *_ in lines)
    print(f"{total / people / 1000:.1f} KB a session that Python allocated\n")
    files: dict[str, tuple[float, float]] = {}
    for name, size, blocks, _ in lines:
        file = name.rpartition(":")[0]
        before = files.get(file, (0, 0))
        files[file] = before[0] + size, before[1] + blocks
    largest = sorted(files.items(), key=lambda each: -each[1][0])
    _print_table("file", [(name, *each, 0.0) for name, each in largest[:rows]], people)
    _print_table("line", lines[:rows], people)
    types = [
        (name, f"{number / people:.1f}")
        for name, number, *_ in report["types"][:rows]
        if number / people >= 0.5
    ]
    print(markdown_table(("type", "objects a session"), types), "\n")


def _print_table(title: str, rows: Sequence[Row], people: int) -> None:
    cells = [
        (name, f"{size / people:.0f}", f"{blocks / people:.1f}") for name, size, blocks, _ in rows
    ]
    print(markdown_table((title, "bytes a session", "blocks"), cells), "\n")


def _print_times(report: dict[str, list[Row]], people: int, rows: int) -> None:
    for kind, header in (("own", "own ms"), ("whole", "ms with what it calls")):
        cells = []
        for name, own, whole, calls in report[kind][:rows]:
            seconds = own if kind == "own" else whole
            cells.append((name, f"{seconds * 1000 / people:.3f}", f"{calls / people:.1f}"))
        print(markdown_table((f"function ({kind})", f"{header} a person", "calls"), cells), "\n")


if __name__ == "__main__":
    run()
