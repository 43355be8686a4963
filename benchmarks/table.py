"""Markdown tables; each cost has its ratio to the bare socket of the same run."""

from collections.abc import Iterable, Sequence

from benchmarks.delivery_counter import Latency
from benchmarks.load_test import Result
from benchmarks.systems import BARE, SYSTEMS

_HEADER = (
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


def results_table(results: Sequence[Result]) -> str:
    """A table of the results of one workload."""
    bare = next((each for each in results if each.system == BARE.name), None)
    return markdown_table(_HEADER, (_row(each, bare) for each in results))


def markdown_table(header: Sequence[str], data_rows: Iterable[Sequence[str]]) -> str:
    """A padded table; all columns but the first are aligned to the right."""
    rows = [list(header), *(list(line) for line in data_rows)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(header))]
    rule = ["-" * widths[0], *(f"{'-' * (width - 1)}:" for width in widths[1:])]
    padded = [
        [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (padded[0], rule, *padded[1:]))


def _row(result: Result, bare: Result | None) -> list[str]:
    label = SYSTEMS[result.system].label
    if result.measurement is None:
        return [label, *"–" * (len(_HEADER) - 1)]
    measurement = result.measurement
    costs = (
        measurement.server_cpu,
        result.idle_memory,
        result.loaded_memory,
        measurement.bytes_per_delivery,
    )
    return [
        label,
        f"{measurement.expected:,}",
        f"{measurement.seen:,}",
        f"{measurement.deliveries_per_second:,.0f}",
        format_latency(measurement.p50),
        format_latency(measurement.p99),
        *map(format_with_ratio, costs, _costs_of(bare)),
    ]


def _costs_of(bare: Result | None) -> tuple[float | None, ...]:
    if bare is None or bare.measurement is None:
        return (None,) * 4
    return (
        bare.measurement.server_cpu,
        bare.idle_memory,
        bare.loaded_memory,
        bare.measurement.bytes_per_delivery,
    )


def format_latency(latency: Latency | None) -> str:
    """A percentile in ms; `>` marks a lower bound, because some deliveries never arrived."""
    if latency is None:
        return "–"
    return f"{'>' if latency.is_lower_bound else ''}{latency.ms:,.{1 if latency.ms < 100 else 0}f}"


def format_with_ratio(value: float, base: float | None) -> str:
    """A value and its ratio to `base`."""
    number = f"{value:,.{1 if value < 100 else 0}f}"
    if not base or base < 0:
        return number
    ratio = value / base
    return f"{number} ({ratio:,.{2 if ratio < 0.95 else 1}f} ×)"
