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
from typing import Any, TypeAlias, TypeVar, overload

from flet_chat.bots.forms import SUBMIT, BadEntry, Form
from flet_chat.bots.live import ActionFunction, ActionTrigger, LiveViews, ViewFunction
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
from flet_chat.views import LiveView

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
        self.live_views = LiveViews()

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

    @overload
    def view(self, function: ViewFunction) -> ViewFunction: ...

    @overload
    def view(self, *, text: Callable[[Any], str]) -> Callable[[ViewFunction], ViewFunction]: ...

    def view(
        self, function: ViewFunction | None = None, *, text: Callable[[Any], str] | None = None
    ) -> ViewFunction | Callable[[ViewFunction], ViewFunction]:
        """Draw the controls of messages with a function: of a state, JSON, it makes a Flet control.

        `text(state)` is what stands for the controls in searches and notifications after a change.
        `docs/live-controls.md` has the controls.
        """

        def add(function: ViewFunction) -> ViewFunction:
            name = function.__name__
            self.live_views.views[name] = function
            if text is not None:
                self.live_views.texts[name] = text
            return function

        return add if function is None else add(function)

    def action(self, function: ActionFunction) -> Callable[..., Any]:
        """Call a function when a person uses a control that names it: `on_click=ship`.

        It is called with what happened and the state of the message, and returns the new state; the
        message is drawn anew. The actions of one message are called one after the other.
        """
        name = function.__name__
        if name in self.live_views.actions:
            raise ValueError(f"The bot has two actions {name!r}. Rename one of them.")
        if len(inspect.signature(function).parameters) < 2:
            raise ValueError(f"def {name}() needs two parameters: event, state.")
        self.live_views.actions[name] = function
        self.handlers.append(Handler(ActionTrigger(name), self.live_views.handler(function)))
        return function

    def live(self, view: ViewFunction, state: Any = None) -> LiveView:
        """Controls for a message: `event.chat.post(room, "A text", bot.live(deploy, state))`.

        The text stands for them wherever they are not shown. Raises ValueError.
        """
        return self.live_views.draw(view.__name__, state)

    def form(
        self, of: type, on_submit: Callable[[Any, Any], str | None], *, submit: str = SUBMIT
    ) -> ViewFunction:
        """A view with a field for each of a dataclass; `on_submit(event, entry)` gets its object.

        What it returns is told to who has sent the form. Wrong input is told at its field. The
        state of the view is the title of the form, or None. Raises TypeError.
        """
        form, name = Form(of), on_submit.__name__

        def read(event: Any, state: Any) -> None:
            try:
                entry = form.read(event.values)
            except BadEntry as error:
                for field_name, sentence in error.errors.items():
                    event.wrong(field_name, sentence)
                return
            if answer := on_submit(event, entry):
                event.tell(answer)

        read.__name__ = f"{name}_entered"
        send = self.action(read)

        def draw(state: Any) -> object:
            import flet as ft

            title = [ft.Text(str(state), weight=ft.FontWeight.W_600)] if state else []
            button = ft.FilledButton(submit, on_click=send)
            return ft.Column([*title, *form.controls(), button])

        draw.__name__ = name
        return self.view(draw)

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
