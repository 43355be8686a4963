"""The operations of the rooms for a program: within the scopes and rooms of its token."""

from chat.errors import MissingScope, NoSuchRoom
from chat.model.people import Person
from chat.model.programs import ApiToken, Scope
from chat.model.rooms import RoomInfo
from chat.rooms.room import Room
from chat.workspace.workspace import Workspace


class ProgramSession:
    """One request, or one connection, of a program.

    Each operation raises MissingScope without its scope, and NoSuchRoom for a room that the token
    is not valid in, as for one that does not exist.
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
        """The room with this address. Raises MissingScope and NoSuchRoom.

        A public room is joined by a bot that writes there.
        """
        self.require(scope)
        room = await self.workspace.rooms.by_slug(self.bot, slug)
        if not self.covers(room.info):
            raise NoSuchRoom
        if scope is not Scope.READ and room.parent is None and not room.info.archived:
            room = await self.workspace.rooms.enter(self.bot, slug)
        return room


async def open_program_session(workspace: Workspace, secret: str) -> ProgramSession:
    """The session of a token. Raises BadToken."""
    return ProgramSession(workspace, await workspace.api_tokens.authenticate(secret))
