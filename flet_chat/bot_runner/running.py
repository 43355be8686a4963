"""One version of a bot at work: it reads events, calls handlers, and is dropped as a whole."""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flet_chat.answers import Profile
from flet_chat.async_chat import AsyncChat
from flet_chat.bot_runner.loading import BotVersion, describe_error
from flet_chat.bot_runner.owned_loop import BotLoop, Ownership, context_of
from flet_chat.bot_runner.position import Position
from flet_chat.bots.contexts import AsyncContext, Context
from flet_chat.bots.hearing import HELP, Chains, Hearing
from flet_chat.bots.live import ACTION
from flet_chat.bots.triggers import MESSAGE_POSTED, Handler, Heard, TimerTrigger
from flet_chat.chat import Chat
from flet_chat.errors import ChatError
from flet_chat.events import Event, ResyncRequired

log = logging.getLogger(__name__)

# Handlers of a bot that run at once. The next event is read when one of them has ended.
HANDLER_LIMIT = 10

# So many failures within so many seconds, and the bot is paused; and so many steps that held the
# loop, within so many seconds.
FAILURE_LIMIT, FAILURE_SECONDS = 3, 60.0
BLOCKED_LIMIT, BLOCKED_SECONDS = 3, 600.0

# An older message is passed over, as after a night without the chat.
CATCH_UP = timedelta(hours=1)

# The longest wait for a time of a schedule without a look at the clock, in seconds.
LONGEST_WAIT = 60.0

# The time that handlers have to end when their version is dropped, in seconds.
GRACE_SECONDS = 5.0

# The rooms of which is known whether the bot is in them.
ROOM_LIMIT = 1000

# After these events it may have joined or left a room.
_MEMBER_TYPES = frozenset({"member_joined", "member_left", "members_invited", "member_removed"})


@dataclass(frozen=True, slots=True)
class Account:
    """The bot in the chat: both kinds of client, with one token."""

    chat: AsyncChat
    sync_chat: Chat
    profile: Profile

    async def close(self) -> None:
        """Close the connections."""
        await self.chat.close()
        await asyncio.to_thread(self.sync_chat.close)


