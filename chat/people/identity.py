"""Accounts: names, tokens and preferences of people."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from chat.errors import PersonBanned
from chat.model.events import Publish, SignedOut, person_topic
from chat.model.joining import InvitationId
from chat.model.people import Person, PersonId
from chat.model.preferences import Preferences
from chat.people.arrivals import ArrivalLimits
from chat.people.browser_tokens import BrowserTokens, token_hash
from chat.people.names import Names
from chat.people.ownership import Ownership
from chat.people.presence import Presence
from chat.store.contract import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """The token, time zone and languages that a browser sends with its handshake."""

    token: str | None = None
    time_zone: str | None = None
    # The header `Accept-Language`, best first: `zh-CN,zh;q=0.9`.
    languages: str | None = None
    # Whether it runs on the computer that runs the chat.
    is_local: bool = False
    # The network that new people are counted by; None on the computer that runs the chat.
    network: str | None = None
    user_agent: str | None = None
    # The code of an invitation that the browser has opened.
    invitation: str | None = None


class Identity:
    """Signs people in and out, and keeps their preferences."""

    def __init__(
        self,
        store: Store,
        presence: Presence,
        ownership: Ownership,
        *,
        names: Names,
        arrivals: ArrivalLimits,
        publish: Publish,
    ) -> None:
        self.browser_tokens = BrowserTokens()
        self._ownership = ownership
        self._store = store
        self._publish = publish
        self._presence = presence
        self._names = names
        self._arrivals = arrivals
        # People who came in since the start of this process, and have not written yet.
        self._newcomers: set[PersonId] = set()
        self._preferences_lock = asyncio.Lock()
        # Called with the hash of each token that a person uses.
        self.on_token_used: Callable[[bytes], None] = lambda token_hash: None

    @property
    def owner_id(self) -> PersonId | None:
        """The id of the owner; None while nobody owns the chat."""
        return self._ownership.owner_id

    async def require_free_name(self, name: str) -> str:
        """The name as it would be given to somebody new. Raises BadName and NameTaken."""
        return await self._names.require_free(name)

    async def person_for_token(self, token: str | None) -> Person | None:
        """The person who signed in with this token and has not signed out."""
        if not token:
            return None
        hashed = token_hash(token)
        person = await self._store.person_for_token(hashed)
        if person is not None:
            self._names.saw(person.id)
            self.on_token_used(hashed)
        return person

    async def is_known(self, token: str) -> bool:
        """Whether the token is a person's, or was issued to a browser that nobody came in with.

        The browser of a banned person keeps its token, by which it is known.
        """
        return (
            self.browser_tokens.was_issued(token)
            or await self.person_for_token(token) is not None
            or await self._store.ban_for_token(token_hash(token)) is not None
        )

    async def require_not_banned(self, token: str | None) -> None:
        """Raises PersonBanned if a browser with this token is that of a banned person."""
        ban = await self._store.ban_for_token(token_hash(token)) if token else None
        if ban is not None:
            raise PersonBanned(ban.seconds_left(datetime.now(UTC)), ban.reason)

    async def is_revoked(self, token: str) -> bool:
        """Whether the person with this token signed out. Such a token signs nobody in any more."""
        return await self._store.is_token_revoked(token_hash(token))

    async def preferences(self, person: Person) -> Preferences:
        """The preferences of a person."""
        return Preferences.from_stored(await self._store.preferences(person.id))

    async def set_preference(self, person: Person, name: str, value: str) -> None:
        """Set a preference and publish it to all sessions of the person. Raises BadPreference."""
        # One at a time: the value that is published last is the stored one.
        async with self._preferences_lock:
            chosen = (await self.preferences(person)).with_choice(name, value)
            await self._store.set_preference(person.id, name, value)
            self._publish(person_topic(person.id), chosen)

    async def sign_in(
        self,
        name: str,
        token: str | None,
        *,
        device: str = "",
        is_local: bool = False,
        network: str | None = None,
        invitation_id: InvitationId | None = None,
        on_added: Callable[[Person], None] | None = None,
    ) -> Person:
        """Create a person called `name`, identified by `token` from now on.

        `device` is the name of the device that has it. Whether anybody may come in is not asked
        here, but in `Entrance.sign_in`, which calls this.

        A person on the computer that runs the chat (`is_local`) owns it, if nobody does. People who
        come from a `network` are counted. With an invitation, a use of it is counted.
        `on_added` is called before the person has a token.

        Raises BadName, NameTaken if somebody bears the name, TooManyArrivals and InvitationRefused.
        """
        with nullcontext() if network is None else self._arrivals.counted(network):
            person = await self._names.add_person(name, invitation_id)
        if on_added is not None:
            on_added(person)
        try:
            if token and not await self.is_revoked(token):
                await self._store.add_token(token_hash(token), person.id, device)
            if is_local:
                await self._ownership.claim_if_unowned(person)
        except BaseException:
            self._names.release_soon(person)
            raise
        self._presence.add(person)
        self._newcomers.add(person.id)
        log.info("signed in", person=person.id)
        return person

    async def sign_in_as(self, person: Person, token: str, *, device: str = "") -> None:
        """Let a new token identify a person who is here; the caller has checked who asks.

        `device` is the name of the device that has the token. Raises TooManyDevices.
        """
        await self._store.add_token(token_hash(token), person.id, device)
        self._presence.add(person)
        self._names.saw(person.id)
        log.info("signed in on another device", person=person.id)

    def is_newcomer(self, person: Person) -> bool:
        """Whether a person has just come in, and not written yet."""
        return person.id in self._newcomers

    def has_written(self, person: Person) -> None:
        """A person has written a message: they are no newcomer any more."""
        self._newcomers.discard(person.id)

    async def add_browser_token(self, token: str, person: Person, device: str = "") -> None:
        """Let a token that was issued to a browser identify a person; others are ignored."""
        if self.browser_tokens.was_issued(token):
            await self._store.add_token(token_hash(token), person.id, device)

    async def sign_out(self, person: Person) -> None:
        """Revoke the person's tokens, and send all their sessions to the start screen."""
        await self._store.revoke_tokens(person.id)
        await self._store.forget_sign_in(person.id)
        await self._names.release(person)
        self._publish(person_topic(person.id), SignedOut(person))
        self._presence.remove(person)
        self._newcomers.discard(person.id)
        log.info("signed out", person=person.id)
