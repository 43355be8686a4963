"""The devices of people: a list with names and times, and how they are signed out."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from chat.errors import BadDeviceName, DeviceKeyLost, LastDevice
from chat.model.devices import (
    LABEL_LIMIT,
    Device,
    DeviceProof,
    DevicesChanged,
    DevicesSignedOut,
)
from chat.model.events import Publish, person_topic
from chat.model.people import Person
from chat.store.contract import Store
from chat.tasks import Tasks
from chat.text.names import has_visible

log = structlog.get_logger(__name__)

# Seconds between two saves of when devices were used. A crash loses no more than that.
SAVE_INTERVAL = 600.0

# Seconds until the first save after a quiet time.
_FIRST_SAVE = 2.0

# How old the cookie of a device may become before it is set again. It would end after a year
# (`TOKEN_LIFETIME`), also for somebody who comes every day.
RENEWAL_INTERVAL = timedelta(days=7)


# The time after which a page that has lost the key of its device may have another one.
KEY_INTERVAL = timedelta(days=7)


class Devices:
    """Where people are signed in. A person sees and signs out their own devices only.

    A device is known by the hash of its token.
    """

    def __init__(self, store: Store, *, publish: Publish) -> None:
        self._store = store
        self._publish = publish
        # When devices were used since the last save, and how many sessions of each are connected.
        self._used: dict[bytes, datetime] = {}
        self._connected = Counter[bytes]()
        self._save_timer: asyncio.TimerHandle | None = None
        self._tasks = Tasks()

    async def of(self, person: Person) -> tuple[Device, ...]:
        """The devices of a person: those that are connected, then the one that was used last."""
        devices = [self._as_of_now(each) for each in await self._store.devices(person.id)]
        long_ago = datetime.min.replace(tzinfo=UTC)
        devices.sort(key=lambda each: (each.is_connected, each.seen_at or long_ago), reverse=True)
        return tuple(devices)

    async def add(self, person: Person, token_hash: bytes, label: str) -> None:
        """Let the device with a token be one of this person's. Raises TooManyDevices."""
        await self._store.add_token(token_hash, person.id, label[:LABEL_LIMIT])
        self._publish(person_topic(person.id), DevicesChanged())
        log.info("another device", person=person.id)

    async def rename(self, person: Person, token_hash: bytes, label: str) -> None:
        """Give a device another name. Raises BadDeviceName."""
        label = " ".join(label.split())
        if not has_visible(label):
            raise BadDeviceName("Write a name for this device, as “My phone”.")
        if len(label) > LABEL_LIMIT:
            raise BadDeviceName("{limit} characters fit. Shorten the name.", limit=LABEL_LIMIT)
        await self._store.rename_device(person.id, token_hash, label)
        self._publish(person_topic(person.id), DevicesChanged())

    async def sign_out(
        self, person: Person, token_hashes: Collection[bytes], proof: DeviceProof
    ) -> None:
        """Sign devices out: their tokens are not valid any more, and their sessions end.

        Raises DeviceKeyLost, and LastDevice for the last one of a person who has no other way to
        sign in.
        """
        await self.require_key(proof)
        known = {each.token_hash for each in await self._store.devices(person.id)}
        signed_out = frozenset(known & {*token_hashes})
        if not signed_out:
            return
        if signed_out == known and not (await self._store.sign_in_methods(person.id)).is_claimed:
            raise LastDevice
        await self._store.revoke_tokens(person.id, signed_out)
        for each in signed_out:
            self._used.pop(each, None)
        self._publish(person_topic(person.id), DevicesSignedOut(signed_out))
        self._publish(person_topic(person.id), DevicesChanged())
        log.info("devices signed out", person=person.id, count=len(signed_out))

    async def show_key(self, proof: DeviceProof) -> bool:
        """A session of a device is connected: whether its page has the key of the device.

        The first page of a device says what its key is. A page that has lost it has another one,
        which counts after a week in which nobody came with the right one.
        """
        if proof.token_hash is None:
            return True
        if not proof.key:
            return False
        key_hash = hashlib.sha256(proof.key.encode()).digest()
        shown_before = datetime.now(UTC) - KEY_INTERVAL
        return await self._store.show_device_key(proof.token_hash, key_hash, shown_before)

    async def require_key(self, proof: DeviceProof) -> None:
        """Raises DeviceKeyLost unless the page has the key of its device.

        Whoever has only read the cookie cannot make of it a device of their own.
        """
        if not await self.show_key(proof):
            raise DeviceKeyLost(KEY_INTERVAL.days)

    def saw(self, token_hash: bytes) -> None:
        """A device uses the chat now."""
        self._used[token_hash] = datetime.now(UTC)
        if self._save_timer is None:
            loop = asyncio.get_running_loop()
            self._save_timer = loop.call_later(_FIRST_SAVE, self._save_used)

    def session_connected(self, token_hash: bytes) -> None:
        """A session of a device is connected."""
        self._connected[token_hash] += 1

    def session_disconnected(self, token_hash: bytes) -> None:
        """A session of a device is not connected any more."""
        self._connected[token_hash] -= 1
        if self._connected[token_hash] <= 0:
            del self._connected[token_hash]
        self.saw(token_hash)

    async def renew(self, token_hash: bytes) -> bool:
        """Whether the cookie of a device is to be set again now, as it is a week old."""
        renewed_at = await self._store.device_renewed_at(token_hash)
        if renewed_at is not None and datetime.now(UTC) - renewed_at < RENEWAL_INTERVAL:
            return False
        await self._store.set_device_renewed(token_hash)
        return True

    async def close(self) -> None:
        """Store when devices were used."""
        self._save_used()
        if self._save_timer is not None:
            self._save_timer.cancel()
        await self._tasks.finish()

    def _as_of_now(self, device: Device) -> Device:
        is_connected = device.token_hash in self._connected
        seen_at = self._used.get(device.token_hash, device.seen_at)
        return replace(device, seen_at=seen_at, is_connected=is_connected)

    def _save_used(self) -> None:
        """Store when devices were used, and go on while any is connected."""
        self._save_timer = None
        used, self._used = self._used, {}
        now = datetime.now(UTC)
        used |= dict.fromkeys(self._connected, now)
        if not used:
            return
        self._tasks.start(self._store.set_devices_used(used), "store when devices were used")
        loop = asyncio.get_running_loop()
        self._save_timer = loop.call_later(SAVE_INTERVAL, self._save_used)
