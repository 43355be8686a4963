"""Incoming webhooks: an address of a room to which other programs send what happens."""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic

import structlog

from chat.activity.rate_limits import RateLimits
from chat.errors import (
    BadProgram,
    ChatError,
    HookRefused,
    Muted,
    NoSuchProgram,
    NoTextInPayload,
    NotStored,
    PersonBanned,
    RoomArchived,
    SlowDown,
)
from chat.hook_payloads.message import HookMessage
from chat.hook_payloads.reader import read_payload
from chat.loop_time import run_in_thread
from chat.model.messages import Message
from chat.model.people import Person, PersonId
from chat.model.programs import Delivery, Hook, HookId, Via
from chat.model.rooms import RoomKind
from chat.programs.bots import Bots
from chat.programs.folds import Folds
from chat.programs.hook_posts import post_hook_message
from chat.programs.rate_limits import BURST, REQUESTS_PER_SECOND
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.store.contract import Store

log = structlog.get_logger(__name__)

# The most webhooks of a room, and the deliveries of each that are kept.
HOOK_LIMIT = 20
DELIVERY_LIMIT = 10

# The most bytes of a request's body.
BODY_LIMIT = 256 * 1024

# A larger body is read in a thread, in bytes: it may take a tenth of a second.
_SMALL_BODY = 16 * 1024

# The longest key by which a sender repeats a request, in characters; the rest is not compared.
IDEMPOTENCY_KEY_LIMIT = 255

# The same body within so many seconds is counted on its first message.
REPEAT_SECONDS = 10.0

# The webhooks whose last message is remembered for that.
_REMEMBERED_LIMIT = 1000

_OK = "ok"

# After this time, a message that could not be stored is to be sent again, in seconds.
_RETRY_SECONDS = 10


# Reads the body of a request, and no more than one byte beyond `BODY_LIMIT`.
ReadBody = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """The answer to a request; `retry_after` is in seconds, 0 if there is nothing to wait for."""

    status: int
    text: str
    retry_after: int = 0
    message: Message | None = None
    # Counted on the message of a fold, which was there before.
    is_counted: bool = False


@dataclass(frozen=True, slots=True)
class _Last:
    """The last message of a webhook, the hash of its body, and when it came."""

    body_hash: str
    message: Message
    at: float


