"""Who owns the chat. The owner moderates every room except direct conversations."""

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence

import structlog

from chat.errors import OwnerLinkSpent
from chat.model.people import Person, PersonId
from chat.store.contract import Store

log = structlog.get_logger(__name__)


class Ownership:
    """The owner of one chat: the first person who signs in on the computer that runs it, or whoever
    opens the one-time link that it prints at its start.

    When the owner leaves, the chat passes on to somebody who stays. Nobody owns it only while
    nobody has claimed it, or nobody is left.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = asyncio.Lock()
        self._link_secret: str | None = secrets.token_urlsafe(32)
        self.owner_id: PersonId | None = None

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
            known = self._link_secret
            if known is None or not hmac.compare_digest(known.encode(), secret.encode()):
                raise OwnerLinkSpent
            self._link_secret = None
            try:
                await self._set_owner(person.id)
            except BaseException:
                self._link_secret = known
                raise

    async def pass_on(
        self,
        leaving: Person,
        load_people: Callable[[], Awaitable[Sequence[Person]]],
        online_ids: Collection[PersonId],
    ) -> None:
        """Give the chat to the person who came first, if its owner has left.

        `load_people` gives those who stay, in order of their first sign-in. People who are online
        are preferred: others may never come back.
        """
        async with self._lock:
            if self.owner_id != leaving.id:
                return
            people = [each for each in await load_people() if not each.is_bot]
            staying = [each for each in people if each.id != leaving.id]
            online = [each for each in staying if each.id in online_ids]
            successor = next(iter(online or staying), None)
            await self._set_owner(None if successor is None else successor.id)

    async def _set_owner(self, person_id: PersonId | None) -> None:
        await self._store.set_owner(person_id)
        self.owner_id = person_id
        log.info("the chat has another owner", person=person_id)
