"""What a handler is called with: what happened, and the chat to answer in.

A handler with `async def` gets an `AsyncContext`, any other a `Context`, whose methods wait.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flet_chat.answers import Message, Person
from flet_chat.async_chat import AsyncChat
from flet_chat.bots.live import ActionReply
from flet_chat.bots.triggers import Heard
from flet_chat.chat import Chat
from flet_chat.events import Event, EventRoom
from flet_chat.streams import AsyncStream, Stream

if TYPE_CHECKING:
    import re

    from flet_chat.bots.bot import Bot


class Occasion:
    """What happened, for both kinds of context: an event, or the time `at` of a schedule."""

    def __init__(self, bot: "Bot", heard: Heard | None, at: datetime) -> None:
        self.bot = bot
        self.at = at
        self._heard = heard
        self.reply_to_action = ActionReply()

    @property
    def heard(self) -> Heard:
        """The event as the bot heard it. Raises ValueError at a time of a schedule."""
        if self._heard is None:
            raise ValueError('A schedule has no message. Name a room: event.chat.post("#lobby").')
        return self._heard

    @property
    def event(self) -> Event:
        """The event, with all of its values."""
        return self.heard.event

    @property
    def message(self) -> Message:
        """The message. Raises ValueError for an event without one."""
        if self.event.message is None:
            raise ValueError(f"An event of the type {self.event.type} has no message.")
        return self.event.message

    @property
    def room(self) -> EventRoom:
        """The room where it happened; a thread is a room of its own."""
        if self.event.room is None:
            raise ValueError(f"An event of the type {self.event.type} has no room.")
        return self.event.room

    @property
    def person(self) -> Person:
        """Who wrote the message, used the control, or did what happened."""
        if (acting := self.event.values.get("person")) is not None:
            return Person.read(acting)
        return self.message.author

    @property
    def people(self) -> tuple[Person, ...]:
        """The people of the event: who joined, who is typing."""
        return self.event.people or (self.person,)

    @property
    def text(self) -> str:
        """The text of the message, without the name of the bot before it."""
        return self.heard.text

    @property
    def arguments(self) -> str:
        """What comes after the name of the command."""
        return self.heard.arguments

    @property
    def match(self) -> "re.Match[str] | None":
        """What a pattern of `bot.hears` found."""
        return self.heard.match

    @property
    def values(self) -> Mapping[str, Any]:
        """The values of all fields of a view, by their keys."""
        found: Mapping[str, Any] = self.event.values.get("values", {})
        return found

    @property
    def value(self) -> Any:
        """The value of the control that was used."""
        return self.event.values.get("value")

    @property
    def data(self) -> Any:
        """The `data` of the control that was used."""
        return self.event.values.get("data")

    def tell(self, sentence: str) -> None:
        """Say something to the person who used the control; nobody else sees it."""
        self.reply_to_action.sentences.append(sentence)

    def wrong(self, field: str, sentence: str) -> None:
        """Say at a field what is wrong with its value. What the person has entered stays."""
        self.reply_to_action.errors[field] = sentence

    def thread_root(self) -> tuple[str, int | None]:
        """The room and the number of the message whose thread is meant; within a thread, itself."""
        if self.room.thread_of is None and not self.room.is_direct:
            return self.room.slug, self.message.number
        return self.room.slug, None

    def quoted(self) -> Message | None:
        """The message that a reply quotes: none where only one can be meant."""
        return None if self.room.is_direct else self.message


class Context(Occasion):
    """What happened, and the chat, for a handler that is a plain function."""

    def __init__(self, bot: "Bot", heard: Heard | None, at: datetime, *, chat: Chat) -> None:
        super().__init__(bot, heard, at)
        self.chat = chat

    def reply(self, *content: object) -> Message:
        """Post an answer where the message is, which quotes it."""
        return self.chat.post(self.room.slug, *content, quote=self.quoted())

    def say(self, *content: object) -> Message:
        """Post a message where it happened."""
        return self.chat.post(self.room.slug, *content)

    def thread(self, *content: object) -> Message:
        """Post in the thread about the message. In a thread or a direct conversation: there."""
        slug, number = self.thread_root()
        return self.chat.post(slug, *content, thread=number)

    def react(self, emoji: str) -> Message:
        """React to the message."""
        return self.chat.react(self.message, emoji)

    def stream(self, *, code: bool = False, thread: bool = True) -> Stream:
        """An answer that grows, within a `with` block: in the thread, or where the message is."""
        slug, number = self.thread_root() if thread else (self.room.slug, None)
        return self.chat.stream(slug, code=code, thread=number)


class AsyncContext(Occasion):
    """The same for a handler with `async def`."""

    def __init__(self, bot: "Bot", heard: Heard | None, at: datetime, *, chat: AsyncChat) -> None:
        super().__init__(bot, heard, at)
        self.chat = chat

    async def reply(self, *content: object) -> Message:
        """Post an answer where the message is, which quotes it."""
        return await self.chat.post(self.room.slug, *content, quote=self.quoted())

    async def say(self, *content: object) -> Message:
        """Post a message where it happened."""
        return await self.chat.post(self.room.slug, *content)

    async def thread(self, *content: object) -> Message:
        """Post in the thread about the message. In a thread or a direct conversation: there."""
        slug, number = self.thread_root()
        return await self.chat.post(slug, *content, thread=number)

    async def react(self, emoji: str) -> Message:
        """React to the message."""
        return await self.chat.react(self.message, emoji)

    def stream(self, *, code: bool = False, thread: bool = True) -> AsyncStream:
        """An answer that grows, within an `async with` block: in the thread, or where the message
        is."""
        slug, number = self.thread_root() if thread else (self.room.slug, None)
        return self.chat.stream(slug, code=code, thread=number)
