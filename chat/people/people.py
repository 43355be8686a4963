"""Who a person is, and who is here."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from chat.errors import NameTaken
from chat.model.events import HERE, OnlinePeople, Publish, SignedOut, person_topic
from chat.model.people import Person, PersonId
from chat.model.preferences import Preferences
from chat.people.identity import _hash
from chat.people.presence import Look
from chat.store.contract import Store
from chat.text.names import NAME_LIMIT, checked_name, same_name, without_unseen

log = structlog.get_logger(__name__)


# A reload takes about a second: shorter than this, nobody hears that a person was away.
GRACE = 4.0

# That somebody is away, or looks again, is told of each person no more often than this.
PACE = 2.0

# Many who come at once (a class, a restart) are one announcement; the more, the longer it gathers.
_GATHER = 0.2
_GATHER_MANY = 1.0
_MANY = 50


# Whoever works in another window beside the chat is not away, but has read nothing.
_SEEN = frozenset({Look.LOOKED_AT, Look.IN_VIEW})


class People:
    """Everybody who ever came in, and the sessions of those who are connected."""

    def __init__(self, store: Store, publish: Publish, owner: PersonId | None = None) -> None:
        self.owner = owner
        self._store = store
        self._publish = publish
        self._sessions: dict[PersonId, dict[str, Look]] = {}
        self._here: dict[PersonId, Person] = {}
        self._seen: OnlinePeople | None = None
        self._away: set[PersonId] = set()
        # Who went away or came back and it is not told yet; and of whom it was told just now.
        self._turned: set[PersonId] = set()
        self._resting: dict[PersonId, asyncio.TimerHandle] = {}
        self._coming_in: set[str] = set()
        self._going: dict[PersonId, asyncio.TimerHandle] = {}
        self._telling: asyncio.TimerHandle | None = None
        self._choosing = asyncio.Lock()

    @property
    def here(self) -> OnlinePeople:
        """Who is connected, or was a moment ago: one value until it changes."""
        if self._seen is None:
            people = sorted(self._here.values(), key=lambda p: (same_name(p.name), p.id))
            self._seen = OnlinePeople(tuple(people), frozenset(self._away))
        return self._seen

    @property
    def connected(self) -> int:
        """How many people have a session that is connected this moment."""
        return len(self._sessions)

    async def recognise(self, token: str | None) -> Person | None:
        """The person who came in with this token and has not left."""
        return await self._store.whose(_hash(token)) if token else None

    async def is_spent(self, token: str) -> bool:
        """Whether the bearer of this token left: it is never used again."""
        return await self._store.is_spent(_hash(token))

    async def preferences(self, person: Person) -> Preferences:
        """What a person chose for themselves."""
        return Preferences.of(await self._store.preferences(person.id))

    async def prefer(self, person: Person, name: str, value: str) -> None:
        """A person chooses; all their sessions are told. Raises BadPreference."""
        # One after the other: what is told last is what is stored.
        async with self._choosing:
            chosen = (await self.preferences(person)).but(name, value)
            await self._store.prefer(person.id, name, value)
            self._publish(person_topic(person.id), chosen)

    async def come_in(self, name: str, token: str | None) -> Person:
        """A new person under `name`, recognised by `token` from now on.

        Raises BadName, and NameTaken if somebody who is here bears the name.
        """
        name = checked_name(name)
        if self._is_taken(name):
            raise NameTaken(name, self._free_name_like(name))
        self._coming_in.add(same_name(name))
        try:
            person = await self._store.add_person(name)
            self.owner = self.owner or person.id
            if token and not await self.is_spent(token):
                await self._store.remember(_hash(token), person.id)
            # From here on the name is held by presence, even before the first session arrives.
            self._here[person.id] = person
            self._seen = None
            self._go_later(person.id)
        finally:
            self._coming_in.discard(same_name(name))
        log.info("came in", person=person.id)
        return person

    @contextmanager
    def taking(self, person: Person, name: str) -> Iterator[str]:
        """The name that `person` is about to bear: inside nobody else can take it.

        Raises BadName, and NameTaken if somebody else who is here bears it.
        """
        name = checked_name(name)
        others = (each for each in self._here.values() if each.id != person.id)
        key = same_name(name)
        if key in self._coming_in or any(same_name(each.name) == key for each in others):
            raise NameTaken(name, self._free_name_like(name))
        self._coming_in.add(key)
        try:
            yield name
        finally:
            self._coming_in.discard(key)

    async def leave(self, person: Person) -> None:
        """Forget the person's tokens and send all their sessions to the start screen."""
        await self._store.forget(person.id)
        self._publish(person_topic(person.id), SignedOut(person))
        self._sessions.pop(person.id, None)
        self._gone(person.id)
        log.info("left", person=person.id)

    def arrive(self, person: Person, session: str) -> None:
        """A session of `person` is connected."""
        self._sessions.setdefault(person.id, {}).setdefault(session, Look.LOOKED_AT)
        if timer := self._going.pop(person.id, None):
            timer.cancel()
        if person.id not in self._here:
            self._here[person.id] = person
            self._seen = None
        self._look_whether_away(person.id)
        self._tell_soon()

    def attend(self, person: Person, session: str, look: Look) -> None:
        """How a session is looked at: who has none of theirs in view is away."""
        if session in self._sessions.get(person.id, ()):
            self._sessions[person.id][session] = look
            self._look_whether_away(person.id)

    def looks(self, person: Person) -> bool:
        """Whether a session of `person` is looked at."""
        return Look.LOOKED_AT in self._sessions.get(person.id, {}).values()

    def depart(self, person: Person, session: str) -> None:
        """A session of `person` is not connected any more."""
        sessions = self._sessions.get(person.id, {})
        sessions.pop(session, None)
        self._look_whether_away(person.id)
        if not sessions and person.id in self._here:
            self._sessions.pop(person.id, None)
            self._go_later(person.id)

    def look(self, person: Person) -> None:
        """A person looks otherwise."""
        if person.id in self._here:
            self._here[person.id] = person
            self._seen = None
            self._tell_soon()

    def close(self) -> None:
        """Announce nothing more."""
        for timer in (*self._going.values(), *self._resting.values(), self._telling):
            if timer is not None:
                timer.cancel()

    def _go_later(self, person: PersonId) -> None:
        if timer := self._going.pop(person, None):
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._going[person] = loop.call_later(GRACE, self._gone, person)

    def _gone(self, person: PersonId) -> None:
        if timer := self._going.pop(person, None):
            timer.cancel()
        if timer := self._resting.pop(person, None):
            timer.cancel()
        self._here.pop(person, None)
        self._away.discard(person)
        self._turned.discard(person)
        self._seen = None
        self._tell_soon()

    def _look_whether_away(self, person: PersonId) -> None:
        """A reload leaves it as it was: who has no session at all is soon gone."""
        sessions = self._sessions.get(person)
        if not sessions or person in self._resting:
            return
        sees = not _SEEN.isdisjoint(sessions.values())
        if sees == (person in self._away):
            self._away ^= {person}
            self._seen = None
            self._turned.add(person)
            self._tell_soon()

    def _rested(self, person: PersonId) -> None:
        del self._resting[person]
        self._look_whether_away(person)

    def _tell_soon(self) -> None:
        if self._telling is None:
            wait = _GATHER if len(self._here) < _MANY else _GATHER_MANY
            self._telling = asyncio.get_running_loop().call_later(wait, self._tell)

    def _tell(self) -> None:
        self._telling = None
        turned, self._turned = self._turned, set()
        loop = asyncio.get_running_loop()
        self._resting |= {each: loop.call_later(PACE, self._rested, each) for each in turned}
        self._publish(HERE, self.here)

    def _is_taken(self, name: str) -> bool:
        key = same_name(name)
        return key in self._coming_in or any(same_name(p.name) == key for p in self._here.values())

    def _free_name_like(self, name: str) -> str:
        return next(free for free in _variants(without_unseen(name)) if not self._is_taken(free))


def _variants(name: str) -> Iterator[str]:
    number = 2
    while True:
        ending = f" {number}"
        yield name[: NAME_LIMIT - len(ending)].rstrip() + ending
        number += 1
