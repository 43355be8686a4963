"""Reports of messages: they go to the moderators' room, with the words as they were."""

from chat.action_limits import ActionLimit
from chat.errors import (
    AlreadyReported,
    BadReport,
    ChatError,
    NoSuchMessage,
    NoSuchRoom,
    TooManyReports,
)
from chat.model.messages import MessageKind
from chat.model.people import Person
from chat.model.reports import Report, ReportKind
from chat.model.rooms import RoomId, RoomKind
from chat.people.roles import Roles
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.text.forwarding import reported_text
from chat.text.message_text import validate_caption

# The longest note of a report, in characters.
NOTE_LIMIT = 500

# A person may report so many messages within so many seconds.
MAX_REPORTS, REPORT_SECONDS = 20, 3600.0


class Reports:
    """What people report, and what moderators do about it.

    Who may read a message may report it, also a guest and a person who is muted. The author is not
    told. Of a private room and a direct conversation, the moderators learn the words, and not where
    they were said.
    """

    def __init__(self, store: Store, rooms: RoomDirectory, roles: Roles) -> None:
        self._store = store
        self._rooms = rooms
        self._roles = roles
        self._limit = ActionLimit(REPORT_SECONDS)

    def moderates(self, person_id: int) -> bool:
        """Whether a person reads what is reported."""
        return self._roles.of(person_id).moderates

    async def report(
        self,
        reporter: Person,
        room: Room,
        number: int,
        kind: ReportKind,
        note: str = "",
        *,
        url: str = "",
    ) -> None:
        """Tell the moderators of a message. `url` is its address, for those who may read the room.

        Raises NoSuchRoom and NoSuchMessage as for reading; BadReport for an own message, for one
        of the moderators' room, for a note that is too long, and while nobody moderates the chat;
        AlreadyReported, TooManyReports, BadText and NotStored.
        """
        message = await room.message(reporter, number)
        if message.kind is not MessageKind.TEXT or message.deleted:
            raise NoSuchMessage
        if message.author.id == reporter.id:
            raise BadReport("You wrote this message. Delete it instead.")
        base = room.parent or room
        if base.info.is_of_moderators:
            raise BadReport("The moderators read this room in any case.")
        note = " ".join(validate_caption(note).split())
        if len(note) > NOTE_LIMIT:
            raise BadReport("{limit} characters fit. Shorten the note.", limit=NOTE_LIMIT)
        client_id = _client_id(room.info.id, number)
        if await self._store.is_stored(reporter.id, client_id):
            raise AlreadyReported
        target = await self._rooms.moderators_room()
        if target is None:
            raise BadReport(
                "Nobody moderates this chat yet. Write to the person who runs it instead."
            )
        if wait := self._limit.record(reporter.id, MAX_REPORTS):
            raise TooManyReports(wait)
        author, is_public = message.author, base.info.kind is RoomKind.PUBLIC
        report = Report(kind, author.id, author.name, room.info.id, number, base.info.kind)
        label = f"#{base.info.title}" if is_public else ""
        text = reported_text(message, label, url, note)
        try:
            await target.post_report(reporter, text, client_id, report)
        except BaseException:
            self._limit.withdraw(reporter.id)
            raise

    async def settle(self, moderator: Person, number: int, *, settled: bool) -> None:
        """Mark a report, a message of the moderators' room, as settled, or open it again.

        Raises NoSuchRoom, NoSuchMessage and NotStored.
        """
        await (await self._room(moderator)).settle_report(moderator, number, settled=settled)

    async def delete_message(self, moderator: Person, number: int) -> Room:
        """Delete the message that a report is about, and return its room, which can restore it.

        A moderator who is not in its public room joins that. Raises NoSuchRoom, NoSuchMessage,
        BadReport where the moderator does not moderate, and as `Room.delete`.
        """
        report = (await (await self._room(moderator)).message(moderator, number)).report
        if report is None:
            raise NoSuchMessage
        room = await self._open(moderator, report.room_id)
        if room is None or not room.can_moderate(moderator):
            raise BadReport(
                "This message is where you do not moderate, and stays there. Mute or ban {name} "
                "instead.",
                name=report.person_name,
            )
        await self._rooms.enter(moderator, (room.parent or room).info.slug)
        await room.delete(moderator, report.number)
        return room

    async def _room(self, moderator: Person) -> Room:
        room = await self._rooms.moderators_room()
        if room is None:
            raise NoSuchRoom
        room.require_read(moderator)
        return room

    async def _open(self, moderator: Person, room_id: RoomId) -> Room | None:
        try:
            return await self._rooms.by_id(moderator, room_id)
        except ChatError:
            return None


def _client_id(room_id: RoomId, number: int) -> str:
    """The client id of the report of a message: a person reports it once."""
    return f"report-{room_id}-{number}"
