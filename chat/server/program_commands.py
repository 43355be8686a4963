"""The commands for programs: `flet-chat post`, `tail`, `bot` and `mcp`, which use the client.

The exit code is 1 if the chat refused something or was not reached; one sentence says why.
"""

import codecs
import contextlib
import io
import re
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import BinaryIO, TypedDict, Unpack

import click

# The exit code of a command that the chat refused, and that a signal ended: this and its number.
REFUSED, ENDED_BY_SIGNAL = 1, 128

_READ_BYTES = 64 * 1024

# Colours, titles and movements of a terminal; and the beginning of one, whose end comes later.
_TERMINAL_CODE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_BEGUN_CODE = re.compile(r"\x1b(?:\[[ -?]{0,60}|\][^\x07\x1b]{0,200}\x1b?)?\Z")


class Connection(TypedDict):
    """The options about where the chat is."""

    url: str | None
    token: str | None
    data: Path | None


def _post(
    room: str,
    text: str | None,
    files: tuple[Path, ...],
    confirm_calls: bool,
    **connection: Unpack[Connection],
) -> None:
    # Imported here, so that the other commands do not load it.
    from flet_chat import Chat

    if text == "-" or (text is None and not files and not _is_terminal()):
        text = _standard_input().read().decode("utf-8", "replace").rstrip()
    content = [each for each in (text, *files) if each]
    if not content:
        raise click.UsageError("Write a text, name a file, or give - to read the standard input.")
    with _one_sentence(), Chat(**connection) as chat:
        chat.post(room, *content, confirm_calls=confirm_calls)


def _tail(room: str, **connection: Unpack[Connection]) -> None:
    from flet_chat import Chat, ChatError

    # They end the `with` blocks, as Ctrl-C does: the message is marked as interrupted.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _exit)
    texts = read_texts(_standard_input())
    try:
        with Chat(**connection) as chat, chat.stream(room, code=True) as stream:
            for text in texts:
                stream.write(text)
    except ChatError as error:
        _print_error(error)
        # A broken pipe would end the program whose output this is.
        for _ in texts:
            pass
        sys.exit(REFUSED)


def _mcp(rooms: tuple[str, ...], may_write: bool, **connection: Unpack[Connection]) -> None:
    try:
        from chat.mcp.server import serve
        from chat.mcp.tools import Connection as McpConnection
    except ModuleNotFoundError as missing:
        if missing.name is None or not missing.name.startswith("mcp"):
            raise
        _print_error("This command needs mcp. Install it: python -m pip install 'mcp>=2.3'")
        sys.exit(REFUSED)
    with _one_sentence():
        serve(McpConnection(**connection), rooms, may_write=may_write)


def _bot(path: Path, name: str | None, home: Path | None, **connection: Unpack[Connection]) -> None:
    from flet_chat.bot_runner.terminal import run_bots, write_template

    if str(path) == "new" and name is not None:
        with _one_sentence():
            path = write_template(name)
            print(f"{path} is a bot. Run it: flet-chat bot {path}")
        return
    if name is not None or not path.exists():
        raise click.UsageError(f"There is no file {path}. Make one: flet-chat bot new NAME")
    if find_spec("cronsim") is None or find_spec("watchfiles") is None:
        _print_error("This command needs two packages: python -m pip install cronsim watchfiles")
        sys.exit(REFUSED)
    with _one_sentence():
        run_bots(path, home, **connection)


def read_texts(stream: BinaryIO) -> Iterator[str]:
    """What a program prints, as it comes: without the codes of a terminal."""
    utf8 = codecs.getincrementaldecoder("utf-8")("replace")
    decoder = io.IncrementalNewlineDecoder(utf8, translate=True)
    # `read1` returns what is there, and does not wait for more.
    read = getattr(stream, "read1", stream.read)
    begun, piece = "", b"first"
    while piece:
        piece = read(_READ_BYTES)
        text = begun + decoder.decode(piece, final=not piece)
        text = _TERMINAL_CODE.sub("", text)
        found = _BEGUN_CODE.search(text) if piece else None
        text, begun = (text, "") if found is None else (text[: found.start()], found[0])
        if text:
            yield text


def _standard_input() -> BinaryIO:
    # It is None if whoever started the command closed it.
    return io.BytesIO() if sys.stdin is None else sys.stdin.buffer


def _is_terminal() -> bool:
    return sys.stdin is None or sys.stdin.isatty()


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(ENDED_BY_SIGNAL + number)


@contextlib.contextmanager
def _one_sentence() -> Iterator[None]:
    """Print a refusal of the chat, and end with its exit code."""
    from flet_chat import ChatError

    try:
        yield
    except ChatError as error:
        _print_error(error)
        sys.exit(REFUSED)


def _print_error(error: object) -> None:
    print(f"flet-chat: {error}", file=sys.stderr, flush=True)


def _room() -> click.Argument:
    return click.Argument(["room"], metavar="ROOM")


def _connection() -> list[click.Parameter]:
    folder = click.Path(path_type=Path)
    return [
        click.Option(["--url"], metavar="URL", help="The address of the chat. [FLET_CHAT_URL]"),
        click.Option(["--token"], metavar="TOKEN", help="The token of a bot. [FLET_CHAT_TOKEN]"),
        click.Option(
            ["--data"],
            type=folder,
            metavar="DIR",
            help="The data folder of a chat on this computer, which needs no token. [CHAT_DATA]",
        ),
    ]


_EXISTING_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)

post_command = click.Command(
    "post",
    params=[
        _room(),
        click.Argument(["text"], required=False, metavar="[TEXT|-]"),
        click.Option(
            ["--file", "files"],
            type=_EXISTING_FILE,
            multiple=True,
            metavar="FILE",
            help="A file to send with it; may be given again.",
        ),
        click.Option(
            ["--confirm-calls"],
            is_flag=True,
            help="Post it even if @everyone or @here calls many people.",
        ),
        *_connection(),
    ],
    callback=_post,
    short_help="Post a message from a script.",
    help="Post a text, or the standard input, in a room: '#lobby' (with quotation marks, since # "
    "begins a comment in a shell) or lobby.",
)

tail_command = click.Command(
    "tail",
    params=[_room(), *_connection()],
    callback=_tail,
    short_help="Post the output of a program while it runs.",
    help="Post the standard input as one message that grows until its end: "
    "make 2>&1 | flet-chat tail '#build'.",
)

mcp_command = click.Command(
    "mcp",
    params=[
        click.Option(
            ["--room", "rooms"],
            multiple=True,
            metavar="ROOM",
            help="A room that the agent may use, then only this one; may be given again. Direct "
            "conversations are closed unless they are named.",
        ),
        click.Option(
            ["--write", "may_write"],
            is_flag=True,
            help="Let the agent post, reply and react. Without it, it only reads.",
        ),
        *_connection(),
    ],
    callback=_mcp,
    short_help="Serve an agent: MCP over standard input and output.",
    help="Serve an agent, which starts this command itself: the Model Context Protocol over "
    "standard input and output. It reads; with --write it also posts.",
)

bot_command = click.Command(
    "bot",
    params=[
        click.Argument(["path"], type=click.Path(path_type=Path), metavar="FILE|DIR|new"),
        click.Argument(["name"], required=False, metavar="[NAME]"),
        click.Option(
            ["--home"],
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help="The folder of what bots keep; by default .flet-chat beside the file.",
        ),
        *_connection(),
    ],
    callback=_bot,
    short_help="Run a bot, or make the file of one.",
    help="Run the bot of a file, and each version of it that is saved: flet-chat bot standup.py. "
    "flet-chat bot new standup writes such a file to begin with.",
)
