"""What can be done in a room. Every change is: check, store, announce."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from chat.feed import Feed, room_topic
from chat.messages import Changed, Draft, Earlier, History, Kind, Message, Person, Room
from chat.store import Store
from chat.tasks import Tasks
from chat.text import TEXT_LIMIT, checked_text

log = structlog.get_logger(__name__)

PAGE = 50

# Several tabs, and Enters that were pressed one after another.
_SAID = 5

# What no message could hold is not thrown away while it stands in the field; but there is an end.
WORDS_LIMIT = 20 * TEXT_LIMIT


class OpenRoom:
    """A room that people talk in."""

    def __init__(self, room: Room, store: Store, feed: Feed) -> None:
        self.room = room
        self.topic = room_topic(room.id)
        self._store = store
        self._feed = feed
        self._tasks = Tasks()

    async def post(self, author: Person, text: str, client_id: str) -> Message:
        """Say `text`. A repeat of the author's `client_id` returns what is stored already.

        Raises BadText when it cannot be said and NotStored when it could not be kept.
        """
        return await self._put(author, Kind.TEXT, checked_text(text), client_id)

    async def say_joined(self, person: Person) -> Message:
        """Tell everyone that `person` came in."""
        return await self._put(person, Kind.JOINED, "", secrets.token_hex(8))

    async def say_left(self, person: Person) -> Message:
        """Tell everyone that `person` went on purpose."""
        return await self._put(person, Kind.LEFT, "", secrets.token_hex(8))

    async def edit(self, person: Person, number: int, text: str) -> None:
        """Say something else in an own message; what it said is kept.

        Raises BadText, NoSuchMessage and NotStored.
        """
        text = checked_text(text)
        await self._change(self._store.edit(self.room.id, number, person.id, text))

    async def delete(self, person: Person, number: int) -> None:
        """Take an own message's text away. Raises NoSuchMessage and NotStored."""
        await self._change(self._store.delete(self.room.id, number, person.id))

    async def earlier(self, number: int) -> tuple[Earlier, ...]:
        """What a message said before it was edited, oldest first."""
        return await self._store.earlier(self.room.id, number)

    async def last_own(self, person: Person) -> Message | None:
        """What `person` said last and did not delete."""
        return await self._store.last_own(self.room.id, person.id)

    async def newest(self, limit: int = PAGE) -> History:
        """The last page of the room."""
        return await self._as_now(lambda: self._store.newest(self.room.id, limit))

    async def before(self, number: int, limit: int = PAGE) -> History:
        """The page that ends just before `number`."""
        return await self._as_now(lambda: self._store.before(self.room.id, number, limit))

    async def after(self, number: int, limit: int = PAGE) -> History:
        """The page that begins just after `number`."""
        return await self._as_now(lambda: self._store.after(self.room.id, number, limit))

    async def message(self, number: int) -> Message | None:
        """The message with this number."""
        page = await self.after(number - 1, 1)
        found = page.messages[0] if page.messages else None
        return found if found is not None and found.number == number else None

    def recent(self, after: int) -> tuple[Message, ...] | None:
        """What was announced after number `after`, None if that is too long ago to be at hand."""
        return self._feed.recent(self.room.id, after)

    async def keep_words(self, person: Person, text: str) -> None:
        """Keep what `person` typed and has not sent, up to 200,000 characters."""
        await self._store.keep_words(self.room.id, person.id, text[:WORDS_LIMIT])

    async def rescue_words(self, person: Person, text: str) -> None:
        """Keep what stood in the field while the connection was away.

        A message that was stored, but whose sender was cut off before the field was emptied,
        is not brought back to be sent twice.
        """
        said = await self._store.last_texts(self.room.id, person.id, _SAID)
        await self.keep_words(person, "" if text in said else text)

    async def words(self, person: Person) -> str:
        """The unsent words of `person`, or an empty string."""
        return await self._store.words(self.room.id, person.id)

    async def close(self) -> None:
        """Wait for posts that are on their way."""
        await self._tasks.finish()

    async def _as_now(self, read: Callable[[], Awaitable[History]]) -> History:
        """A page with what happened while it was read."""
        while (page := self._feed.renewed(self.room.id, await read())) is None:
            pass
        return page

    async def _change(self, storing: Coroutine[Any, Any, Changed]) -> None:
        async def store_and_announce() -> None:
            self._feed.ring(await storing)

        await asyncio.shield(self._tasks.start(store_and_announce(), "change"))

    async def _put(self, author: Person, kind: Kind, text: str, client_id: str) -> Message:
        """Store, then announce, even if the one who asked is gone before it is done."""
        draft = Draft(self.room.id, author, kind, text, client_id)
        task = self._tasks.start(self._store_and_announce(draft), "post")
        return await asyncio.shield(task)

    async def _store_and_announce(self, draft: Draft) -> Message:
        message = await self._store.append(draft)
        self._feed.ring(Changed(message, None))
        log.debug("said", room=message.room, number=message.number, kind=message.kind.value)
        return message
