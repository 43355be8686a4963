"""Standard streams that whoever started the program closed."""

import contextlib
import os
import sys


def open_standard_streams() -> None:
    """Open the closed ones of the standard input, output and error streams on nothing.

    Otherwise the next files that are opened take their numbers, and what the program prints goes
    into the database or to a browser.
    """
    # The lowest free number is taken each time.
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    # Both stay open as long as the program runs.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def print_line(text: str) -> None:
    """Print to the standard output, unless nobody reads it any more."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)
