"""Reminders: a person is reminded of a message at a time."""

from collections.abc import Callable
from datetime import datetime

from chat.later.due_times import require_due_time
from chat.model.events import Publish, ReminderDue, person_topic
from chat.model.later import Reminder
from chat.model.people import Person
from chat.rooms.room import Room
from chat.store.contract import Store

# The most reminders of one person.
REMINDER_LIMIT = 200

# The most that are published in one step.
_BATCH = 50


class Reminders:
    """The reminders of all people. A message has at most one for each person."""

    def __init__(self, store: Store, *, publish: Publish) -> None:
        self._store = store
        self._publish = publish
        # The loop that calls `run_due`, from the start on.
        self.on_changed: Callable[[], None] = lambda: None

    async def add(self, person: Person, room: Room, number: int, due_at: datetime) -> None:
        """Remind a person of a message that they may read.

        Raises NoSuchRoom, NoSuchMessage, BadTime, TooManyReminders and NotStored.
        """
        await room.message(person, number)
        due_at = require_due_time(due_at)
        await self._store.add_reminder(person.id, room.info.id, number, due_at, REMINDER_LIMIT)
        self.on_changed()

    async def of_person(self, person: Person) -> tuple[Reminder, ...]:
        """The reminders of a person, the next one first. The due ones stay until removed."""
        return await self._store.reminders(person.id)

    async def due_count(self, person: Person) -> int:
        """How many reminders of a person are due, and not removed."""
        return await self._store.due_reminder_count(person.id)

    async def move(self, person: Person, reminder_id: int, due_at: datetime) -> None:
        """Remind at another time. Raises BadTime, TooLateToChange and NotStored."""
        await self._store.change_reminder(person.id, reminder_id, require_due_time(due_at))
        self.on_changed()

    async def remove(self, person: Person, reminder_id: int) -> None:
        """Delete a reminder. Raises NotStored."""
        await self._store.remove_reminder(person.id, reminder_id)

    async def next_due(self) -> datetime | None:
        """When the next reminder becomes due."""
        return await self._store.next_reminder()

    async def run_due(self, moment: datetime) -> None:
        """Tell the sessions of people whose reminders are due. Raises NotStored.

        After a long time without a process, those beyond a batch are only in the lists.
        """
        due = await self._store.due_reminders(moment, _BATCH)
        await self._store.mark_reminders(moment)
        for each in due:
            self._publish(person_topic(each.person_id), ReminderDue(each))
