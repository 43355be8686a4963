"""Triggers: what a handler is called for, and what of an event belongs to it."""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from flet_chat.bots.schedule import Schedule
from flet_chat.events import Event

MESSAGE_POSTED = "message_posted"


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as a bot hears it.

    `text` is that of its message, without the name of the bot before it if `is_addressed`: it was
    written to the bot, by name or in a direct conversation. `command` is the name of the command of
    this bot in it, else None, and `arguments` what comes after that. `match` is what a pattern
    found.
    """

    event: Event
    text: str = ""
    is_addressed: bool = False
    command: str | None = None
    arguments: str = ""
    match: "re.Match[str] | None" = None


class Trigger(Protocol):
    """Decides whether an event is for a handler."""

    @property
    def types(self) -> frozenset[str]:
        """The types of events that it needs; none for a timer."""

    def find(self, heard: Heard) -> Heard | None:
        """What of it belongs to the handler, None if nothing."""


@dataclass(frozen=True, slots=True)
class Handler:
    """A function, and what it is called for."""

    trigger: Trigger
    function: Callable[[Any], Awaitable[None] | None]

    @property
    def name(self) -> str:
        """The name of the function."""
        return getattr(self.function, "__name__", "a function")

    @property
    def is_async(self) -> bool:
        """Whether it runs on the loop."""
        return inspect.iscoroutinefunction(self.function)


@dataclass(frozen=True, slots=True)
class CommandTrigger:
    """A command of the bot."""

    name: str
    about: str
    types: frozenset[str] = frozenset({MESSAGE_POSTED})

    def find(self, heard: Heard) -> Heard | None:
        return heard if heard.command == self.name else None


@dataclass(frozen=True, slots=True)
class HearsTrigger:
    """Words or a pattern in any message that is no command."""

    pattern: "re.Pattern[str]"
    types: frozenset[str] = frozenset({MESSAGE_POSTED})

    @classmethod
    def of(cls, words: "str | re.Pattern[str]") -> "HearsTrigger":
        """The trigger of words, which are found whole and in any case, or of a pattern."""
        if isinstance(words, re.Pattern):
            return cls(words)
        if not words.strip():
            raise ValueError('Say which words: @bot.hears("good morning").')
        spaced = r"\s+".join(map(re.escape, words.split()))
        return cls(re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE))

    def find(self, heard: Heard) -> Heard | None:
        if heard.command is not None or heard.event.type != MESSAGE_POSTED:
            return None
        match = self.pattern.search(heard.text)
        if match is None:
            return None
        return Heard(heard.event, heard.text, heard.is_addressed, None, heard.arguments, match)


@dataclass(frozen=True, slots=True)
class MentionTrigger:
    """What is written to the bot and is no command."""

    types: frozenset[str] = frozenset({MESSAGE_POSTED})

    def find(self, heard: Heard) -> Heard | None:
        is_other = heard.event.type != MESSAGE_POSTED or heard.command is not None
        return heard if heard.is_addressed and not is_other else None


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """Events of some types, whatever is in them."""

    types: frozenset[str]

    def find(self, heard: Heard) -> Heard | None:
        return heard if heard.event.type in self.types else None


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """Times. No event is for it."""

    schedule: Schedule
    types: frozenset[str] = frozenset()

    def find(self, heard: Heard) -> Heard | None:
        return None
