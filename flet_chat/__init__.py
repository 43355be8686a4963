"""Flet Chat from a program: post, read and stream, with one line or with many.

    from flet_chat import post

    post("#build", "The build is green.")

`Chat` has everything else, and `AsyncChat` the same for asyncio; `Bot` is a program that waits to
be spoken to. Nothing of the chat itself is imported: the package needs httpx only.
"""

from flet_chat.answers import (
    Attachment,
    Message,
    Person,
    Poll,
    PollOption,
    Profile,
    Quote,
    Reaction,
    Room,
    ThreadRoot,
    Token,
)
from flet_chat.async_chat import AsyncChat
from flet_chat.bots.bot import Bot
from flet_chat.bots.contexts import AsyncContext, Context
from flet_chat.chat import Chat, post
from flet_chat.content import File
from flet_chat.errors import ChatError
from flet_chat.event_streams import AsyncEvents, Events
from flet_chat.events import Event, EventRoom, ResyncRequired
from flet_chat.streams import AsyncStream, Stream
from flet_chat.views import LiveView

__all__ = [
    "AsyncChat",
    "AsyncContext",
    "AsyncEvents",
    "AsyncStream",
    "Attachment",
    "Bot",
    "Chat",
    "ChatError",
    "Context",
    "Event",
    "EventRoom",
    "Events",
    "File",
    "LiveView",
    "Message",
    "Person",
    "Poll",
    "PollOption",
    "Profile",
    "Quote",
    "Reaction",
    "ResyncRequired",
    "Room",
    "Stream",
    "ThreadRoot",
    "Token",
    "post",
]
