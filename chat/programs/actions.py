"""Actions: what people do with the controls of programs' messages, and how programs answer.

An action is told to the readers of the program that wrote the message, and is not stored: it waits
ten seconds for an answer.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chat.action_limits import ActionLimit
from chat.errors import ActingTooFast, BotSilent, NoSuchAction
from chat.model.messages import Message
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomInfo
from chat.programs.events import ActionEvent

# A person may act so often within so many seconds: a hand on a mouse makes eight clicks a second.
ACTIONS_PER_PERSON, PERSON_SECONDS = 200, 20.0

# Actions that wait for an answer, of one program.
WAITING_LIMIT = 1000

# Actions of all programs that may still be answered when their time is over.
LATE_LIMIT = 1000

# Seconds that an action waits for an answer.
ANSWER_SECONDS = 10.0

# The characters of what an answer says to the person.
ANSWER_TEXT_LIMIT = 500


@dataclass(frozen=True, slots=True)
class ControlUse:
    """A person used a control of a drawing: its number, and the property that names a function.

    `value` is that of the control, None if the person has not changed it; `edited` are the values
    of fields that the person changed, by their names.
    """

    number: int
    event: str = "on_click"
    value: Any = None
    edited: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActionCall:
    """What a program is told: its function, what the control carries for it, the control's value,
    and the values of all fields."""

    action: str
    data: Any
    value: Any
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ActionAnswer:
    """What a program says to who acted; `errors` are sentences by the names of fields."""

    text: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


class PendingAction:
    """An action that a program was told of, or will be as soon as it is there again.

    `is_told` is whether a reader has taken it, and `is_late` whether the person has been told that
    there is no answer.
    """

    __slots__ = ("_answer", "_on_over", "event", "is_late", "is_told")

    def __init__(self, event: ActionEvent, *, on_over: Callable[["PendingAction"], None]) -> None:
        self.event = event
        self.is_told = False
        self.is_late = False
        self._on_over = on_over
        self._answer: asyncio.Future[ActionAnswer] = asyncio.get_running_loop().create_future()

    @property
    def bot(self) -> Person:
        """The program that it is for."""
        return self.event.message.author

    def resolve(self, answer: ActionAnswer) -> None:
        """The program has answered."""
        if not self._answer.done():
            self._answer.set_result(answer)

    async def answer(self, seconds: float) -> ActionAnswer:
        """The answer. Raises BotSilent if there is none in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._answer
        except TimeoutError:
            self.is_late = True
            raise BotSilent(self.bot.name) from None
        finally:
            self._on_over(self)


class Actions:
    """The actions that wait for an answer."""

    def __init__(self) -> None:
        self._limit = ActionLimit(PERSON_SECONDS)
        self._waiting: dict[PersonId, dict[str, PendingAction]] = {}
        # Those that were told and not answered in time.
        self._late: dict[str, PendingAction] = {}

    def answered(self, action: PendingAction, answer: ActionAnswer) -> None:
        """A program has answered an action."""
        self._late.pop(action.event.id, None)
        action.resolve(answer)

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def begin(
        self, room: RoomInfo, message: Message, person: Person, call: ActionCall
    ) -> PendingAction:
        """A new action of a person. Raises ActingTooFast."""
        bot_id = message.author.id
        waiting = self._waiting.get(bot_id, {})
        if len(waiting) >= WAITING_LIMIT:
            raise ActingTooFast(ANSWER_SECONDS)
        if wait := self._limit.record(person.id, ACTIONS_PER_PERSON):
            raise ActingTooFast(wait)
        event = ActionEvent(
            secrets.token_urlsafe(12),
            room,
            message,
            person,
            call.action,
            call.data,
            call.value,
            call.values,
        )
        action = PendingAction(event, on_over=self._remove)
        self._waiting.setdefault(bot_id, {})[event.id] = action
        return action

    def untold(self, bot_id: PersonId) -> list[ActionEvent]:
        """The actions that nobody has taken yet, in their order."""
        waiting = self._waiting.get(bot_id, {}).values()
        return [each.event for each in waiting if not each.is_told]

    def on_told(self, event: ActionEvent) -> None:
        """A reader has taken an action."""
        action = self._waiting.get(event.message.author.id, {}).get(event.id)
        if action is not None:
            action.is_told = True

    def is_waiting(self, bot_id: PersonId, action_id: str) -> bool:
        """Whether an action waits for an answer of this bot."""
        return action_id in self._waiting.get(bot_id, {})

    def find(self, bot_id: PersonId, action_id: str) -> PendingAction:
        """An action that this bot has not answered; a late one still changes its message.

        Raises NoSuchAction.
        """
        action = self._waiting.get(bot_id, {}).get(action_id) or self._late.get(action_id)
        if action is not None and action.bot.id != bot_id:
            action = None
        if action is None:
            raise NoSuchAction
        return action

    def _remove(self, action: PendingAction) -> None:
        bot_id = action.bot.id
        if action.is_late and action.is_told:
            self._late[action.event.id] = action
            while len(self._late) > LATE_LIMIT:
                del self._late[next(iter(self._late))]
        waiting = self._waiting.get(bot_id, {})
        waiting.pop(action.event.id, None)
        if not waiting:
            self._waiting.pop(bot_id, None)
