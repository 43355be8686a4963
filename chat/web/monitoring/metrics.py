"""The readings in Prometheus' text format, version 0.0.4.

prometheus-client writes the format, and adds memory, processor time and open files of the process.
Counting is not left to it: that is in the path of a message (`chat/histogram.py`).
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from chat import __version__
from chat.histogram import BOUNDS, HistogramCounts
from chat.web.monitoring.readings import Reading

_PREFIX = "flet_chat_"


def metrics_text(reading: Reading) -> bytes:
    """A reading in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_ReadingCollector(reading))
    return generate_latest(registry)


class _ReadingCollector(Collector):
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterator[Metric]:
        """The metrics. A label is a word of this module, never a name of a person or a room."""
        reading, figures = self._reading, self._reading.figures
        yield InfoMetricFamily(
            f"{_PREFIX}build", "The version of the chat.", value={"version": __version__}
        )
        yield _gauge("ready", "Whether /readyz answers 200.", reading.is_ready)
        yield _gauge("people_online", "People with a connected session.", figures.people_online)
        sessions = GaugeMetricFamily(
            f"{_PREFIX}sessions",
            "Open connections of the page in a browser or in the desktop window, and of Socket.IO, "
            "waiting requests of light pages, and programs that read events.",
            labels=["kind"],
        )
        for kind, count in sorted(reading.sessions.items()):
            sessions.add_metric([kind], count)
        yield sessions
        yield _gauge(
            "event_streams",
            "Streams of events of programs that are open, and their requests that wait for events.",
            figures.event_readers,
        )
        yield _counter("posts", "Messages that were stored.", figures.stored.total)
        yield _counter(
            "deliveries",
            "Writes to web sockets of pages: what one of them gets in one turn of the loop is one.",
            reading.deliveries,
        )
        yield _histogram(
            "post_stored_seconds", "Time until a message is on the disk.", figures.stored
        )
        yield _histogram(
            "post_delivered_seconds",
            "Time until a message is stored and written to the sockets of those who see it.",
            figures.delivered,
        )
        yield from self._store()
        yield _gauge(
            "outbox_waiting_bytes",
            "Bytes of frames that wait for clients which do not read fast enough.",
            reading.waiting_bytes,
        )
        yield _gauge(
            "outbox_waiting_sessions", "Sessions with such frames.", reading.waiting_sessions
        )
        refusals = CounterMetricFamily(
            f"{_PREFIX}refusals", "What was refused, by the limit.", labels=["limit"]
        )
        counts = {**figures.refusals, "address_connections": reading.refused_addresses}
        for limit, count in sorted(counts.items()):
            refusals.add_metric([limit], count)
        yield refusals
        yield _histogram(
            "loop_lag_seconds",
            "How late the event loop was, ten times a second.",
            reading.loop_lag,
        )
        yield _gauge(
            "loop_held_seconds",
            "The longest time that one step held the event loop within the last minute.",
            reading.loop_held,
        )

    def _store(self) -> Iterator[Metric]:
        figures = self._reading.figures
        store = figures.store
        yield _gauge(
            "store_waiting_writes", "Writes that wait for the next commit.", store.waiting_writes
        )
        yield _histogram("store_commit_seconds", "Time of a commit.", store.commits)
        yield _counter("store_commit_failures", "Commits that failed.", store.failed_commits)
        if self._reading.stored_bytes is not None:
            store_bytes, file_bytes = self._reading.stored_bytes
            yield _gauge("store_size_bytes", "The database and its log.", store_bytes)
            text = "The files that people have sent."
            yield _gauge("files_size_bytes", text, file_bytes)
        if figures.free_bytes is not None:
            yield _gauge(
                "disk_free_bytes", "Free space of the data folder's disk.", figures.free_bytes
            )


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(_PREFIX + name, text, value=value)


def _counter(name: str, text: str, value: float) -> Metric:
    """A counter; its sample ends in `_total`."""
    return CounterMetricFamily(_PREFIX + name, text, value=value)


def _histogram(name: str, text: str, counts: HistogramCounts) -> Metric:
    bounds = [*map(str, BOUNDS), "+Inf"]
    buckets = list(zip(bounds, counts.cumulative, strict=True))
    return HistogramMetricFamily(_PREFIX + name, text, buckets=buckets, sum_value=counts.seconds)
