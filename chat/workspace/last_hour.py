"""The messages of a person in the last hour, which a moderator deletes at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chat.errors import ChatError
from chat.model.moderation import AuditAct, NewAuditEntry
from chat.model.people import Person
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.store.contract import Store

# The time, and the most messages of one deletion.
LAST_HOUR = timedelta(hours=1)
DELETION_LIMIT = 500


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message that the moderator may delete."""

    room: Room
    number: int


class LastHour:
    """Finds, deletes and restores what a person wrote in the last hour."""

    def __init__(self, store: Store, rooms: RoomDirectory) -> None:
        self._store = store
        self._rooms = rooms

    async def find(self, moderator: Person, author: Person) -> tuple[FoundMessage, ...]:
        """The messages of `author` in the rooms where `moderator` acts on them, newest first."""
        since = datetime.now(UTC) - LAST_HOUR
        found = list[FoundMessage]()
        for room_id, number in await self._store.messages_since(author.id, since, DELETION_LIMIT):
            try:
                room = await self._rooms.by_id(moderator, room_id)
                room.require_member(moderator)
            except ChatError:
                continue
            # (Reports stay, and their authors are no moderators of the room.)
            if room.outranks(moderator, author) and not room.info.is_of_moderators:
                found.append(FoundMessage(room, number))
        return tuple(found)

    async def delete(
        self, moderator: Person, author: Person, messages: Sequence[FoundMessage]
    ) -> tuple[FoundMessage, ...]:
        """Delete messages that were found, as one act; returns those that were still there.

        For ten seconds the moderator may `restore` them. Raises NotStored.
        """
        count = len(messages)
        act = AuditAct.MESSAGES_DELETED
        await self._store.append_audit(
            NewAuditEntry(act, moderator.id, author.id, detail=str(count))
        )
        deleted = list[FoundMessage]()
        for each in messages:
            if not each.room.outranks(moderator, author):
                continue
            try:
                await each.room.delete(moderator, each.number, is_audited=False)
            except ChatError:
                continue
            deleted.append(each)
        return tuple(deleted)

    async def restore(self, moderator: Person, messages: Sequence[FoundMessage]) -> None:
        """Undo a deletion, as far as it is not too late. Raises TooLateToUndo if it is for all."""
        refusal: ChatError | None = None
        has_restored = False
        for each in reversed(messages):
            try:
                await each.room.restore(moderator, each.number)
                has_restored = True
            except ChatError as error:
                refusal = error
        if refusal is not None and not has_restored:
            raise refusal
