"""The bots of a folder of files: their accounts, and how each file is."""

import asyncio
from collections.abc import Callable

import structlog

from chat.errors import BadProgram, NameTaken
from chat.model.people import Person, PersonId
from chat.model.programs import BotFileState, FileState, Scope
from chat.people.ownership import Ownership
from chat.programs.api_tokens import ApiTokens
from chat.programs.bots import Bots
from chat.rooms.directory import LOBBY, RoomDirectory
from chat.text.names import cached_name_key, name_key

log = structlog.get_logger(__name__)

# The name of the token of such a bot. Each start makes a new one, and revokes the one before.
TOKEN_LABEL = "bots folder"

# The most files that are kept, and characters of a reason.
FILE_LIMIT, REASON_LIMIT = 50, 2000

# The time for a bot to start, in seconds.
START_SECONDS = 15.0

# Seconds between two looks for an owner, who has not signed in yet.
_OWNER_WAIT = 1.0


class FileBots:
    """Gives the bots of files their accounts, which belong to the owner of the chat."""

    def __init__(
        self, ownership: Ownership, bots: Bots, rooms: RoomDirectory, *, api_tokens: ApiTokens
    ) -> None:
        self._ownership = ownership
        self._bots = bots
        self._rooms = rooms
        self._api_tokens = api_tokens
        self._files = dict[str, BotFileState]()
        self._bot_ids = dict[str, PersonId]()
        self._lock = asyncio.Lock()
        # Who waits for the next report of a file.
        self._waiting = dict[str, asyncio.Future[None]]()
        # Whoever runs the files starts one again.
        self.on_start: Callable[[str], None] | None = None

    @property
    def files(self) -> tuple[BotFileState, ...]:
        """All files, in order of their names."""
        return tuple(self._files[each] for each in sorted(self._files))

    def of_bot(self, bot: Person) -> BotFileState | None:
        """The file of a bot, None for one without."""
        file = next((file for file, bot_id in self._bot_ids.items() if bot_id == bot.id), None)
        return None if file is None else self._files.get(file)

    @property
    def without_bot(self) -> tuple[BotFileState, ...]:
        """The files that have no bot: none of their versions was ever loaded."""
        return tuple(each for each in self.files if each.file not in self._bot_ids)

    async def token(self, file: str, name: str) -> str:
        """A token for the bot of a file, which is made if there is none of this name.

        Waits for an owner of the chat. Raises BadName, BadProgram and TooManyPrograms.
        """
        owner = await self._wait_for_owner()
        async with self._lock:
            bot = await self._find_or_create(owner, file, name)
            self._bot_ids[file] = bot.id
            for each in await self._api_tokens.of_bot(bot):
                if each.label == TOKEN_LABEL:
                    await self._api_tokens.revoke(bot, each.id)
            secret, _ = await self._api_tokens.create(bot, TOKEN_LABEL, tuple(Scope))
        return secret

    def report(self, file: str, state: FileState, reason: str) -> None:
        """A file has another state."""
        if file in self._files or len(self._files) < FILE_LIMIT:
            self._files[file] = BotFileState(file, state, reason[:REASON_LIMIT])
            if (waiting := self._waiting.pop(file, None)) is not None:
                waiting.set_result(None)
            log.info("a bot file", file=file, state=state.value)

    def forget(self, file: str) -> None:
        """A file was removed. Its bot stays, as what it wrote does."""
        self._files.pop(file, None)
        self._bot_ids.pop(file, None)

    async def start(self, owner: Person, bot: Person) -> None:
        """Start the file of a bot of this person again, and wait until it tells how it is.

        Raises NoSuchProgram, and BadProgram if it tells nothing.
        """
        own = self._bots.require_own(owner, bot.id)
        file = self.of_bot(own)
        if file is None or self.on_start is None:
            raise BadProgram("The file of this bot is not in the folder any more.")
        waiting = self._waiting.setdefault(file.file, asyncio.get_running_loop().create_future())
        self.on_start(file.file)
        done, _ = await asyncio.wait({waiting}, timeout=START_SECONDS)
        if not done:
            raise BadProgram("It does not start. The log of the chat has more.")

    async def _wait_for_owner(self) -> Person:
        while True:
            for each in await self._rooms.all_people():
                if each.id == self._ownership.owner_id:
                    return each
            await asyncio.sleep(_OWNER_WAIT)

    async def _find_or_create(self, owner: Person, file: str, name: str) -> Person:
        key = name_key(name)
        own = self._bots.of_person(owner)
        bot = next((each for each in own if cached_name_key(each.name) == key), None)
        if bot is None:
            try:
                bot = await self._bots.create(owner, name)
            except NameTaken:
                raise BadProgram(
                    "Somebody in the chat is called {name} already. Give the bot another name.",
                    name=name,
                ) from None
            await self._rooms.enter(bot, LOBBY)
        others = {bot_id for other, bot_id in self._bot_ids.items() if other != file}
        if bot.id in others:
            raise BadProgram(
                "Another file has a bot called {name}. Give this one another name.", name=name
            )
        return bot
