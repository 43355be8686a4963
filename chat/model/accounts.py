"""How people sign in besides with their first device: passwords, passkeys, accounts elsewhere."""

from dataclasses import dataclass
from datetime import datetime

from chat.model.people import Person, PersonId


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey to store (W3C, WebAuthn Level 3, 4).

    `credential_id` is chosen by the device, at most 1023 bytes. `credential` is the attested
    credential data with the public key (6.5.1). It works for pages of the host `rp_id` only.
    """

    person_id: PersonId
    credential_id: bytes
    credential: bytes
    rp_id: str
    label: str
    sign_count: int = 0


@dataclass(frozen=True, slots=True)
class Passkey:
    """A stored passkey and the person whom it signs in.

    `sign_count` is the count of its uses that the device reported last, 0 if it counts none.
    """

    id: int
    person: Person
    credential: bytes
    rp_id: str
    label: str
    sign_count: int
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """An account at an OpenID provider: `subject` is unique there and never changes
    (OpenID Connect Core 1.0, 2). `mail` is what its bearer knows it by."""

    issuer: str
    subject: str
    mail: str


@dataclass(frozen=True, slots=True)
class SignInMethods:
    """How a person may sign in on another device. With none, their name is not claimed."""

    has_password: bool = False
    passkeys: tuple[Passkey, ...] = ()
    provider_account: ProviderAccount | None = None

    @property
    def is_claimed(self) -> bool:
        """Whether there is any: their name never becomes free by absence."""
        return self.has_password or bool(self.passkeys) or self.provider_account is not None
