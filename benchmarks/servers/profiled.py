"""This chat, reporting its allocations or its function calls since the first request for a report.

The mode `trace` reports bytes by line and objects by type, `profile` elapsed time by function.
"""

import cProfile
import gc
import pstats
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.servers.instrumented import run

# Rows of a report; the largest are kept.
_MAX_ROWS = 400

_INSTALLED = "site-packages/"

# A name and its counts: bytes, blocks, 0; or objects, objects, 0; or own s, cumulative s, calls.
Row = tuple[str, float, float, float]


def _short_path(path: str) -> str:
    return path.rpartition(_INSTALLED)[2] if _INSTALLED in path else path


class MemoryTracer:
    """Bytes by the line that allocates them, and objects by type."""

    def __init__(self) -> None:
        tracemalloc.start(1)
        gc.collect()
        self._snapshot = tracemalloc.take_snapshot()
        self._type_counts = self._count_types()

    def report(self) -> dict[str, list[Row]]:
        """`lines` with bytes and blocks, `types` with the number of objects."""
        gc.collect()
        # Types first: a snapshot and its comparison are objects, too.
        type_counts = self._count_types()
        type_counts.subtract(self._type_counts)
        lines = tracemalloc.take_snapshot().compare_to(self._snapshot, "lineno")
        return {
            "lines": [
                (
                    f"{_short_path(each.traceback[0].filename)}:{each.traceback[0].lineno}",
                    each.size_diff,
                    each.count_diff,
                    0,
                )
                for each in lines
                if each.size_diff > 0
            ],
            "types": [
                (name, number, number, 0) for name, number in type_counts.most_common(_MAX_ROWS)
            ],
        }

    def _count_types(self) -> Counter[str]:
        kinds = (type(each) for each in gc.get_objects())
        return Counter(f"{each.__module__}.{each.__qualname__}" for each in kinds)


class TimeProfiler:
    """Seconds by function, without and with the functions that it calls, and its calls."""

    def __init__(self) -> None:
        self._profile = cProfile.Profile()
        self._profile.enable()

    def report(self) -> dict[str, list[Row]]:
        """`own` and `whole`: functions, sorted by their own and by their cumulative time."""
        self._profile.disable()
        stats: Any = pstats.Stats(self._profile)
        rows: list[Row] = [
            (f"{_short_path(file)}:{line} {name}", own, whole, calls)
            for (file, line, name), (_, calls, own, whole, _) in stats.stats.items()
        ]
        return {
            "own": sorted(rows, key=lambda row: -row[1])[:_MAX_ROWS],
            "whole": sorted(rows, key=lambda row: -row[2])[:_MAX_ROWS],
        }


_TRACERS: dict[str, Callable[[], MemoryTracer | TimeProfiler]] = {
    "trace": MemoryTracer,
    "profile": TimeProfiler,
}


class GrowthReport:
    """Starts to count at the first call; later calls return the report."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._tracer: MemoryTracer | TimeProfiler | None = None

    def __call__(self) -> dict[str, list[Row]]:
        if self._tracer is None:
            self._tracer = _TRACERS[self._mode]()
            return {}
        return self._tracer.report()


if __name__ == "__main__":
    port, folder, report_port, mode = sys.argv[1:]
    run(int(port), Path(folder), int(report_port), GrowthReport(mode))
