"""Who owns the chat. The owner moderates every room except direct conversations."""

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from chat.errors import BadRole, OwnerLinkSpent, OwnerMustHandOver, OwnerRequired, gettext_noop
from chat.model.moderation import AuditAct, NewAuditEntry
from chat.model.people import Person, PersonId
from chat.people.browser_tokens import token_hash
from chat.store.contract import Store

log = structlog.get_logger(__name__)

# How long a link of `flet-chat reset-owner` works.
RESET_LINK_LIFETIME = timedelta(hours=24)


class Ownership:
    """The owner of one chat: the first person who signs in on the computer that runs it, or whoever
    opens the one-time link that it prints at its start, or that `flet-chat reset-owner` prints.

    An owner hands the chat over before they leave. Nobody owns it only while nobody has claimed it,
    or nobody is left.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = asyncio.Lock()
        self._link_secret: str | None = secrets.token_urlsafe(32)
        self.owner_id: PersonId | None = None
        # Called after the chat has another owner.
        self.on_changed: Callable[[], None] = _ignore

    @property
    def link_secret(self) -> str | None:
        """The secret in the one-time link; None once it is spent."""
        return self._link_secret

    async def open(self, people: Sequence[Person]) -> None:
        """Read the owner. `people` are those who have not left, in order of their first sign-in.

        An owner who has left was about to pass the chat on when the process ended. In a database
        of an earlier version the owner is the person who signed in first.
        """
        owner_id = await self._store.owner_id()
        if owner_id is not None and owner_id not in {each.id for each in people}:
            owner_id = people[0].id if people else None
        await self._store.set_owner(owner_id)
        self.owner_id = owner_id

    async def claim_if_unowned(self, person: Person) -> None:
        """Give the chat to a person on the computer that runs it, if nobody owns it."""
        async with self._lock:
            if self.owner_id is None:
                await self._set_owner(person.id)

    async def claim_with_link(self, person: Person, secret: str) -> None:
        """Give the chat to the person who opened the one-time link. Raises OwnerLinkSpent."""
        async with self._lock:
            if self.owner_id == person.id:
                return
            known, is_printed = self._link_secret, self._is_printed(secret)
            if not is_printed and not await self._is_reset_link(secret):
                raise OwnerLinkSpent
            if is_printed:
                self._link_secret = None
            try:
                await self._set_owner(person.id, NewAuditEntry(AuditAct.CLAIMED, person.id))
            except BaseException:
                self._link_secret = known
                raise

    async def hand_over(self, owner: Person, successor: Person) -> None:
        """Give the chat to another person. Raises OwnerRequired, and BadRole for a bot."""
        async with self._lock:
            if self.owner_id != owner.id:
                raise OwnerRequired(gettext_noop("hand it over"))
            if successor.is_bot:
                raise BadRole("A bot cannot own the chat. Choose a person.")
            if successor.id != owner.id:
                entry = NewAuditEntry(AuditAct.HANDED_OVER, owner.id, successor.id)
                await self._set_owner(successor.id, entry)

    def require_may_leave(self, person: Person, people: Sequence[Person]) -> None:
        """Raises OwnerMustHandOver if the owner wants to leave, and one of `people` stays."""
        if self.owner_id == person.id and _staying(person, people):
            raise OwnerMustHandOver

    async def pass_on(
        self,
        leaving: Person,
        load_people: Callable[[], Awaitable[Sequence[Person]]],
        online_ids: Collection[PersonId],
    ) -> None:
        """Give the chat to the person who came first, if the account of its owner has ended.

        `load_people` gives those who stay, in order of their first sign-in. People who are online
        are preferred: others may never come back.
        """
        async with self._lock:
            if self.owner_id != leaving.id:
                return
            staying = _staying(leaving, await load_people())
            online = [each for each in staying if each.id in online_ids]
            successor_id = next((each.id for each in online or staying), None)
            entry = NewAuditEntry(AuditAct.HANDED_OVER, leaving.id, successor_id)
            await self._set_owner(successor_id, entry)

    async def knows_link(self, secret: str) -> bool:
        """Whether the one-time link with this secret is still to be opened."""
        return self._is_printed(secret) or await self._is_reset_link(secret)

    def _is_printed(self, secret: str) -> bool:
        known = self._link_secret
        return known is not None and hmac.compare_digest(known.encode(), secret.encode())

    async def _is_reset_link(self, secret: str) -> bool:
        known = await self._store.owner_link()
        return known is not None and hmac.compare_digest(known, token_hash(secret))

    async def _set_owner(
        self, person_id: PersonId | None, entry: NewAuditEntry | None = None
    ) -> None:
        await self._store.set_owner(person_id, entry)
        self.owner_id = person_id
        log.info("the chat has another owner", person=person_id)
        self.on_changed()


async def create_reset_link(store: Store) -> str:
    """The secret of a new one-time link for the owner, for whoever holds the data folder."""
    secret = secrets.token_urlsafe(32)
    entry = NewAuditEntry(AuditAct.OWNER_RESET, None)
    await store.set_owner_link(token_hash(secret), datetime.now(UTC) + RESET_LINK_LIFETIME, entry)
    return secret


def _staying(leaving: Person, people: Sequence[Person]) -> list[Person]:
    return [each for each in people if not each.is_bot and each.id != leaving.id]


def _ignore() -> None:
    """Nobody wants to know."""
