"""This chat in a process that tells, on a second port, what it holds more since it was last asked.

With `trace` it tells of bytes by line and of objects by type; with `profile` where its time went.
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

from benchmarks.servers.telling import run

# So many of the largest are told of.
_TOLD = 400

_INSTALLED = "site-packages/"

Row = tuple[str, float, float, float]


def _short(path: str) -> str:
    return path.rpartition(_INSTALLED)[2] if _INSTALLED in path else path


class Traced:
    """Bytes by the line that asked for them, and objects by type."""

    def __init__(self) -> None:
        tracemalloc.start(1)
        self.begin()

    def begin(self) -> None:
        """Count from here."""
        gc.collect()
        self._types = self._count()
        self._bytes = tracemalloc.take_snapshot()

    def tell(self) -> dict[str, list[Row]]:
        """Lines with bytes and blocks, types with their number."""
        gc.collect()
        now = tracemalloc.take_snapshot()
        lines = now.compare_to(self._bytes, "lineno")
        more = self._count()
        more.subtract(self._types)
        return {
            "lines": [
                (
                    f"{_short(each.traceback[0].filename)}:{each.traceback[0].lineno}",
                    each.size_diff,
                    each.count_diff,
                    0,
                )
                for each in lines
                if each.size_diff > 0
            ],
            "types": [(name, number, number, 0) for name, number in more.most_common(_TOLD)],
        }

    def _count(self) -> Counter[str]:
        kinds = (type(each) for each in gc.get_objects())
        return Counter(f"{each.__module__}.{each.__qualname__}" for each in kinds)


class Profiled:
    """Seconds by function, its own and with all that it calls, and how often it was called."""

    def __init__(self) -> None:
        self._profile = cProfile.Profile()
        self.begin()

    def begin(self) -> None:
        """Count from here."""
        self._profile = cProfile.Profile()
        self._profile.enable()

    def tell(self) -> dict[str, list[Row]]:
        """Functions with both, those with the most first."""
        self._profile.disable()
        found: Any = pstats.Stats(self._profile)
        rows: list[Row] = [
            (f"{_short(file)}:{line} {name}", own, whole, calls)
            for (file, line, name), (_, calls, own, whole, _) in found.stats.items()
        ]
        return {
            "own": sorted(rows, key=lambda row: -row[1])[:_TOLD],
            "whole": sorted(rows, key=lambda row: -row[2])[:_TOLD],
        }


_WAYS: dict[str, Callable[[], Traced | Profiled]] = {"trace": Traced, "profile": Profiled}


class Weighing:
    """Begins when it is first asked, and tells what came since when it is asked again."""

    def __init__(self, way: str) -> None:
        self._way = way
        self._weighed: Traced | Profiled | None = None

    def __call__(self) -> dict[str, list[Row]]:
        if self._weighed is None:
            self._weighed = _WAYS[self._way]()
            return {}
        return self._weighed.tell()


if __name__ == "__main__":
    port, folder, second, way = sys.argv[1:]
    run(int(port), Path(folder), int(second), Weighing(way))
