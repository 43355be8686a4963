"""The events that the parts of the composer raise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chat.errors import ChatError
from chat.ui.composer.send_states import Outgoing


@dataclass(frozen=True, slots=True)
class MessageStored:
    """A message was stored. `draft_deleted` is whether its draft was deleted with it."""

    outgoing: Outgoing
    draft_deleted: bool


@dataclass(frozen=True, slots=True)
class TextRemoved:
    """The stored text left the client's field, or the client could not remove it."""

    text: str
    by_client: bool


@dataclass(frozen=True, slots=True)
class MessagesRefused:
    """A message was refused. Those behind it are not sent either."""

    messages: Sequence[Outgoing]
    error: ChatError


@dataclass(frozen=True, slots=True)
class FilesReady:
    """The files of a message that waited for them are uploaded."""

    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class WaitingDropped:
    """A message that waited for its files is not sent: the person has gone on."""

    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class FilesChanged:
    """The message has other files, or they are in another state."""


@dataclass(frozen=True, slots=True)
class FilesRefused:
    """A sentence about files that cannot be sent."""

    reason: str


ComposerEvent: TypeAlias = (
    MessageStored
    | TextRemoved
    | MessagesRefused
    | FilesReady
    | FilesChanged
    | FilesRefused
    | WaitingDropped
)


class ComposerEvents(Protocol):
    """The composer, as its parts know it."""

    def handle(self, event: ComposerEvent) -> None:
        """React to an event of a part of the composer."""
