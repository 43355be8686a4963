"""`Chat`: the chat for programs without asyncio, and `post` for those with one line."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from flet_chat import calls
from flet_chat.address import find_chat
from flet_chat.answers import Attachment, Message, Person, Profile, Room
from flet_chat.connection import Connection
from flet_chat.content import File
from flet_chat.event_streams import Events
from flet_chat.events import Event, EventReading
from flet_chat.streams import IDLE_SECONDS, Stream
from flet_chat.views import LiveView

Item = TypeVar("Item")


class Chat:
    """The chat, as a bot sees it. `with Chat() as chat` closes its connections.

    A room is `#build`, `build`, or a `Room`; `@Ann` or a `Person` is the direct conversation with
    them. The address and the token are the arguments, or `FLET_CHAT_URL` and `FLET_CHAT_TOKEN`.
    Without an address it is the chat on this computer, which needs no token; `data` is its data
    folder, if that is not the usual one. Each method raises ChatError. Several threads may share a
    `Chat`.
    """

    def __init__(
        self, url: str | None = None, token: str | None = None, *, data: Path | None = None
    ) -> None:
        self._connection = Connection(find_chat(url, token, data))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def me(self) -> Profile:
        """The bot that this program is, its owner, and what its token allows."""
        return self._connection.run(calls.profile())

    def rooms(self) -> Iterator[Room]:
        """The public rooms, and those that the bot is in."""
        return self._items(calls.all_rooms())

    def room(self, room: calls.Place) -> Room:
        """One room, with its number of members and of its last message."""
        return self._connection.run(calls.room(room))

    def direct(self, *people: str | Person) -> Room:
        """The direct conversation with one person or several, made on first use.

        Where a room is asked for, `@Ann` or a person stands for the conversation with them.
        """
        return self._connection.run(calls.direct(people))

    def people(self, *, online: bool = False) -> Iterator[Person]:
        """The people and bots in the chat; with `online`, only those who are connected."""
        return self._items(calls.all_people(only_online=online))

    def messages(
        self, room: calls.Place, *, after: int | None = None, before: int | None = None
    ) -> Iterator[Message]:
        """The messages of a room, the newest first; those before the number `before`.

        With `after` they are those after that number, in their order.
        """
        return self._items(calls.room_messages(room, after, before))

    def message(self, room: calls.Place, number: int) -> Message:
        """One message."""
        return self._connection.run(calls.message(room, number))

    def thread(self, room: calls.Place, message: int | Message) -> Iterator[Message]:
        """The replies to a message, in their order."""
        return self._items(calls.thread_messages(room, calls.number_of(message)))

    def search(self, words: str, room: str | Room | None = None) -> Iterator[Message]:
        """The messages that a search finds, the newest first."""
        return self._items(calls.found_messages(words, room))

    def post(
        self,
        room: calls.Place,
        *content: object,
        quote: int | Message | None = None,
        thread: int | Message | None = None,
        confirm_calls: bool = False,
        key: str | None = None,
    ) -> Message:
        """Post texts, figures, tables, files and paths as one message.

        It quotes a message, or is a reply in its thread. With `confirm_calls` it may call many
        people. A message with the `key` of an earlier one is not posted again.
        """
        links = calls.Links(quote, thread)
        steps = calls.post(room, content, links, confirms_calls=confirm_calls, key=key)
        return self._connection.run(steps)

    def edit(self, message: Message, text: str) -> Message:
        """Change the text of an own message."""
        return self._connection.run(calls.edit(message, text))

    def set_view(self, message: Message, view: LiveView | None, text: str = "") -> Message:
        """Replace the live controls of an own message, and with a text what stands for them."""
        return self._connection.run(calls.set_view(message, view, text))

    def answer_action(self, event: Event, body: Mapping[str, Any]) -> int:
        """Answer what a person did with a control; returns the number of the message's change."""
        return self._connection.run(calls.answer_action(event, body))

    def delete(self, message: Message) -> None:
        """Delete a message."""
        self._connection.run(calls.delete(message))

    def react(self, message: Message, emoji: str) -> Message:
        """React to a message."""
        return self._connection.run(calls.react(message, emoji, present=True))

    def unreact(self, message: Message, emoji: str) -> Message:
        """Take a reaction back."""
        return self._connection.run(calls.react(message, emoji, present=False))

    def pin(self, message: Message) -> Message:
        """Pin a message."""
        return self._connection.run(calls.pin(message, pinned=True))

    def unpin(self, message: Message) -> Message:
        """Unpin a message."""
        return self._connection.run(calls.pin(message, pinned=False))

    def upload(
        self, room: calls.Place, file: File | Path, *, thread: int | Message | None = None
    ) -> str:
        """Send a file for a message in this room; returns its id."""
        return self._connection.run(calls.upload(room, file, thread))

    def download(self, file: str | Attachment, save_to: Path | None = None) -> bytes:
        """The content of a file of a message; with `save_to` it is written there instead."""
        return self._connection.run(calls.download(file, save_to))

    def stream(
        self,
        room: calls.Place,
        *,
        code: bool = False,
        quote: int | Message | None = None,
        thread: int | Message | None = None,
    ) -> Stream:
        """A message that is written piece by piece, within a `with` block.

        `code` draws it as a block of code.
        """
        links = calls.Links(quote, thread)
        beginning = calls.begin_stream(room, links, is_code=code, idle_seconds=IDLE_SECONDS)
        return Stream(self._connection, beginning)

    def cursor(self) -> str:
        """The place of now in all events, for `events(after=…)`."""
        return self._connection.run(calls.cursor())

    def events(
        self,
        *,
        types: Collection[str] = (),
        rooms: Collection[calls.Place] = (),
        after: str | None = None,
    ) -> Events:
        """What happens from now on, or after a cursor, without an end.

        Without `types` all but `typing` and `presence`, without `rooms` all that the bot may read.
        It waits where the chat is not reached, and raises ChatError where the chat refuses it;
        ResyncRequired for a cursor of other data.
        """
        return Events(self._connection, EventReading(types, after), rooms)

    def _items(self, pages: calls.Pages[Item]) -> Iterator[Item]:
        while not pages.is_over:
            yield from self._connection.run(pages.next_page())


def post(
    room: str,
    *content: object,
    url: str | None = None,
    token: str | None = None,
    confirm_calls: bool = False,
    key: str | None = None,
) -> Message:
    """Post texts, figures, tables, files and paths as one message. Raises ChatError."""
    with Chat(url, token) as chat:
        return chat.post(room, *content, confirm_calls=confirm_calls, key=key)
