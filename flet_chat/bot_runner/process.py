"""The process in which bots run: started again when it dies, and asked and told by lines of JSON.

A bot can end, hold or fill its own process; the chat, or the command that has started it, goes on.
"""

import asyncio
import contextlib
import json
import logging
import os
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

log = logging.getLogger(__name__)

# The first pause before another start and the longest one, in seconds. Each is twice the one
# before; after a run of STEADY_SECONDS the first one counts again.
FIRST_PAUSE, LONGEST_PAUSE, STEADY_SECONDS = 0.5, 60.0, 60.0

# The time to end in order, in seconds.
STOP_SECONDS = 8.0

# The longest line, in bytes.
_LINE_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True)
class BotReport:
    """How a bot file is: `running`, `paused` or `broken` (no version of it has been loaded).

    `reason` is why it does not run, or why its newest version does not. `name` is that of the bot,
    empty while it is not known.
    """

    file: str
    name: str
    state: str
    reason: str


class BotHost(Protocol):
    """Whoever runs bots: gives them tokens, and is told how they are."""

    async def token(self, file: str, name: str) -> str | None:
        """A token for the bot of this name; None for a bot without one. Raises BotRefused."""

    def on_report(self, report: BotReport) -> None:
        """A file has another state."""

    def on_gone(self, file: str) -> None:
        """A file was removed."""


class BotRefused(Exception):
    """A bot gets no token; the sentence says why."""


class BotProcess:
    """Runs the bots of a folder, or of one file, in a process of their own.

    `home` is the folder of what they keep; `address` are the arguments that say where the chat is.
    """

    def __init__(self, path: Path, home: Path, address: Mapping[str, str], host: BotHost) -> None:
        self._arguments = [str(path), str(home)]
        for name, value in address.items():
            self._arguments += [f"--{name}", value]
        self._host = host
        self._process: asyncio.subprocess.Process | None = None
        self._answers = set[asyncio.Task[None]]()

    async def run(self) -> None:
        """Run the process, again and again, until this is cancelled."""
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        try:
            while True:
                started = loop.time()
                code = await self._run_once()
                if loop.time() - started > STEADY_SECONDS:
                    pause = FIRST_PAUSE
                log.warning("the process of the bots ended with %s; it is started again", code)
                await asyncio.sleep(pause * (1 + random.random() / 4))
                pause = min(LONGEST_PAUSE, pause * 2)
        finally:
            await self._stop()

    def start_bot(self, file: str) -> None:
        """Start a paused bot again."""
        self._send({"type": "start", "file": file})

    async def _run_once(self) -> int:
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "flet_chat.bot_runner.folder",
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_environment(),
            limit=_LINE_LIMIT,
            # Ctrl-C in a terminal is for this process, which then stops the other one.
            start_new_session=True,
        )
        assert process.stdout is not None
        while line := await _line(process.stdout):
            self._take(line)
        return await process.wait()

    def _take(self, line: bytes) -> None:
        try:
            values = json.loads(line)
            match values["type"]:
                case "token":
                    task = asyncio.create_task(self._answer(values["file"], values["name"]))
                    self._answers.add(task)
                    task.add_done_callback(self._answers.discard)
                case "state":
                    report = (values[name] for name in ("file", "name", "state", "reason"))
                    self._host.on_report(BotReport(*report))
                case "gone":
                    self._host.on_gone(values["file"])
        except (ValueError, TypeError, KeyError):
            log.warning("the process of the bots sent what is no message: %s", line[:200])

    async def _answer(self, file: str, name: str) -> None:
        answer: dict[str, Any] = {"type": "token", "file": file}
        try:
            answer["token"] = await self._host.token(file, name)
        except BotRefused as refused:
            answer["refused"] = str(refused)
        except Exception as failure:
            log.exception("a bot got no token")
            answer["refused"] = f"The chat has no token for it: {failure}"
        self._send(answer)

    def _send(self, values: dict[str, Any]) -> None:
        process = self._process
        if process is not None and process.stdin is not None and process.returncode is None:
            with contextlib.suppress(ConnectionError, RuntimeError):
                process.stdin.write(json.dumps(values).encode() + b"\n")

    async def _stop(self) -> None:
        """Let it end in order, then kill it."""
        for task in self._answers:
            task.cancel()
        process = self._process
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:  # it is too long, and was let go
        return b"{}\n"


def _environment() -> dict[str, str]:
    """That of this process; and the client is found where it was found here."""
    folder = str(Path(__file__).parents[2])
    paths = [folder, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}
