"""How a bot hears a message: whether it is addressed, and which command is in it."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable

from flet_chat.answers import Person
from flet_chat.bots.bot import COMMAND_SIGN, Bot
from flet_chat.bots.triggers import MESSAGE_POSTED, CommandTrigger, EventTrigger, Handler, Heard
from flet_chat.events import Event

# The command that each bot has, unless it defines its own.
HELP = "help"

# A bot hears so many messages of other bots in a row, each within so many seconds after one of its
# own; then a person has to write.
CHAIN_LIMIT, CHAIN_SECONDS = 5, 60.0

# The rooms whose last messages are remembered.
ROOM_LIMIT = 1000

_AFTER_NAME = re.compile(r"[\s,:，：]*")
_WORD = re.compile(r"(\S+)\s*")


class Hearing:
    """How one version of a bot hears events. `me` is the bot as a person."""

    def __init__(self, bot: Bot, me: Person) -> None:
        self._bot = bot
        self._me = me
        self._commands = {
            each.trigger.name for each in bot.handlers if isinstance(each.trigger, CommandTrigger)
        }

    @property
    def types(self) -> frozenset[str]:
        """The types of events that the bot needs."""
        needed = (each.trigger.types for each in self._bot.handlers)
        return frozenset({MESSAGE_POSTED}).union(*needed)

    def hear(self, event: Event) -> Heard:
        """An event as this bot hears it."""
        message = event.message
        if message is None or event.room is None or event.type != MESSAGE_POSTED:
            return Heard(event)
        text = message.text.strip()
        unnamed = self._without_name(text)
        is_addressed = (
            unnamed is not None or event.room.is_direct or self._me.id in message.mentions
        )
        text = text if unnamed is None else unnamed
        command, arguments = self._command(text, is_addressed=is_addressed)
        return Heard(event, text, is_addressed, command, arguments)

    def handlers(self, heard: Heard) -> list[tuple[Handler, Heard]]:
        """The handlers for an event: of those for a message the first, and all for its type."""
        found = list[tuple[Handler, Heard]]()
        is_taken = False
        for each in self._bot.handlers:
            is_for_type = isinstance(each.trigger, EventTrigger)
            if is_taken and not is_for_type:
                continue
            if (part := each.trigger.find(heard)) is not None:
                found.append((each, part))
                is_taken = is_taken or not is_for_type
        return found

    def help_text(self) -> str:
        """What the bot is about, and its commands."""
        lines = [self._bot.about] if self._bot.about else []
        for each in self._bot.handlers:
            if isinstance(each.trigger, CommandTrigger):
                about = f": {each.trigger.about}" if each.trigger.about else ""
                lines.append(f"- `{COMMAND_SIGN}{each.trigger.name}`{about}")
        return "\n".join(lines) or f"{self._bot.name} has no commands."

    def _without_name(self, text: str) -> str | None:
        """The text after `@name` at its beginning, None if it does not begin so."""
        name = f"@{self._me.name}"
        rest = text[len(name) :]
        if text[: len(name)].casefold() != name.casefold() or rest[:1].isalnum():
            return None
        return rest[_AFTER_NAME.match(rest).end() :]  # type: ignore[union-attr]

    def _command(self, text: str, *, is_addressed: bool) -> tuple[str | None, str]:
        """The command in a text, with its arguments."""
        found = _WORD.match(text)
        if found is None:
            return None, ""
        word, has_sign = found[1], found[1].startswith(COMMAND_SIGN)
        word, arguments = word.removeprefix(COMMAND_SIGN).casefold(), text[found.end() :].strip()
        # (“help me” is no question about the commands.)
        is_help = word == HELP and is_addressed and not arguments
        if not (word in self._commands or is_help) or not (has_sign or is_addressed):
            return None, ""
        return word, arguments


class Chains:
    """Counts what a bot says to bots: two that answer each other do not go on for ever."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # Of each room: when the bot wrote last, and how often in a row it heard a bot after that.
        self._rooms = OrderedDict[str, tuple[float, int]]()

    def note_own(self, room: str) -> None:
        """The bot wrote in this room."""
        _, count = self._rooms.pop(room, (0.0, 0))
        self._keep(room, count)

    def note_person(self, room: str) -> None:
        """A person wrote: what follows is another chain."""
        self._rooms.pop(room, None)

    def may_hear_bot(self, room: str) -> bool:
        """Whether a message of another bot is heard; it counts if it is an answer."""
        at, count = self._rooms.get(room, (0.0, 0))
        if room not in self._rooms or self._clock() - at > CHAIN_SECONDS:
            self._rooms.pop(room, None)
            return True
        if count >= CHAIN_LIMIT:
            return False
        self._rooms[room] = (at, count + 1)
        return True

    def _keep(self, room: str, count: int) -> None:
        self._rooms[room] = (self._clock(), count)
        while len(self._rooms) > ROOM_LIMIT:
            self._rooms.popitem(last=False)
