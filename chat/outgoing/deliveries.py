"""The deliveries of outgoing webhooks: each follows the sequence of the store at its own pace.

Nothing waits here for a receiver. A webhook has a position in the sequence, which is stored with
each delivery; what comes after it is read from the store, also by the next process. A request that
was sent and not recorded is sent again, with the same id.
"""

import asyncio
import json
import random
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog

from chat.activity.rate_limits import RateLimits
from chat.errors import BadProgram, ChatError, NoSuchRoom, NotStored, SlowDown, gettext_noop
from chat.hook_payloads.message import HookMessage
from chat.languages import negotiate_language
from chat.model.events import MessageChanged, MessagesPosted, room_of_topic
from chat.model.outgoing import (
    Attempt,
    OutgoingHook,
    OutgoingHookId,
    PauseReason,
    Progress,
)
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId, RoomInfo
from chat.outgoing.replies import read_reply
from chat.outgoing.requests import Answer, Requester
from chat.outgoing.signature import signed_headers
from chat.outgoing.triggers import TriggerFilter
from chat.programs.event_cursor import EventCursors
from chat.programs.event_log import PAGE_SIZE, READ_SPAN, EventLog
from chat.programs.events import EventType, StoredEvent, stored_event
from chat.programs.hook_posts import post_hook_message
from chat.programs.rate_limits import BURST, REQUESTS_PER_SECOND
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.store.contract import Store
from chat.tasks import Tasks

log = structlog.get_logger(__name__)

# Requests at once of all webhooks, and besides them those to receivers that have failed before. Of
# each webhook there is one.
CONCURRENT_REQUESTS = 20
CONCURRENT_RETRIES = 5

# The time until the second attempt, by how much it grows with each further one, and the longest, in
# seconds. A fifth more or less is chance. After so many attempts, two days and a half, the webhook
# is paused.
FIRST_RETRY_SECONDS = 5.0
RETRY_FACTOR = 3.0
MAX_RETRY_SECONDS = 12 * 3600.0
MAX_ATTEMPTS = 14
_JITTER = 0.2

# The requests of each webhook that are kept.
ATTEMPT_LIMIT = 10

# A position is stored without a delivery if it has gone on by so many numbers.
POSITION_SPAN = 1000

# How often webhooks look for what nobody told them of, and for attempts that are due: a timer
# stands still while the computer sleeps. In seconds.
SWEEP_SECONDS = 60.0

# Before what could not be stored is tried again, in seconds.
_STORE_RETRY_SECONDS = 10.0

# An event as the JSON of the API; with the room of a thread, and the cursor after the event.
EncodeEvent = Callable[[StoredEvent, RoomInfo | None, str | None], bytes]

_PAUSED_TEXTS = {
    PauseReason.FAILING: gettext_noop(
        "I am paused: {host} did not take what I sent, {count} times in a row. Nothing is lost. "
        "Look at “Webhooks” in the dialog of {room}, and resume me there."
    ),
    PauseReason.GONE: gettext_noop(
        "I am paused: {host} says that this address does not exist any more. Give me another one "
        "under “Webhooks” in the dialog of {room}, or delete me."
    ),
    PauseReason.NO_ACCESS: gettext_noop(
        "I am paused: you, or I, are not in {room} any more. Whoever resumes me there is "
        "responsible for me from then on."
    ),
}


@dataclass(frozen=True, slots=True)
class DeliveryTimings:
    """How long failed deliveries wait, in seconds."""

    first_retry: float = FIRST_RETRY_SECONDS
    sweep: float = SWEEP_SECONDS


@dataclass(frozen=True, slots=True)
class Sending:
    """What the server adds: how events are written, their cursors, and how requests are sent."""

    encode: EncodeEvent
    cursors: EventCursors
    requester: Requester


