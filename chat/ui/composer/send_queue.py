"""The send queue: a text that was sent stays in the field until it is stored.

The server cannot simply empty the field: a key that is pressed while a message is on its way would
be lost with the text, or bring it back. So the client itself removes the stored text from the
beginning of its field (in the browser the page script does). Until the client has confirmed that,
the server ignores this text in all that the client reports.
"""

import secrets
from typing import NamedTuple

from chat.errors import ChatError
from chat.tasks import Tasks
from chat.ui.composer.composer_events import (
    ComposerEvents,
    MessagesRefused,
    MessageStored,
    TextRemoved,
)
from chat.ui.composer.destination import ClientField, Destination
from chat.ui.composer.send_states import Outgoing, SendStates


class Attempt(NamedTuple):
    """The content of the last attempt, and its client id."""

    content: tuple[str, ...]
    client_id: str


class SendQueue:
    """Sends the messages of one field in their order.

    `destination` is where the field writes to at the moment. The composer hears of messages to
    other destinations only if they are refused.
    """

    def __init__(
        self, client_field: ClientField, states: SendStates, composer: ComposerEvents
    ) -> None:
        self._client_field = client_field
        self._states = states
        self._composer = composer
        self._last_attempt = Attempt((), "")
        self._tasks = Tasks()
        self.destination: Destination | None = None

    async def enqueue(self, outgoing: Outgoing) -> None:
        """Send a message after those that were sent before."""
        self._states.enqueue(outgoing)
        while (message := self._states.start_next()) is not None:
            await self._send(message)

    async def _send(self, outgoing: Outgoing) -> None:
        upload_ids = tuple(each.upload.id for each in outgoing.files if each.upload is not None)
        content = (outgoing.text, *upload_ids)
        if content != self._last_attempt.content:
            # A second attempt with the same content is the same message if the first was stored.
            is_used = outgoing.client_id in {"", self._last_attempt.client_id}
            client_id = secrets.token_hex(16) if is_used else outgoing.client_id
            self._last_attempt = Attempt(content, client_id)
        try:
            draft_deleted = await outgoing.destination.send(
                outgoing.text,
                self._last_attempt.client_id,
                outgoing.quoted_number,
                upload_ids,
                outgoing.draft,
            )
        except ChatError as error:
            self._composer.handle(MessagesRefused(self._refused(), error))
            return
        except BaseException:
            # The texts are still in the field, and the next one can be sent.
            self._refused()
            raise
        self._last_attempt = Attempt((), "")
        self._states.stored()
        if outgoing.destination is self.destination:
            self._composer.handle(MessageStored(outgoing, draft_deleted))
        # The next message does not wait for the client.
        self._tasks.start(self._remove_from_field(outgoing), "remove a stored text")

    def _refused(self) -> list[Outgoing]:
        refused = self._states.refused()
        for each in refused:
            self._client_field.settle_send(each.client_id)
        return refused

    async def _remove_from_field(self, outgoing: Outgoing) -> None:
        """Remove a stored text from the beginning of the field, if the field still has it."""
        text, removed = outgoing.field_text, True
        try:
            # A message may have files and no text.
            if text and outgoing.destination is self.destination:
                removed = await self._client_field.remove_prefix(outgoing.client_id, text)
            else:
                self._client_field.settle_send(outgoing.client_id)
        finally:
            self._states.removed()
        if outgoing.destination is self.destination:
            self._composer.handle(TextRemoved(text, removed))
