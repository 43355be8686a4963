"""What a person asks for in the dialogs of outgoing webhooks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from chat.model.outgoing import Attempt, OutgoingHook, Trigger


@dataclass(frozen=True, slots=True)
class BeginOutgoing:
    """Choose what a new outgoing webhook is told."""


@dataclass(frozen=True, slots=True)
class CreateOutgoing:
    """Make an outgoing webhook, and show its secret. `words` are as they were typed."""

    name: str
    url: str
    trigger: Trigger
    words: str


@dataclass(frozen=True, slots=True)
class ShowOutgoing:
    """Show one outgoing webhook, with its deliveries of now."""

    hook: OutgoingHook


@dataclass(frozen=True, slots=True)
class BeginChange:
    """Choose another address, or what an outgoing webhook is told."""

    hook: OutgoingHook


@dataclass(frozen=True, slots=True)
class ChangeOutgoing:
    """Give an outgoing webhook this address and trigger."""

    hook: OutgoingHook
    url: str
    trigger: Trigger
    words: str


@dataclass(frozen=True, slots=True)
class PauseOutgoing:
    """Send nothing more to an outgoing webhook."""

    hook: OutgoingHook


@dataclass(frozen=True, slots=True)
class ResumeOutgoing:
    """Send again; with `skip`, only what comes from now on."""

    hook: OutgoingHook
    skip: bool


@dataclass(frozen=True, slots=True)
class SendTest:
    """Send a test to an outgoing webhook."""

    hook: OutgoingHook


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Send once more what a request has sent."""

    hook: OutgoingHook
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class RenewSecret:
    """Give an outgoing webhook another secret, after a question."""

    hook: OutgoingHook


@dataclass(frozen=True, slots=True)
class DeleteOutgoing:
    """Delete an outgoing webhook, after a question."""

    hook: OutgoingHook


@dataclass(frozen=True, slots=True)
class ShowWebhooks:
    """Return to the list of the room."""


@dataclass(frozen=True, slots=True)
class ShowTold:
    """Show the message that was delivered."""

    number: int


OutgoingRequest: TypeAlias = (
    BeginOutgoing
    | CreateOutgoing
    | ShowOutgoing
    | BeginChange
    | ChangeOutgoing
    | PauseOutgoing
    | ResumeOutgoing
    | SendTest
    | SendAgain
    | RenewSecret
    | DeleteOutgoing
    | ShowWebhooks
    | ShowTold
)

PerformOutgoingRequest: TypeAlias = Callable[[OutgoingRequest], Awaitable[None]]