class _Follower:
    """One webhook, and how far it has read."""

    __slots__ = ("filter", "hook", "is_woken", "position", "task", "timer")

    def __init__(self, hook: OutgoingHook) -> None:
        self.hook = hook
        self.filter = TriggerFilter(hook)
        self.position = hook.progress.position
        self.is_woken = False
        self.task: asyncio.Task[None] | None = None
        self.timer: asyncio.TimerHandle | None = None

    def change(self, hook: OutgoingHook) -> None:
        """Go on with other values, and with the own progress."""
        self.hook = replace(hook, progress=self.hook.progress)
        self.filter = TriggerFilter(self.hook)

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    @property
    def wait_seconds(self) -> float:
        """The seconds until the next attempt may be made."""
        next_at = self.hook.progress.next_at
        return 0.0 if next_at is None else (next_at - datetime.now(UTC)).total_seconds()


class Deliveries:
    """Sends what the outgoing webhooks are told, in order, each at least once."""

    def __init__(
        self,
        store: Store,
        rooms: RoomDirectory,
        event_log: EventLog,
        *,
        room_messages: RateLimits,
        language_tag: Callable[[Person], Awaitable[str]],
        timings: DeliveryTimings,
    ) -> None:
        """`room_messages` limits the messages of all programs of a room; `language_tag` is that
        which a person has chosen."""
        self._store = store
        self._rooms = rooms
        self._log = event_log
        self._room_messages = room_messages
        self._language_tag = language_tag
        self._timings = timings
        self._sending: Sending | None = None
        self._followers: dict[OutgoingHookId, _Follower] = {}
        self._by_room: dict[RoomId, tuple[OutgoingHookId, ...]] = {}
        # What programs and changes cause comes no faster, so that two programs that answer each
        # other do not do so without a pause.
        self._paces = RateLimits(BURST, REQUESTS_PER_SECOND)
        self._slots = asyncio.Semaphore(CONCURRENT_REQUESTS)
        self._retry_slots = asyncio.Semaphore(CONCURRENT_RETRIES)
        self._tasks = Tasks()

    async def start(self, sending: Sending) -> None:
        """Go on where the last process stopped."""
        self._sending = sending
        for hook in await self._store.outgoing_hooks():
            self.add(hook)
        self._tasks.start(self._sweep(), "look for deliveries")

    @property
    def sending(self) -> Sending:
        """How requests are sent."""
        assert self._sending is not None, "it was started"
        return self._sending

    def add(self, hook: OutgoingHook) -> None:
        """Follow a webhook from its stored progress on."""
        self.remove(hook.id)
        self._followers[hook.id] = _Follower(hook)
        self._update_rooms()
        self._wake(hook.id)

    def change(self, hook: OutgoingHook) -> None:
        """A webhook has another address, secret or trigger, or was paused."""
        if (follower := self._followers.get(hook.id)) is not None:
            follower.change(hook)

    def remove(self, hook_id: OutgoingHookId) -> None:
        """Send nothing more to a webhook."""
        follower = self._followers.pop(hook_id, None)
        if follower is not None:
            follower.stop_timer()
            self._update_rooms()

    def on_bot_deleted(self, bot_id: PersonId) -> None:
        """A bot was deleted, and its webhooks with it."""
        for hook_id, follower in tuple(self._followers.items()):
            if follower.hook.bot.id == bot_id:
                self.remove(hook_id)

    def on_published(self, topic: str, event: object) -> None:
        """An event was published to the screens."""
        if not self._by_room or not isinstance(event, MessagesPosted | MessageChanged):
            return
        room_id = room_of_topic(topic)
        room = None if room_id is None else self._rooms.opened(room_id)
        if room is not None:
            for hook_id in self._by_room.get(room.info.parent_id or room.info.id, ()):
                self._wake(hook_id)

    async def test(self, hook: OutgoingHook) -> Attempt:
        """Tell a webhook something that did not happen; it is tried once.

        If the receiver takes it, what waits is sent at once.
        """
        room = await self._rooms.by_id(hook.bot, hook.room_id)
        values: dict[str, Any] = {
            "type": "test",
            "room": {"id": room.info.id, "slug": room.info.slug, "title": room.info.title},
            "webhook": hook.bot.name,
        }
        body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        webhook_id = f"msg_test_{secrets.token_hex(12)}"
        attempt, answer = await self._send(hook, webhook_id, body)
        await self._store.add_attempt(hook.id, attempt, None, ATTEMPT_LIMIT)
        if answer.problem is None:
            await self.retry_now(hook.id)
        return attempt

    async def send_again(self, hook: OutgoingHook, attempt: Attempt) -> Attempt:
        """Send what a request has sent once more, with the same id and in its state of now.

        Raises BadProgram if the message has changed since, or was deleted.
        """
        if not attempt.sequence:
            return await self.test(hook)
        page = await self._store.sequence_page(
            attempt.sequence - 1, 1, 1, reader_id=hook.bot.id, room_ids=(hook.room_id,)
        )
        if not page.changes:
            raise BadProgram("The message has changed since then, or was deleted.")
        event = stored_event(page.changes[0])
        body = self._encode(event, await self._rooms.access(event.room))
        sent, _ = await self._send(
            hook, attempt.webhook_id, body, sequence=attempt.sequence, number=attempt.number
        )
        sent = replace(sent, count=attempt.count + 1)
        await self._store.add_attempt(hook.id, sent, None, ATTEMPT_LIMIT)
        return sent

    async def retry_now(self, hook_id: OutgoingHookId) -> None:
        """Make the next attempt at once, as if none had failed."""
        follower = self._followers.get(hook_id)
        if follower is None or not follower.hook.progress.failures:
            return
        progress = Progress(follower.hook.progress.position)
        await self._store.set_progress(hook_id, progress)
        follower.hook = replace(follower.hook, progress=progress)
        self._wake(hook_id)

    async def close(self) -> None:
        """End all requests. Those that were not answered are sent again by the next process."""
        for follower in self._followers.values():
            follower.stop_timer()
        await self._tasks.stop()
        if self._sending is not None:
            await self._sending.requester.close()

    def _update_rooms(self) -> None:
        by_room = dict[RoomId, tuple[OutgoingHookId, ...]]()
        for hook_id, each in self._followers.items():
            by_room[each.hook.room_id] = (*by_room.get(each.hook.room_id, ()), hook_id)
        self._by_room = by_room

    def _wake(self, hook_id: OutgoingHookId) -> None:
        """Let a webhook look for more, or make its next attempt, once it is due."""
        follower = self._followers.get(hook_id)
        if follower is None or follower.hook.pause is not None or self._sending is None:
            return
        follower.is_woken = True
        if follower.task is not None:
            return
        follower.stop_timer()
        if (seconds := follower.wait_seconds) > 0:
            follower.timer = _call_later(seconds, partial(self._wake, hook_id))
            return
        follower.task = self._tasks.start(self._run(follower), "deliver to a webhook")

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._timings.sweep)
            try:
                last = await self._store.last_sequence()
            except ChatError:
                continue
            for hook_id, follower in tuple(self._followers.items()):
                if follower.position < last and follower.wait_seconds <= 0:
                    self._wake(hook_id)

    async def _run(self, follower: _Follower) -> None:
        try:
            while follower.is_woken and self._is_active(follower):
                follower.is_woken = False
                while await self._deliver_page(follower):
                    pass
        except ChatError as refusal:
            log.warning("deliveries wait", hook=follower.hook.id, reason=str(refusal))
            wake = partial(self._wake, follower.hook.id)
            follower.timer = _call_later(_STORE_RETRY_SECONDS, wake)
        finally:
            follower.task = None
        if self._is_active(follower) and follower.wait_seconds > 0:
            self._wake(follower.hook.id)

    def _is_active(self, follower: _Follower) -> bool:
        hook = follower.hook
        return self._followers.get(hook.id) is follower and hook.pause is None

    async def _deliver_page(self, follower: _Follower) -> bool:
        """Deliver what comes next; returns whether there may be more to send at this moment."""
        hook = follower.hook
        if not self._is_active(follower) or follower.wait_seconds > 0:
            return False
        room = await self._room_of(hook)
        if room is None:
            await self._pause(follower, PauseReason.NO_ACCESS)
            return False
        before = follower.position
        page = await self._log.stored_page(before, hook.bot.id, (hook.room_id,))
        for event in page.events:
            if not self._is_active(follower):
                return False
            if follower.filter.accepts(event) and not await self._deliver(follower, room, event):
                return False
            follower.position = event.change.sequence
        has_more = len(page.events) >= PAGE_SIZE or page.position - before >= READ_SPAN
        follower.position = max(follower.position, page.position)
        if follower.position - follower.hook.progress.position >= POSITION_SPAN:
            await self._store_progress(follower, Progress(follower.position))
        return has_more

    async def _room_of(self, hook: OutgoingHook) -> Room | None:
        """The room, if its bot and who is responsible for it are in it."""
        try:
            room = await self._rooms.by_id(hook.bot, hook.room_id)
        except NoSuchRoom:
            return None
        return room if _has_access(hook, room) else None

    async def _deliver(self, follower: _Follower, room: Room, event: StoredEvent) -> bool:
        """Send an event; returns whether the receiver has taken it."""
        is_by_person = event.type is EventType.MESSAGE_POSTED and not _author(event).is_bot
        if not is_by_person:
            await _take(self._paces, follower.hook.id)
        body = self._encode(event, await self._rooms.access(event.room))
        hook = follower.hook
        if not self._is_active(follower):
            return False
        # Asked at the last moment: nothing is sent on behalf of somebody who has left.
        if not _has_access(hook, room):
            await self._pause(follower, PauseReason.NO_ACCESS)
            return False
        sequence, failures = event.change.sequence, hook.progress.failures
        webhook_id = f"msg_{self.sending.cursors.run_of(sequence)}_{hook.id}_{sequence}"
        # A message of a thread has its number there.
        number = event.change.message.number if event.room.id == hook.room_id else 0
        attempt, answer = await self._send(hook, webhook_id, body, sequence=sequence, number=number)
        attempt = replace(attempt, count=failures + 1)
        if self._followers.get(hook.id) is not follower:
            return False
        if answer.problem is None:
            await self._post_reply(hook, event, answer)
            progress = Progress(sequence)
        else:
            progress = self._progress_after_failure(follower, failures + 1, answer)
        await self._store.add_attempt(hook.id, attempt, progress, ATTEMPT_LIMIT)
        follower.hook = replace(follower.hook, progress=progress)
        if answer.problem is None:
            return True
        log.info("a webhook failed", hook=hook.id, problem=answer.problem, status=answer.status)
        if answer.is_gone:
            await self._pause(follower, PauseReason.GONE)
        elif progress.failures >= MAX_ATTEMPTS:
            await self._pause(follower, PauseReason.FAILING)
        return False

    def _progress_after_failure(
        self, follower: _Follower, failures: int, answer: Answer
    ) -> Progress:
        seconds = retry_seconds(failures, self._timings.first_retry)
        seconds = max(seconds * random.uniform(1 - _JITTER, 1 + _JITTER), answer.retry_after)
        next_at = datetime.now(UTC) + timedelta(seconds=seconds)
        return Progress(follower.position, failures, next_at)

    def _encode(self, event: StoredEvent, access: Any) -> bytes:
        parent = access.info if event.room.parent_id is not None else None
        cursor = self.sending.cursors.encode(event.change.sequence)
        return self.sending.encode(event, parent, cursor)

    async def _send(
        self,
        hook: OutgoingHook,
        webhook_id: str,
        body: bytes,
        *,
        sequence: int = 0,
        number: int = 0,
    ) -> tuple[Attempt, Answer]:
        slots = self._retry_slots if hook.progress.failures else self._slots
        async with slots:
            at = datetime.now(UTC)
            headers = signed_headers(hook.secret, webhook_id, int(at.timestamp()), body)
            answer = await self.sending.requester.post(hook.url, headers, body)
        attempt = Attempt(
            at,
            webhook_id,
            sequence,
            number,
            answer.status,
            answer.milliseconds,
            answer.problem,
            answer.details,
        )
        return attempt, answer

    async def _post_reply(self, hook: OutgoingHook, event: StoredEvent, answer: Answer) -> None:
        """Post what a receiver answers to a new message, as a reply to it."""
        if event.type is not EventType.MESSAGE_POSTED:
            return
        reply = await read_reply(answer.body)
        if reply is None:
            return
        await _take(self._room_messages, event.room.id)
        while True:
            wait = await self._try_to_reply(hook, event, reply)
            if not wait:
                return
            await asyncio.sleep(wait)

    async def _try_to_reply(
        self, hook: OutgoingHook, event: StoredEvent, reply: HookMessage
    ) -> float:
        """Post a reply; the seconds to wait if it came too soon after others, else 0."""
        message = event.change.message
        try:
            room = await self._rooms.by_id(hook.bot, event.room.id)
            await post_hook_message(
                room,
                hook.bot,
                reply,
                # A delivery that is repeated posts nothing more.
                f"answer {hook.id} {event.change.sequence}",
                quoted_number=message.number,
                chain=1 + (0 if message.via is None else message.via.chain),
            )
        except NotStored:
            raise
        except SlowDown as refusal:
            return refusal.wait
        except ChatError as refusal:
            log.info("did not post an answer", hook=hook.id, reason=str(refusal))
        return 0.0

    async def _store_progress(self, follower: _Follower, progress: Progress) -> None:
        await self._store.set_progress(follower.hook.id, progress)
        follower.hook = replace(follower.hook, progress=progress)

    async def _pause(self, follower: _Follower, reason: PauseReason) -> None:
        """Send nothing more, and tell the person who is responsible."""
        hook = follower.hook
        await self._store.pause_outgoing_hook(hook.id, reason)
        follower.hook = replace(follower.hook, pause=reason)
        follower.stop_timer()
        log.warning("paused a webhook", hook=hook.id, reason=reason.value)
        try:
            await self._tell(hook, reason)
        except ChatError as refusal:
            log.info("could not tell of a pause", hook=hook.id, reason=str(refusal))

    async def _tell(self, hook: OutgoingHook, reason: PauseReason) -> None:
        people = {each.id: each for each in await self._rooms.all_people()}
        if (person := people.get(hook.responsible_id)) is None:
            return
        room = self._rooms.opened(hook.room_id)
        t = negotiate_language(await self._language_tag(person))
        text = t(
            _PAUSED_TEXTS[reason],
            host=hook.host,
            count=MAX_ATTEMPTS,
            room="…" if room is None else room.info.title,
        )
        direct = await self._rooms.get_or_create_direct(hook.bot, [person])
        await direct.post(hook.bot, text, secrets.token_hex(16), mentioning="")


def retry_seconds(failures: int, first: float = FIRST_RETRY_SECONDS) -> float:
    """The time from a failed attempt to the next one, in seconds; `failures` counts from 1."""
    return min(first * RETRY_FACTOR ** (failures - 1), MAX_RETRY_SECONDS)


async def _take(limits: RateLimits, key: int) -> None:
    """Wait until there is one to take."""
    while True:
        wait = limits.take(key)
        if not wait:
            return
        await asyncio.sleep(wait)


def _has_access(hook: OutgoingHook, room: Room) -> bool:
    return hook.responsible_id in room.members and hook.bot.id in room.members


def _author(event: StoredEvent) -> Person:
    return event.change.message.author


def _call_later(seconds: float, action: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(seconds, action)
