"""The session of a program: who it is, what its token allows, and the rooms that it may use."""

from collections.abc import Collection

from chat.errors import MissingScope, NoOwner, NoSuchMessage, NoSuchRoom, RoomArchived
from chat.model.people import Person
from chat.model.programs import ApiToken, Scope
from chat.model.rooms import RoomInfo
from chat.programs.events import STORED_TYPES, EventFilter, EventType
from chat.rooms.room import Room
from chat.workspace.program_events import EventReader
from chat.workspace.workspace import Workspace


class ProgramSession:
    """One request, or one connection, of a program.

    What it can do is in `ProgramRooms`, `ProgramMessages` and `ProgramFiles`. Each operation raises
    MissingScope without its scope, and NoSuchRoom for a room that the token is not valid in, as for
    one that does not exist.
    """

    def __init__(self, workspace: Workspace, token: ApiToken) -> None:
        self.workspace = workspace
        self.token = token

    @property
    def bot(self) -> Person:
        """The bot, which has the rights of a member."""
        return self.token.bot

    def require(self, scope: Scope) -> None:
        """Raises MissingScope."""
        if scope not in self.token.scopes:
            raise MissingScope(scope.value)

    def covers(self, info: RoomInfo) -> bool:
        """Whether the token is valid in a room; a thread belongs to its room."""
        room_id = info.parent_id or info.id
        return self.token.rooms is None or room_id in self.token.rooms

    async def room(self, slug: str, scope: Scope = Scope.READ) -> Room:
        """The room with this address. Raises MissingScope, NoSuchRoom, and RoomArchived for all
        scopes but READ.

        A public room is joined by a bot that writes there, or in a thread of it.
        """
        self.require(scope)
        room = await self.covered_room(slug)
        if scope is not Scope.READ:
            await self.enter(room)
        return room

    async def covered_room(self, slug: str) -> Room:
        """The room with this address, which the bot may read. Raises NoSuchRoom."""
        room = await self.workspace.rooms.by_slug(self.bot, slug)
        if not self.covers(room.info):
            raise NoSuchRoom
        return room

    async def read_events(
        self,
        types: frozenset[EventType] = STORED_TYPES,
        slugs: Collection[str] = (),
        cursor: str | None = None,
    ) -> EventReader:
        """A reader of events after a cursor, or from now on.

        Only of these types, and with `slugs` only of these rooms. Raises MissingScope, NoSuchRoom,
        and what `ProgramEvents.open` raises.
        """
        self.require(Scope.READ)
        room_ids = frozenset([(await self.room(each)).info.id for each in slugs])
        event_filter = EventFilter(types, room_ids or None)
        return await self.workspace.program_events.open(self.token, event_filter, cursor)

    async def enter(self, room: Room) -> None:
        """Join a public room, or that of a thread, to write there. Raises RoomArchived."""
        base = room if room.info.parent_id is None else await self._parent(room)
        if base.info.archived:
            # Who is not in it is told the same.
            raise RoomArchived
        await self.workspace.rooms.enter(self.bot, base.info.slug)

    async def thread(self, room: Room, number: int) -> Room:
        """The thread about a message of a room, created on first use. Raises NoSuchMessage."""
        self.require(Scope.WRITE)
        if room.parent is not None:
            raise NoSuchMessage
        return await self.workspace.rooms.get_or_create_thread(self.bot, room, number)

    async def _parent(self, thread: Room) -> Room:
        assert thread.info.parent_id is not None, "it is a thread"
        return await self.workspace.rooms.by_id(self.bot, thread.info.parent_id)


async def open_program_session(workspace: Workspace, secret: str) -> ProgramSession:
    """The session of a token. Raises BadToken."""
    return ProgramSession(workspace, await workspace.api_tokens.authenticate(secret))


async def open_script_session(workspace: Workspace) -> ProgramSession:
    """The session of a script on the computer of the chat, which needs no token.

    Raises NoOwner, and as `ScriptBot.token`.
    """
    owner_id = workspace.ownership.owner_id
    people = await workspace.all_people()
    owner = next((each for each in people if each.id == owner_id), None)
    if owner is None:
        raise NoOwner
    return ProgramSession(workspace, await workspace.script_bot.token(owner))
