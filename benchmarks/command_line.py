"""Command-line options and reports that the benchmarks share."""

import argparse
import contextlib
import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from benchmarks.load_test import RunOptions
from benchmarks.machine import describe_machine


def add_common_arguments(parser: argparse.ArgumentParser, *, seconds: float = 10.0) -> None:
    """Add the options of a load test; `seconds` is the default of `--seconds`."""
    parser.add_argument(
        "--seconds", type=float, default=seconds, help="how long people post messages (%(default)s)"
    )
    parser.add_argument(
        "--delivery-timeout",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="how long to wait for deliveries after the last message (%(default)s)",
    )
    parser.add_argument(
        "--connect-timeout",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="how long to wait until all clients are connected (%(default)s)",
    )
    parser.add_argument(
        "--no-deflate",
        action="store_true",
        help="clients do not offer compression (browsers do; only our chat might accept it)",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write all numbers to this file, too"
    )
    parser.add_argument(
        "--loop",
        choices=("auto", "asyncio", "uvloop"),
        default="auto",
        help="event loop of the uvicorn servers that are not ours (%(default)s)",
    )


def run_options(args: argparse.Namespace, history: int) -> RunOptions:
    """The options as they were given; `history` is the number of messages before the run."""
    return RunOptions(
        seconds=args.seconds,
        delivery_timeout=args.delivery_timeout,
        connect_timeout=args.connect_timeout,
        history=history,
        deflate=not args.no_deflate,
        loop=args.loop,
    )


def start_report() -> dict[str, Any]:
    """Print the machine and the versions, and return them as the beginning of a report.

    This process may then open as many sockets as the system allows, and stops its servers at a
    SIGTERM.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    raise_open_file_limit()
    environment = describe_machine()
    print("\n".join(f"{name}: {value}" for name, value in environment.items()), "\n", flush=True)
    return {"environment": environment}


def raise_open_file_limit() -> None:
    """Let this process open as many sockets as the system allows."""
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def write_report(args: argparse.Namespace, report: dict[str, Any]) -> None:
    """Write the report as JSON to the file of `--json`, if there is one."""
    if args.json:
        args.json.write_text(json.dumps(report, indent=1, ensure_ascii=False), "utf-8")
