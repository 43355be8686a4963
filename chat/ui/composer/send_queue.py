"""The send queue: a text that was sent stays in the field until it is stored.

The server cannot simply empty the field: a key that is pressed while a message is on its way would
be lost with the text, or bring it back. So the client itself removes the stored text from the
beginning of its field (in the browser the page script does). Until the client has confirmed that,
the server ignores this text in all that the client reports.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from chat.errors import ChatError
from chat.ui.composer.destination import ClientField, Destination
from chat.ui.composer.pending_files import PendingFile

# Where the server empties the field, a key that was pressed before may arrive with the old text in
# front, for this many seconds.
_ECHO_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that was sent: `field_text` as it is in the field, `text` as it is stored.

    `draft` is the text of the field that was stored as the draft when the message was sent.
    """

    field_text: str
    text: str
    destination: Destination
    quoted_number: int | None
    draft: str
    files: tuple[PendingFile, ...] = ()


class Attempt(NamedTuple):
    """The content of the last attempt, and its client id."""

    content: tuple[str, ...]
    client_id: str


class SendQueue:
    """The messages of one field that are being sent, in order.

    `is_current(destination)` is whether the field still writes there. `on_stored()` and
    `on_error(error)` follow each message from there. `restore_files(outgoing)` is called for each
    message that failed, from anywhere. `remove_prefix(text)` removes a text from the field where
    the client cannot. `on_draft_deleted(draft)` follows each message whose draft
    was deleted with it.
    """

    def __init__(
        self,
        client_field: ClientField,
        is_current: Callable[[Destination], bool],
        on_stored: Callable[[], None],
        on_error: Callable[[ChatError], None],
        restore_files: Callable[[Outgoing], None],
        remove_prefix: Callable[[str], None],
        on_draft_deleted: Callable[[str], None],
    ) -> None:
        self._client_field = client_field
        self._is_current = is_current
        self._on_stored = on_stored
        self._on_error = on_error
        self._restore_files = restore_files
        self._remove_prefix = remove_prefix
        self._on_draft_deleted = on_draft_deleted
        # The texts that are still in the client's field, and the messages that are not stored yet.
        self._in_field: list[str] = []
        self._queue: list[Outgoing] = []
        self._is_sending = False
        self._last_attempt = Attempt((), "")
        self._echo, self._echo_at = "", 0.0
        self.is_removing = False

    @property
    def unstored_length(self) -> int:
        """The total length of the messages that are not stored, in characters."""
        return sum(len(each.text) for each in self._queue)

    def field_replaced(self) -> None:
        """The field has another text: no sent text is in it."""
        self._in_field.clear()

    def expect_echo(self, text: str) -> None:
        """The server replaced `text` in the field; '' if it did not."""
        self._echo, self._echo_at = text, time.monotonic()

    def without_sent(self, field_text: str) -> str:
        """The part of a text of the field that is not sent."""
        for text in self._in_field:
            if not field_text.startswith(text):
                break
            field_text = field_text[len(text) :]
        return field_text

    def without_echo(self, field_text: str) -> str:
        """Remove the replaced text, which the next report of the client may still begin with."""
        echo, self._echo = self._echo, ""
        if (
            echo
            and len(field_text) > len(echo)
            and time.monotonic() - self._echo_at < _ECHO_SECONDS
        ):
            return field_text.removeprefix(echo)
        return field_text

    async def enqueue(self, outgoing: Outgoing) -> None:
        """Send a message after those that were sent before."""
        self._in_field.append(outgoing.field_text)
        self._queue.append(outgoing)
        if self._is_sending:
            return
        self._is_sending = True
        try:
            while self._queue:
                await self._send(self._queue.pop(0))
        finally:
            self._is_sending = False

    async def _send(self, outgoing: Outgoing) -> None:
        upload_ids = tuple(each.upload.id for each in outgoing.files if each.upload is not None)
        if (outgoing.text, *upload_ids) != self._last_attempt.content:
            # A second attempt with the same content is the same message if the first was stored.
            self._last_attempt = Attempt((outgoing.text, *upload_ids), secrets.token_hex(16))
        try:
            draft_deleted = await outgoing.destination.send(
                outgoing.text,
                self._last_attempt.client_id,
                outgoing.quoted_number,
                upload_ids,
                outgoing.draft,
            )
        except ChatError as error:
            self._restore_files(outgoing)
            if not self._is_current(outgoing.destination):
                # The field shows another room by now: the text is the draft of its own room.
                outgoing.destination.save_draft(outgoing.field_text)
                return
            # All texts are still in the field.
            for each in self._queue:
                self._restore_files(each)
            self._queue.clear()
            self._in_field.clear()
            self._on_error(error)
        else:
            self._last_attempt = Attempt((), "")
            if self._is_current(outgoing.destination):
                if draft_deleted:
                    self._on_draft_deleted(outgoing.draft)
                await self._remove_from_field(outgoing)
                self._on_stored()

    async def _remove_from_field(self, outgoing: Outgoing) -> None:
        """Remove a stored text from the beginning of the field."""
        self.is_removing = True
        # A message may have files and no text.
        removed = not outgoing.field_text or await self._client_field.remove_prefix(
            outgoing.field_text
        )
        self.is_removing = False
        if not self._is_current(outgoing.destination):
            return
        if self._in_field:
            self._in_field.pop(0)
        if not removed:
            self.expect_echo(outgoing.field_text)
            self._remove_prefix(outgoing.field_text)
