"""What people typed in a room and have not sent: kept until they come back to it."""

from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store.contract import Store
from chat.text.emoji import replace_shortcodes, strip_tones
from chat.text.message_text import TEXT_LIMIT

# What no message could hold is not thrown away while it stands in the field; but there is an end.
DRAFT_LIMIT = 20 * TEXT_LIMIT

# Several tabs, and Enters that were pressed one after another.
_RECENT_MESSAGES = 5


class Drafts:
    """The words of all people in one room."""

    def __init__(self, room_id: RoomId, store: Store) -> None:
        self._room_id = room_id
        self._store = store
        # Words that are not stored yet.
        self._unsaved: dict[PersonId, str] = {}

    async def save(self, person_id: PersonId, text: str) -> None:
        """Keep what somebody typed, up to 200,000 characters."""
        self._unsaved[person_id] = text = text[:DRAFT_LIMIT]
        try:
            await self._store.save_draft(self._room_id, person_id, text)
        finally:
            if self._unsaved.get(person_id) is text:
                del self._unsaved[person_id]

    async def restore(self, person_id: PersonId, text: str) -> None:
        """Keep what stood in the field while the connection was away.

        A message that was stored, but whose sender was cut off before the field was emptied,
        is not brought back to be sent twice; its shortcodes stand in the field as they were typed.
        """
        sent_texts = await self._store.last_texts(self._room_id, person_id, _RECENT_MESSAGES)
        was_sent = replace_shortcodes(text) in map(strip_tones, sent_texts) or text in sent_texts
        await self.save(person_id, "" if was_sent else text)

    async def get(self, person_id: PersonId) -> str:
        """The words of a person, or an empty string."""
        if (unsaved := self._unsaved.get(person_id)) is not None:
            return unsaved
        return await self._store.draft(self._room_id, person_id)
