"""Which people are online, and which of them are away."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from chat.model.events import PRESENCE_TOPIC, OnlinePeople, Publish
from chat.model.people import Person, PersonId
from chat.text.names import name_key

# From this number of people on, an announcement waits longer for others.
_MANY_PEOPLE = 50


class Visibility(StrEnum):
    """The visibility of the chat in a connected session. Idle: no input for five minutes."""

    ACTIVE = "looked at"
    UNFOCUSED = "in view"  # another window has the focus
    HIDDEN = "background"
    IDLE = "idle"


# A person who works in another window beside the chat is not away, but has read nothing.
_VISIBLE = frozenset({Visibility.ACTIVE, Visibility.UNFOCUSED})


@dataclass(frozen=True, slots=True)
class PresenceTimings:
    """All in seconds."""

    # A reload takes about a second: a shorter absence is not announced.
    offline_delay: float = 4.0
    # Changes of one person between away and not away are announced no more often than this.
    away_announce_interval: float = 2.0
    # Sign-ins that come together (a class, a restart) are one announcement. The more people are
    # online, the longer the announcement waits for others.
    batch_delay: float = 0.2
    batch_delay_many: float = 1.0


class Presence:
    """The people who are online, and the connected sessions of each."""

    def __init__(
        self,
        timings: PresenceTimings,
        *,
        publish: Publish,
    ) -> None:
        self._publish = publish
        self._timings = timings
        self._sessions: dict[PersonId, dict[str, Visibility]] = {}
        self._online: dict[PersonId, Person] = {}
        self._online_cache: OnlinePeople | None = None
        self._away: set[PersonId] = set()
        # People whose away state has changed since the last announcement, and people whose next
        # change has to wait because one was announced just now.
        self._away_changed: set[PersonId] = set()
        self._throttled: dict[PersonId, asyncio.TimerHandle] = {}
        self._offline_timers: dict[PersonId, asyncio.TimerHandle] = {}
        self._broadcast_timer: asyncio.TimerHandle | None = None
        # Called with each person who connects.
        self.on_connected: Callable[[PersonId], None] = lambda person_id: None

    @property
    def online(self) -> OnlinePeople:
        """The people who are connected, or were a moment ago; one value until it changes."""
        if self._online_cache is None:
            people = sorted(self._online.values(), key=lambda p: (name_key(p.name), p.id))
            self._online_cache = OnlinePeople(tuple(people), frozenset(self._away))
        return self._online_cache

    @property
    def connected_count(self) -> int:
        """The number of people with a connected session."""
        return len(self._sessions)

    def add(self, person: Person) -> None:
        """Count a person as online for `offline_delay`, even before their first session."""
        self._online[person.id] = person
        self._online_cache = None
        self._start_offline_timer(person.id)

    def remove(self, person: Person) -> None:
        """Count a person as offline at once, with all their sessions."""
        self._sessions.pop(person.id, None)
        self._set_offline(person.id)

    def session_connected(self, person: Person, session: str) -> None:
        """Count a session of `person` as connected. Until it reports otherwise, it is active."""
        self._sessions.setdefault(person.id, {}).setdefault(session, Visibility.ACTIVE)
        self.on_connected(person.id)
        if timer := self._offline_timers.pop(person.id, None):
            timer.cancel()
        if person.id not in self._online:
            self._online[person.id] = person
            self._online_cache = None
        self._update_away(person.id)
        self._broadcast_soon()

    def report_visibility(self, person: Person, session: str, visibility: Visibility) -> None:
        """Record the visibility of a session. A person without a visible session is away."""
        if session in self._sessions.get(person.id, ()):
            self._sessions[person.id][session] = visibility
            self._update_away(person.id)

    def is_active(self, person: Person) -> bool:
        """Whether a session of `person` is visible and has the focus."""
        return Visibility.ACTIVE in self._sessions.get(person.id, {}).values()

    def session_disconnected(self, person: Person, session: str) -> None:
        """Count a session of `person` as disconnected."""
        sessions = self._sessions.get(person.id, {})
        sessions.pop(session, None)
        self._update_away(person.id)
        if not sessions and person.id in self._online:
            self._sessions.pop(person.id, None)
            self._start_offline_timer(person.id)

    def update_person(self, person: Person) -> None:
        """Announce the new name or picture of a person who is online."""
        if person.id in self._online:
            self._online[person.id] = person
            self._online_cache = None
            self._broadcast_soon()

    def close(self) -> None:
        """Cancel all announcements."""
        for timer in (
            *self._offline_timers.values(),
            *self._throttled.values(),
            self._broadcast_timer,
        ):
            if timer is not None:
                timer.cancel()

    def _start_offline_timer(self, person_id: PersonId) -> None:
        if timer := self._offline_timers.pop(person_id, None):
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._offline_timers[person_id] = loop.call_later(
            self._timings.offline_delay, self._set_offline, person_id
        )

    def _set_offline(self, person_id: PersonId) -> None:
        if timer := self._offline_timers.pop(person_id, None):
            timer.cancel()
        if timer := self._throttled.pop(person_id, None):
            timer.cancel()
        self._online.pop(person_id, None)
        self._away.discard(person_id)
        self._away_changed.discard(person_id)
        self._online_cache = None
        self._broadcast_soon()

    def _update_away(self, person_id: PersonId) -> None:
        """A person without any session keeps the away state: a reload does not change it."""
        sessions = self._sessions.get(person_id)
        if not sessions or person_id in self._throttled:
            return
        is_visible = not _VISIBLE.isdisjoint(sessions.values())
        if is_visible == (person_id in self._away):
            self._away ^= {person_id}
            self._online_cache = None
            self._away_changed.add(person_id)
            self._broadcast_soon()

    def _unthrottle(self, person_id: PersonId) -> None:
        del self._throttled[person_id]
        self._update_away(person_id)

    def _broadcast_soon(self) -> None:
        if self._broadcast_timer is None:
            delay = (
                self._timings.batch_delay
                if len(self._online) < _MANY_PEOPLE
                else self._timings.batch_delay_many
            )
            self._broadcast_timer = asyncio.get_running_loop().call_later(delay, self._broadcast)

    def _broadcast(self) -> None:
        self._broadcast_timer = None
        away_changed, self._away_changed = self._away_changed, set()
        loop = asyncio.get_running_loop()
        self._throttled |= {
            each: loop.call_later(self._timings.away_announce_interval, self._unthrottle, each)
            for each in away_changed
        }
        self._publish(PRESENCE_TOPIC, self.online)
