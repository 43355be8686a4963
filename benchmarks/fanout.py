"""Fan-out: cost of delivering each message to all clients, in this chat and in others.

`python -m benchmarks.fanout` starts five chats one after another, each in its own process, and
measures the same workloads on each.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.command_line import add_common_arguments, run_options, start_report, write_report
from benchmarks.load_test import Result, RunOptions, Workload, measure
from benchmarks.sustain import PEOPLE, Sustained, find_sustained_rate
from benchmarks.systems import COMPARED, SYSTEMS, System
from benchmarks.table import format_with_ratio, markdown_table, results_table
from benchmarks.targets import check_targets

WORKLOADS = ("50/10", "100/20", "400/20", "1000/10")


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    args = _argument_parser().parse_args(argv)
    report = start_report()
    options = run_options(args, args.history)
    systems = [SYSTEMS[name] for name in args.only]
    if args.sustain:
        sustained = _measure_sustained(systems, options, args.budget)
        report["sustained"] = [asdict(each) for each in sustained]
    else:
        results = _measure(systems, args.workload, options, args.rounds)
        report["results"] = [asdict(each) for each in results]
        print("\n".join(str(target) for target in check_targets(results)))
    write_report(args, report)


def _measure(
    systems: Sequence[System], workloads: Sequence[Workload], options: RunOptions, rounds: int
) -> list[Result]:
    results: list[Result] = []
    for workload in workloads:
        print(f"## {workload}: {workload.people} people, {workload.rate:g} messages/s\n")
        runs = [_measure_one(each, workload, options) for _ in range(rounds) for each in systems]
        medians = [
            _median_run([run for run in runs if run.system == each.name]) for each in systems
        ]
        results += medians
        print(f"\n{results_table(medians)}\n", flush=True)
        for each in medians:
            if remarks := _remarks(each):
                print(f"- {SYSTEMS[each.system].label}: {remarks}")
        print(flush=True)
    return results


def _measure_one(system: System, workload: Workload, options: RunOptions) -> Result:
    print(f"{system.label} …", flush=True)
    return measure(system, workload, options)


def _median_run(runs: Sequence[Result]) -> Result:
    """The run with the median CPU a delivery; a failed run counts as the most expensive."""
    cost = [math.inf if each.measurement is None else each.measurement.server_cpu for each in runs]
    return runs[sorted(range(len(runs)), key=cost.__getitem__)[(len(runs) - 1) // 2]]


def _remarks(result: Result) -> str:
    """Numbers without a column in the table, as one line."""
    remarks = [result.note] if result.note else []
    if result.connect_seconds:
        remarks.append(
            f"connected in {result.connect_seconds:.1f} s, "
            f"{result.connect_cpu:.1f} ms of CPU a client"
        )
    if result.is_compressed:
        remarks.append("frames are compressed")
    if (measurement := result.measurement) is not None:
        remarks.append(
            f"the process of the clients used {measurement.client_cpu:.1f} µs a delivery"
        )
        if measurement.other_load > 0.1:
            remarks.append(f"other processes used {measurement.other_load:.0%} of the machine")
        if measurement.worst_post_delay > 100:
            remarks.append(f"a post was up to {measurement.worst_post_delay:.0f} ms late")
        if measurement.duplicates:
            remarks.append(f"duplicate deliveries: {measurement.duplicates:,}")
    return "; ".join(remarks)


def _measure_sustained(
    systems: Sequence[System], options: RunOptions, budget: float
) -> list[Sustained]:
    print(f"## The highest rate that {PEOPLE} people sustain with p99 under a second\n")
    sustained = []
    for system in systems:
        print(f"{system.label} …", flush=True)
        sustained.append(find_sustained_rate(system, options, budget))
    bare_rate = next((each.sustained_rate for each in sustained if each.system == "bare"), None)
    header = ("system", "messages/s sustained", "deliveries/s", "messages/s not sustained")
    rows = [
        (
            SYSTEMS[each.system].label,
            format_with_ratio(each.sustained_rate, bare_rate),
            f"{each.sustained_rate * PEOPLE:,.0f}",
            "not found in time" if each.failed_rate is None else f"{each.failed_rate:,.1f}",
        )
        for each in sustained
    ]
    print(f"\n{markdown_table(header, rows)}\n")
    for each in sustained:
        if each.note:
            print(f"- {SYSTEMS[each.system].label}: {each.note}")
    return sustained


def _argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fanout", description=__doc__)
    parser.add_argument(
        "--workload",
        nargs="+",
        type=_parse_workloads,
        default=_parse_workloads("all"),
        metavar="N/R",
        action=_ExtendAction,
        help="people and messages a second, or all: " + " ".join(WORKLOADS),
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=list(SYSTEMS),
        default=list(COMPARED),
        metavar="NAME",
        help="systems to measure, of: " + " ".join(SYSTEMS) + " (default: the first five)",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=1,
        help="measurements of each system; the median is reported (%(default)s)",
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
        help="messages in our chat before the run (%(default)s)",
    )
    add_common_arguments(parser)
    return parser


def _parse_workloads(text: str) -> list[Workload]:
    return [Workload.parse(each) for each in (WORKLOADS if text == "all" else (text,))]


class _ExtendAction(argparse.Action):
    """Joins the lists of workloads: `--workload 50/10 all` is one list."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: Any = None) -> None:
        setattr(namespace, self.dest, [each for some in values for each in some])


if __name__ == "__main__":
    run()
