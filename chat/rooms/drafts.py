"""Drafts: texts that people typed in a room and have not sent yet."""

import asyncio
from typing import Protocol

from chat.activity.rate_limits import RateLimits
from chat.model.people import PersonId
from chat.model.rooms import RoomId
from chat.store.contract import Store
from chat.text.message_text import TEXT_LIMIT

# A draft may be longer than a message, so that a pasted text is not lost.
DRAFT_LIMIT = 20 * TEXT_LIMIT


class OnDraftChanged(Protocol):
    """Called when a draft is stored or deleted."""

    def __call__(self, person_id: PersonId, *, has_draft: bool) -> None: ...


class Drafts:
    """The drafts of all people in one room."""

    def __init__(
        self, room_id: RoomId, store: Store, *, pace: RateLimits, on_changed: OnDraftChanged
    ) -> None:
        """`pace` limits how often the drafts of a person are stored, in all rooms."""
        self._room_id = room_id
        self._store = store
        self._on_changed = on_changed
        self._pace = pace
        # Drafts that are being stored, and the hashes of those that are stored.
        self._unsaved: dict[PersonId, str] = {}
        self._saved_hashes: dict[PersonId, int] = {}

    async def save(self, person_id: PersonId, text: str) -> None:
        """Store a draft, up to 200,000 characters.

        One of many waits; if a newer one comes meanwhile, only that is stored.
        """
        self._unsaved[person_id] = text = text[:DRAFT_LIMIT]
        try:
            while wait := self._pace.take(person_id):
                await asyncio.sleep(wait)
                if self._unsaved.get(person_id) is not text:
                    return
            await self._store.save_draft(self._room_id, person_id, text)
            self._saved_hashes[person_id] = hash(text)
            self._report(person_id, has_draft=bool(text))
        finally:
            if self._unsaved.get(person_id) is text:
                del self._unsaved[person_id]

    def sent(self, person_id: PersonId, draft: str) -> None:
        """A message was stored, and the draft of its author deleted with it if it was `draft`."""
        if draft and self._saved_hashes.get(person_id, hash(draft)) == hash(draft):
            self._report(person_id, has_draft=False)

    async def get(self, person_id: PersonId) -> str:
        """The draft of a person, or an empty string."""
        if (unsaved := self._unsaved.get(person_id)) is not None:
            return unsaved
        return await self._store.draft(self._room_id, person_id)

    def _report(self, person_id: PersonId, *, has_draft: bool) -> None:
        if not has_draft:
            self._saved_hashes.pop(person_id, None)
        self._on_changed(person_id, has_draft=has_draft)