class Hooks:
    """Makes webhooks, and posts what comes to them.

    Those who may post in a room make and change its webhooks.
    """

    def __init__(
        self,
        store: Store,
        rooms: RoomDirectory,
        bots: Bots,
        *,
        room_messages: RateLimits,
        posts_a_minute: float,
    ) -> None:
        """`room_messages` limits the messages of all programs of a room.

        A webhook takes no more requests than it may post for long (`posts_a_minute`), so that a
        fold begins before its messages are refused.
        """
        self._store = store
        self._rooms = rooms
        self._bots = bots
        self._requests = RateLimits(BURST, min(REQUESTS_PER_SECOND, posts_a_minute / 60))
        self._room_messages = room_messages
        self._last: OrderedDict[HookId, _Last] = OrderedDict()
        self._locks: dict[HookId, asyncio.Lock] = {}
        self._folds = Folds()

    async def create(self, person: Person, room: Room, name: str) -> Hook:
        """Make a webhook of a room, whose messages have this name.

        Raises BadName, NameTaken, BadProgram, TooManyPrograms, NoSuchRoom and RoomArchived.
        """
        room.require_post(person)
        if room.info.kind not in (RoomKind.PUBLIC, RoomKind.PRIVATE):
            raise BadProgram("Only a room has webhooks. Make a private room for this one.")
        bot = await self._bots.create(person, name)
        await self._rooms.invite(person, room, bot)
        try:
            hook = await self._store.add_hook(
                secrets.token_urlsafe(24), room.info.id, bot.id, person.id, HOOK_LIMIT
            )
        except ChatError:
            await self._bots.delete(bot)
            raise
        log.info("made a webhook", hook=hook.id, room=room.info.id, person=person.id)
        return hook

    async def of_room(self, person: Person, room: Room) -> tuple[Hook, ...]:
        """The webhooks of a room with their keys, in order of their creation.

        Raises NoSuchRoom and RoomArchived for a person who may not post there.
        """
        room.require_post(person)
        return await self._store.hooks(room.info.id)

    async def bot_ids_of(self, owner: Person) -> frozenset[PersonId]:
        """Those bots of a person that are the bots of webhooks."""
        return await self._store.hook_bot_ids(owner.id)

    async def deliveries(self, person: Person, room: Room, hook_id: HookId) -> tuple[Delivery, ...]:
        """The last ten requests to a webhook, the newest first."""
        await self._require(person, room, hook_id)
        return await self._store.deliveries(hook_id)

    async def set_paused(
        self, person: Person, room: Room, hook_id: HookId, *, paused: bool
    ) -> None:
        """Refuse what comes to a webhook, or post it again."""
        await self._require(person, room, hook_id)
        await self._store.update_hook(hook_id, is_paused=paused)

    async def set_may_call(
        self, person: Person, room: Room, hook_id: HookId, *, may_call: bool
    ) -> None:
        """Let the messages of a webhook call everybody, or not."""
        await self._require(person, room, hook_id)
        await self._store.update_hook(hook_id, may_call=may_call)

    async def regenerate(self, person: Person, room: Room, hook_id: HookId) -> None:
        """Give a webhook another address. The one before is not valid any more."""
        await self._require(person, room, hook_id)
        await self._store.update_hook(hook_id, key=secrets.token_urlsafe(24))

    async def delete(self, person: Person, room: Room, hook_id: HookId) -> None:
        """Delete a webhook. Its messages stay."""
        hook = await self._require(person, room, hook_id)
        await self._bots.delete(hook.bot)
        self._last.pop(hook.id, None)
        self._locks.pop(hook.id, None)
        self._folds.forget(hook.id)
        log.info("deleted a webhook", hook=hook.id, person=person.id)

    async def room_of(self, key: str) -> Room | None:
        """The room of a webhook; None if there is none with this key."""
        hook = await self._store.hook_for_key(key)
        return None if hook is None else await self._rooms.by_id(hook.bot, hook.room_id)

    async def receive(
        self, key: str, headers: Mapping[str, str], read_body: ReadBody, *, fold: bool = False
    ) -> HookAnswer:
        """Post what a program sent, and keep what was answered.

        `headers` have their names in lower case. The body is read once it is known for which
        webhook it is; of one webhook, one body after the other. With `fold`, what comes too fast is
        counted on one message instead of being refused. Each refusal is an answer; raises what
        `read_body` raises.
        """
        hook = await self._store.hook_for_key(key)
        if hook is None:
            return HookAnswer(
                404,
                "no_service: There is no such webhook (any more). "
                "Copy the address again from the dialog of the room.",
            )
        wait = self._requests.take(hook.id)
        is_folded = fold and (wait > 0 or self._folds.is_open(hook.id))
        if wait and not is_folded:
            # Not kept: a flood must not cost a write for each request.
            return _slow_down(SlowDown(wait))
        # Of two equal bodies, the second finds the first.
        async with self._locks.setdefault(hook.id, asyncio.Lock()):
            body = await read_body()
            answer = await self._answer(hook, headers, body, is_folded=is_folded)
            if answer.is_counted:
                return answer
            number = None if answer.message is None else answer.message.number
            delivery = Delivery(datetime.now(UTC), len(body), answer.status, answer.text, number)
            with suppress(NotStored):
                await self._store.add_delivery(hook.id, delivery, DELIVERY_LIMIT)
        return answer

    async def close(self) -> None:
        """Store the counts of the last second."""
        await self._folds.close()

    async def _answer(
        self, hook: Hook, headers: Mapping[str, str], body: bytes, *, is_folded: bool
    ) -> HookAnswer:
        try:
            room = await self._postable_room(hook, body)
            if not is_folded:
                return HookAnswer(200, _OK, message=await self._post(hook, room, headers, body))
            if self._folds.is_open(hook.id):
                message = self._folds.count(hook.id)
                return HookAnswer(200, _OK, message=message, is_counted=True)
            message = await self._post_new(hook, room, headers, body)
            self._folds.begin(hook.id, hook.bot, room, message)
            return HookAnswer(200, _OK, message=message)
        except SlowDown as refusal:
            return _slow_down(refusal)
        except HookRefused as refusal:
            return HookAnswer(refusal.status, f"{refusal.code}: {refusal}")
        except NoTextInPayload as refusal:
            return HookAnswer(400, f"no_text: {refusal}")
        except RoomArchived as refusal:
            return HookAnswer(403, f"channel_is_archived: {refusal}")
        except (Muted, PersonBanned) as refusal:
            return HookAnswer(403, f"action_prohibited: {refusal}")
        except NotStored as refusal:
            return HookAnswer(503, f"not_stored: {refusal}", _RETRY_SECONDS)
        except ChatError as refusal:
            return HookAnswer(400, f"invalid_payload: {refusal}")

    async def _postable_room(self, hook: Hook, body: bytes) -> Room:
        """The room of a webhook, if a body may be posted there."""
        if hook.is_paused:
            raise HookRefused(
                "This webhook is paused. Resume it in its room.", code="no_service", status=403
            )
        if len(body) > BODY_LIMIT:
            raise HookRefused(
                "More than 256 KiB do not fit. Send less at once.", code="too_large", status=413
            )
        room = await self._rooms.by_id(hook.bot, hook.room_id)
        room.require_post(hook.bot)
        return room

    async def _post(
        self, hook: Hook, room: Room, headers: Mapping[str, str], body: bytes
    ) -> Message:
        """Post a body, or count it on the message of the same body."""
        body_hash = hashlib.sha256(body).hexdigest()
        is_keyed = bool(headers.get("idempotency-key"))
        if not is_keyed and (last := self._last_same(hook, body_hash)) is not None:
            return await self._count_repeat(hook, room, last)
        posted = await self._post_new(hook, room, headers, body)
        self._remember(hook, _Last(body_hash, posted, monotonic()))
        return posted

    async def _post_new(
        self, hook: Hook, room: Room, headers: Mapping[str, str], body: bytes
    ) -> Message:
        if wait := self._room_messages.take(room.info.id):
            raise SlowDown(wait)
        message = await _read(headers, body)
        repeated_key = headers.get("idempotency-key", "")[:IDEMPOTENCY_KEY_LIMIT]
        client_id = _client_id(hook.id, repeated_key)
        return await post_hook_message(room, hook.bot, message, client_id, may_call=hook.may_call)

    async def _count_repeat(self, hook: Hook, room: Room, last: _Last) -> Message:
        message = await room.message(hook.bot, last.message.number)
        via = message.via or Via()
        await room.set_via(hook.bot, message.number, replace(via, count=via.count + 1))
        return message

    def _last_same(self, hook: Hook, body_hash: str) -> _Last | None:
        last = self._last.get(hook.id)
        is_same = (
            last is not None
            and last.body_hash == body_hash
            and monotonic() - last.at < REPEAT_SECONDS
        )
        return last if is_same else None

    def _remember(self, hook: Hook, last: _Last) -> None:
        self._last.pop(hook.id, None)
        self._last[hook.id] = last
        while len(self._last) > _REMEMBERED_LIMIT:
            self._last.popitem(last=False)

    async def _require(self, person: Person, room: Room, hook_id: HookId) -> Hook:
        """The webhook with this id in a room. Raises NoSuchProgram."""
        for each in await self.of_room(person, room):
            if each.id == hook_id:
                return each
        raise NoSuchProgram


async def _read(headers: Mapping[str, str], body: bytes) -> HookMessage:
    """The message of a request; a large body is read in a thread. Raises NoTextInPayload."""
    read = partial(read_payload, headers.get("content-type"), body, dict(headers))
    return read() if len(body) <= _SMALL_BODY else await run_in_thread(read)


def _client_id(hook_id: HookId, repeated_key: str) -> str:
    """The same for the same `Idempotency-Key`, else a new one."""
    if not repeated_key:
        return secrets.token_hex(16)
    return hashlib.sha256(f"{hook_id} {repeated_key}".encode()).hexdigest()


def _slow_down(refusal: SlowDown) -> HookAnswer:
    return HookAnswer(429, f"slow_down: {refusal}", max(1, int(refusal.wait) + 1))
