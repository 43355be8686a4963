"""The process of bots: it runs the files of a folder, or one file, and each version that is saved.

It is started by `BotProcess`, which it asks for tokens, and ends with it.
"""

import argparse
import asyncio
import faulthandler
import json
import logging
import os
import sys
import threading
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import IO, Any

from flet_chat.async_chat import AsyncChat
from flet_chat.bot_runner.bot_file import BotFile
from flet_chat.bot_runner.loading import SHARED_SIGN, bot_files
from flet_chat.bot_runner.owned_loop import ENDLESS_SECONDS, BotLoop
from flet_chat.bot_runner.process import BotRefused, BotReport
from flet_chat.bot_runner.running import Account
from flet_chat.chat import Chat
from flet_chat.errors import ChatError

log = logging.getLogger(__name__)

# The exit code after a bot has held the process.
HELD = 3

# The most files of a folder that run.
FILE_LIMIT = 50

# What holds the interpreter itself, as a pattern that never ends, is found after so many seconds.
_STUCK_SECONDS = ENDLESS_SECONDS + 3.0

# Names in the folder of what bots keep: which file held the process, and where.
_HELD_NAME, _STUCK_NAME = ".held.json", ".stuck.txt"


class Parent:
    """The process that has started this one: lines of JSON go to it, and come from it."""

    def __init__(self, output: IO[str]) -> None:
        self._output = output
        self._lock = threading.Lock()
        self._waiting = dict[str, asyncio.Future[dict[str, Any]]]()

    def send(self, **values: Any) -> None:
        """Tell it something."""
        with self._lock:
            self._output.write(json.dumps(values) + "\n")
            self._output.flush()

    async def token(self, file: str, name: str) -> str | None:
        """A token for a bot. Raises BotRefused."""
        waiting = self._waiting[file] = asyncio.get_running_loop().create_future()
        self.send(type="token", file=file, name=name)
        answer = await waiting
        if "refused" in answer:
            raise BotRefused(answer["refused"])
        token: str | None = answer["token"]
        return token

    def on_token(self, answer: dict[str, Any]) -> None:
        """It has answered."""
        waiting = self._waiting.pop(answer["file"], None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


class BotFolder:
    """The bots of a folder, or of the one file that `path` is. `home` has what they keep."""

    def __init__(
        self, path: Path, home: Path, parent: Parent, *, url: str | None, data: Path | None
    ) -> None:
        self._path = path
        self._folder = path if path.is_dir() else path.parent
        self._home = home
        self._parent = parent
        self._url, self._data = url, data
        self._files = dict[Path, BotFile]()
        self._stuck_file: IO[str] | None = None
        self._is_over = asyncio.Event()

    async def run(self) -> None:
        """Run the bots until the parent is gone."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._on_loop_error)
        threading.Thread(target=self._listen, args=(loop,), name="listen", daemon=True).start()
        held = await asyncio.to_thread(self._read_held)
        work = [
            asyncio.create_task(self._watch(held)),
            asyncio.create_task(self._show_life()),
            asyncio.create_task(_discard(self._is_over.wait())),
        ]
        await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for task in work:
            task.cancel()
        results = await asyncio.gather(*work, return_exceptions=True)
        await asyncio.gather(*(each.close() for each in self._files.values()))
        faulthandler.cancel_dump_traceback_later()
        for each in results:
            if isinstance(each, Exception):
                raise each

    async def _watch(self, held: dict[str, str]) -> None:
        """Load the files, and what is saved from then on."""
        from watchfiles import awatch

        # First the watch, then the files: what is saved in between is loaded once more.
        changes = awatch(
            self._folder,
            step=50,
            debounce=400,
            recursive=False,
            rust_timeout=1000,
            yield_on_timeout=True,
        )
        await anext(changes)
        await asyncio.gather(*(self._begin(each, held) for each in self._paths()))
        async for found in changes:
            paths = {Path(path) for _, path in found}
            is_shared = any(
                each.suffix == ".py" and each.name.startswith(SHARED_SIGN) for each in paths
            )
            await asyncio.gather(
                *(self._remove(each) for each in self._files.keys() - set(self._paths())),
            )
            for path in self._paths():
                if path in paths or path not in self._files or is_shared:
                    await self._begin(path, {}, again=is_shared)

    def _paths(self) -> Iterable[Path]:
        if self._path != self._folder:
            return [self._path] if self._path.is_file() else []
        found = bot_files(self._folder)
        if len(found) > FILE_LIMIT:
            log.warning("%s files of %s run, not all of them", FILE_LIMIT, self._folder)
        return found[:FILE_LIMIT]

    async def _begin(self, path: Path, held: dict[str, str], *, again: bool = False) -> None:
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = BotFile(
                path,
                self._home,
                self._connect,
                report=self._report,
                exit_endless=self._exit_endless,
            )
        try:
            if (reason := held.get(path.name)) is not None:
                await file.begin_paused(reason)
            else:
                await file.load(again=again)
        except ChatError:
            raise
        except Exception:
            log.exception("%s does not run", path.name)

    async def _remove(self, path: Path) -> None:
        await self._files.pop(path).close()
        self._parent.send(type="gone", file=path.name)

    async def _connect(self, path: Path, name: str) -> Account:
        token = await self._parent.token(path.name, name)
        try:
            chat = AsyncChat(self._url, token, data=self._data)
        except ChatError as error:
            # The socket of a chat that does not run: it may come back.
            raise ChatError("no_connection", str(error)) from None
        try:
            profile = await chat.me()
        except BaseException:
            await chat.close()
            raise
        return Account(chat, Chat(self._url, token, data=self._data), profile)

    def _report(self, report: BotReport) -> None:
        values = {"file": report.file, "name": report.name, "state": report.state}
        self._parent.send(type="state", reason=report.reason, **values)

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What failed where nobody has waited for it."""
        error = context.get("exception")
        task = context.get("task") or context.get("future")
        for file in self._files.values():
            if error is not None and file.owns(task):
                file.note_failure(error)
                return
        log.error("%s", context.get("message"), exc_info=error)

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take what the parent says. At its end, end too."""
        for line in sys.stdin:
            loop.call_soon_threadsafe(self._on_message, json.loads(line))
        loop.call_soon_threadsafe(self._is_over.set)

    def _on_message(self, values: dict[str, Any]) -> None:
        if values["type"] == "token":
            self._parent.on_token(values)
        elif values["type"] == "start":
            file = self._files.get(self._folder / values["file"])
            if file is not None:
                self._starting = asyncio.ensure_future(file.start_again())

    def _exit_endless(self, path: Path, place: str) -> None:
        """A bot does not let go of the loop, or of a thread: the process ends, without that bot."""
        reason = f"It did not come to an end ({place})." if place else "It did not come to an end."
        log.error("%s is paused, and all bots are started again: %s", path.name, reason)
        (self._home / _HELD_NAME).write_text(json.dumps({path.name: reason}), "utf-8")
        os._exit(HELD)

    async def _show_life(self) -> None:
        """Without a sign of life, the process is ended by `faulthandler`, which needs no
        interpreter, and where each thread was is in a file."""
        self._stuck_file = await asyncio.to_thread((self._home / _STUCK_NAME).open, "w")
        while True:
            faulthandler.dump_traceback_later(_STUCK_SECONDS, file=self._stuck_file, exit=True)
            await asyncio.sleep(1.0)

    def _read_held(self) -> dict[str, str]:
        """Which files held the process, and why: they begin paused."""
        found = dict[str, str]()
        held, stuck = self._home / _HELD_NAME, self._home / _STUCK_NAME
        try:
            found |= json.loads(held.read_text("utf-8"))
            held.unlink()
        except (OSError, ValueError):
            pass
        try:
            text = stuck.read_text("utf-8")
        except OSError:
            text = ""
        names = {f'"{path}"': path.name for path in self._paths()}
        # The thread of the loop is the last one, and the innermost line of each comes first.
        for line in (line for part in reversed(text.split("\n\n")) for line in part.splitlines()):
            if name := next((each for path, each in names.items() if path in line), None):
                place = line.split(", line ")[-1]
                found.setdefault(name, f"It held the whole process ({name}, line {place}).")
                break
        return found


async def _discard(waiting: Awaitable[object]) -> None:
    await waiting


def main() -> None:
    """Run the bots; never returns."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("home", type=Path)
    parser.add_argument("--url")
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    # What a bot prints goes to the log of the parent, not between the lines for it.
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.basicConfig(level=logging.WARNING, format="bots: %(message)s", stream=sys.stderr)
    logging.getLogger("flet_chat").setLevel(logging.INFO)
    sys.path.insert(0, str(given.path if given.path.is_dir() else given.path.parent))
    given.home.mkdir(parents=True, exist_ok=True)

    async def run() -> None:
        folder = BotFolder(given.path, given.home, Parent(output), url=given.url, data=given.data)
        await folder.run()

    code = 0
    try:
        with asyncio.Runner(loop_factory=BotLoop) as runner:
            runner.run(run())
    except ChatError as error:
        log.error("the process of the bots ends: %s", error)
        code = 1
    except Exception:
        log.exception("the process of the bots ends")
        code = 1
    # Threads of bots are not waited for.
    os._exit(code)


if __name__ == "__main__":
    main()
