"""One bot file: its versions, its account in the chat, and whether it runs."""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from flet_chat.bot_runner.loading import BadBotFile, BotVersion, content_hash, load_version
from flet_chat.bot_runner.position import Position, last_name
from flet_chat.bot_runner.process import BotRefused, BotReport
from flet_chat.bot_runner.running import Account, RunningBot
from flet_chat.errors import ChatError

log = logging.getLogger(__name__)

# A version has so many seconds to be loaded: what is at the top of the file runs then.
LOAD_SECONDS = 10.0

# Before a failure to load is told, in seconds: the rest of a half-written file may come.
SETTLE_SECONDS = 0.25

# One save may be seen several times, within so many seconds.
REPEAT_SECONDS = 1.0

# Texts that wait to be posted to the owner; more are only in the log.
NOTICE_LIMIT = 20

Connect = Callable[[Path, str], Awaitable[Account]]


class BotFile:
    """A file of a bot. `connect(path, name)` gives the account of a bot, `report` tells its state.

    `exit_endless(path, place)` ends the process, which a bot holds; it is called on any thread.
    """

    def __init__(
        self,
        path: Path,
        home: Path,
        connect: Connect,
        *,
        report: Callable[[BotReport], None],
        exit_endless: Callable[[Path, str], None],
    ) -> None:
        self.path = path
        self._home = home
        self._connect, self._report = connect, report
        self._exit_endless = exit_endless
        self._running: RunningBot | None = None
        self._account: Account | None = None
        self._position: Position | None = None
        self._position_path = home / f"{path.stem}.position.json"
        self._hash: str | None = None
        self._tried_at = -math.inf
        self._name = ""
        self._lock = asyncio.Lock()
        self._notices = asyncio.Queue[str](NOTICE_LIMIT)
        self._tasks = list[asyncio.Task[None]]()
        self._pausing: asyncio.Task[None] | None = None

    def owns(self, task: object) -> bool:
        """Whether a task belongs to the version that runs."""
        return self._running is not None and self._running.owns(task)

    def note_failure(self, error: BaseException) -> None:
        """Tell the owner what failed in a task of the bot that nobody has waited for."""
        if self._running is not None:
            self._running.note_failure(error, "a task")

    async def begin_paused(self, reason: str) -> None:
        """Begin without running it: it held the process, or has ended it."""
        async with self._lock:
            # The file itself is not loaded: that may be what held the process.
            path = self._position_path
            if name := await asyncio.to_thread(last_name, path):
                await self._connect_as(name)
            await self._set_paused(reason)

    async def load(self, *, again: bool = False) -> None:
        """Run the version that is saved now. One that was loaded already runs `again` if asked."""
        async with self._lock:
            try:
                current = await asyncio.to_thread(content_hash, self.path)
            except OSError:
                return
            running = None if self._running is None else self._running.version.content_hash
            is_just_tried = time.monotonic() - self._tried_at < REPEAT_SECONDS
            if current == self._hash and not again and (current == running or is_just_tried):
                return
            self._hash = current
            await self._load()
            self._tried_at = time.monotonic()

    async def start_again(self) -> None:
        """Run a paused one, with an account of its own: its token may have been revoked."""
        async with self._lock:
            await self._leave()
            await self._load()

    async def close(self) -> None:
        """Stop it, and close its account."""
        async with self._lock:
            await self._leave()

    async def _leave(self) -> None:
        await self._stop_running()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._position is not None:
            await self._position.save()
        if self._account is not None:
            await self._account.close()
        self._account, self._position, self._tasks = None, None, []

    async def _load(self) -> None:
        """Load the file, and let its bot run in place of the one before."""
        try:
            version = await self._new_version()
            await self._connect_as(version.bot.name)
            assert self._account is not None and self._position is not None
            # The version before stores its state at its end.
            await self._stop_running()
            await asyncio.to_thread(version.bot.state.open, self._home / f"{self.path.stem}.json")
        except (BadBotFile, BotRefused, ChatError, OSError, ValueError) as error:
            if isinstance(error, ChatError) and error.code == "no_connection":
                # The process ends with it, and is started again after a while.
                raise
            await self._on_bad_version(str(error))
            return
        self._running = RunningBot(
            version,
            self._account,
            self._position,
            tell=self._tell,
            pause=partial(self._pause, version),
            exit_endless=self._exit_endless,
        )
        self._running.start()
        log.info("%s runs as %s", self.path.name, self._account.profile.bot.name)
        self._report_state("running")

    async def _new_version(self) -> BotVersion:
        """The version that is saved. Raises BadBotFile, once the file does not change any more."""
        while True:
            try:
                return await _loaded(self.path, self._exit_endless)
            except BadBotFile:
                await asyncio.sleep(SETTLE_SECONDS)
                try:
                    current = await asyncio.to_thread(content_hash, self.path)
                except OSError:
                    current = self._hash or ""
                if current == self._hash:
                    raise
                self._hash = current

    async def _connect_as(self, name: str) -> None:
        """The account of the bot of this name; of another name it is another account."""
        if self._account is not None and name == self._name:
            return
        account = await self._connect(self.path, name)
        await self._stop_running()
        if self._account is not None:
            await self._account.close()
        self._account, self._name = account, name
        self._position = Position(self._position_path, account.profile.bot.id, name)
        await asyncio.to_thread(self._position.read)
        if self._position.cursor is None:
            await self._position.begin(account.chat)
        for task in self._tasks:
            task.cancel()
        work = (self._post_notices(account), self._position.save_now_and_then())
        self._tasks = [asyncio.create_task(each) for each in work]

    async def _on_bad_version(self, reason: str) -> None:
        log.warning("%s does not load: %s", self.path.name, reason)
        if self._account is None:
            # It has no name yet to speak with: whoever runs it speaks for it.
            with contextlib.suppress(ChatError, BotRefused):
                account = await self._connect(self.path, "")
                await _post_to_owner(account, f"**{self.path.name}** does not load.\n{reason}")
                await account.close()
            self._report_state("broken", reason)
            return
        goes_on = " The version before goes on." if self._running is not None else ""
        self._tell(f"**{self.path.name}** does not load.{goes_on}\n{reason}")
        self._report_state("running" if self._running is not None else "broken", reason)

    def _pause(self, version: BotVersion, reason: str) -> None:
        if self._pausing is None or self._pausing.done():
            self._pausing = asyncio.get_running_loop().create_task(self._pause_now(version, reason))

    async def _pause_now(self, version: BotVersion, reason: str) -> None:
        async with self._lock:
            # (Another version may have taken its place.)
            if self._running is not None and self._running.version is version:
                await self._set_paused(reason)

    async def _set_paused(self, reason: str) -> None:
        await self._stop_running()
        # Whatever is saved next is another save.
        self._tried_at = -math.inf
        log.warning("%s is paused: %s", self.path.name, reason)
        self._tell(
            f"**{self.path.name}** is paused. {reason} Save the file to start it again, or press "
            "Start in Settings, Bots and tokens."
        )
        self._report_state("paused", reason)

    async def _stop_running(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await running.stop()

    def _tell(self, text: str) -> None:
        try:
            self._notices.put_nowait(text)
        except asyncio.QueueFull:
            log.warning("not told: %s", text)

    async def _post_notices(self, account: Account) -> None:
        while True:
            text = await self._notices.get()
            try:
                await _post_to_owner(account, text)
            except ChatError as error:
                log.warning("not told, since %s %s", error, text)

    def _report_state(self, state: str, reason: str = "") -> None:
        name = "" if self._account is None else self._account.profile.bot.name
        self._report(BotReport(self.path.name, name, state, reason))


async def _post_to_owner(account: Account, text: str) -> None:
    if account.profile.owner is not None:
        await account.chat.post(account.profile.owner, text)


async def _loaded(path: Path, exit_endless: Callable[[Path, str], None]) -> BotVersion:
    """The version that is saved, loaded on a thread. One that does not end, ends the process."""
    loading = asyncio.create_task(asyncio.to_thread(load_version, path))
    started = time.monotonic()
    done, _ = await asyncio.wait({loading}, timeout=LOAD_SECONDS)
    if not done:
        seconds = time.monotonic() - started
        exit_endless(path, f"it was not loaded within {seconds:.0f} s")
    return await loading
