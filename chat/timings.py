"""The timings of a workspace: how long it waits before it stores, publishes or gives up.

They are passed to `Workspace.open`. Tests pass shorter ones.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """All in seconds."""

    # A change that is late by less than this needs no read from the store (`rooms/feed.py`).
    feed_gap_wait: float = 0.05
    # Changes of unread counts within this time are published together (`rooms/memberships.py`).
    membership_batch_delay: float = 0.2
    # The interval between two saves of the read positions of viewers (`rooms/read_positions.py`).
    read_position_save_interval: float = 5.0
    # The time after the last report of typing until a person counts as stopped, and the shortest
    # time between two announcements about one person (`rooms/typing_status.py`).
    typing_timeout: float = 5.0
    typing_announce_interval: float = 2.0
    # A reload takes about a second: a shorter absence is not announced (`people/presence.py`).
    offline_delay: float = 4.0
    # Changes of one person between away and not away are announced no more often than this.
    away_announce_interval: float = 2.0
    # Sign-ins that come together (a class, a restart) are one announcement. The more people are
    # online, the longer the announcement waits for others.
    presence_batch_delay: float = 0.2
    presence_batch_delay_many: float = 1.0


DEFAULT_TIMINGS = Timings()
