"""Passkeys: a device signs in with a key that never leaves it (W3C, WebAuthn Level 3).

The package fido2 is an extra.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn

import structlog

from chat.accounts.password_hashes import EXTRA
from chat.errors import MissingExtra, PasskeyRefused
from chat.model.accounts import NewPasskey
from chat.model.people import Person
from chat.people.sanctions import Sanctions
from chat.store.contract import Store

if TYPE_CHECKING:
    from fido2.server import Fido2Server

log = structlog.get_logger(__name__)

# Passkeys of one person, and characters of the name that they give one.
PASSKEY_LIMIT, LABEL_LIMIT = 20, 60

# The most challenges that wait for a device, and how long one waits, in seconds.
WAITING_CHALLENGES, CHALLENGE_SECONDS = 1000, 300.0

# Bytes of the id that a device gives a passkey (WebAuthn, 4, Credential ID).
_MAX_ID_BYTES = 1023


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The chat as devices see it: a host, the origin of the page, and the title."""

    id: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class _Challenge:
    """What a device was asked to sign, on a page of this origin."""

    origin: str
    state: Any
    made_at: float


class Passkeys:
    """The passkeys of one chat.

    A challenge is for one browser (its token), and for one answer. All methods raise MissingExtra
    without the extra.
    """

    def __init__(self, store: Store, sanctions: Sanctions, workspace_id: str) -> None:
        self._store = store
        self._sanctions = sanctions
        self._workspace_id = workspace_id
        self._challenges: OrderedDict[tuple[str, str], _Challenge] = OrderedDict()

    @property
    def is_available(self) -> bool:
        """Whether the extra is installed."""
        return find_spec("fido2") is not None

    def require(self) -> None:
        """Raises MissingExtra without the extra."""
        if not self.is_available:
            raise MissingExtra(EXTRA)

    async def begin_adding(
        self, person: Person, browser: str, party: RelyingParty
    ) -> Mapping[str, Any]:
        """The options with which a browser makes a passkey, as JSON (WebAuthn, 5.4 and 5.1.8)."""
        server = self._server(party)
        from fido2.webauthn import (
            AttestedCredentialData,
            PublicKeyCredentialUserEntity,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        known = (await self._store.sign_in_methods(person.id)).passkeys
        # It tells the passkeys of several people apart on one device, and is no secret.
        handle = f"{self._workspace_id}:{person.id}".encode()
        options, state = server.register_begin(
            PublicKeyCredentialUserEntity(name=person.name, id=handle, display_name=person.name),
            [AttestedCredentialData(each.credential) for each in known if each.rp_id == party.id],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        self._keep(("add", browser), party, state)
        return dict(options)

    async def add(
        self, person: Person, browser: str, party: RelyingParty, answer: object, label: str
    ) -> None:
        """Store the passkey that a browser has made.

        Raises PasskeyRefused, TooManyPasskeys and PasskeyTaken.
        """
        server = self._server(party)
        challenge = self._take(("add", browser), party)
        try:
            data = server.register_complete(challenge.state, _as_object(answer))
            credential = data.credential_data
        except Exception as failure:
            self._refuse(failure)
        if credential is None or len(credential.credential_id) > _MAX_ID_BYTES:
            self._refuse(ValueError("no credential"))
        new = NewPasskey(
            person.id,
            credential.credential_id,
            bytes(credential),
            party.id,
            " ".join(label.split())[:LABEL_LIMIT],
            data.counter,
        )
        await self._store.add_passkey(new, PASSKEY_LIMIT)
        log.info("added a passkey", person=person.id)

    def begin_sign_in(self, browser: str, party: RelyingParty) -> Mapping[str, Any]:
        """The options with which a browser asks for any passkey of the chat, as JSON."""
        server = self._server(party)
        from fido2.webauthn import UserVerificationRequirement

        options, state = server.authenticate_begin(
            user_verification=UserVerificationRequirement.REQUIRED
        )
        self._keep(("sign in", browser), party, state)
        return dict(options)

    async def person_of(self, browser: str, party: RelyingParty, answer: object) -> Person:
        """The person whose passkey has signed. Raises PasskeyRefused and PersonBanned."""
        server = self._server(party)
        from fido2.webauthn import AttestedCredentialData, AuthenticationResponse

        challenge = self._take(("sign in", browser), party)
        try:
            response = AuthenticationResponse.from_dict(_as_object(answer))
            raw_id = response.raw_id
        except Exception as failure:
            self._refuse(failure)
        found = await self._store.passkey(raw_id)
        if found is None or found.rp_id != party.id:
            raise PasskeyRefused(
                "The chat does not know this passkey. Its person may have removed it, or left."
            )
        try:
            credentials = [AttestedCredentialData(found.credential)]
            server.authenticate_complete(challenge.state, credentials, response)
            count = response.response.authenticator_data.counter
        except Exception as failure:
            self._refuse(failure)
        if (count or found.sign_count) and count <= found.sign_count:
            # Of a copy, one of the two counts behind (WebAuthn, 6.1.1).
            self._refuse(ValueError("the count of uses went back"))
        self._sanctions.require_not_banned(found.person.id)
        await self._store.use_passkey(found.id, count)
        return found.person

    async def remove(self, person: Person, passkey_id: int) -> None:
        """Let a passkey sign in no more."""
        await self._store.remove_passkey(person.id, passkey_id)

    def _server(self, party: RelyingParty) -> "Fido2Server":
        self.require()
        # Imported here: it is an extra.
        from fido2.server import Fido2Server
        from fido2.webauthn import PublicKeyCredentialRpEntity

        return Fido2Server(
            PublicKeyCredentialRpEntity(name=party.name, id=party.id),
            verify_origin=lambda origin: origin == party.origin,
        )

    def _keep(self, key: tuple[str, str], party: RelyingParty, state: object) -> None:
        self._challenges[key] = _Challenge(party.origin, state, time.monotonic())
        self._challenges.move_to_end(key)
        while len(self._challenges) > WAITING_CHALLENGES:
            self._challenges.popitem(last=False)

    def _take(self, key: tuple[str, str], party: RelyingParty) -> _Challenge:
        """The challenge of a browser, once. Raises PasskeyRefused."""
        found = self._challenges.pop(key, None)
        is_over = found is None or time.monotonic() - found.made_at > CHALLENGE_SECONDS
        if found is None or is_over or found.origin != party.origin:
            raise PasskeyRefused("This took too long, or was begun elsewhere. Try it again.")
        return found

    def _refuse(self, failure: Exception) -> NoReturn:
        log.warning("refused a passkey", reason=repr(failure)[:300])
        raise PasskeyRefused(
            "The answer of the device does not fit. Try it again, or sign in another way."
        ) from failure


def _as_object(answer: object) -> Mapping[str, Any]:
    """The JSON object of an answer. Raises TypeError for other JSON."""
    if not isinstance(answer, Mapping):
        raise TypeError("no JSON object")
    return answer
