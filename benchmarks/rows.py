"""What a message costs in sessions that have seen 10, 100 or 1,000 before.

`python -m benchmarks.rows`: an empty room that fills up; at each mark some messages are measured.
Some rounds; the medians are told.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.flags import begin, common_flags, keep, manner_of
from benchmarks.goals import flat
from benchmarks.measure import Gathering, Manner, Stretch, gathering
from benchmarks.systems import OURS, SYSTEMS, System
from benchmarks.table import beside, markdown, wait

SEEN = (10, 100, 300, 1000)

# Between two marks people talk as fast as this.
_FILLS_AT = 50.0
_CHUNK = 25


def run(argv: Sequence[str] | None = None) -> None:
    """The command."""
    given = _flags().parse_args(argv)
    found = begin()
    for name in given.only:
        system = SYSTEMS[name]
        measured: dict[int, list[Stretch]] = {mark: [] for mark in given.seen}
        for number in range(given.rounds):
            print(f"{system.words}, round {number + 1} …", flush=True)
            for mark, stretch in _round(system, given, manner_of(given, history=0)):
                measured[mark].append(stretch)
        found[name] = {mark: [each.cpu for each in rounds] for mark, rounds in measured.items()}
        print(f"\n{_table(measured)}\n")
        costs = [median(each.cpu for each in rounds) for rounds in measured.values() if rounds]
        if system is OURS:
            print(flat("rows seen: CPU a delivery", costs), "\n")
    keep(given, found)


def _round(
    system: System, given: argparse.Namespace, manner: Manner
) -> Iterator[tuple[int, Stretch]]:
    """The marks that were reached in time. Raises ServerFailed, RuntimeError."""
    until = time.monotonic() + given.budget
    messages = round(given.rate * manner.seconds)
    with gathering(system, given.people, manner) as them:
        if not them.comes_together(system, manner.come_in):
            raise RuntimeError("not everybody could come in")
        seen = 0
        for mark in given.seen:
            if not _fills(them, mark - seen, until):
                print(f"  {mark:,} rows were not reached in {given.budget:.0f} s")
                return
            yield mark, them.talks(messages, given.rate, manner.patience)
            seen = max(seen, mark) + messages


def _fills(them: Gathering, missing: int, until: float) -> bool:
    """Talk until `missing` more were said; False if the time is up, or not everything came."""
    while missing > 0 and time.monotonic() < until:
        said = min(missing, _CHUNK)
        stretch = them.talks(said, _FILLS_AT, max(0.0, until - time.monotonic()))
        if stretch.seen < stretch.expected:
            return False
        missing -= said
    return missing <= 0


def _table(measured: dict[int, list[Stretch]]) -> str:
    head = ("rows seen", "CPU µs", "p50 ms", "p99 ms", "bytes", "rounds")
    reached = {mark: rounds for mark, rounds in measured.items() if rounds}
    costs = {mark: median(each.cpu for each in rounds) for mark, rounds in reached.items()}
    first = next(iter(costs.values()), None)
    lines = []
    for mark, rounds in reached.items():
        # The round in the middle, by its cost.
        middle = sorted(rounds, key=lambda each: each.cpu)[len(rounds) // 2]
        lines.append(
            (
                f"{mark:,}",
                beside(costs[mark], first),
                wait(middle.p50),
                wait(middle.p99),
                f"{middle.size:.0f}",
                str(len(rounds)),
            )
        )
    return markdown(head, lines)


def _flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rows", description=__doc__)
    parser.add_argument(
        "--seen", type=int, nargs="+", default=SEEN, metavar="ROWS", help="%(default)s"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=list(SYSTEMS),
        default=["ours"],
        metavar="NAME",
        help="these: " + " ".join(SYSTEMS) + " (%(default)s)",
    )
    parser.add_argument("--people", type=int, default=50, help="%(default)s")
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="%(default)s")
    parser.add_argument(
        "--budget",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="how long a round may take to fill (%(default)s)",
    )
    common_flags(parser, seconds=2.0)
    return parser


if __name__ == "__main__":
    run()
