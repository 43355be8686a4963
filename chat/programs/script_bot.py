"""The bot of the scripts on the computer of the chat, which need no token.

Who can open the socket in the data folder can read the database beside it, too: the permissions of
the folder are what protects both.
"""

import asyncio
from datetime import UTC, datetime

from chat.errors import NameTaken
from chat.model.people import Person
from chat.model.programs import ApiToken, Scope
from chat.programs.bots import Bots
from chat.text.names import cached_name_key

# The name of the bot, or its beginning: `script 2` if somebody else has the name.
SCRIPT_NAME = "script"

_SCOPES = frozenset({Scope.READ, Scope.WRITE, Scope.REACT})

# No stored token has this id.
_TOKEN_ID = 0


class ScriptBot:
    """Makes the bot at its first use. It belongs to the owner of the chat."""

    def __init__(self, bots: Bots) -> None:
        self._bots = bots
        self._lock = asyncio.Lock()

    async def token(self, owner: Person) -> ApiToken:
        """What a request without a token may do, as a token that is stored nowhere.

        It is the bot of this owner with the name, and is made anew if there is none. Raises as
        `Bots.create`.
        """
        async with self._lock:
            bot = self._find(owner) or await self._create(owner)
        now = datetime.now(UTC)
        return ApiToken(_TOKEN_ID, bot, owner.id, "this computer", _SCOPES, None, now)

    def _find(self, owner: Person) -> Person | None:
        return next((each for each in self._bots.of_person(owner) if _is_script(each)), None)

    async def _create(self, owner: Person) -> Person:
        try:
            return await self._bots.create(owner, SCRIPT_NAME)
        except NameTaken as taken:
            return await self._bots.create(owner, taken.suggestion)


def _is_script(bot: Person) -> bool:
    if cached_name_key(bot.name) == SCRIPT_NAME:
        return True
    name, _, number = bot.name.rpartition(" ")
    return cached_name_key(name) == SCRIPT_NAME and number.isdecimal()
