"""What all benchmarks let one choose."""

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
    """Add them to a command."""
    parser.add_argument(
        "--seconds", type=float, default=seconds, help="how long people talk (%(default)s)"
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
        help="the clients do not offer compression; browsers do, and only our chat may accept",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there too")
    parser.add_argument(
        "--loop",
        choices=("auto", "asyncio", "uvloop"),
        default="auto",
        help="the event loop of the uvicorns that are not ours (%(default)s)",
    )


def run_options(args: argparse.Namespace, history: int) -> RunOptions:
    """The choices that were made; `history` is what our chat holds before."""
    return RunOptions(
        seconds=args.seconds,
        delivery_timeout=args.delivery_timeout,
        connect_timeout=args.connect_timeout,
        history=history,
        deflate=not args.no_deflate,
        loop=args.loop,
    )


def start_report() -> dict[str, Any]:
    """Say where it is measured and with what, and prepare this process.

    It may open as many sockets as the system lets it, and ends its servers when it is ended.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    raise_open_file_limit()
    environment = describe_machine()
    print("\n".join(f"{name}: {value}" for name, value in environment.items()), "\n", flush=True)
    return {"environment": environment}


def raise_open_file_limit() -> None:
    """This process may open as many sockets as the system lets it."""
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def write_report(args: argparse.Namespace, report: dict[str, Any]) -> None:
    """Write what was found where `--json` says."""
    if args.json:
        args.json.write_text(json.dumps(report, indent=1, ensure_ascii=False), "utf-8")
