"""Texts that are sent later, by the same path as any message: check, store, publish."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from chat.errors import ChatError, NotStored, SlowDown, SlowModeWait
from chat.later.due_times import require_due_time
from chat.model.later import NewScheduledText, ScheduledText
from chat.model.people import Person, PersonId
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.text.message_text import validate_text

log = structlog.get_logger(__name__)

# The most texts of one person that wait for their time.
SCHEDULED_LIMIT = 50

# What is put off keeps its order.
_ORDER_STEP = timedelta(milliseconds=1)


class ScheduledTexts:
    """The texts of all people that are sent later.

    A text keeps the client id under which it was scheduled. If the process ends between the message
    and the removal of the text, the store knows the message, and it is not posted twice.
    """

    def __init__(self, store: Store, rooms: RoomDirectory) -> None:
        self._store = store
        self._rooms = rooms
        # A text is changed, cancelled or sent, one after the other.
        self._lock = asyncio.Lock()
        # The loop that calls `run_due`, from the start on.
        self.on_changed: Callable[[], None] = lambda: None

    async def schedule(
        self,
        author: Person,
        room: Room,
        text: str,
        due_at: datetime,
        client_id: str,
        quoted_number: int | None = None,
        *,
        draft: str = "",
    ) -> int:
        """Store a text that is sent at `due_at`. The commit deletes the stored draft `draft`.

        Returns its id. Raises BadText, BadTime, TooManyScheduled, NoSuchRoom, RoomArchived and
        NotStored.
        """
        room.require_post(author)
        new = NewScheduledText(
            author.id,
            room.info.id,
            validate_text(text),
            client_id,
            require_due_time(due_at),
            quoted_number,
            draft,
        )
        text_id = await self._store.add_scheduled(new, SCHEDULED_LIMIT)
        self.on_changed()
        return text_id

    async def of_person(self, person: Person) -> tuple[ScheduledText, ...]:
        """The texts of a person, the next one first, with those that were refused."""
        return await self._store.scheduled(person.id)

    async def move(self, person: Person, text_id: int, due_at: datetime) -> None:
        """Send a text at another time. Raises BadTime, TooLateToChange and NotStored."""
        due_at = require_due_time(due_at)
        async with self._lock:
            await self._store.change_scheduled(person.id, text_id, due_at)
        self.on_changed()

    async def cancel(self, person: Person, text_id: int) -> None:
        """Do not send a text. Raises TooLateToChange and NotStored."""
        async with self._lock:
            await self._store.remove_scheduled(person.id, text_id)

    async def send_now(self, person: Person, text: ScheduledText) -> None:
        """Send a text of this person before its time. Raises as `Room.post`, and
        TooLateToChange."""
        async with self._lock:
            if text.id not in {each.id for each in await self.of_person(person)}:
                await self._store.remove_scheduled(person.id, text.id)
            await self._post(text)

    async def next_due(self) -> datetime | None:
        """When the next text is sent."""
        return await self._store.next_scheduled()

    async def run_due(self, moment: datetime) -> None:
        """Send the texts whose time has come. Raises NotStored.

        Of many of one author, those that come too fast are sent a little later, in their order.
        """
        put_off = dict[PersonId, datetime]()
        while True:
            async with self._lock:
                text = await self._store.due_scheduled(moment)
                if text is None:
                    return
                try:
                    await self._post(text)
                except NotStored:
                    raise
                except ChatError as error:
                    if isinstance(error, SlowDown) and not isinstance(error, SlowModeWait):
                        # (Slow mode may last for hours: there the author decides again.)
                        due_at = moment + timedelta(seconds=max(1.0, error.wait))
                        earliest = put_off.get(text.author.id, moment) + _ORDER_STEP
                        put_off[text.author.id] = due_at = max(due_at, earliest)
                        await self._store.change_scheduled(text.author.id, text.id, due_at)
                        continue
                    log.info("a scheduled text was refused", text=text.id, reason=str(error))
                    await self._store.refuse_scheduled(text.id, str(error))

    async def _post(self, text: ScheduledText) -> None:
        room = await self._rooms.by_id(text.author, text.room.id)
        # Nobody is there to answer the question.
        room.confirm_call(text.author, text.client_id)
        await room.post(text.author, text.text, text.client_id, text.quoted_number)
        await self._store.remove_scheduled(text.author.id, text.id)
