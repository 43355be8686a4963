"""Cost of a message in a room with 10, 10,000 or 1,000,000 stored messages.

`python -m benchmarks.history` measures our chat on each history, one after another, and prints the
medians of some rounds.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median

from benchmarks.command_line import add_common_arguments, run_options, start_report, write_report
from benchmarks.load_test import RunOptions, running_load_test
from benchmarks.systems import OURS
from benchmarks.table import format_with_ratio, markdown_table
from benchmarks.targets import flat_target

SIZES = (10, 10_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Cost:
    """Costs with one history.

    `connect_cpu` is in ms a client, `delivery_cpu` in µs, the percentiles are in ms, and
    `idle_memory` is in KB a session.
    """

    messages: int
    start_seconds: float
    connect_cpu: float
    delivery_cpu: float
    p50: float
    p99: float
    idle_memory: float


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    args = _argument_parser().parse_args(argv)
    report = start_report()
    rounds: list[Cost] = []
    for round_number in range(args.rounds):
        for size in args.sizes:
            print(f"round {round_number + 1}, {size:,} messages …", flush=True)
            rounds.append(_measure(args.people, args.rate, run_options(args, size)))
    costs = [_medians([each for each in rounds if each.messages == size]) for size in args.sizes]
    print(f"\n{_table(costs)}\n")
    print(flat_target("history: CPU a delivery", [each.delivery_cpu for each in costs]))
    write_report(args, report | {"rounds": [asdict(each) for each in rounds]})


def _measure(people: int, rate: float, options: RunOptions) -> Cost:
    """One round on one history. Raises ServerFailed, NotAllConnected."""
    with running_load_test(OURS, people, options) as load_test:
        start = load_test.server.seconds_until_ok("/healthz")
        load_test.connect_all(OURS, options.connect_timeout)
        load_test.measure_posts(round(rate), rate, options.delivery_timeout)
        measurement = load_test.measure_posts(
            round(rate * options.seconds), rate, options.delivery_timeout
        )
        p50, p99 = measurement.p50, measurement.p99
        return Cost(
            messages=options.history,
            start_seconds=start,
            connect_cpu=load_test.connect_cpu,
            delivery_cpu=measurement.server_cpu,
            p50=p50.ms if p50 else 0.0,
            p99=p99.ms if p99 else 0.0,
            idle_memory=load_test.idle_memory,
        )


def _medians(costs: Sequence[Cost]) -> Cost:
    """The median of each number, over the rounds with one history."""
    rows = [asdict(each) for each in costs]
    middle = Cost(**{name: median(row[name] for row in rows) for name in rows[0]})
    return replace(middle, messages=costs[0].messages)


def _table(costs: Sequence[Cost]) -> str:
    header = ("stored", "start s", "CPU ms to connect", "CPU µs", "p50 ms", "p99 ms", "KB/session")
    first = costs[0]
    rows = [
        (
            f"{each.messages:,}",
            f"{each.start_seconds:.2f}",
            format_with_ratio(each.connect_cpu, first.connect_cpu),
            format_with_ratio(each.delivery_cpu, first.delivery_cpu),
            f"{each.p50:.1f}",
            f"{each.p99:.1f}",
            format_with_ratio(each.idle_memory, first.idle_memory),
        )
        for each in costs
    ]
    return markdown_table(header, rows)


def _argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, metavar="MESSAGES", help="%(default)s"
    )
    parser.add_argument("--people", type=int, default=50, help="%(default)s")
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="%(default)s")
    add_common_arguments(parser, seconds=5.0)
    return parser


if __name__ == "__main__":
    run()
