"""The send states: the way of each sent text from the field to the store.

    EARLY               sent before a room was shown
      |
      |  WAITING        its files are being uploaded
      |    |
      v    v
     QUEUED             its turn comes after the texts before it
      |
     SENDING            the room is storing it
      |
     REMOVING           it is stored, and the client removes it from its field; meanwhile the next
                        one is sent

A text that is refused, and the texts behind it, leave the machine: they stay in the field. An early
or a waiting text may also be dropped, because the person has gone on to something else.

Nothing here waits or calls: `SendQueue` does the work that a state stands for.
"""

from dataclasses import dataclass
from enum import Enum, auto

from chat.ui.composer.destination import Destination
from chat.ui.uploads.pending_files import PendingFile


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that was sent: `field_text` as it is in the field, `text` as it is stored.

    `draft` is the text of the field that was stored as the draft when the message was sent.
    `client_id` is the id that the client gave the text; empty from a client without ids.
    """

    field_text: str
    text: str
    destination: Destination
    quoted_number: int | None
    draft: str
    files: tuple[PendingFile, ...] = ()
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class EarlyText:
    """The text of the field when the send key was pressed before a room was shown."""

    text: str
    client_id: str = ""


class SendState(Enum):
    """The state of a message in the queue."""

    QUEUED = auto()
    SENDING = auto()
    REMOVING = auto()


@dataclass(eq=False, slots=True)
class _Sent:
    outgoing: Outgoing
    state: SendState = SendState.QUEUED
    # Whether the client's field still begins with the texts up to this one.
    in_field: bool = True


class SendStates:
    """The states of all texts that one field has sent. The first in the queue is the oldest."""

    def __init__(self) -> None:
        self._early: list[EarlyText] = []
        self._waiting: Outgoing | None = None
        self._queue: list[_Sent] = []

    @property
    def waiting(self) -> Outgoing | None:
        """The message that waits for its files."""
        return self._waiting

    @property
    def is_removing(self) -> bool:
        """Whether the client is removing a stored text from its field."""
        return self._first(SendState.REMOVING) is not None

    @property
    def unstored_length(self) -> int:
        """The total length of the texts that are not stored, in characters."""
        return sum(
            len(each.outgoing.text) for each in self._queue if each.state is not SendState.REMOVING
        )

    def unsent_part(self, field_text: str) -> str:
        """The part of a text of the field that is not sent.

        The client may have reported only the beginning of a sent text.
        """
        for each in self._queue:
            if each.in_field:
                if each.outgoing.field_text.startswith(field_text):
                    return ""
                if not field_text.startswith(each.outgoing.field_text):
                    break
                field_text = field_text[len(each.outgoing.field_text) :]
        return field_text

    # Before the queue.

    def send_early(self, early: EarlyText) -> None:
        """The send key was pressed before a room was shown. The field had this text, all of it."""
        self._early.append(early)

    def early_part(self, field_text: str) -> str:
        """The part of a text of the field that was sent early."""
        last = self._early[-1].text if self._early else ""
        return last if field_text.startswith(last) else ""

    def take_early(self) -> list[EarlyText]:
        """The early texts, which are sent now or stay in the field.

        Each begins with the one before it.
        """
        early, self._early = self._early, []
        return early

    def wait_for_files(self, outgoing: Outgoing) -> None:
        """A message waits for its files. It replaces one that waits already."""
        self._waiting = outgoing

    def drop_waiting(self) -> Outgoing | None:
        """Let no message wait any longer; returns the one that did."""
        waiting, self._waiting = self._waiting, None
        return waiting

    # The queue.

    def enqueue(self, outgoing: Outgoing) -> None:
        """A message is queued behind the others."""
        self._queue.append(_Sent(outgoing))

    def start_next(self) -> Outgoing | None:
        """The next message to send, which is being sent from now on.

        None if there is none, or if the one before it is not stored. It does not wait for the
        client, which removes the stored text from its field.
        """
        following = self._first(SendState.QUEUED)
        if following is None or self._first(SendState.SENDING) is not None:
            return None
        following.state = SendState.SENDING
        return following.outgoing

    def stored(self) -> None:
        """The message that was being sent is stored."""
        self._required(SendState.SENDING).state = SendState.REMOVING

    def removed(self) -> None:
        """The oldest stored text is not in the field any more."""
        self._queue.remove(self._required(SendState.REMOVING))

    def refused(self) -> list[Outgoing]:
        """The message that was being sent was refused.

        Returns it, and the messages behind it to the same destination: the person decides about
        each of them again.
        """
        destination = self._required(SendState.SENDING).outgoing.destination
        given_back = [
            each
            for each in self._queue
            if each.outgoing.destination is destination and each.state is not SendState.REMOVING
        ]
        self._queue = [each for each in self._queue if each not in given_back]
        return [each.outgoing for each in given_back]

    def field_replaced(self) -> None:
        """The field has another text: no sent text is in it."""
        for each in self._queue:
            each.in_field = False

    def _first(self, state: SendState) -> _Sent | None:
        return next((each for each in self._queue if each.state is state), None)

    def _required(self, state: SendState) -> _Sent:
        found = self._first(state)
        assert found is not None, f"no message is {state.name}"
        return found
