"""Saved messages: a person keeps messages for later, in a list that only they see."""

from chat.errors import NoSuchMessage
from chat.model.messages import MessageKind, SearchHit
from chat.model.people import Person
from chat.rooms.history import PAGE_SIZE
from chat.rooms.room import Room
from chat.store.contract import Store

# The most messages that one person keeps.
SAVED_LIMIT = 1_000


class SavedMessages:
    """The saved messages of all people. A message is listed only to those who may still read it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def save(self, person: Person, room: Room, number: int) -> None:
        """Keep a message. Raises NoSuchRoom, NoSuchMessage, TooManySaved and NotStored."""
        message = await room.message(person, number)
        if message.kind is not MessageKind.TEXT or message.deleted:
            raise NoSuchMessage
        await self._store.save_message(person.id, room.info.id, number, SAVED_LIMIT)

    async def forget(self, person: Person, room: Room, number: int) -> None:
        """Do not keep a message any more. Raises NotStored."""
        await self._store.forget_saved(person.id, room.info.id, number)

    async def is_saved(self, person: Person, room: Room, number: int) -> bool:
        """Whether a person keeps a message."""
        return await self._store.is_saved(person.id, room.info.id, number)

    async def page(
        self, person: Person, before: int | None = None, limit: int = PAGE_SIZE
    ) -> tuple[SearchHit, ...]:
        """A page of what a person keeps, the last saved first; `before` is an id of the last
        page."""
        return await self._store.saved_messages(person.id, before, limit)
