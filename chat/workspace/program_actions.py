"""Actions of people on the views of programs: checked, told to the program, and answered."""

import secrets

from chat.action_limits import ActionLimit
from chat.drawings.drawing import parse_drawing
from chat.drawings.field_values import default_value, is_valid, submitted_values
from chat.drawings.views import NewView
from chat.errors import BadFieldValue, BotNotRunning, BotSilent, NoSuchMessage
from chat.model.addresses import room_path
from chat.model.messages import Message
from chat.model.people import Person
from chat.programs.actions import (
    ANSWER_SECONDS,
    ActionAnswer,
    ActionCall,
    Actions,
    ControlUse,
)
from chat.programs.bots import Bots
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.tasks import Tasks
from chat.workspace.program_events import ProgramEvents

# A program that read events so many seconds ago is about to come back: it asks again, or is started
# anew. An action waits for it.
BACK_SECONDS = 5.0

# The owner of a program that is not running is told once within so many seconds.
NOTICE_SECONDS = 3600.0


class ProgramActions:
    """What people do with the controls of programs' messages."""

    def __init__(
        self,
        rooms: RoomDirectory,
        bots: Bots,
        events: ProgramEvents,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        back_seconds: float = BACK_SECONDS,
    ) -> None:
        self._rooms = rooms
        self._bots = bots
        self._events = events
        self._answer_seconds = answer_seconds
        self._back_seconds = back_seconds
        self._actions: Actions = events.actions
        self._notices = ActionLimit(NOTICE_SECONDS)
        self._tasks = Tasks()

    async def perform(
        self, room: Room, person: Person, message: Message, use: ControlUse
    ) -> ActionAnswer:
        """Tell the program of a message that a person used a control, and wait for its answer.

        `message` is what the person saw. Actions that begin one after the other are told in that
        order. Raises RoomArchived, NoSuchMessage, BadFieldValue, ValuesTooLarge, ActingTooFast,
        BotNotRunning and BotSilent.
        """
        call = _checked_call(room, person, message, use)
        bot = message.author
        if self._events.seconds_without_reader(bot.id) > self._back_seconds:
            raise await self._not_running(room, person, message)
        pending = self._actions.begin(room.info, message, person, call)
        self._events.tell_action(pending.event, room.parent or room)
        try:
            return await pending.answer(self._answer_seconds)
        except BotSilent:
            if not pending.is_told:
                raise await self._not_running(room, person, message) from None
            raise

    async def answer(
        self,
        bot: Person,
        action_id: str,
        answer: ActionAnswer,
        view: NewView | None = None,
        text: str | None = None,
    ) -> int:
        """A program answers an action, with a new view of its message if that has changed.

        Returns the number of the last change of the message. Raises NoSuchAction, and as
        `Room.set_view`.
        """
        pending = self._actions.find(bot.id, action_id)
        message = pending.event.message
        change_number = message.change_number
        if view is not None:
            room = await self._rooms.by_id(bot, message.room_id)
            await room.set_view(bot, message.number, view.checked(), text)
            change_number = (await room.message(bot, message.number)).change_number
        self._actions.answered(pending, answer)
        return change_number

    def expects(self, bot: Person, action_id: str) -> bool:
        """Whether an action of this id waits for an answer of this bot."""
        return self._actions.is_waiting(bot.id, action_id)

    async def close(self) -> None:
        """Wait until the owners of programs are told."""
        await self._tasks.finish()

    async def _not_running(self, room: Room, person: Person, message: Message) -> BotNotRunning:
        """The refusal, after the owner was told."""
        bot = message.author
        owner_id = self._bots.owner_id(bot.id)
        people = await self._rooms.all_people()
        owner = next((each for each in people if each.id == owner_id), None)
        if owner is None:
            return BotNotRunning(bot.name)
        if owner.id == person.id:
            return BotNotRunning(bot.name, is_own=True)
        if not self._notices.record(bot.id, 1):
            self._tasks.start(self._tell_owner(bot, owner, room, person, message), "tell the owner")
        return BotNotRunning(bot.name, owner.name)

    async def _tell_owner(
        self, bot: Person, owner: Person, room: Room, person: Person, message: Message
    ) -> None:
        """Write to the owner, without the name of a room that the owner may not read."""
        text = "Somebody used a control of a message of mine, and I am not running. Start me."
        if (room.parent or room).can_read(owner):
            path = room_path(room.info, message.number)
            text = (
                f"{person.name} used a control of [a message of mine]({path}), and I am not "
                "running. Start me."
            )
        direct = await self._rooms.get_or_create_direct(bot, [owner])
        await direct.post(bot, text, secrets.token_hex(16))


def _checked_call(room: Room, person: Person, message: Message, use: ControlUse) -> ActionCall:
    """What the program is told. Raises as `ProgramActions.perform`."""
    room.require_post(person)
    if message.room_id != room.info.id or message.deleted or message.view is None:
        raise NoSuchMessage
    drawing = parse_drawing(message.view.drawing)
    node = drawing.node(use.number)
    if node is None or node.values.get("disabled") or use.event not in node.actions:
        raise NoSuchMessage
    value = use.value
    if node.kind.is_field:
        default = default_value(node)
        value = default if value is None else value
        if value != default and not is_valid(node, value):
            raise BadFieldValue(node.values.get("label") or node.field_name or node.type)
    values = submitted_values(drawing, use.edited)
    return ActionCall(node.actions[use.event], node.values.get("data"), value, values)
