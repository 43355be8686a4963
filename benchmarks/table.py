"""Results as a Markdown table, each cost with its ratio to the bare socket of the same run."""

from collections.abc import Iterable, Sequence

from benchmarks.measure import Result
from benchmarks.systems import BARE, SYSTEMS
from benchmarks.tally import Wait

_HEAD = (
    "system",
    "expected",
    "seen",
    "deliveries/s",
    "p50 ms",
    "p99 ms",
    "CPU µs",
    "KB/session",
    "KB after",
    "bytes",
)


def table(results: Sequence[Result]) -> str:
    """The results of one workload."""
    bare = next((each for each in results if each.system == BARE.name), None)
    return markdown(_HEAD, (_line(each, bare) for each in results))


def markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table whose columns line up in plain text too; all but the first are numbers."""
    rows = [list(head), *(list(line) for line in lines)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]
    rule = ["-" * widths[0], *(f"{'-' * (width - 1)}:" for width in widths[1:])]
    padded = [
        [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (padded[0], rule, *padded[1:]))


def _line(result: Result, bare: Result | None) -> list[str]:
    words = SYSTEMS[result.system].words
    if result.stretch is None:
        return [words, *"–" * (len(_HEAD) - 1)]
    mine = result.stretch
    costs = (mine.cpu, result.idle, result.after, mine.size)
    return [
        words,
        f"{mine.expected:,}",
        f"{mine.seen:,}",
        f"{mine.per_second:,.0f}",
        wait(mine.p50),
        wait(mine.p99),
        *map(beside, costs, _costs_of(bare)),
    ]


def _costs_of(bare: Result | None) -> tuple[float | None, ...]:
    if bare is None or bare.stretch is None:
        return (None,) * 4
    return bare.stretch.cpu, bare.idle, bare.after, bare.stretch.size


def wait(value: Wait | None) -> str:
    """A percentile in ms; `>` where some never came, so that it is at least this."""
    if value is None:
        return "–"
    return f"{'>' if value.at_least else ''}{value.ms:,.{1 if value.ms < 100 else 0}f}"


def beside(value: float, base: float | None) -> str:
    """A value and how many times the bare socket's it is."""
    number = f"{value:,.{1 if value < 100 else 0}f}"
    if not base or base < 0:
        return number
    ratio = value / base
    return f"{number} ({ratio:,.{2 if ratio < 0.95 else 1}f} ×)"
