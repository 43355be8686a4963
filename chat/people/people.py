"""Who a person is, and who is here."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from chat.errors import NameTaken
from chat.model.events import PRESENCE_TOPIC, OnlinePeople, Publish, SignedOut, person_topic
from chat.model.people import Person, PersonId
from chat.model.preferences import Preferences
from chat.people.identity import _token_hash
from chat.people.presence import Visibility
from chat.store.contract import Store
from chat.text.names import NAME_LIMIT, name_key, strip_invisible, validate_name

log = structlog.get_logger(__name__)


# A reload takes about a second: shorter than this, nobody hears that a person was away.
OFFLINE_DELAY = 4.0

# That somebody is away, or looks again, is told of each person no more often than this.
AWAY_ANNOUNCE_INTERVAL = 2.0

# Many who come at once (a class, a restart) are one announcement; the more, the longer it gathers.
_BATCH_DELAY = 0.2
_BATCH_DELAY_MANY = 1.0
_MANY_PEOPLE = 50


# Whoever works in another window beside the chat is not away, but has read nothing.
_VISIBLE = frozenset({Visibility.ACTIVE, Visibility.UNFOCUSED})


class People:
    """Everybody who ever came in, and the sessions of those who are connected."""

    def __init__(self, store: Store, publish: Publish, owner_id: PersonId | None = None) -> None:
        self.owner_id = owner_id
        self._store = store
        self._publish = publish
        self._sessions: dict[PersonId, dict[str, Visibility]] = {}
        self._online: dict[PersonId, Person] = {}
        self._online_cache: OnlinePeople | None = None
        self._away: set[PersonId] = set()
        # Who went away or came back and it is not told yet; and of whom it was told just now.
        self._away_changed: set[PersonId] = set()
        self._throttled: dict[PersonId, asyncio.TimerHandle] = {}
        self._reserved_names: set[str] = set()
        self._offline_timers: dict[PersonId, asyncio.TimerHandle] = {}
        self._broadcast_timer: asyncio.TimerHandle | None = None
        self._preferences_lock = asyncio.Lock()

    @property
    def online(self) -> OnlinePeople:
        """Who is connected, or was a moment ago: one value until it changes."""
        if self._online_cache is None:
            people = sorted(self._online.values(), key=lambda p: (name_key(p.name), p.id))
            self._online_cache = OnlinePeople(tuple(people), frozenset(self._away))
        return self._online_cache

    @property
    def connected_count(self) -> int:
        """How many people have a session that is connected this moment."""
        return len(self._sessions)

    async def person_for_token(self, token: str | None) -> Person | None:
        """The person who came in with this token and has not left."""
        return await self._store.person_for_token(_token_hash(token)) if token else None

    async def is_revoked(self, token: str) -> bool:
        """Whether the bearer of this token left: it is never used again."""
        return await self._store.is_token_revoked(_token_hash(token))

    async def preferences(self, person: Person) -> Preferences:
        """What a person chose for themselves."""
        return Preferences.from_stored(await self._store.preferences(person.id))

    async def set_preference(self, person: Person, name: str, value: str) -> None:
        """A person chooses; all their sessions are told. Raises BadPreference."""
        # One after the other: what is told last is what is stored.
        async with self._preferences_lock:
            chosen = (await self.preferences(person)).with_choice(name, value)
            await self._store.set_preference(person.id, name, value)
            self._publish(person_topic(person.id), chosen)

    async def sign_in(self, name: str, token: str | None) -> Person:
        """A new person under `name`, recognised by `token` from now on.

        Raises BadName, and NameTaken if somebody who is here bears the name.
        """
        name = validate_name(name)
        if self._is_name_taken(name):
            raise NameTaken(name, self._suggest_name(name))
        self._reserved_names.add(name_key(name))
        try:
            person = await self._store.add_person(name)
            self.owner_id = self.owner_id or person.id
            if token and not await self.is_revoked(token):
                await self._store.add_token(_token_hash(token), person.id)
            # From here on the name is held by presence, even before the first session arrives.
            self._online[person.id] = person
            self._online_cache = None
            self._start_offline_timer(person.id)
        finally:
            self._reserved_names.discard(name_key(name))
        log.info("came in", person=person.id)
        return person

    @contextmanager
    def reserve_name(self, person: Person, name: str) -> Iterator[str]:
        """The name that `person` is about to bear: inside nobody else can take it.

        Raises BadName, and NameTaken if somebody else who is here bears it.
        """
        name = validate_name(name)
        others = (each for each in self._online.values() if each.id != person.id)
        key = name_key(name)
        if key in self._reserved_names or any(name_key(each.name) == key for each in others):
            raise NameTaken(name, self._suggest_name(name))
        self._reserved_names.add(key)
        try:
            yield name
        finally:
            self._reserved_names.discard(key)

    async def sign_out(self, person: Person) -> None:
        """Forget the person's tokens and send all their sessions to the start screen."""
        await self._store.revoke_tokens(person.id)
        self._publish(person_topic(person.id), SignedOut(person))
        self._sessions.pop(person.id, None)
        self._set_offline(person.id)
        log.info("left", person=person.id)

    def session_connected(self, person: Person, session: str) -> None:
        """A session of `person` is connected."""
        self._sessions.setdefault(person.id, {}).setdefault(session, Visibility.ACTIVE)
        if timer := self._offline_timers.pop(person.id, None):
            timer.cancel()
        if person.id not in self._online:
            self._online[person.id] = person
            self._online_cache = None
        self._update_away(person.id)
        self._broadcast_soon()

    def report_visibility(self, person: Person, session: str, visibility: Visibility) -> None:
        """How a session is looked at: who has none of theirs in view is away."""
        if session in self._sessions.get(person.id, ()):
            self._sessions[person.id][session] = visibility
            self._update_away(person.id)

    def is_active(self, person: Person) -> bool:
        """Whether a session of `person` is looked at."""
        return Visibility.ACTIVE in self._sessions.get(person.id, {}).values()

    def session_disconnected(self, person: Person, session: str) -> None:
        """A session of `person` is not connected any more."""
        sessions = self._sessions.get(person.id, {})
        sessions.pop(session, None)
        self._update_away(person.id)
        if not sessions and person.id in self._online:
            self._sessions.pop(person.id, None)
            self._start_offline_timer(person.id)

    def update_person(self, person: Person) -> None:
        """A person looks otherwise."""
        if person.id in self._online:
            self._online[person.id] = person
            self._online_cache = None
            self._broadcast_soon()

    def close(self) -> None:
        """Announce nothing more."""
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
            OFFLINE_DELAY, self._set_offline, person_id
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
        """A reload leaves it as it was: who has no session at all is soon gone."""
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
            wait = _BATCH_DELAY if len(self._online) < _MANY_PEOPLE else _BATCH_DELAY_MANY
            self._broadcast_timer = asyncio.get_running_loop().call_later(wait, self._broadcast)

    def _broadcast(self) -> None:
        self._broadcast_timer = None
        away_changed, self._away_changed = self._away_changed, set()
        loop = asyncio.get_running_loop()
        self._throttled |= {
            each: loop.call_later(AWAY_ANNOUNCE_INTERVAL, self._unthrottle, each)
            for each in away_changed
        }
        self._publish(PRESENCE_TOPIC, self.online)

    def _is_name_taken(self, name: str) -> bool:
        key = name_key(name)
        return key in self._reserved_names or any(
            name_key(p.name) == key for p in self._online.values()
        )

    def _suggest_name(self, name: str) -> str:
        return next(
            free for free in _numbered_names(strip_invisible(name)) if not self._is_name_taken(free)
        )


def _numbered_names(name: str) -> Iterator[str]:
    number = 2
    while True:
        suffix = f" {number}"
        yield name[: NAME_LIMIT - len(suffix)].rstrip() + suffix
        number += 1
