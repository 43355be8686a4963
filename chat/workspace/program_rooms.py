"""The rooms and people that a program sees, and the rooms that it makes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from chat.errors import BadRoom, NoSuchPerson, TokenBoundToRooms
from chat.model.people import Person, PersonId
from chat.model.programs import Scope
from chat.model.rooms import RoomId, RoomInfo, RoomKind
from chat.rooms.directory import require_direct_size, require_invitation_size
from chat.rooms.room import Room
from chat.text.room_names import direct_slug
from chat.workspace.program_session import ProgramSession

# The rooms or people of one page.
LIST_LIMIT = 200


@dataclass(frozen=True, slots=True)
class ThreadRoot:
    """The message that a thread is about: the address of its room, and its number there."""

    slug: str
    number: int


@dataclass(frozen=True, slots=True)
class ProgramRoom:
    """A room as a program sees it: of a direct conversation, the title is the other names."""

    info: RoomInfo
    title: str
    is_member: bool
    member_count: int = 0
    last_number: int = 0
    thread_of: ThreadRoot | None = None


@dataclass(frozen=True, slots=True)
class ProgramProfile:
    """The bot of a token, its owner (None once the owner has left), and the token's rooms.

    `rooms` is None for a token that is valid in all rooms.
    """

    bot: Person
    owner: Person | None
    rooms: tuple[RoomInfo, ...] | None


@dataclass(frozen=True, slots=True)
class SeenPerson:
    """Somebody in the chat, and whether they are connected."""

    person: Person
    is_online: bool


class ProgramRooms:
    """The operations of a program on rooms and people."""

    def __init__(self, session: ProgramSession) -> None:
        self._session = session
        self._rooms = session.workspace.rooms

    async def profile(self) -> ProgramProfile:
        """The bot itself. Any token may ask."""
        session = self._session
        owner_id = session.workspace.bots.owner_id(session.bot.id)
        people = await session.workspace.all_people()
        owner = next((each for each in people if each.id == owner_id), None)
        rooms = None
        if session.token.rooms is not None:
            rooms = tuple(each.info for each in await self._readable() if session.covers(each.info))
        return ProgramProfile(session.bot, owner, rooms)

    async def rooms(self, after: RoomId, limit: int) -> tuple[tuple[ProgramRoom, ...], bool]:
        """A page of the rooms that the token covers, after this id; and whether there are more.

        Threads are not listed.
        """
        self._session.require(Scope.READ)
        found = [
            each
            for each in await self._readable()
            if each.info.id > after and self._session.covers(each.info)
        ]
        limit = min(limit, LIST_LIMIT)
        return tuple(found[:limit]), len(found) > limit

    async def room(self, slug: str) -> ProgramRoom:
        """One room."""
        room = await self._session.room(slug)
        return self._seen(room)

    async def people(
        self, after: PersonId, limit: int, *, only_online: bool = False
    ) -> tuple[tuple[SeenPerson, ...], bool]:
        """A page of the people in the chat, after this id; and whether there are more."""
        self._session.require(Scope.READ)
        workspace = self._session.workspace
        online_ids = {each.id for each in workspace.presence.online.people}
        found = sorted(
            (
                each
                for each in await workspace.all_people()
                if each.id > after and (each.id in online_ids or not only_online)
            ),
            key=lambda each: each.id,
        )
        limit = min(limit, LIST_LIMIT)
        page = tuple(SeenPerson(each, each.id in online_ids) for each in found[:limit])
        return page, len(found) > limit

    async def create(
        self, title: str, kind: RoomKind, topic: str, invited_ids: Iterable[PersonId]
    ) -> ProgramRoom:
        """Make a room, whose creator the bot is.

        Raises TokenBoundToRooms, NoSuchPerson, and as `RoomDirectory.create`.
        """
        session = self._session
        session.require(Scope.MANAGE)
        if session.token.rooms is not None:
            raise TokenBoundToRooms
        people = {each.id: each for each in await session.workspace.all_people()}
        ids = set(invited_ids) - {session.bot.id}
        require_invitation_size(len(ids))
        for each in ids - people.keys():
            raise NoSuchPerson(str(each))
        guests = [people[each] for each in sorted(ids)]
        return self._seen(await self._rooms.create(session.bot, title, kind, topic, guests))

    async def direct(self, person_ids: Collection[PersonId], names: Iterable[str]) -> ProgramRoom:
        """The direct conversation of the bot with these people, created on first use.

        Names are found as by people who write them. Raises TokenBoundToRooms for a conversation
        that the token does not cover, NoSuchPerson, AmbiguousName, BadRoom, and
        TooManyConversations.
        """
        session = self._session
        session.require(Scope.WRITE)
        people = {each.id: each for each in await session.workspace.all_people()}
        for each in set(person_ids) - people.keys():
            raise NoSuchPerson(str(each))
        found = {people[each].id: people[each] for each in person_ids}
        for name in names:
            person = await session.workspace.find_person(name)
            found[person.id] = person
        found.pop(session.bot.id, None)
        if not found:
            raise BadRoom("Name another person for a direct conversation.")
        slug = direct_slug(frozenset({session.bot.id, *found}))
        known = {
            each.room.slug: each.room for each in await self._rooms.memberships_of(session.bot)
        }
        if session.token.rooms is not None and (
            slug not in known or not session.covers(known[slug])
        ):
            raise TokenBoundToRooms
        require_direct_size(len(found) + 1)
        others = [found[each] for each in sorted(found)]
        return self._seen(await self._rooms.get_or_create_direct(session.bot, others))

    def _seen(self, room: Room) -> ProgramRoom:
        bot = self._session.bot
        members = (room if room.parent is None else room.parent).members
        title = room.info.title
        if room.info.kind is RoomKind.DIRECT:
            title = ", ".join(each.name for each in members.values() if each.id != bot.id)
        thread_of = None
        if room.parent is not None and room.info.thread_root is not None:
            thread_of = ThreadRoot(room.parent.info.slug, room.info.thread_root[1])
        return ProgramRoom(
            room.info,
            title,
            is_member=bot.id in members,
            member_count=len(members),
            last_number=room.last_number,
            thread_of=thread_of,
        )

    async def _readable(self) -> list[ProgramRoom]:
        """The public rooms, and those that the bot is a member of, oldest first."""
        bot = self._session.bot
        found = {
            each.room.id: ProgramRoom(each.room, each.title, is_member=True)
            for each in await self._rooms.memberships_of(bot)
            if each.room.kind is not RoomKind.THREAD
        }
        for info in await self._rooms.public_rooms(bot):
            found.setdefault(info.id, ProgramRoom(info, info.title, is_member=False))
        return [found[each] for each in sorted(found)]
