"""Performance targets of this chat, checked against the numbers of one run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.load_test import Result

# The results of one workload, by system.
ResultsBySystem = Mapping[str, Result]


@dataclass(frozen=True, slots=True)
class Target:
    """A target, the measured value, and whether the target is met."""

    label: str
    value: str
    is_met: bool

    def __str__(self) -> str:
        return f"{'met   ' if self.is_met else 'MISSED'}  {self.label}: {self.value}"


def check_targets(results: Sequence[Result]) -> Iterator[Target]:
    """Each target for which the results have the numbers."""
    runs: dict[str, dict[str, Result]] = {}
    for each in results:
        runs.setdefault(str(each.workload), {})[each.system] = each
    at_20 = runs.get("400/20", {})
    yield from _ratio_target(at_20, "ours", "bare", "CPU at 400/20 ≤ 2 × bare", lambda r: r <= 2)
    yield from _ratio_target(
        at_20, "ours", "socketio", "CPU at 400/20 ≤ Socket.IO's", lambda r: r <= 1
    )
    at_100 = runs.get("100/20", {})
    label = "CPU at 100/20 at least 40 × less than the tutorial's"
    yield from _ratio_target(at_100, "tutorial", "ours", label, lambda r: r >= 40)
    yield from _latency_target(at_20)
    for name, run in runs.items():
        if (ours := run.get("ours")) and ours.measurement is not None:
            label = f"≤ 150 KB an idle session at {name}"
            yield Target(label, f"{ours.idle_memory:.0f} KB", ours.idle_memory <= 150)


def _ratio_target(
    results: ResultsBySystem,
    numerator: str,
    denominator: str,
    label: str,
    is_met: Callable[[float], bool],
) -> Iterator[Target]:
    above, below = results.get(numerator), results.get(denominator)
    if above and below and above.measurement and below.measurement and below.measurement.received:
        ratio = above.measurement.server_cpu / below.measurement.server_cpu
        yield Target(label, f"{ratio:.2f} ×", above.measurement.received > 0 and is_met(ratio))


def _latency_target(results: ResultsBySystem) -> Iterator[Target]:
    ours = results.get("ours")
    if ours and ours.measurement and (p99 := ours.measurement.p99):
        value = f"{'>' if p99.is_lower_bound else ''}{p99.ms:.1f} ms"
        yield Target("p99 at 400/20 ≤ 50 ms", value, p99.ms <= 50 and not p99.is_lower_bound)


def flat_target(label: str, values: Sequence[float]) -> Target:
    """The target that all values are within 10 % of the first."""
    first = values[0] if values else 0.0
    deviations = [100 * (each - first) / first for each in values[1:]] if first else []
    value = ", ".join(f"{each:+.1f} %" for each in deviations) or "one number only"
    return Target(
        f"{label} flat (± 10 %)", value, bool(deviations) and max(map(abs, deviations)) <= 10
    )
