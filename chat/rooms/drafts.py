"""What people typed in a room and have not sent: kept until they come back to it."""

from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store.contract import Store
from chat.text.emoji import with_emoji, without_tones
from chat.text.message_text import TEXT_LIMIT

# What no message could hold is not thrown away while it stands in the field; but there is an end.
WORDS_LIMIT = 20 * TEXT_LIMIT

# Several tabs, and Enters that were pressed one after another.
_SAID = 5


class Unsent:
    """The words of all people in one room."""

    def __init__(self, room: RoomId, store: Store) -> None:
        self._room = room
        self._store = store
        # Words that are not stored yet.
        self._waiting: dict[PersonId, str] = {}

    async def keep(self, person: PersonId, text: str) -> None:
        """Keep what somebody typed, up to 200,000 characters."""
        self._waiting[person] = text = text[:WORDS_LIMIT]
        try:
            await self._store.keep_words(self._room, person, text)
        finally:
            if self._waiting.get(person) is text:
                del self._waiting[person]

    async def rescue(self, person: PersonId, text: str) -> None:
        """Keep what stood in the field while the connection was away.

        A message that was stored, but whose sender was cut off before the field was emptied,
        is not brought back to be sent twice; its shortcodes stand in the field as they were typed.
        """
        said = await self._store.last_texts(self._room, person, _SAID)
        was_said = with_emoji(text) in map(without_tones, said) or text in said
        await self.keep(person, "" if was_said else text)

    async def of(self, person: PersonId) -> str:
        """The words of a person, or an empty string."""
        if (on_their_way := self._waiting.get(person)) is not None:
            return on_their_way
        return await self._store.words(self._room, person)
