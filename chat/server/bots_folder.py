"""The folder of `--bots`: whether it can be trusted, and the process that runs its files."""

import os
import stat
from importlib.util import find_spec
from pathlib import Path

from chat.errors import CannotStart, ChatError
from chat.model.programs import FileState
from chat.programs.file_bots import FileBots
from flet_chat.bot_runner.process import BotProcess, BotRefused, BotReport

# What bots keep is in this folder, in the data folder.
STATE_FOLDER = "bots"


def require_bots(folder: Path) -> None:
    """Raises CannotStart without the extra, and for a folder that others could write to.

    Whoever can write there can do all that the user of this process can.
    """
    for name in ("cronsim", "watchfiles"):
        if find_spec(name) is None:
            raise CannotStart("--bots needs two packages: python -m pip install cronsim watchfiles")
    if not folder.is_dir():
        raise CannotStart(f"There is no folder {folder}. Make it, or name another one with --bots.")
    for path in (folder, *sorted(folder.glob("*.py"))):
        _require_private(path)


def _require_private(path: Path) -> None:
    user = getattr(os, "getuid", None)
    if user is None:  # Windows
        return
    found = path.stat()
    if found.st_uid != user():
        raise CannotStart(
            f"{path} belongs to another user, who could run anything here. The bots have to belong "
            "to the user who runs the chat."
        )
    if stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        raise CannotStart(
            f"Others can write to {path}, and could run anything here. Change that: "
            f"chmod go-w {path}"
        )


class FolderHost:
    """Gives the process of the bots their tokens, and keeps how each file is."""

    def __init__(self, file_bots: FileBots, *, has_socket: bool) -> None:
        self._file_bots = file_bots
        self._has_socket = has_socket

    async def token(self, file: str, name: str) -> str | None:
        """A token for the bot of this name; for a file without a bot, none. Raises BotRefused."""
        if not name:
            if not self._has_socket:
                raise BotRefused("It has no name to speak with.")
            return None
        try:
            return await self._file_bots.token(file, name)
        except ChatError as error:
            raise BotRefused(str(error)) from None

    def on_report(self, report: BotReport) -> None:
        """A file has another state."""
        self._file_bots.report(report.file, FileState(report.state), report.reason)

    def on_gone(self, file: str) -> None:
        """A file was removed."""
        self._file_bots.forget(file)


def bots_process(
    folder: Path, data: Path, file_bots: FileBots, *, url: str, has_socket: bool
) -> BotProcess:
    """The process that runs the files of a folder; it is not started yet."""
    address = {"data": str(data)} if has_socket else {"url": url}
    host = FolderHost(file_bots, has_socket=has_socket)
    process = BotProcess(folder.resolve(), data.resolve() / STATE_FOLDER, address, host)
    file_bots.on_start = process.start_bot
    return process
