"""The tokens of the HTTP API: made, checked and revoked. Only their hashes are stored."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

import structlog

from chat.errors import BadProgram, BadToken
from chat.model.people import Person, PersonId
from chat.model.programs import ApiToken, ApiTokenId, NewApiToken, Scope
from chat.model.rooms import RoomId
from chat.people.browser_tokens import new_token, token_hash
from chat.store.contract import Store
from chat.tasks import Tasks

log = structlog.get_logger(__name__)

# The beginning of a token, by which a scanner for secrets finds it; 256 random bits follow.
PREFIX = "fc_"

# The most tokens of a bot, rooms of a token, and characters of a label.
TOKEN_LIMIT = 10
ROOM_LIMIT = 100
LABEL_LIMIT = 60

# Tokens whose rows are kept in memory; a request with a token that was used lately reads nothing.
CACHE_LIMIT = 1000

# The time of the last use is stored so many seconds after it.
USE_STORE_SECONDS = 60.0


class ApiTokens:
    """Makes, checks and revokes the tokens of bots."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: dict[bytes, ApiToken] = {}
        # Raised when tokens are revoked: a row that was read before may be revoked by now.
        self._revocations = 0
        self._used: dict[ApiTokenId, datetime] = {}
        # Whoever reads with a token of this bot, from the start on; None stands for all its tokens.
        self.on_revoked: Callable[[PersonId, ApiTokenId | None], None] = lambda bot, token: None
        self._tasks = Tasks()

    async def create(
        self,
        bot: Person,
        label: str,
        scopes: Collection[Scope],
        rooms: Iterable[RoomId] | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[str, ApiToken]:
        """A new token of a bot, which is shown this once, and its row.

        Raises BadProgram, TooManyPrograms and NotStored.
        """
        label = " ".join(label.split())[:LABEL_LIMIT]
        if not label:
            raise BadProgram("A token needs a name, so that you know later what it is for.")
        if not scopes:
            raise BadProgram("A token without rights can do nothing. Choose at least one.")
        if expires_at is not None and expires_at <= datetime.now(UTC):
            raise BadProgram("This token would have expired already. Choose a later day.")
        room_ids = None if rooms is None else frozenset(rooms)
        if room_ids is not None and not 0 < len(room_ids) <= ROOM_LIMIT:
            raise BadProgram("Choose 1 to {limit} rooms, or all.", limit=ROOM_LIMIT)
        secret = PREFIX + new_token()
        new = NewApiToken(
            bot.id, token_hash(secret), label, frozenset(scopes), room_ids, expires_at
        )
        token = await self._store.add_api_token(new, TOKEN_LIMIT)
        log.info("made a token", token=token.id, bot=bot.id)
        return secret, token

    async def of_bot(self, bot: Person) -> tuple[ApiToken, ...]:
        """The tokens of a bot, in order of their creation."""
        return await self._store.api_tokens(bot.id)

    async def revoke(self, bot: Person, token_id: ApiTokenId | None = None) -> None:
        """Revoke a token of a bot, or all. From now on, no request with it is answered."""
        self._forget(bot.id)
        await self._store.revoke_api_tokens(bot.id, token_id)
        self._forget(bot.id)
        self.on_revoked(bot.id, token_id)
        log.info("revoked a token", token=token_id, bot=bot.id)

    def owner_banned(self, bot: Person) -> None:
        """The owner of a bot is banned: as far as the store is asked, its tokens are not valid."""
        self._forget(bot.id)
        self.on_revoked(bot.id, None)

    async def authenticate(self, secret: str) -> ApiToken:
        """The row of a token. Raises BadToken for an unknown, revoked or expired one."""
        hashed = token_hash(secret)
        token = self._cache.get(hashed)
        if token is None:
            revocations = self._revocations
            token = await self._store.api_token_for_hash(hashed)
            if token is None:
                raise BadToken
            if revocations == self._revocations:
                self._cache[hashed] = token
                while len(self._cache) > CACHE_LIMIT:
                    self._cache.pop(next(iter(self._cache)))
        now = datetime.now(UTC)
        if token.is_expired(now):
            raise BadToken
        self._note_use(token.id, now)
        return token

    async def close(self) -> None:
        """Store the times of the last uses."""
        await self._tasks.stop()
        await self._store_uses()

    def _forget(self, bot_id: PersonId) -> None:
        self._revocations += 1
        for key in [key for key, each in self._cache.items() if each.bot.id == bot_id]:
            del self._cache[key]

    def _note_use(self, token_id: ApiTokenId, now: datetime) -> None:
        if not self._used:
            self._tasks.start(self._store_uses_later(), "store the uses of tokens")
        self._used[token_id] = now

    async def _store_uses_later(self) -> None:
        await asyncio.sleep(USE_STORE_SECONDS)
        await self._store_uses()

    async def _store_uses(self) -> None:
        used, self._used = self._used, {}
        if used:
            await self._store.mark_tokens_used(used)
