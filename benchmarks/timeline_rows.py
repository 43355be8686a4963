"""Cost of a message in sessions whose timelines have 10, 100, 300 or 1,000 rows.

`python -m benchmarks.timeline_rows` fills an empty room. At each of these row counts it measures
some messages. It prints the medians of some rounds.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.command_line import add_common_arguments, run_options, start_report, write_report
from benchmarks.load_test import LoadTest, Measurement, RunOptions, running_load_test
from benchmarks.systems import OURS, SYSTEMS, System
from benchmarks.table import format_latency, format_with_ratio, markdown_table
from benchmarks.targets import flat_target

ROW_COUNTS = (10, 100, 300, 1000)

# Messages a second, and messages in a batch, while a room is filled to the next row count.
_FILL_RATE = 50.0
_FILL_BATCH = 25


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    args = _argument_parser().parse_args(argv)
    report = start_report()
    for name in args.only:
        system = SYSTEMS[name]
        measured: dict[int, list[Measurement]] = {row_count: [] for row_count in args.seen}
        for number in range(args.rounds):
            print(f"{system.label}, round {number + 1} …", flush=True)
            for row_count, measurement in _measure_round(
                system, args, run_options(args, history=0)
            ):
                measured[row_count].append(measurement)
        report[name] = {
            row_count: [each.server_cpu for each in rounds]
            for row_count, rounds in measured.items()
        }
        print(f"\n{_table(measured)}\n")
        costs = [
            median(each.server_cpu for each in rounds) for rounds in measured.values() if rounds
        ]
        if system is OURS:
            print(flat_target("rows seen: CPU a delivery", costs), "\n")
    write_report(args, report)


def _measure_round(
    system: System, args: argparse.Namespace, options: RunOptions
) -> Iterator[tuple[int, Measurement]]:
    """The row counts that were reached in time, each with its measurement.

    Raises ServerFailed, NotAllConnected.
    """
    deadline = time.monotonic() + args.budget
    messages = round(args.rate * options.seconds)
    with running_load_test(system, args.people, options) as load_test:
        load_test.connect_all(system, options.connect_timeout)
        seen = 0
        for row_count in args.seen:
            if not _fill(load_test, row_count - seen, deadline):
                print(f"  {row_count:,} rows were not reached in {args.budget:.0f} s")
                return
            yield row_count, load_test.measure_posts(messages, args.rate, options.delivery_timeout)
            seen = max(seen, row_count) + messages


def _fill(load_test: LoadTest, missing: int, deadline: float) -> bool:
    """Post `missing` messages; False at the deadline, or if a delivery is lost."""
    while missing > 0 and time.monotonic() < deadline:
        count = min(missing, _FILL_BATCH)
        measurement = load_test.measure_posts(
            count, _FILL_RATE, max(0.0, deadline - time.monotonic())
        )
        if measurement.seen < measurement.expected:
            return False
        missing -= count
    return missing <= 0


def _table(measured: dict[int, list[Measurement]]) -> str:
    header = ("rows seen", "CPU µs", "p50 ms", "p99 ms", "bytes", "rounds")
    reached = {count: rounds for count, rounds in measured.items() if rounds}
    costs = {count: median(each.server_cpu for each in rounds) for count, rounds in reached.items()}
    first = next(iter(costs.values()), None)
    rows = []
    for row_count, rounds in reached.items():
        # The median round by CPU a delivery.
        median_round = sorted(rounds, key=lambda each: each.server_cpu)[len(rounds) // 2]
        rows.append(
            (
                f"{row_count:,}",
                format_with_ratio(costs[row_count], first),
                format_latency(median_round.p50),
                format_latency(median_round.p99),
                f"{median_round.bytes_per_delivery:.0f}",
                str(len(rounds)),
            )
        )
    return markdown_table(header, rows)


def _argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timeline_rows", description=__doc__)
    parser.add_argument(
        "--seen", type=int, nargs="+", default=ROW_COUNTS, metavar="ROWS", help="%(default)s"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=list(SYSTEMS),
        default=["ours"],
        metavar="NAME",
        help="systems to measure, of: " + " ".join(SYSTEMS) + " (%(default)s)",
    )
    parser.add_argument("--people", type=int, default=50, help="%(default)s")
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="%(default)s")
    parser.add_argument(
        "--budget",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="how long a round may take (%(default)s)",
    )
    add_common_arguments(parser, seconds=2.0)
    return parser


if __name__ == "__main__":
    run()