class RunningBot:
    """A version of a bot that runs. `tell` posts a text to its owner, `pause` stops it.

    Each message is for one handler at most, and is called once at most: its place is stored before
    that. So what ends the process is not called again after the restart.
    """

    def __init__(
        self,
        version: BotVersion,
        account: Account,
        position: Position,
        *,
        tell: Callable[[str], None],
        pause: Callable[[str], None],
        exit_endless: Callable[[Path, str], None],
    ) -> None:
        self.version = version
        self._account = account
        self._position = position
        self._tell, self._pause = tell, pause
        self._hearing = Hearing(version.bot, account.profile.bot)
        self._chains = Chains()
        self._owner = Ownership(
            version.path, self._on_blocked, lambda place: exit_endless(version.path, place)
        )
        self._threads = ThreadPoolExecutor(HANDLER_LIMIT, f"bot {version.path.stem}")
        self._slots = asyncio.Semaphore(HANDLER_LIMIT)
        self._calls = set[asyncio.Task[None]]()
        # The last action of each message: the next one gets the state that it writes.
        self._last_actions = dict[tuple[str, int], asyncio.Task[None]]()
        self._own_tasks = list[asyncio.Task[None]]()
        self._failures = deque[float](maxlen=FAILURE_LIMIT)
        self._blocked = deque[float](maxlen=BLOCKED_LIMIT)
        self._member_of = OrderedDict[str, bool]()

    def start(self) -> None:
        """Begin to hear, and to wait for the times of schedules."""
        work = [self._read()]
        for handler in self.version.bot.handlers:
            if isinstance(handler.trigger, TimerTrigger):
                work.append(self._keep_time(handler, handler.trigger))
        self._own_tasks = [asyncio.create_task(self._or_pause(each)) for each in work]

    def owns(self, task: object) -> bool:
        """Whether a task belongs to this version."""
        loop = asyncio.get_running_loop()
        return isinstance(loop, BotLoop) and loop.owner_of(task) is self._owner

    async def stop(self) -> None:
        """Hear nothing more, let handlers end for a while, and drop all that is left."""
        for task in self._own_tasks:
            task.cancel()
        await asyncio.gather(*self._own_tasks, return_exceptions=True)
        if self._calls:
            await asyncio.wait(self._calls, timeout=GRACE_SECONDS)
        self._owner.drop()
        for task in list(self._calls):
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.version.forget()

    async def _or_pause(self, work: Coroutine[Any, Any, None]) -> None:
        """Pause the bot if this fails: it would be deaf, and nobody would know."""
        try:
            await work
        except Exception as error:
            if not isinstance(error, ChatError):
                log.exception("%s cannot go on", self.version.path.name)
            self._pause(str(error))

    async def _read(self) -> None:
        bot = self.version.bot
        while True:
            if self._position.cursor is None:
                await self._position.begin(self._account.chat)
            types = self._hearing.types | _MEMBER_TYPES
            events = self._account.chat.events(types=sorted(types), after=self._position.cursor)
            try:
                async for event in events:
                    await self._take(event)
                    # The cursor after this event, and after others that were not for the bot.
                    self._position.cursor = events.cursor
            except ResyncRequired:
                log.warning("%s begins anew: the chat has other data", bot.name)
                self._position.cursor = None
            except ChatError as error:
                if error.code != "bad_cursor":
                    raise
                self._position.cursor = None
            finally:
                await events.aclose()

    async def _take(self, event: Event) -> None:
        """Call the handlers of an event."""
        if event.type in _MEMBER_TYPES and event.room is not None:
            self._member_of.pop(event.room.slug, None)
        if not self._is_current(event) or not self._may_hear(event):
            return
        heard = self._hearing.hear(event)
        found = self._hearing.handlers(heard)
        is_help = heard.command == HELP and not found
        if not (found or is_help) or not (heard.is_addressed or await self._is_in(event)):
            return
        if not self._may_answer(event):
            return
        if is_help:
            found = [(Handler(_NoTrigger(), self._help), heard)]
        for handler, part in found:
            # In their order: what has not begun when the process ends, is called afterwards.
            await self._begin(handler, part, datetime.now(UTC))

    def _is_current(self, event: Event) -> bool:
        message = event.message
        if message is None or event.type != MESSAGE_POSTED:
            return True
        if datetime.now(UTC) - message.sent_at > CATCH_UP:
            log.info("%s passes over a message of %s", self.version.bot.name, message.sent_at)
            return False
        return message.kind == "text" and not message.deleted and message.stream_state is None

    def _may_hear(self, event: Event) -> bool:
        """Whether an event comes from somebody whom the bot hears: never from itself."""
        message, room = event.message, event.room
        if message is None or room is None:
            return True
        if message.author.id == self._account.profile.bot.id:
            if event.type == MESSAGE_POSTED:
                self._chains.note_own(room.slug)
            return False
        if not message.author.is_bot:
            if event.type == MESSAGE_POSTED:
                self._chains.note_person(room.slug)
            return True
        return self.version.bot.hears_bots

    def _may_answer(self, event: Event) -> bool:
        """Whether a chain of bots that answer each other goes on."""
        message, room = event.message, event.room
        if message is None or room is None or not message.author.is_bot:
            return True
        if self._chains.may_hear_bot(room.slug):
            return True
        log.info("%s hears no more bots in %s", self.version.bot.name, room.slug)
        return False

    async def _is_in(self, event: Event) -> bool:
        """Whether the bot is in the room of an event: a public room can be read without that."""
        room = event.room
        if room is None or room.is_direct:
            return True
        slug = room.slug if room.thread_of is None else room.thread_of.room
        if slug not in self._member_of:
            try:
                self._member_of[slug] = (await self._account.chat.room(slug)).is_member
            except ChatError as error:
                # It may have been removed a moment ago.
                log.info("%s cannot see %s: %s", self.version.bot.name, slug, error)
                return False
            while len(self._member_of) > ROOM_LIMIT:
                self._member_of.popitem(last=False)
        return self._member_of[slug]

    async def _keep_time(self, handler: Handler, trigger: TimerTrigger) -> None:
        """Call a handler whenever its schedule is due; each time once at most."""
        key = f"{handler.name} {trigger.schedule.text}"
        last = self._position.times.get(key, datetime.now(UTC))
        while True:
            due = trigger.schedule.next_due(last, datetime.now(UTC))
            await _wait_until(due)
            self._position.times[key] = last = due
            await self._begin(handler, None, due)

    async def _begin(self, handler: Handler, heard: Heard | None, at: datetime) -> None:
        """Call a handler as soon as there is a slot, and wait until it has begun.

        An action is not waited for: it has no place, and begins after the one before it.
        """
        await self._slots.acquire()
        begun = asyncio.Event()
        key = _order_key(heard)
        earlier = None if key is None else self._last_actions.get(key)
        task = asyncio.create_task(
            self._run(handler, heard, at, begun=begun, earlier=earlier), name=handler.name
        )
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        if key is None:
            task.add_done_callback(lambda _: begun.set())
            await begun.wait()
        else:
            self._last_actions[key] = task
            task.add_done_callback(lambda done: self._forget_action(key, done))

    def _forget_action(self, key: tuple[str, int], task: "asyncio.Task[None]") -> None:
        if self._last_actions.get(key) is task:
            del self._last_actions[key]

    async def _run(
        self,
        handler: Handler,
        heard: Heard | None,
        at: datetime,
        *,
        begun: asyncio.Event,
        earlier: "asyncio.Task[None] | None",
    ) -> None:
        """Call a handler; one of an action after the `earlier` one of the same message."""
        bot, account, loop = self.version.bot, self._account, asyncio.get_running_loop()

        def begin() -> None:
            self._position.begin_call(None if heard is None else heard.event.cursor)
            loop.call_soon_threadsafe(begun.set)

        try:
            if earlier is not None:
                await asyncio.wait({earlier})
            if handler.is_async:
                context = AsyncContext(bot, heard, at, chat=account.chat)
                await self._run_async(handler, context, begin)
            else:
                sync_context = Context(bot, heard, at, chat=account.sync_chat)
                await self._run_on_thread(handler, sync_context, begin)
            await asyncio.to_thread(bot.state.save)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            await self._on_failure(handler, heard, error)
        finally:
            self._slots.release()

    async def _run_async(
        self, handler: Handler, context: AsyncContext, begin: Callable[[], None]
    ) -> None:
        async def run() -> None:
            begin()
            called = handler.function(context)
            assert called is not None, "a function with async def returns what can be awaited"
            await called

        task = asyncio.get_running_loop().create_task(
            run(), name=handler.name, context=context_of(self._owner)
        )
        await task

    async def _run_on_thread(
        self, handler: Handler, context: Context, begin: Callable[[], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, BotLoop), "bots run on a loop of their own"

        def run() -> None:
            begin()
            try:
                loop.watch.run_on_thread(self._owner, lambda: handler.function(context))
            except StopIteration as error:  # a future does not take it
                raise RuntimeError("StopIteration") from error

        await loop.run_in_executor(self._threads, run)

    async def _help(self, context: AsyncContext) -> None:
        await context.reply(self._hearing.help_text())

    async def _on_failure(
        self, handler: Handler, heard: Heard | None, error: BaseException
    ) -> None:
        self.note_failure(error, handler.name)
        if heard is not None and heard.command is not None and heard.event.room is not None:
            owner = self._account.profile.owner
            told = "" if owner is None else f" {owner.name} was told."
            try:
                await self._account.chat.post(
                    heard.event.room.slug,
                    f"Something went wrong with `{heard.command}`.{told}",
                    quote=None if heard.event.room.is_direct else heard.event.message,
                )
            except ChatError as refusal:
                log.warning("%s cannot answer: %s", self.version.bot.name, refusal)

    def note_failure(self, error: BaseException, name: str) -> None:
        """Tell the owner what failed; after three within a minute the bot is paused."""
        path = self.version.path
        text = describe_error(error, path)
        log.warning("%s failed in %s: %s", path.name, name, text)
        now = time.monotonic()
        self._failures.append(now)
        self._tell(f"**{path.name}** failed in `{name}`.\n{text}")
        if len(self._failures) == FAILURE_LIMIT and now - self._failures[0] < FAILURE_SECONDS:
            self._pause(f"It failed {FAILURE_LIMIT} times within a minute.")

    def _on_blocked(self, seconds: float, place: str) -> None:
        """A step held the loop, which all bots share."""
        where = f" ({place})" if place else ""
        text = (
            f"**{self.version.path.name}** held all bots for {seconds:.1f} s{where}. Wait with "
            "`await`, or write `def` instead of `async def`: that runs on a thread."
        )
        log.warning("%s", text)
        now = time.monotonic()
        self._blocked.append(now)
        self._tell(text)
        if len(self._blocked) == BLOCKED_LIMIT and now - self._blocked[0] < BLOCKED_SECONDS:
            self._pause(f"It held all bots {BLOCKED_LIMIT} times{where}.")


def _order_key(heard: Heard | None) -> tuple[str, int] | None:
    """The message of an action."""
    if heard is None or heard.event.type != ACTION or heard.event.room is None:
        return None
    assert heard.event.number is not None, "an action is on a message"
    return heard.event.room.slug, heard.event.number


async def _wait_until(moment: datetime) -> None:
    while True:
        left = (moment - datetime.now(UTC)).total_seconds()
        if left <= 0:
            return
        # A long wait would not notice that the clock was set, or that the computer slept.
        await asyncio.sleep(min(left, LONGEST_WAIT))


class _NoTrigger:
    types = frozenset[str]()

    def find(self, heard: Heard) -> Heard | None:
        return None
