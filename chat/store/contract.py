"""The durable truth: one contract, which every engine keeps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chat.model.attachments import Attachment, Blob
from chat.model.events import MessageChanged
from chat.model.messages import Message, MessagePage, NewMessage, Revision, SearchHit
from chat.model.people import Person, PersonId
from chat.model.rooms import Membership, NewRoom, NotificationLevel, RoomId, RoomInfo
from chat.text.emoji import EmojiPreferences
from chat.text.search_query import Query

# A change may touch other messages, too: those that quote it, and the one that a thread is about.
Changes = tuple[MessageChanged, ...]


class MessageStore(Protocol):
    """What is said in the rooms. Whoever asks has seen to it that it may be read or done."""

    async def append(self, new_message: NewMessage) -> Message:
        """Give the draft its room's next number; a known `client_id` returns what is stored.

        If the author's draft in the room is `new_message.draft`, the same commit deletes it.
        """

    async def append_reply(self, new_message: NewMessage) -> tuple[Message, Changes]:
        """As `append`, in a thread: and what became of the message that it is about."""

    async def edit(
        self,
        room_id: RoomId,
        number: int,
        author_id: PersonId,
        text: str,
        mentions: frozenset[PersonId] = frozenset(),
    ) -> Changes:
        """Give a message of this author another text; the one that it had is kept.

        Raises NoSuchMessage.
        """

    async def delete(
        self, room_id: RoomId, number: int, person_id: PersonId, *, any_author: bool = False
    ) -> Changes:
        """Take all texts and files of a message away for good. Raises NoSuchMessage.

        It has to be this person's own, unless it may be of `any_author`.
        """

    async def react(self, room_id: RoomId, number: int, person_id: PersonId, emoji: str) -> Changes:
        """Put an emoji below a message, or take it away again.

        Raises NoSuchMessage, and BadReaction if no more emoji fit.
        """

    async def vote(self, room_id: RoomId, number: int, person_id: PersonId, option: int) -> Changes:
        """Vote for an option of a poll (from 0 on), or take that vote back.

        Raises NoSuchMessage, also where there is no such option, and PollClosed.
        """

    async def close_poll(
        self, room_id: RoomId, number: int, person_id: PersonId, *, any_author: bool = False
    ) -> Changes:
        """Let nobody vote any more. Raises NoSuchMessage, as `delete`."""

    async def pin(self, room_id: RoomId, number: int, *, pinned: bool) -> Changes:
        """Pin a message to its room, or take it down. Raises NoSuchMessage."""

    async def revisions(self, room_id: RoomId, number: int) -> tuple[Revision, ...]:
        """What a message said before, oldest first."""

    async def changes(self, room_id: RoomId, change_number: int, limit: int) -> Changes:
        """The messages to which something happened after this event, in order of event."""

    async def last_own_message(self, room_id: RoomId, author_id: PersonId) -> Message | None:
        """What this author said last and did not delete."""

    async def newest(self, room_id: RoomId, limit: int) -> MessagePage:
        """The last page."""

    async def before(self, room_id: RoomId, number: int, limit: int) -> MessagePage:
        """The page that ends just before `number`."""

    async def after(self, room_id: RoomId, number: int, limit: int) -> MessagePage:
        """The page that begins just after `number`."""

    async def around(self, room_id: RoomId, number: int, limit: int) -> MessagePage:
        """The page in whose middle `number` stands."""

    async def number_at(self, room_id: RoomId, moment: datetime) -> int | None:
        """The first message that was sent at `moment` or later."""

    async def pinned(self, room_id: RoomId) -> tuple[Message, ...]:
        """What is pinned to a room, the last pinned first."""

    async def messages_mentioning(
        self, person_id: PersonId, before_id: int | None, limit: int
    ) -> tuple[tuple[int, Message], ...]:
        """What calls a person in the rooms that they are in, newest first, each with an id.

        `before` is the id of the last that is known, None for the first page.
        """

    async def search(
        self, query: Query, person_id: PersonId, before_id: int | None, limit: int
    ) -> tuple[SearchHit, ...]:
        """At most 30 messages of rooms that a person may read, newest first.

        `before` is the id of the last that is known, None for the first page. A query that asks
        for nothing finds nothing, and so does one for what this person may not read.
        """


class RoomStore(Protocol):
    """The rooms, who is in them, and how far they have read."""

    async def public_rooms(self) -> tuple[RoomInfo, ...]:
        """The public rooms in order of title."""

    async def room(self, id_or_slug: RoomId | str) -> RoomInfo | None:
        """The room with this id or slug."""

    async def create_room(self, new_room: NewRoom) -> RoomInfo:
        """A room that was not there. Raises SlugTaken."""

    async def update_room(
        self,
        room_id: RoomId,
        *,
        title: str | None = None,
        topic: str | None = None,
        archived: bool | None = None,
    ) -> RoomInfo:
        """Change what is not None."""

    async def members(self, room_id: RoomId) -> tuple[Person, ...]:
        """Who is in a room."""

    async def join(self, room_id: RoomId, person_id: PersonId) -> bool:
        """Put a person into a room, all that was said as read; False if they were in it."""

    async def leave(self, room_id: RoomId | None, person_id: PersonId) -> bool:
        """Take a person out of a room and its threads; False if they were not in it.

        None is all rooms but direct conversations, which are called by those in them.
        """

    async def memberships(
        self, person_id: PersonId, room_id: RoomId | None = None
    ) -> tuple[Membership, ...]:
        """A person's places in all rooms, or in one, oldest room first."""

    async def save_read_positions(self, positions: Sequence[tuple[RoomId, PersonId, int]]) -> None:
        """Up to which number each of these people has read each of these rooms."""

    async def set_notification_level(
        self, room_id: RoomId, person_id: PersonId, level: NotificationLevel
    ) -> None:
        """What of a room is to call a person. Raises NoSuchRoom if they are not in it."""


