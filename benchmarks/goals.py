"""What this chat wants to reach, each held against the numbers of one run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measure import Result

# Results by system, of one workload.
Run = Mapping[str, Result]


@dataclass(frozen=True, slots=True)
class Goal:
    """A sentence, the number that was measured, and whether it is what was wanted."""

    words: str
    value: str
    met: bool

    def __str__(self) -> str:
        return f"{'met   ' if self.met else 'MISSED'}  {self.words}: {self.value}"


def goals(results: Sequence[Result]) -> Iterator[Goal]:
    """Every goal for which this run has the numbers."""
    runs: dict[str, dict[str, Result]] = {}
    for each in results:
        runs.setdefault(str(each.workload), {})[each.system] = each
    at_20 = runs.get("400/20", {})
    yield from _ratio(at_20, "ours", "bare", "CPU at 400/20 ≤ 2 × bare", lambda r: r <= 2)
    yield from _ratio(at_20, "ours", "socketio", "CPU at 400/20 ≤ Socket.IO's", lambda r: r <= 1)
    at_100 = runs.get("100/20", {})
    words = "CPU at 100/20 at least 40 × less than the tutorial's"
    yield from _ratio(at_100, "tutorial", "ours", words, lambda r: r >= 40)
    yield from _seconds(at_20)
    for name, run in runs.items():
        if (ours := run.get("ours")) and ours.stretch is not None:
            words = f"≤ 150 KB an idle session at {name}"
            yield Goal(words, f"{ours.idle:.0f} KB", ours.idle <= 150)


def _ratio(
    run: Run, one: str, other: str, words: str, is_met: Callable[[float], bool]
) -> Iterator[Goal]:
    above, below = run.get(one), run.get(other)
    if above and below and above.stretch and below.stretch and below.stretch.read:
        ratio = above.stretch.cpu / below.stretch.cpu
        yield Goal(words, f"{ratio:.2f} ×", above.stretch.read > 0 and is_met(ratio))


def _seconds(run: Run) -> Iterator[Goal]:
    ours = run.get("ours")
    if ours and ours.stretch and (p99 := ours.stretch.p99):
        value = f"{'>' if p99.at_least else ''}{p99.ms:.1f} ms"
        yield Goal("p99 at 400/20 ≤ 50 ms", value, p99.ms <= 50 and not p99.at_least)


def flat(words: str, values: Sequence[float]) -> Goal:
    """That none of `values` is more than 10 % away from the first."""
    first = values[0] if values else 0.0
    away = [100 * (each - first) / first for each in values[1:]] if first else []
    said = ", ".join(f"{each:+.1f} %" for each in away) or "one number only"
    return Goal(f"{words} flat (± 10 %)", said, bool(away) and max(map(abs, away)) <= 10)
