"""The new messages of the room on the screen, read to a person with a screen reader."""

import asyncio

from chat.model.events import MessagesPosted
from chat.model.messages import Message, MessageKind
from chat.model.preferences import Announcements
from chat.people.presence import Visibility
from chat.text.previews import preview_line
from chat.text.senders import spoken_sender
from chat.ui.client.connection import ClientConnection
from chat.ui.context import SessionContext

# Messages of so many seconds are read together.
ANNOUNCE_INTERVAL = 1.0

# Of more messages at once, only the last one is read, with their number.
MAX_READ = 3

# The longest text of a message that is read by itself, in characters.
MAX_LENGTH = 200


class Announcer:
    """Announces the messages of others as the events of one room bring them."""

    def __init__(self, context: SessionContext) -> None:
        self._context = context
        self._connection: ClientConnection | None = None
        self._count = 0
        # (A list: an empty deque takes 0.7 KB of each session.)
        self._last: list[Message] = []
        self._timer: asyncio.TimerHandle | None = None

    def attach(self, connection: ClientConnection | None) -> None:
        """Announce on this connection."""
        self._connection = connection
        self.clear()

    def clear(self) -> None:
        """Forget what is not read yet: another room is shown."""
        self._count = 0
        self._last.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def on_event(self, topic: str, event: object) -> None:
        """Handle an event of the room. It does not block or raise."""
        is_silent = self._context.preferences.announcements is Announcements.SILENT
        if is_silent or not isinstance(event, MessagesPosted):
            return
        me, blocks = self._context.me.id, self._context.workspace.blocks
        for message in event.messages:
            is_by_other = message.kind is MessageKind.TEXT and message.author.id != me
            if is_by_other and not blocks.hides(me, message):
                self._count += 1
                self._last = [*self._last[1 - MAX_READ :], message]
        if self._count and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(ANNOUNCE_INTERVAL, self._announce)

    def _announce(self) -> None:
        messages, count = list(self._last), self._count
        self._timer = None
        self.clear()
        connection = self._connection
        if connection is None or connection.visibility is Visibility.HIDDEN:
            return
        t, texts = self._context.t, list[str]()
        if count > MAX_READ:
            texts.append(t.plural("One new message", "{count} new messages", count))
            messages = messages[-1:]
        texts += [
            t(
                "{name}: {text}",
                name=spoken_sender(each, t),
                text=preview_line(each, t)[:MAX_LENGTH],
            )
            for each in messages
        ]
        connection.announce(". ".join(texts))
