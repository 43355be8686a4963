"""The place of a bot in the events, and the last times of its schedules, in a file.

The file is written before a handler is called. So a message is never called for twice, and one that
came while the bot was off is called for afterwards.
"""

import asyncio
import json
import logging
import threading
from datetime import datetime
from pathlib import Path

from flet_chat.async_chat import AsyncChat
from flet_chat.bots.state import write_whole

log = logging.getLogger(__name__)

# The place after events that were for no handler is stored now and then, in seconds.
SAVE_SECONDS = 5.0


class Position:
    """The place of the bot with this id and name. One of another bot, or of nobody, begins now."""

    def __init__(self, path: Path, bot_id: int, name: str) -> None:
        self._path = path
        self._bot_id, self._name = bot_id, name
        self.cursor: str | None = None
        self.times = dict[str, datetime]()
        self._stored = ""
        self._lock = threading.Lock()

    def read(self) -> None:
        """Read the file, if there is one."""
        try:
            values = json.loads(self._path.read_text("utf-8"))
            times = {key: datetime.fromisoformat(each) for key, each in values["times"].items()}
            if values["bot"] == self._bot_id:
                self.cursor, self.times = values["cursor"], times
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("%s is not readable, and begins anew: %s", self._path, error)

    async def begin(self, chat: AsyncChat) -> None:
        """Begin now. It is stored at once: what comes next is not missed, whatever ends the
        process. Raises ChatError."""
        self.cursor = await chat.cursor()
        await self.save()

    def begin_call(self, cursor: str | None) -> None:
        """A handler begins for the event before this cursor. Typing and presence have none.

        It writes at once, on whatever thread: between this and the call there is nothing that
        another bot could hold. (A process that is killed loses nothing of it; power may.)
        """
        self.cursor = cursor or self.cursor
        self._write()

    async def save(self) -> None:
        """Store what has changed. Raises OSError."""
        await asyncio.to_thread(self._write)

    def _write(self) -> None:
        with self._lock:
            times = {key: each.isoformat() for key, each in list(self.times.items())}
            values = {"bot": self._bot_id, "name": self._name, "cursor": self.cursor}
            text = json.dumps(values | {"times": times})
            if text != self._stored:
                write_whole(self._path, text, is_lasting=False)
                self._stored = text

    async def save_now_and_then(self) -> None:
        """Store it every few seconds, without an end."""
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            await self.save()


def last_name(path: Path) -> str:
    """The name that the bot of this position had last; empty if there is none."""
    try:
        return str(json.loads(path.read_text("utf-8"))["name"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""