class PeopleStore(Protocol):
    """Who came in, by what they are recognised, and what they have not sent yet."""

    async def add_person(self, name: str) -> Person:
        """A new person; names are not unique. The first one ever owns the chat."""

    async def rename_person(self, person_id: PersonId, name: str) -> Person:
        """From now on a person is called so, in all that they said, too."""

    async def owner_id(self) -> PersonId | None:
        """Who came in first."""

    async def add_token(self, token_hash: bytes, person_id: PersonId) -> None:
        """From now on this token (32 bytes, SHA-256) is that person's."""

    async def revoke_tokens(self, person_id: PersonId) -> None:
        """All tokens of this person stop working, for good."""

    async def person_for_token(self, token_hash: bytes) -> Person | None:
        """The person who came in with this token."""

    async def is_token_revoked(self, token_hash: bytes) -> bool:
        """Whether this token worked once and was forgotten."""

    async def last_texts(self, room_id: RoomId, author_id: PersonId, limit: int) -> tuple[str, ...]:
        """What a person said last in a room, newest first."""

    async def save_draft(self, room_id: RoomId, person_id: PersonId, text: str) -> None:
        """The unsent words of a person in a room; empty ones are dropped."""

    async def draft(self, room_id: RoomId, person_id: PersonId) -> str:
        """The unsent words, or an empty string."""

    async def save_emoji_preferences(
        self, person_id: PersonId, preferences: EmojiPreferences
    ) -> None:
        """Which emoji a person likes, in the place of what was kept before."""

    async def emoji_preferences(self, person_id: PersonId) -> EmojiPreferences:
        """Which emoji a person likes."""

    async def set_preference(self, person_id: PersonId, name: str, value: str) -> None:
        """What a person chose; it takes the place of what they chose before under this name."""

    async def preferences(self, person_id: PersonId) -> tuple[tuple[str, str], ...]:
        """All that a person chose: names and values."""


class FileStore(Protocol):
    """What lies in the storage (`chat/files/storage.py`), by its hash, and what refers to it."""

    async def add_blob(self, blob: Blob) -> Blob:
        """From now on this is known, unused until it is attached; what is known already stays."""

    async def blob(self, blob_hash: str) -> Blob | None:
        """What is known of the content with this hash."""

    async def blob_hashes(self) -> frozenset[str]:
        """The hashes of all that is known."""

    async def unused_blob_hashes(self) -> tuple[str, ...]:
        """The hashes of what no message and no person refers to."""

    async def delete_blob(self, blob_hash: str) -> bool:
        """Forget the content with this hash, unless it is used; whether it is not known now."""

    async def attachment(self, attachment_id: str) -> tuple[RoomId, Attachment] | None:
        """The attachment with this id, and the room in which it hangs on a message."""

    async def attached_bytes(self, person_id: PersonId) -> int:
        """How many bytes hang on a person's messages."""

    async def set_avatar(self, person_id: PersonId, blob_hash: str) -> Person:
        """Let the content with this hash be a person's picture; an empty one takes it away."""

    async def avatar_blob(self, blob_hash: str) -> Blob | None:
        """The content with this hash, if it is a person's picture."""


class Store(MessageStore, RoomStore, PeopleStore, FileStore, Protocol):
    """What the chat remembers. Every method returns after the disk has it, or raises.

    NotStored is raised when a write failed; nothing of it is kept then.
    """

    async def workspace_id(self) -> str:
        """A random name of this store, the same for as long as it lives."""

    async def close(self) -> None:
        """Finish what was begun and let go of the files."""
