"""Drafts: texts that people typed in a room and have not sent yet."""

from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store.contract import Store
from chat.text.message_text import TEXT_LIMIT

# A draft may be longer than a message, so that a pasted text is not lost.
DRAFT_LIMIT = 20 * TEXT_LIMIT


class Drafts:
    """The drafts of all people in one room."""

    def __init__(self, room_id: RoomId, store: Store) -> None:
        self._room_id = room_id
        self._store = store
        # Drafts that are being stored.
        self._unsaved: dict[PersonId, str] = {}

    async def save(self, person_id: PersonId, text: str) -> None:
        """Store a draft, up to 200,000 characters."""
        self._unsaved[person_id] = text = text[:DRAFT_LIMIT]
        try:
            await self._store.save_draft(self._room_id, person_id, text)
        finally:
            if self._unsaved.get(person_id) is text:
                del self._unsaved[person_id]

    async def get(self, person_id: PersonId) -> str:
        """The draft of a person, or an empty string."""
        if (unsaved := self._unsaved.get(person_id)) is not None:
            return unsaved
        return await self._store.draft(self._room_id, person_id)
