"""The optional passwords of people, and the one-time links with which a person sets a new one."""

import secrets
from datetime import UTC, datetime, timedelta

import structlog

from chat.accounts.password_hashes import PasswordHashes
from chat.accounts.password_rules import MAX_LENGTH, check_password, normalized_password
from chat.accounts.tries import SignInTries
from chat.errors import BadLink, OwnerRequired, PasswordLinkSpent, WrongPassword, gettext_noop
from chat.model.moderation import AuditAct, NewAuditEntry, Role
from chat.model.people import Person
from chat.people.browser_tokens import token_hash
from chat.people.roles import Roles
from chat.people.sanctions import Sanctions
from chat.store.contract import Store

log = structlog.get_logger(__name__)

# How long a link works that the owner makes, and one that a person makes for themselves.
LINK_LIFETIME, OWN_LINK_LIFETIME = timedelta(hours=24), timedelta(minutes=10)


class Passwords:
    """The passwords of one chat.

    `network` is the network that a request comes from, "" for this computer. All methods that check
    or make a hash raise MissingExtra without the extra.
    """

    def __init__(self, store: Store, roles: Roles, sanctions: Sanctions) -> None:
        self._store = store
        self._roles = roles
        self._sanctions = sanctions
        self._hashes = PasswordHashes()
        self._tries = SignInTries()

    @property
    def is_available(self) -> bool:
        """Whether the extra is installed."""
        return self._hashes.is_available

    async def person_with(self, name: str, password: str, network: str) -> Person:
        """The person who bears this name and has this password.

        Names that nobody bears are answered alike, in words and time. Raises WrongPassword,
        TooManyTries, SlowDown, and PersonBanned.
        """
        async with self._tries.counted(name, network):
            found = await self._store.password_of(name)
            await self._check(None if found is None else found[1], password)
            assert found is not None, "without a hash every password is wrong"
        self._sanctions.require_not_banned(found[0].id)
        return found[0]

    async def set(self, person: Person, password: str, current: str, network: str) -> None:
        """Set the password of a person who is signed in.

        If there is one, `current` has to be that. Raises BadPassword, WrongPassword, TooManyTries
        and SlowDown.
        """
        checked = check_password(password, person.name)
        await self._require_current(person, current, network)
        await self._store.set_password(person.id, await self._hashes.hash(checked))
        log.info("a password was set", person=person.id)

    async def remove(self, person: Person, current: str, network: str) -> None:
        """Let a person have no password any more. Raises WrongPassword, TooManyTries, SlowDown."""
        await self._require_current(person, current, network)
        await self._store.set_password(person.id, None)
        log.info("a password was removed", person=person.id)

    async def make_link(self, actor: Person, person: Person) -> str:
        """The secret of a link with which `person` sets a new password, in place of an earlier one.

        The owner makes one for somebody else. Raises OwnerRequired and BadLink.
        """
        if actor.id != person.id and self._roles.of(actor.id) is not Role.OWNER:
            raise OwnerRequired(gettext_noop("make a link for a new password"))
        if person.is_bot:
            raise BadLink("A bot signs in with a token. Make it one under Bots and tokens.")
        self._hashes.require()
        is_own, secret = actor.id == person.id, secrets.token_urlsafe(32)
        lifetime = OWN_LINK_LIFETIME if is_own else LINK_LIFETIME
        entry = None if is_own else NewAuditEntry(AuditAct.PASSWORD_LINK, actor.id, person.id)
        expires_at = datetime.now(UTC) + lifetime
        await self._store.set_password_link(person.id, token_hash(secret), expires_at, entry)
        return secret

    async def person_of_link(self, secret: str) -> Person:
        """The person of a link. Raises PasswordLinkSpent and PersonBanned."""
        person = await self._store.person_of_link(token_hash(secret))
        if person is None:
            raise PasswordLinkSpent
        self._sanctions.require_not_banned(person.id)
        return person

    async def set_with_link(self, secret: str, password: str) -> Person:
        """Set the password of the person of a link, which is spent then.

        Raises BadPassword, PasswordLinkSpent, PersonBanned and SlowDown.
        """
        person = await self.person_of_link(secret)
        new_hash = await self._hashes.hash(check_password(password, person.name))
        log.info("a password was set with a link", person=person.id)
        return await self._store.spend_password_link(token_hash(secret), new_hash)

    async def close(self) -> None:
        """End the threads."""
        await self._hashes.close()

    async def _require_current(self, person: Person, current: str, network: str) -> None:
        self._hashes.require()
        stored = await self._store.password_hash(person.id)
        if stored is not None:
            async with self._tries.counted(person.name, network):
                await self._check(stored, current)

    async def _check(self, stored: str | None, password: str) -> None:
        """Raises WrongPassword. A longer text than any password is not hashed as it is."""
        text = normalized_password(password[: MAX_LENGTH + 1])
        if not await self._hashes.verify(stored, text):
            raise WrongPassword
