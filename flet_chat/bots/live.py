"""Views and actions of a bot: functions that draw the controls of a message, and that they call."""

import inspect
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from flet_chat.bots.triggers import Heard
from flet_chat.errors import ChatError
from flet_chat.events import Event
from flet_chat.views import LiveView, document_of

if TYPE_CHECKING:
    from flet_chat.bots.contexts import AsyncContext, Context

ACTION = "action"

# Messages whose state is remembered until the chat has it in its next event.
STATE_LIMIT = 1000

# A view is called with the state and returns a Flet control; an action with what happened and the
# state, and returns the new state, or None if it is the same.
ViewFunction: TypeAlias = Callable[[Any], object]
ActionFunction: TypeAlias = Callable[[Any, Any], object | Awaitable[object]]

_FAILED = "Something went wrong."


@dataclass(frozen=True, slots=True)
class ActionTrigger:
    """A control of a message of the bot that calls the action of this name."""

    name: str
    types: frozenset[str] = frozenset({ACTION})

    def find(self, heard: Heard) -> Heard | None:
        is_it = heard.event.type == ACTION and heard.event.values.get("action") == self.name
        return heard if is_it else None


@dataclass(slots=True)
class ActionReply:
    """What an action says to the person who acted, and what is wrong with the fields."""

    sentences: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The fields of the answer."""
        return {"say": " ".join(self.sentences)[:500], "errors": self.errors}


class LiveViews:
    """The views of one bot, and the states that it wrote last.

    Two people may click at the same moment: both events have the state of before. So the state that
    an action has written counts until an event has a newer one.
    """

    def __init__(self) -> None:
        self.views = dict[str, ViewFunction]()
        self.texts = dict[str, Callable[[Any], str]]()
        self.actions = dict[str, ActionFunction]()
        self._states = OrderedDict[tuple[str, int], tuple[int, Any]]()

    def draw(self, name: str, state: Any) -> LiveView:
        """The controls of a state. Raises ValueError."""
        return LiveView(name, state, document_of(self.views[name](state), self.name_of))

    def name_of(self, function: object) -> str:
        """The name of an action. Raises ValueError for another function."""
        for name, each in self.actions.items():
            if each is function:
                return name
        called = getattr(function, "__name__", repr(function))
        raise ValueError(f"{called} is no action of the bot. Write @bot.action above it.")

    def state_of(self, event: Event) -> Any:
        """The state of the message of an action."""
        found = self._states.get(_key(event))
        if found is not None and event.values["change_number"] < found[0]:
            return found[1]
        return event.values["state"]

    def written(self, event: Event, change_number: int, state: Any) -> None:
        """An action has written a state, with the change of this number."""
        self._states[_key(event)] = (change_number, state)
        self._states.move_to_end(_key(event))
        while len(self._states) > STATE_LIMIT:
            self._states.popitem(last=False)

    def body_of(self, event: Event, reply: ActionReply, state: Any) -> dict[str, Any]:
        """The answer to an action that has returned a state, or None."""
        body, name = reply.body(), event.values["view"]
        if state is not None and name in self.views:
            body["view"] = self.draw(name, state).body()
            if (text := self.texts.get(name)) is not None:
                body["text"] = text(state)
        return body

    def handler(self, function: ActionFunction) -> Callable[[Any], Any]:
        """What the runner calls for an action: the function, and then the answer."""
        if inspect.iscoroutinefunction(function):

            async def act_async(event: "AsyncContext") -> None:
                try:
                    state = await function(event, self.state_of(event.event))
                    body = self.body_of(event.event, event.reply_to_action, state)
                    change = await event.chat.answer_action(event.event, body)
                except BaseException:
                    await event.chat.answer_action(event.event, {"say": _FAILED})
                    raise
                if state is not None:
                    self.written(event.event, change, state)

            act_async.__name__ = function.__name__
            return act_async

        def act(event: "Context") -> None:
            try:
                state = function(event, self.state_of(event.event))
                body = self.body_of(event.event, event.reply_to_action, state)
                change = event.chat.answer_action(event.event, body)
            except BaseException:
                _try_to_say(event)
                raise
            if state is not None:
                self.written(event.event, change, state)

        act.__name__ = function.__name__
        return act


def _try_to_say(event: "Context") -> None:
    try:
        event.chat.answer_action(event.event, {"say": _FAILED})
    except ChatError:
        return


def _key(event: Event) -> tuple[str, int]:
    assert event.room is not None and event.number is not None, "an action is on a message"
    return event.room.slug, event.number
