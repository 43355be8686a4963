"""Accounts at the OpenID provider: sign-ins that wait for its answer, and whose each is."""

import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog

from chat.accounts.provider import (
    Authorization,
    OpenIdProvider,
    ProviderIdentity,
    ProviderSettings,
    require_provider_extra,
)
from chat.errors import ProviderRefused
from chat.model.moderation import Role
from chat.model.people import Person, PersonId
from chat.people.ownership import Ownership
from chat.people.roles import Roles
from chat.store.contract import Store
from chat.tasks import OnePlaceEach
from chat.text.names import NAME_LIMIT

log = structlog.get_logger(__name__)

Kept = TypeVar("Kept")

# The most sign-ins that wait for the provider, or for a name; and how long one waits, in seconds.
WAITING_SIGN_INS, SIGN_IN_SECONDS = 1000, 600.0


@dataclass(frozen=True, slots=True)
class _Begun:
    """A sign-in at the provider: of which browser, and of whom, if it joins an account."""

    browser: str
    person_id: PersonId | None
    authorization: Authorization
    began_at: float


@dataclass(frozen=True, slots=True)
class _Nameless:
    """A new person whom the provider has signed in, and who has no name here yet."""

    identity: ProviderIdentity
    began_at: float


class ProviderAccounts:
    """Signs people in who have an account at the provider.

    A sign-in is bound to the browser (its token) that began it. `joining` is a person who is signed
    in and joins an account; nobody is joined to one by a name or a mail address.
    """

    def __init__(self, store: Store, roles: Roles, ownership: Ownership) -> None:
        self._store = store
        self._roles = roles
        self._ownership = ownership
        self._provider: OpenIdProvider | None = None
        self._groups: Mapping[Role, str] = {}
        self._begun: OrderedDict[str, _Begun] = OrderedDict()
        self._nameless: OrderedDict[str, _Nameless] = OrderedDict()
        self._places = OnePlaceEach()

    def start(self, settings: ProviderSettings) -> None:
        """Use this provider from now on. Raises MissingExtra."""
        require_provider_extra()
        self._provider = OpenIdProvider(settings)
        self._groups = settings.groups

    @property
    def host(self) -> str:
        """The host of the provider, "" without one."""
        return "" if self._provider is None else self._provider.host

    async def begin(self, browser: str, redirect_uri: str, joining: Person | None = None) -> str:
        """Begin a sign-in: the address at which the browser goes on. Raises ProviderRefused."""
        provider = self._used_provider
        await provider.open()
        address, authorization = await provider.begin(redirect_uri)
        person_id = None if joining is None else joining.id
        new = _Begun(browser, person_id, authorization, time.monotonic())
        _add(self._begun, authorization.state, new)
        return address

    async def finish(
        self, browser: str, answer: Mapping[str, str], person: Person | None
    ) -> tuple[ProviderIdentity, bool]:
        """Whom the provider has signed in, and whether `person` joins this account.

        Raises ProviderRefused, also for an answer that this browser, or this person, has not asked
        for, and for one that comes a second time.
        """
        begun = self._begun.pop(answer.get("state", ""), None)
        if begun is None or begun.browser != browser or _is_over(begun.began_at):
            raise ProviderRefused(
                "This sign-in was not begun in this browser, or too long ago. Begin it again."
            )
        identity = await self._used_provider.finish(begun.authorization, answer)
        if begun.person_id is not None and (person is None or person.id != begun.person_id):
            raise ProviderRefused(
                "Somebody else is in the chat with this browser now. Begin it again."
            )
        return identity, begun.person_id is not None

    @asynccontextmanager
    async def place_of(self, identity: ProviderIdentity) -> AsyncIterator[Person | None]:
        """The person of this account, if there is one; another sign-in with it waits meanwhile."""
        account = identity.account
        async with self._places.of((account.issuer, account.subject)):
            yield await self._store.person_of_account(account.issuer, account.subject)

    async def join(self, person: Person, identity: ProviderIdentity) -> None:
        """Join an account to a person. Raises ProviderAccountTaken."""
        await self._store.join_account(person.id, identity.account)
        log.info("joined an account of the provider", person=person.id)

    async def remove(self, person: Person) -> None:
        """Join a person to no account any more."""
        await self._store.remove_account(person.id)

    async def apply_groups(self, person: Person, identity: ProviderIdentity) -> None:
        """Give a person the role of their groups, and take it where they are in them no more.

        The chat has one owner: the first one of the group, while nobody owns it; the others of that
        group moderate. A guest, and the owner, keep their role.
        """
        if not self._groups:
            return
        has = {role for role, group in self._groups.items() if group in identity.groups}
        if Role.OWNER in has:
            await self._ownership.claim_if_unowned(person)
        current = self._roles.of(person.id)
        if current in {Role.MEMBER, Role.MODERATOR}:
            role = Role.MODERATOR if has else Role.MEMBER
            await self._roles.store_role(None, person, role)

    def keep_nameless(self, browser: str, identity: ProviderIdentity) -> None:
        """Keep whom the provider has signed in until they have chosen a name."""
        _add(self._nameless, browser, _Nameless(identity, time.monotonic()))

    def nameless(self, browser: str) -> ProviderIdentity:
        """Whom the provider has signed in with this browser. Raises ProviderRefused."""
        found = self._nameless.get(browser)
        if found is None or _is_over(found.began_at):
            raise ProviderRefused(
                "This sign-in was not begun in this browser, or too long ago. Begin it again."
            )
        return found.identity

    def forget_nameless(self, browser: str) -> None:
        """They have a name."""
        self._nameless.pop(browser, None)

    @property
    def _used_provider(self) -> OpenIdProvider:
        if self._provider is None:
            raise ProviderRefused("This chat has no sign-in with another site.")
        return self._provider


def suggested_name(identity: ProviderIdentity) -> str:
    """The name of the provider, as long as a name here may be."""
    return identity.name[:NAME_LIMIT].strip()


def _is_over(began_at: float) -> bool:
    return time.monotonic() - began_at > SIGN_IN_SECONDS


def _add(kept: OrderedDict[str, Kept], key: str, value: Kept) -> None:
    """Keep a value; the oldest one goes if there are too many."""
    kept[key] = value
    while len(kept) > WAITING_SIGN_INS:
        kept.popitem(last=False)
