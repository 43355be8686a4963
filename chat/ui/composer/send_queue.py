"""What was sent and stands in the field still: it is taken out of there when it is stored.

The server cannot simply empty the field: keys that are pressed while a message is on its way would
be wiped out with it, or come back with it. So the client itself takes the stored text off the
front of what stands there (the page's script does, where the keys are), and until it has said so,
whatever it sends is read without that text.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from chat.errors import ChatError
from chat.ui.composer.destination import ClientField, Destination
from chat.ui.composer.pending_files import PendingFile

# Where the server has to empty the field: for this long, in seconds, a key that was pressed
# before that may still come with the words before it.
_ECHO_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What was sent, as it stands in the field and as it is said; where to, what it answers, and
    the files that are part of it. `draft` was stored of the field when it was sent."""

    field_text: str
    text: str
    destination: Destination
    quoted_number: int | None
    draft: str
    files: tuple[PendingFile, ...] = ()


class Attempt(NamedTuple):
    """The words and the files that were tried last, and the name that they had."""

    content: tuple[str, ...]
    client_id: str


class SendQueue:
    """The words on their way from one field, in order.

    `is_here(where)` is whether the field still writes there, `said(text)` follows each that was
    stored from here, `refused(why)` one that was not, `give_back(sent)` is called for each that
    was not, wherever it was to go, and `strike(text)` takes a text off the front of the field
    where the client cannot. `on_draft_deleted(draft)` follows each whose draft was deleted with it.
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
        # What stands in the client's field still; of that, what is not stored yet.
        self._in_field: list[str] = []
        self._queue: list[Outgoing] = []
        self._is_sending = False
        self._last_attempt = Attempt((), "")
        self._echo, self._echo_at = "", 0.0
        self.is_removing = False

    @property
    def unstored_length(self) -> int:
        """How many characters are not stored yet."""
        return sum(len(each.text) for each in self._queue)

    def field_replaced(self) -> None:
        """The field shows other words now, and what is on its way does not stand there."""
        self._in_field.clear()

    def expect_echo(self, text: str) -> None:
        """The server emptied the field of `words`, or means nothing by them any more: ''."""
        self._echo, self._echo_at = text, time.monotonic()

    def without_sent(self, field_text: str) -> str:
        """What of the field is not sent."""
        for text in self._in_field:
            if not field_text.startswith(text):
                break
            field_text = field_text[len(text) :]
        return field_text

    def without_echo(self, field_text: str) -> str:
        """The first that comes after the server emptied the field may still begin with it."""
        echo, self._echo = self._echo, ""
        if (
            echo
            and len(field_text) > len(echo)
            and time.monotonic() - self._echo_at < _ECHO_SECONDS
        ):
            return field_text.removeprefix(echo)
        return field_text

    async def enqueue(self, outgoing: Outgoing) -> None:
        """Send it after what was sent before."""
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
            # A second try of the same words is the same message, if the first was stored.
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
                # Their field shows another room by now: they are there when that is opened again.
                outgoing.destination.save_draft(outgoing.field_text)
                return
            # They all stand in the field still.
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
        """Take a stored text off the front of the field."""
        self.is_removing = True
        # Files may go without a word.
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
