"""Bots from a terminal: `flet-chat bot FILE`, and the file to begin with."""

import asyncio
import contextlib
import keyword
import re
import signal
import sys
from pathlib import Path

from flet_chat.address import Address, find_chat
from flet_chat.bot_runner.process import BotHost, BotProcess, BotReport
from flet_chat.errors import ChatError

# The folder of what bots keep, beside their files.
HOME_NAME = ".flet-chat"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

_TEMPLATE = '''"""{title}: what this bot is for."""

from flet_chat import Bot, Context

bot = Bot("{title}", about="Says good morning.")


@bot.command("hello", about="says hello: !hello")
def hello(event: Context) -> None:
    """Answer to !hello in a room, and to hello in a direct conversation."""
    event.reply(f"Hello, {{event.person.name}}!")


@bot.hears("good morning")
def greet(event: Context) -> None:
    """React to two words."""
    event.react("👋")


@bot.every("mon-fri 09:00")
def remind(event: Context) -> None:
    """Write each morning to whoever asked for it; bot.state stays over restarts."""
    for name in bot.state.get("names", []):
        event.chat.post(f"@{{name}}", "Good morning.")


@bot.command("wake", about="writes to you each morning: !wake")
def wake(event: Context) -> None:
    """Remember who asked."""
    names = set(bot.state.get("names", [])) | {{event.person.name}}
    bot.state["names"] = sorted(names)
    event.reply("I will write to you at nine, from Monday to Friday.")
'''


class TerminalHost(BotHost):
    """Bots with the token of the command; how they are is printed."""

    def __init__(self, address: Address) -> None:
        self._address = address

    async def token(self, file: str, name: str) -> str | None:
        """The token of the command, whatever the bot calls itself."""
        return self._address.token

    def on_report(self, report: BotReport) -> None:
        """Print it."""
        name = f" as {report.name}" if report.name else ""
        reason = f" {report.reason}" if report.reason else ""
        print(f"{report.file} is {report.state}{name}.{reason}", file=sys.stderr, flush=True)

    def on_gone(self, file: str) -> None:
        """Print it."""
        print(f"{file} is gone.", file=sys.stderr, flush=True)


def run_bots(
    path: Path, home: Path | None, *, url: str | None, token: str | None, data: Path | None
) -> None:
    """Run the bot of a file, or those of a folder, until a signal ends it. Raises ChatError."""
    address = find_chat(url, token, data)
    path = path.resolve()
    folder = path if path.is_dir() else path.parent
    if address.socket_path is None:
        place = {"url": address.url}
    else:
        place = {"data": str(address.socket_path.parent.resolve())}
    process = BotProcess(path, home or folder / HOME_NAME, place, TerminalHost(address))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(process))


async def _run(process: BotProcess) -> None:
    running = asyncio.create_task(process.run(), name="run bots")
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            with contextlib.suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running


def write_template(name: str) -> Path:
    """Write the file of a new bot into this folder. Raises ChatError."""
    stem = name.removesuffix(".py").casefold().replace("-", "_")
    if not _NAME.fullmatch(stem) or keyword.iskeyword(stem):
        sentence = f"“{name}” is no name of a file. Use letters and digits, as standup."
        raise ChatError("bad_name", sentence)
    path = Path(f"{stem}.py")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEMPLATE.format(title=stem))
    except FileExistsError:
        raise ChatError("bad_name", f"There is a file {path} already.") from None
    return path
