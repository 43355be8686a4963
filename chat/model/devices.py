"""Devices of a person: the browsers and windows where they are signed in. Frozen values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

# The key of the desktop window, whose token no other program gets. Devices that are no window have
# other keys, so that nobody shows the token of one as that of a window.
WINDOW_KEY = "window"

# The longest name of a device.
LABEL_LIMIT = 60

# The devices of one person.
DEVICE_LIMIT = 50

# A device that was not used for so long is signed out: its cookie ends, and its token is not valid.
TOKEN_LIFETIME = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Device:
    """One device of a person. `token_hash` is the SHA-256 of its token, 32 bytes.

    `added_at` and `seen_at` are in UTC, None for a device of an earlier version of the chat.
    `is_connected` tells whether the chat is open on it now.
    """

    token_hash: bytes
    label: str
    added_at: datetime | None = None
    seen_at: datetime | None = None
    is_connected: bool = False


@dataclass(frozen=True, slots=True)
class DeviceProof:
    """What a session shows of its device: the hash of the token, and the key of the page.

    The hash is None in a browser without cookies: there is none that somebody else could have read.
    The key is "" without storage.
    """

    token_hash: bytes | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """The person has another device, or one of another name."""


@dataclass(frozen=True, slots=True)
class DevicesSignedOut:
    """These devices of the person are signed out: each of their sessions ends."""

    token_hashes: frozenset[bytes]


class PairingStep(Enum):
    """How far a new device has come."""

    OFFERED = auto()
    """There is a link, and no device has used it."""
    ASKED = auto()
    """A device has used the link, and shows a number."""
    CONFIRMED = auto()
    """The person gave that number. The device gets its token when it asks again."""
    DONE = auto()
    """The device has a token of its own."""
    REFUSED = auto()
    """The person gave another number."""
    ENDED = auto()
    """The link is no longer valid."""


@dataclass(frozen=True, slots=True)
class PairingChanged:
    """A new device of the person came further.

    `label` is the name of the device, and `network` the address that it comes from, "" if that is
    this computer.
    """

    step: PairingStep
    label: str = ""
    network: str = ""
