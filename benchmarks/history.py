"""What a message costs when 10, 10,000 or 1,000,000 are stored already.

`python -m benchmarks.history`: our chat on three histories, one after another, some rounds; the
medians are told.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median

from benchmarks.flags import begin, common_flags, keep, manner_of
from benchmarks.goals import flat
from benchmarks.measure import Manner, gathering
from benchmarks.systems import OURS
from benchmarks.table import beside, markdown

SIZES = (10, 10_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one history: start in s, entry in ms of CPU, a delivery in µs of CPU and ms of wait."""

    messages: int
    start: float
    entry: float
    cpu: float
    p50: float
    p99: float
    idle: float


def run(argv: Sequence[str] | None = None) -> None:
    """The command."""
    given = _flags().parse_args(argv)
    found = begin()
    rounds: list[Cost] = []
    for number in range(given.rounds):
        for size in given.sizes:
            print(f"round {number + 1}, {size:,} messages …", flush=True)
            rounds.append(_cost(given.people, given.rate, manner_of(given, size)))
    costs = [_middle([each for each in rounds if each.messages == size]) for size in given.sizes]
    print(f"\n{_table(costs)}\n")
    print(flat("history: CPU a delivery", [each.cpu for each in costs]))
    keep(given, found | {"rounds": [asdict(each) for each in rounds]})


def _cost(people: int, rate: float, manner: Manner) -> Cost:
    """One round on one history. Raises ServerFailed, RuntimeError."""
    with gathering(OURS, people, manner) as them:
        start = them.server.seconds_to("/healthz")
        if not them.comes_together(OURS, manner.come_in):
            raise RuntimeError("not everybody could come in")
        them.talks(round(rate), rate, manner.patience)
        stretch = them.talks(round(rate * manner.seconds), rate, manner.patience)
        p50, p99 = stretch.p50, stretch.p99
        return Cost(
            messages=manner.history,
            start=start,
            entry=them.entry,
            cpu=stretch.cpu,
            p50=p50.ms if p50 else 0.0,
            p99=p99.ms if p99 else 0.0,
            idle=them.idle,
        )


def _middle(costs: Sequence[Cost]) -> Cost:
    """Of rounds on one history the median of each number."""
    rows = [asdict(each) for each in costs]
    middle = Cost(**{name: median(row[name] for row in rows) for name in rows[0]})
    return replace(middle, messages=costs[0].messages)


def _table(costs: Sequence[Cost]) -> str:
    head = ("stored", "start s", "CPU ms to come in", "CPU µs", "p50 ms", "p99 ms", "KB/session")
    first = costs[0]
    lines = [
        (
            f"{each.messages:,}",
            f"{each.start:.2f}",
            beside(each.entry, first.entry),
            beside(each.cpu, first.cpu),
            f"{each.p50:.1f}",
            f"{each.p99:.1f}",
            beside(each.idle, first.idle),
        )
        for each in costs
    ]
    return markdown(head, lines)


def _flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, metavar="MESSAGES", help="%(default)s"
    )
    parser.add_argument("--people", type=int, default=50, help="%(default)s")
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="%(default)s")
    common_flags(parser, seconds=5.0)
    return parser


if __name__ == "__main__":
    run()
