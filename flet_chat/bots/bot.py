"""`Bot`: what a file says that a bot does. It runs nothing itself.

    from flet_chat import Bot

    bot = Bot("standup", about="Asks each morning what everybody does.")

    @bot.command("done", about="Says what you did: !done the release")
    def done(event):
        event.reply(f"Noted: {event.arguments}")

Each decorator adds a `Handler` to `Bot.handlers`; the runner asks the trigger of each. A kind of
event that comes later needs a trigger only: `bot.on("action")` hears it already.
"""

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

from flet_chat.bots.schedule import Schedule
from flet_chat.bots.state import BotState
from flet_chat.bots.triggers import (
    CommandTrigger,
    EventTrigger,
    Handler,
    HearsTrigger,
    MentionTrigger,
    TimerTrigger,
    Trigger,
)

# A function that is called with the context of what happened. A plain function runs on a thread,
# and its `event.chat` is a `Chat`; one with `async def` runs on the loop, with an `AsyncChat`.
BotFunction: TypeAlias = Callable[[Any], Awaitable[None] | None]

Function = TypeVar("Function", bound=BotFunction)

# A command of a message: `!deploy`. (The chat itself has `/` for its own commands.)
COMMAND_SIGN = "!"

_COMMAND_NAME = re.compile(r"[^\W_][\w-]{0,31}")


class Bot:
    """A bot: its name, what it is about, and its handlers.

    `name` is that of the bot in the chat where the folder of bots belongs to it; a bot with a token
    of its own has the name that it was given there. With `hears_bots` it hears other bots, too,
    but no more than five times in a row before a person writes. `state` is a dictionary that stays.
    """

    def __init__(self, name: str, *, about: str = "", hears_bots: bool = False) -> None:
        if not name.strip():
            raise ValueError('A bot needs a name: Bot("standup").')
        self.name = name.strip()
        self.about = about.strip()
        self.hears_bots = hears_bots
        self.state = BotState()
        self.handlers = list[Handler]()

    def __repr__(self) -> str:
        return f"Bot({self.name!r})"

    def command(self, name: str, *, about: str = "") -> Callable[[Function], Function]:
        """Call a function for `!name …` in a room of the bot, and for `@bot name …` anywhere.

        In a direct conversation `name …` is enough. `event.arguments` is the text after it.
        """
        word = name.removeprefix(COMMAND_SIGN).casefold()
        if not _COMMAND_NAME.fullmatch(word):
            raise ValueError(f"{name!r} is no name of a command. Use letters and digits: deploy.")
        if any(
            isinstance(each.trigger, CommandTrigger) and each.trigger.name == word
            for each in self.handlers
        ):
            raise ValueError(f"The bot has two commands {word!r}. Rename one of them.")
        return self._adds(CommandTrigger(word, about.strip()))

    def hears(self, words: "str | re.Pattern[str]") -> Callable[[Function], Function]:
        """Call a function for messages with these words, or in which a pattern is found.

        Words are found whole, in any case; `re.compile(…)` finds what it says, as `event.match`.
        """
        return self._adds(HearsTrigger.of(words))

    def every(self, schedule: str, *, tz: str = "") -> Callable[[Function], Function]:
        """Call a function at times: `mon-fri 09:00`, `09:00, 16:30`, `10 minutes`, or five fields
        of cron.

        `tz` is a time zone as `Europe/Berlin`, else that of the computer. Raises ValueError.
        """
        return self._adds(TimerTrigger(Schedule.parse(schedule, tz)))

    def mentioned(self, function: Function) -> Function:
        """Call a function for what is written to the bot and is no command: with its name in a
        room, or in a direct conversation."""
        return self._adds(MentionTrigger())(function)

    def joined(self, function: Function) -> Function:
        """Call a function when somebody has joined a room of the bot; `event.people` are they."""
        return self.on("member_joined")(function)

    def on(self, *types: str) -> Callable[[Function], Function]:
        """Call a function for events of these types, as `message_changed`: `docs/events.md`."""
        if not types:
            raise ValueError('Name a type of events: @bot.on("message_changed").')
        return self._adds(EventTrigger(frozenset(types)))

    def add(self, trigger: Trigger, function: BotFunction) -> None:
        """Call a function for what a trigger finds. The decorators use this."""
        parameters = inspect.signature(function).parameters.values()
        if not any(each.kind is not each.KEYWORD_ONLY for each in parameters):
            raise ValueError(
                f"def {function.__name__}() needs a parameter for what happened: event."
            )
        self.handlers.append(Handler(trigger, function))

    def _adds(self, trigger: Trigger) -> Callable[[Function], Function]:
        def add(function: Function) -> Function:
            self.add(trigger, function)
            return function

        return add
