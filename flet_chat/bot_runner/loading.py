"""Versions of a bot file: each is a new module, and what fails in one is told by its own lines."""

import hashlib
import linecache
import sys
import threading
import traceback
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path
from types import FrameType, ModuleType

from flet_chat.bots.bot import Bot

# A file that is not a bot, but what several of them share.
SHARED_SIGN = "_"

# The longest file, in bytes.
FILE_LIMIT = 1024 * 1024

# The last lines of an error that are told.
_LINE_LIMIT = 12

# The longest text of an error, in characters.
_TEXT_LIMIT = 1500

_numbers = count(1)


class BadBotFile(Exception):
    """A file that is no bot; the sentence, or the traceback, is for its owner."""


@dataclass(frozen=True, slots=True)
class BotVersion:
    """A bot as one version of its file has it."""

    path: Path
    bot: Bot
    module: ModuleType
    content_hash: str

    def forget(self) -> None:
        """Let the module go. Timers of threads that it has begun are cancelled."""
        sys.modules.pop(self.module.__name__, None)
        for each in threading.enumerate():
            if isinstance(each, threading.Timer):
                function = getattr(each, "function", None)
                if getattr(function, "__module__", None) == self.module.__name__:
                    each.cancel()


def bot_files(folder: Path) -> list[Path]:
    """The files of a folder that are bots, in their order."""
    return sorted(
        each
        for each in folder.glob("*.py")
        if not each.name.startswith((SHARED_SIGN, ".")) and each.is_file()
    )


def content_hash(path: Path) -> str:
    """The hash of a file. Raises OSError."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_version(path: Path) -> BotVersion:
    """Run a file as a new module, and take its bot. Raises BadBotFile.

    It is never `importlib.reload`: objects of the old version would stay in the new one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadBotFile(f"It cannot be read: {error.strerror}.") from None
    if len(content) > FILE_LIMIT:
        raise BadBotFile(f"It is too long: {FILE_LIMIT // 1024} KiB fit.")
    _forget_shared(path.parent)
    name = f"flet_chat_bots.{path.stem}@{next(_numbers)}"
    spec = spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, "it is a Python file"
    module = module_from_spec(spec)
    # Classes of data look for their module there.
    sys.modules[name] = module
    linecache.checkcache(str(path))
    try:
        # (What was read, not what may be there by now; and no file with compiled code beside it.)
        exec(compile(content, str(path), "exec"), module.__dict__)
        bot = _bot_of(module)
    except BadBotFile:
        sys.modules.pop(name, None)
        raise
    except BaseException as error:
        sys.modules.pop(name, None)
        raise BadBotFile(describe_error(error, path)) from None
    return BotVersion(path, bot, module, hashlib.sha256(content).hexdigest())


def _bot_of(module: ModuleType) -> Bot:
    bots = {id(each): each for each in vars(module).values() if isinstance(each, Bot)}
    if not bots:
        raise BadBotFile(
            'It has no bot. Write: bot = Bot("standup"). The name of a file that others import '
            "begins with _."
        )
    if len(bots) > 1:
        raise BadBotFile("It has several bots. Give each a file of its own.")
    return next(iter(bots.values()))


def _forget_shared(folder: Path) -> None:
    """Let the next import read the files of the folder that bots share."""
    for name, module in list(sys.modules.items()):
        origin = getattr(module, "__file__", None)
        if origin and Path(origin).parent == folder and Path(origin).stem.startswith(SHARED_SIGN):
            del sys.modules[name]


def describe_error(error: BaseException, path: Path) -> str:
    """An error by the lines of a file: where it was, and what it says. As a block of code."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        return f"It needs {package}, which is not here. Install it: `pip install {package}`"
    lines = list[str]()
    for each in traceback.extract_tb(error.__traceback__):
        if Path(each.filename).parent == path.parent:
            lines.append(f"{Path(each.filename).name}, line {each.lineno}, in {each.name}")
            lines.append(f"    {each.line}")
    lines = lines[-_LINE_LIMIT:]
    lines += "".join(traceback.format_exception_only(error)).rstrip().splitlines()[-6:]
    text = "\n".join(lines).replace(str(path), path.name).replace("```", "'''")
    if len(text) > _TEXT_LIMIT:
        text = f"{text[:_TEXT_LIMIT]} …"
    return f"```\n{text}\n```"


def own_line(frame: FrameType | None, path: Path) -> str:
    """Where a thread is within a file: `standup.py, line 12, in wait`; empty if it is nowhere."""
    while frame is not None:
        if frame.f_code.co_filename == str(path):
            return f"{path.name}, line {frame.f_lineno}, in {frame.f_code.co_name}"
        frame = frame.f_back
    return ""
