"""Bots: programs as people. Each belongs to a person, and has the rights of a member."""

from collections.abc import Callable

import structlog

from chat.action_limits import ActionLimit
from chat.errors import BadProgram, ChatError, GuestRefused, NoSuchProgram
from chat.model.people import Person, PersonId
from chat.model.programs import Bot
from chat.model.rooms import RoomKind
from chat.people.names import Names
from chat.people.roles import Roles
from chat.people.sanctions import Sanctions
from chat.programs.api_tokens import ApiTokens
from chat.rooms.directory import LOBBY, RoomDirectory
from chat.store.contract import Store

log = structlog.get_logger(__name__)

# The most bots of a person, with those of their webhooks.
BOT_LIMIT = 50

# A person may make so many bots within so many seconds: their rows stay when they are deleted.
MAX_NEW_BOTS, NEW_BOTS_SECONDS = 20, 3600.0


class Bots:
    """Makes and deletes bots, and knows their owners."""

    def __init__(
        self,
        store: Store,
        rooms: RoomDirectory,
        api_tokens: ApiTokens,
        *,
        names: Names,
        roles: Roles,
        sanctions: Sanctions,
    ) -> None:
        self._store = store
        self._names = names
        self._api_tokens = api_tokens
        self._rooms = rooms
        self._roles = roles
        self._sanctions = sanctions
        self._bots: dict[PersonId, Bot] = {}
        self._new_bots = ActionLimit(NEW_BOTS_SECONDS)
        self.on_deleted: Callable[[PersonId], None] = _ignore

    async def open(self) -> None:
        """Read the bots."""
        self._bots = {each.person.id: each for each in await self._store.bots()}
        for each in self._bots.values():
            self._sanctions.own_bot(each.person.id, each.owner_id)

    def owner_id(self, bot_id: PersonId) -> PersonId | None:
        """Whose bot this is; None for a bot that was deleted, and for a person."""
        bot = self._bots.get(bot_id)
        return None if bot is None else bot.owner_id

    def find(self, bot_id: PersonId) -> Bot | None:
        """The bot with this id; None for one that was deleted, and for a person."""
        return self._bots.get(bot_id)

    def of_person(self, owner: Person) -> tuple[Person, ...]:
        """The bots of a person, in order of their creation."""
        return tuple(each.person for each in self._bots.values() if each.owner_id == owner.id)

    async def create(self, owner: Person, name: str) -> Person:
        """Make a bot, which is in no room yet.

        Raises BadName, NameTaken if somebody bears the name, TooManyPrograms, BadProgram,
        GuestRefused and Muted.
        """
        if self._roles.is_guest(owner.id):
            raise GuestRefused
        self._sanctions.require_may_write(owner)
        if wait := self._new_bots.record(owner.id, MAX_NEW_BOTS):
            raise BadProgram(
                "{limit} programs an hour can be added. Wait {minutes} minutes, or use one again.",
                limit=MAX_NEW_BOTS,
                minutes=int(wait // 60) + 1,
            )
        try:
            person = await self._names.add_bot(name, owner, BOT_LIMIT)
        except ChatError:
            self._new_bots.withdraw(owner.id)
            raise
        self._bots[person.id] = Bot(person, owner.id)
        self._sanctions.own_bot(person.id, owner.id)
        log.info("made a bot", bot=person.id, owner=owner.id)
        return person

    def require_own(self, owner: Person, bot_id: PersonId) -> Person:
        """The bot with this id. Raises NoSuchProgram unless it is this person's."""
        bot = self._bots.get(bot_id)
        if bot is None or bot.owner_id != owner.id:
            raise NoSuchProgram
        return bot.person

    async def delete(self, bot: Person) -> None:
        """Take a bot out of all rooms, and delete its tokens and webhooks. Its messages stay."""
        await self._api_tokens.revoke(bot)
        await self._store.delete_hooks_of(bot.id)
        await self._store.disown_bot(bot.id)
        self._bots.pop(bot.id, None)
        self._sanctions.own_bot(bot.id, None)
        self.on_deleted(bot.id)
        for membership in await self._store.memberships(bot.id):
            room = await self._rooms.by_id(bot, membership.room.id)
            if room.info.slug != LOBBY and room.info.kind is not RoomKind.DIRECT:
                await self._rooms.leave(bot, room)
        await self._rooms.remove_person(bot)
        log.info("deleted a bot", bot=bot.id)


def _ignore(bot_id: PersonId) -> None:
    """Nobody wants to know."""
