"""What a scrape of the metrics reads: the figures of the workspace and of the web server."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog
from starlette.types import Receive, Scope, Send

from chat.histogram import HistogramCounts
from chat.web.guard.address_limits import AddressLimits
from chat.web.light.endpoint import LightPages
from chat.web.monitoring.health import Health
from chat.web.socket.endpoint import SocketEndpoint
from chat.web.socket.fast_writer import written_batches
from chat.workspace.figures import Figures
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

# Seconds for which a reading is given out again, however many ask.
READING_SECONDS = 1.0

# The same for the sizes of the store and of all files, which the store adds up, and how long a
# scrape waits for them. While the store does not answer, the metrics do.
STORED_BYTES_SECONDS = 60.0
STORED_BYTES_WAIT = 1.0


class SocketIOApp(Protocol):
    """The application at `/socket.io`, which is an extra."""

    @property
    def connection_count(self) -> int:
        """The number of its connections."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or serve a web socket."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is known at one moment. `sessions` are counts by kind.

    `stored_bytes` are those of the store and of the files, None until the store has said them.
    """

    figures: Figures
    stored_bytes: tuple[int, int] | None
    is_ready: bool
    sessions: Mapping[str, int]
    deliveries: int
    waiting_bytes: int
    waiting_sessions: int
    refused_addresses: int
    loop_lag: HistogramCounts
    loop_held: float


class Readings:
    """Reads the figures at most once a second: existing counters, and one look at each session.

    `socketio` and `light_pages` are None where they are off.
    """

    def __init__(
        self,
        workspace: Workspace,
        endpoint: SocketEndpoint,
        health: Health,
        *,
        address_limits: AddressLimits,
    ) -> None:
        self._workspace = workspace
        self._endpoint = endpoint
        self._health = health
        self._address_limits = address_limits
        self.socketio: SocketIOApp | None = None
        self.light_pages: LightPages | None = None
        self._lock = asyncio.Lock()
        self._last: tuple[float, Reading] | None = None
        self._stored_bytes: tuple[int, int] | None = None
        self._stored_bytes_at = float("-inf")

    async def read(self) -> Reading:
        """The reading of this moment, or that of the last second."""
        async with self._lock:
            if self._last is None or time.monotonic() - self._last[0] >= READING_SECONDS:
                await self._read_stored_bytes()
                reading = self._read(self._workspace.figures())
                self._last = time.monotonic(), reading
            return self._last[1]

    async def _read_stored_bytes(self) -> None:
        if time.monotonic() - self._stored_bytes_at < STORED_BYTES_SECONDS:
            return
        self._stored_bytes_at = time.monotonic()
        try:
            async with asyncio.timeout(STORED_BYTES_WAIT):
                self._stored_bytes = await self._workspace.stored_bytes()
        except Exception:
            log.warning("the sizes of the store and the files are not known", exc_info=True)

    def _read(self, figures: Figures) -> Reading:
        sessions = Counter(browser=0, window=0, socketio=0, light=0)
        waiting_bytes = waiting_sessions = 0
        for each in self._endpoint.connections:
            sessions["window" if each.is_window else "browser"] += 1
            waiting_bytes += each.queued_bytes
            waiting_sessions += each.busy
        if self.socketio is not None:
            sessions["socketio"] = self.socketio.connection_count
        if self.light_pages is not None:
            sessions["light"] = self.light_pages.waiting_count
        sessions["program"] = figures.reading_programs
        return Reading(
            figures=figures,
            stored_bytes=self._stored_bytes,
            is_ready=self._health.unready_reason() is None,
            sessions=sessions,
            deliveries=written_batches(asyncio.get_running_loop()),
            waiting_bytes=waiting_bytes,
            waiting_sessions=waiting_sessions,
            refused_addresses=self._address_limits.refused_in_all,
            loop_lag=self._health.loop_watch.lag.counts(),
            loop_held=self._health.loop_watch.worst,
        )
