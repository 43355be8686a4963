"""The durable truth: one contract, which every engine keeps."""

from typing import Protocol

from chat.messages import Changed, Draft, Earlier, History, Message, Person, PersonId, Room, RoomId


class Store(Protocol):
    """What the chat remembers. Every method returns after the disk has it, or raises.

    NotStored is raised when a write failed; nothing of it is kept then.
    """

    async def house_id(self) -> str:
        """A random name of this store, the same for as long as it lives."""

    async def rooms(self) -> tuple[Room, ...]:
        """All rooms, oldest first."""

    async def append(self, draft: Draft) -> Message:
        """Give the draft its room's next number; a known `client_id` returns what is stored."""

    async def edit(self, room: RoomId, number: int, author: PersonId, text: str) -> Changed:
        """Give a message of this author another text; the one that it had is kept.

        Raises NoSuchMessage.
        """

    async def delete(self, room: RoomId, number: int, author: PersonId) -> Changed:
        """Take all texts of a message away for good. Raises NoSuchMessage."""

    async def earlier(self, room: RoomId, number: int) -> tuple[Earlier, ...]:
        """What a message said before, oldest first."""

    async def changes(self, room: RoomId, event: int, limit: int) -> tuple[Changed, ...]:
        """The messages to which something happened after this event, in order of event."""

    async def last_own(self, room: RoomId, author: PersonId) -> Message | None:
        """What this author said last and did not delete."""

    async def newest(self, room: RoomId, limit: int) -> History:
        """The last page."""

    async def before(self, room: RoomId, number: int, limit: int) -> History:
        """The page that ends just before `number`."""

    async def after(self, room: RoomId, number: int, limit: int) -> History:
        """The page that begins just after `number`."""

    async def add_person(self, name: str) -> Person:
        """A new person; names are not unique."""

    async def remember(self, token_hash: bytes, person: PersonId) -> None:
        """From now on this token (32 bytes, SHA-256) is that person's."""

    async def forget(self, person: PersonId) -> None:
        """All tokens of this person stop working, for good."""

    async def whose(self, token_hash: bytes) -> Person | None:
        """The person who came in with this token."""

    async def is_spent(self, token_hash: bytes) -> bool:
        """Whether this token worked once and was forgotten."""

    async def last_texts(self, room: RoomId, author: PersonId, limit: int) -> tuple[str, ...]:
        """What a person said last in a room, newest first."""

    async def keep_words(self, room: RoomId, person: PersonId, text: str) -> None:
        """The unsent words of a person in a room; empty ones are dropped."""

    async def words(self, room: RoomId, person: PersonId) -> str:
        """The unsent words, or an empty string."""

    async def close(self) -> None:
        """Finish what was begun and let go of the files."""
