"""Fan-out: what it costs that everyone gets what anyone says, here and elsewhere.

`python -m benchmarks.fanout` starts five chats one after another, each in its own process, and
measures the same talk on each. `--help` says what can be chosen.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.flags import begin, common_flags, keep, manner_of
from benchmarks.goals import goals
from benchmarks.measure import Manner, Result, Workload, measure
from benchmarks.sustain import PEOPLE, Sustained, sustain
from benchmarks.systems import COMPARED, SYSTEMS, System
from benchmarks.table import beside, markdown, table

WORKLOADS = ("50/10", "100/20", "400/20", "1000/10")


def run(argv: Sequence[str] | None = None) -> None:
    """The command."""
    given = _flags().parse_args(argv)
    found = begin()
    manner = manner_of(given, given.history)
    systems = [SYSTEMS[name] for name in given.only]
    if given.sustain:
        sustained = _sustain(systems, manner, given.budget)
        found["sustained"] = [asdict(each) for each in sustained]
    else:
        results = _measure(systems, given.workload, manner, given.rounds)
        found["results"] = [asdict(each) for each in results]
        print("\n".join(str(goal) for goal in goals(results)))
    keep(given, found)


def _measure(
    systems: Sequence[System], workloads: Sequence[Workload], manner: Manner, rounds: int
) -> list[Result]:
    results: list[Result] = []
    for workload in workloads:
        print(f"## {workload}: {workload.people} people, {workload.rate:g} messages/s\n")
        runs = [_one(each, workload, manner) for _ in range(rounds) for each in systems]
        here = [_middle([run for run in runs if run.system == each.name]) for each in systems]
        results += here
        print(f"\n{table(here)}\n", flush=True)
        for each in here:
            if words := _remarks(each):
                print(f"- {SYSTEMS[each.system].words}: {words}")
        print(flush=True)
    return results


def _one(system: System, workload: Workload, manner: Manner) -> Result:
    print(f"{system.words} …", flush=True)
    return measure(system, workload, manner)


def _middle(runs: Sequence[Result]) -> Result:
    """Of some rounds the one whose cost is in the middle; those that failed cost the most."""
    cost = [math.inf if each.stretch is None else each.stretch.cpu for each in runs]
    return runs[sorted(range(len(runs)), key=cost.__getitem__)[(len(runs) - 1) // 2]]


def _remarks(result: Result) -> str:
    """What the table has no column for."""
    remarks = [result.note] if result.note else []
    if result.came_in:
        remarks.append(f"in after {result.came_in:.1f} s, {result.entry:.1f} ms of CPU each")
    if result.compressed:
        remarks.append("its frames are compressed, as the clients offered")
    if (stretch := result.stretch) is not None:
        remarks.append(f"the people's own process used {stretch.crowd_cpu:.1f} µs a delivery")
        if stretch.others > 0.1:
            remarks.append(f"something else used {stretch.others:.0%} of the machine meanwhile")
        if stretch.behind > 100:
            remarks.append(f"and was up to {stretch.behind:.0f} ms late with a post")
        if stretch.twins:
            remarks.append(f"deliveries that came twice: {stretch.twins:,}")
    return "; ".join(remarks)


def _sustain(systems: Sequence[System], manner: Manner, budget: float) -> list[Sustained]:
    print(f"## The highest rate that {PEOPLE} people sustain with p99 under a second\n")
    found = []
    for system in systems:
        print(f"{system.words} …", flush=True)
        found.append(sustain(system, manner, budget))
    bare = next((each.holds for each in found if each.system == "bare"), None)
    head = ("system", "messages/s that hold", "deliveries/s", "messages/s that do not")
    lines = [
        (
            SYSTEMS[each.system].words,
            beside(each.holds, bare),
            f"{each.holds * PEOPLE:,.0f}",
            "not found in time" if each.breaks is None else f"{each.breaks:,.1f}",
        )
        for each in found
    ]
    print(f"\n{markdown(head, lines)}\n")
    for each in found:
        if each.note:
            print(f"- {SYSTEMS[each.system].words}: {each.note}")
    return found


def _flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fanout", description=__doc__)
    parser.add_argument(
        "--workload",
        nargs="+",
        type=_workloads,
        default=_workloads("all"),
        metavar="N/R",
        action=_Joined,
        help="people and messages a second, or all: " + " ".join(WORKLOADS),
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=list(SYSTEMS),
        default=list(COMPARED),
        metavar="NAME",
        help="only these, of: " + " ".join(SYSTEMS) + " (by default the first five)",
    )
    parser.add_argument(
        "--rounds", type=int, default=1, help="measure so often, tell the median (%(default)s)"
    )
    parser.add_argument(
        "--sustain",
        action="store_true",
        help=f"find the highest rate that {PEOPLE} people sustain with p99 under a second",
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="with --sustain: how long to search for each system (%(default)s)",
    )
    parser.add_argument(
        "--history",
        type=int,
        default=50,
        metavar="MESSAGES",
        help="what was said in our chat before (%(default)s)",
    )
    common_flags(parser)
    return parser


def _workloads(words: str) -> list[Workload]:
    return [Workload.read(each) for each in (WORKLOADS if words == "all" else (words,))]


class _Joined(argparse.Action):
    """`--workload 50/10 all` is one list."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: Any = None) -> None:
        setattr(namespace, self.dest, [each for some in values for each in some])


if __name__ == "__main__":
    run()
