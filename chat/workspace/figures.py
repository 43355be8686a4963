"""The figures of a workspace, for whoever watches how it does."""

from collections.abc import Mapping
from dataclasses import dataclass

from chat.histogram import HistogramCounts
from chat.store.contract import StoreLoad


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one moment; no person and no room is named.

    Counts are since the start of the process. `free_bytes` is None where no disk is watched.
    `refusals` has how often each limit refused something.
    """

    people_online: int
    stored: HistogramCounts
    delivered: HistogramCounts
    store: StoreLoad
    free_bytes: int | None
    refusals: Mapping[str, int]
    event_readers: int
    reading_programs: int
