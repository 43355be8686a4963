"""Another device of a person: a link that one device shows, and a number that the other one shows.

A link alone lets nobody in, because somebody may have photographed its QR code. The device that
opens it shows a number, which the person gives on the first device; only then does the new device
get a token, which is its own. Links are in memory: they end with the process.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from chat.action_limits import ActionLimit
from chat.devices.devices import Devices
from chat.errors import PairingRefused, TooManyLinks, WrongNumber
from chat.model.devices import DeviceProof, PairingChanged, PairingStep
from chat.model.events import Publish, person_topic
from chat.model.people import Person, PersonId
from chat.people.browser_tokens import new_token, token_hash

# Seconds for which a link is valid, and at least for which a confirmed device may fetch its token.
LINK_SECONDS, FETCH_SECONDS = 300.0, 60.0

# Links that one person makes within an hour, and devices that they add within a day.
LINKS_PER_HOUR, DEVICES_PER_DAY = 20, 20

# Links of all people at once. The oldest ends first.
LINK_LIMIT = 1000

# Links that are not valid, which one network address opens within an hour. Valid ones always work.
MISSES_PER_HOUR = 30

# Bytes of the secrets in the addresses: 128 bits.
_SECRET_BYTES = 16

# The numbers that a device may show: two digits.
_FIRST_NUMBER, _LAST_NUMBER = 10, 99

_HOUR, _DAY = 3600.0, 86400.0


@dataclass(frozen=True, slots=True)
class PairingLink:
    """A new link of a person: the secret in its address, and for how many seconds it is valid."""

    secret: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Asking:
    """A device that has used a link: its name, where it comes from, and the number that it shows.

    `key` is in the address of its page, and `browser` is the hash of the token that it had before.
    """

    label: str
    network: str
    number: int
    key: str
    browser: bytes


@dataclass(slots=True, eq=False)
class _Link:
    person: Person
    secret: bytes
    ends_at: float
    step: PairingStep = PairingStep.OFFERED
    asking: Asking | None = None
    # The token of the new device, once it has one.
    token: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Pairing:
    """The links of people for other devices. Each person has one at a time."""

    def __init__(
        self,
        devices: Devices,
        *,
        publish: Publish,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._devices = devices
        self._publish = publish
        self._clock = clock
        self._made = ActionLimit(_HOUR, clock=clock)
        self._added = ActionLimit(_DAY, clock=clock)
        self._missed = ActionLimit(_HOUR, clock=clock)
        # The oldest link first: all are valid for the same time.
        self._links: dict[PersonId, _Link] = {}

    async def offer(self, person: Person, proof: DeviceProof) -> PairingLink:
        """A new link of a person; an earlier one ends. Raises DeviceKeyLost and TooManyLinks."""
        await self._devices.require_key(proof)
        wait = self._made.record(person.id, LINKS_PER_HOUR)
        if wait := max(wait, self._added.wait(person.id, DEVICES_PER_DAY)):
            raise TooManyLinks(wait)
        self.withdraw(person)
        self._forget_old()
        while len(self._links) >= LINK_LIMIT:
            self.withdraw(next(iter(self._links.values())).person)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        ends_at = self._clock() + LINK_SECONDS
        self._links[person.id] = _Link(person, _hash(secret), ends_at)
        return PairingLink(secret, LINK_SECONDS)

    def withdraw(self, person: Person) -> None:
        """End the link of a person, if there is one."""
        link = self._links.pop(person.id, None)
        if link is not None and link.step in {PairingStep.ASKED, PairingStep.CONFIRMED}:
            self._report(link, PairingStep.ENDED)

    def state(self, person: Person) -> PairingChanged | None:
        """How far the link of a person has come; None without one."""
        self._forget_old()
        link = self._links.get(person.id)
        return None if link is None else _state(link)

    def person_of(self, secret: str, network: str | None = None) -> Person:
        """Whose link this is. Looking spends nothing.

        `network` is the address that asks, None on the computer that runs the chat. Raises
        PairingRefused.
        """
        return self._require_unused(secret, network).person

    def ask(self, secret: str, token: str, label: str, network: str | None = None) -> Asking:
        """Use a link, with the device that has `token` as a stranger.

        The same device gets the same answer again. `network` and errors are as of `person_of`.
        """
        link, browser = self._by_secret(secret), token_hash(token)
        if link is not None and link.asking is not None and link.asking.browser == browser:
            return link.asking
        link = self._require_unused(secret, network)
        number = _FIRST_NUMBER + secrets.randbelow(_LAST_NUMBER - _FIRST_NUMBER + 1)
        key = secrets.token_urlsafe(_SECRET_BYTES)
        link.asking = Asking(label, network or "", number, key, browser)
        self._report(link, PairingStep.ASKED)
        return link.asking

    def asking(self, key: str, token: str) -> tuple[Person, Asking, PairingStep]:
        """The device with this key and this token, and how far it has come.

        Raises PairingRefused if it has to begin anew.
        """
        link = self._by_key(key, token)
        assert link.asking is not None, "it was found by what it asked"
        return link.person, link.asking, link.step

    def confirm(self, person: Person, number: str) -> None:
        """The person says which number their new device shows.

        Another number ends the link: nobody guesses. Raises WrongNumber and PairingRefused.
        """
        self._forget_old()
        link = self._links.get(person.id)
        if link is None or link.asking is None or link.step is not PairingStep.ASKED:
            raise PairingRefused(
                "No device waits for a number any more. Make a new link and open it there."
            )
        typed = number.strip()
        if not typed.isdecimal() or int(typed[:10]) != link.asking.number:
            self._report(link, PairingStep.REFUSED)
            raise WrongNumber
        link.ends_at = max(link.ends_at, self._clock() + FETCH_SECONDS)
        self._report(link, PairingStep.CONFIRMED)

    async def enter(self, key: str, token: str) -> str:
        """The new token of a device whose number was confirmed: the same one if it asks again.

        Raises PairingRefused and TooManyDevices.
        """
        link = self._by_key(key, token)
        assert link.asking is not None, "it was found by what it asked"
        async with link.lock:
            if link.step is PairingStep.CONFIRMED and self._links.get(link.person.id) is link:
                new = new_token()
                await self._devices.add(link.person, token_hash(new), link.asking.label)
                self._added.record(link.person.id, DEVICES_PER_DAY)
                link.token = new
                self._report(link, PairingStep.DONE)
            if link.step is not PairingStep.DONE:
                raise _expired()
            return link.token

    def _require_unused(self, secret: str, network: str | None) -> _Link:
        link = self._by_secret(secret)
        if link is not None and link.step is PairingStep.OFFERED:
            return link
        if network is not None and (wait := self._missed.record(network, MISSES_PER_HOUR)):
            raise PairingRefused(
                "Many links that are not valid were opened in your network. "
                "Wait {minutes} min, then open this one again.",
                minutes=max(1, ceil(wait / 60)),
            )
        if link is None:
            raise _expired()
        raise PairingRefused(
            "This link was used already. On the device where you are signed in, open Settings, "
            "Devices, and make a new one. If it was not you who used it, give nobody the number."
        )

    def _by_secret(self, secret: str) -> _Link | None:
        self._forget_old()
        hashed = _hash(secret)
        return next((each for each in self._links.values() if each.secret == hashed), None)

    def _by_key(self, key: str, token: str) -> _Link:
        self._forget_old()
        browser = token_hash(token)
        for each in self._links.values():
            asking = each.asking
            if (
                asking is not None
                and secrets.compare_digest(asking.key.encode(), key.encode())
                and asking.browser == browser
            ):
                return each
        raise _expired()

    def _forget_old(self) -> None:
        now = self._clock()
        for each in [each for each in self._links.values() if each.ends_at <= now]:
            self.withdraw(each.person)

    def _report(self, link: _Link, step: PairingStep) -> None:
        link.step = step
        self._publish(person_topic(link.person.id), _state(link))


def _state(link: _Link) -> PairingChanged:
    if link.asking is None:
        return PairingChanged(link.step)
    return PairingChanged(link.step, link.asking.label, link.asking.network)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _expired() -> PairingRefused:
    return PairingRefused(
        "This link is not valid any more. On the device where you are signed in, open Settings, "
        "Devices, and make a new one."
    )
