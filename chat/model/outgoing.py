"""Outgoing webhooks: addresses that are told what happens in a room. Frozen values without I/O."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId

OutgoingHookId = int


class PauseReason(StrEnum):
    """Why nothing is sent to an address."""

    # Somebody has paused it.
    PERSON = "person"
    # It has failed as often as it is tried.
    FAILING = "failing"
    # It has answered 410: it does not exist any more.
    GONE = "gone"
    # The person who is responsible for it, or its bot, is not in the room any more.
    NO_ACCESS = "no access"


class Problem(StrEnum):
    """Why a request did not deliver what it was to deliver."""

    # The address is not allowed; the details say why.
    REFUSED = "refused"
    # There is no host of this name.
    UNKNOWN_HOST = "unknown host"
    NOT_REACHED = "not reached"
    CERTIFICATE = "certificate"
    TOO_SLOW = "too slow"
    # What came back is not HTTP.
    NO_ANSWER = "no answer"
    # The answer names another address.
    REDIRECT = "redirect"
    # The answer has another code than 200 to 299.
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Which events of its room an outgoing webhook is told.

    With `words` only messages that have one of them; `@name` is a word, too. With `programs` also
    the messages of programs, but never its own.
    """

    posts: bool = True
    changes: bool = False
    deletions: bool = False
    programs: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an outgoing webhook has got in the sequence of the store.

    All up to `position` was delivered, or was not for it. `failures` attempts at what comes next
    have failed, and the next one is at `next_at` (UTC).
    """

    position: int
    failures: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutgoingHook:
    """An address that is told what is posted in a room; what it answers is posted by `bot`.

    `secret` signs the requests: `whsec_` and 32 bytes as Base64. `responsible_id` is the person
    whose membership it needs, and who is told when it is paused. Times are in UTC.
    """

    id: OutgoingHookId
    room_id: RoomId
    bot: Person
    responsible_id: PersonId
    created_at: datetime
    url: str
    secret: str = field(repr=False)
    trigger: Trigger
    progress: Progress
    pause: PauseReason | None = None
    used_at: datetime | None = None

    @property
    def host(self) -> str:
        """The host of the address, for people."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class NewOutgoingHook:
    """An outgoing webhook to store; the rest is as in `OutgoingHook`."""

    room_id: RoomId
    bot_id: PersonId
    created_by: PersonId
    url: str
    secret: str = field(repr=False)
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of an outgoing webhook, and what became of it.

    `sequence` is the number of the post or the change that it told, 0 for a test, and `number` that
    of the message. `status` is the code of the answer, 0 without one; `details` is the beginning of
    the answer, or a sentence about the problem. `count` is the number of the attempt at the same,
    from 1.
    """

    at: datetime
    webhook_id: str
    sequence: int
    number: int
    status: int
    milliseconds: int
    problem: Problem | None = None
    details: str = ""
    count: int = 1
