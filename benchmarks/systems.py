"""What is compared: five chats, how each is started and how people speak to it."""

import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import seed
from benchmarks.voices import (
    ClientProtocol,
    FletProtocol,
    PageScriptProtocol,
    PlainProtocol,
    SocketIoProtocol,
)


@dataclass(frozen=True, slots=True)
class System:
    """One of the chats: `command(port, folder, loop)` starts it, `voices(port, people)` talk there.

    `keeps` is true where people and history are in the folder before the start.
    """

    name: str
    words: str
    command: Callable[[int, Path, str], list[str]]
    voices: Callable[[int, int], list[ClientProtocol]]
    keeps: bool = False


def _module(name: str, *more: str) -> Callable[[int, Path, str], list[str]]:
    def command(port: int, folder: Path, loop: str) -> list[str]:
        return [sys.executable, "-m", f"benchmarks.servers.{name}", str(port), loop, *more]

    return command


def _ours(port: int, folder: Path, loop: str) -> list[str]:
    flags = ["--web", "--no-browser", f"--port={port}", f"--data={folder}"]
    return [sys.executable, "main.py", *flags]


def _each(voice: Callable[[str], ClientProtocol]) -> Callable[[int, int], list[ClientProtocol]]:
    return lambda port, people: [voice(f"P{n}") for n in range(people)]


def _our_voices(port: int, people: int) -> list[ClientProtocol]:
    """People who were here before: they are recognised by their cookie, nobody has to be told."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
        # Its name belongs to this chat; the page brings one to a browser that has none.
        name = page.headers["Set-Cookie"].partition("=")[0]
    cookies = (f"{name}={seed.token(n)}; flet_chat_zone=UTC" for n in range(people))
    return [PageScriptProtocol("/", each) for each in cookies]


BARE = System("bare", "Starlette web socket on uvicorn", _module("bare"), _each(PlainProtocol))
OURS = System("ours", "this chat, its store on", _ours, _our_voices, keeps=True)

_flet = _each(lambda name: FletProtocol(f"/chat?username={name}"))

# In the order in which they are measured.
COMPARED = {
    each.name: each
    for each in (
        BARE,
        System(
            "socketio",
            "python-socketio on uvicorn",
            _module("socketio_uvicorn"),
            _each(SocketIoProtocol),
        ),
        System(
            "flask", "Flask-SocketIO on gevent", _module("flask_gevent"), _each(SocketIoProtocol)
        ),
        System("tutorial", "Flet, the tutorial's way", _module("tutorial"), _flet),
        OURS,
    )
}

# What lies between the tutorial's way and ours; measured only where they are named.
STEPS = {
    name: System(name, words, _module("steps", name), _flet)
    for name, words in (
        ("list", "… updating the list, not the page"),
        ("inline", "… on a hub without threads"),
        ("isolated", "… with rows that are not compared"),
        ("once", "… built and packed once"),
    )
}

SYSTEMS = COMPARED | STEPS
