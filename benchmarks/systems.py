"""The systems that are compared: how each is started, and the protocol of its clients."""

import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import seed
from benchmarks.client_protocols import (
    ClientProtocol,
    FletProtocol,
    PageScriptProtocol,
    PlainProtocol,
    SocketIoProtocol,
)
from chat.web.guard.cookies import ZONE_COOKIE

_PAGE_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class System:
    """One of the chats.

    `command(port, folder, loop)` is the command line of its server; `make_protocols(port, people)`
    gives the protocols of its clients. With `needs_seed` people and history are in the folder
    before the start.
    """

    name: str
    label: str
    command: Callable[[int, Path, str], list[str]]
    make_protocols: Callable[[int, int], list[ClientProtocol]]
    needs_seed: bool = False


def _module_command(name: str, *arguments: str) -> Callable[[int, Path, str], list[str]]:
    def command(port: int, folder: Path, loop: str) -> list[str]:
        return [sys.executable, "-m", f"benchmarks.servers.{name}", str(port), loop, *arguments]

    return command


def _our_command(port: int, folder: Path, loop: str) -> list[str]:
    flags = ["--web", "--no-browser", f"--port={port}", f"--data={folder}"]
    return [sys.executable, "main.py", *flags]


def _one_per_person(
    make_protocol: Callable[[str], ClientProtocol],
) -> Callable[[int, int], list[ClientProtocol]]:
    return lambda port, people: [make_protocol(f"P{n}") for n in range(people)]


def our_protocols(
    port: int, people: int, protocol_type: type[PageScriptProtocol] = PageScriptProtocol
) -> list[ClientProtocol]:
    """Clients of the people in `seed`, whom the chat recognises by their cookies."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=_PAGE_TIMEOUT) as page:
        # The cookie's name differs between chats; a browser without a cookie is given one.
        name = page.headers["Set-Cookie"].partition("=")[0]
    cookies = (f"{name}={seed.token(n)}; {ZONE_COOKIE}=UTC" for n in range(people))
    return [protocol_type("/", each) for each in cookies]


BARE = System(
    "bare",
    "Starlette web socket on uvicorn",
    _module_command("bare"),
    _one_per_person(PlainProtocol),
)
OURS = System("ours", "this chat, its store on", _our_command, our_protocols, needs_seed=True)

_flet_protocols = _one_per_person(lambda name: FletProtocol(f"/chat?username={name}"))

# In the order of the measurement.
COMPARED = {
    each.name: each
    for each in (
        BARE,
        System(
            "socketio",
            "python-socketio on uvicorn",
            _module_command("socketio_uvicorn"),
            _one_per_person(SocketIoProtocol),
        ),
        System(
            "flask",
            "Flask-SocketIO on gevent",
            _module_command("flask_gevent"),
            _one_per_person(SocketIoProtocol),
        ),
        System(
            "tutorial", "Flet, the tutorial's way", _module_command("tutorial"), _flet_protocols
        ),
        OURS,
    )
}

# Steps from the tutorial's way to ours; measured only when they are named.
STEPS = {
    name: System(name, label, _module_command("steps", name), _flet_protocols)
    for name, label in (
        ("list", "… updating the list, not the page"),
        ("inline", "… on a hub without threads"),
        ("isolated", "… with rows that are not compared"),
        ("once", "… built and packed once"),
    )
}

SYSTEMS = COMPARED | STEPS
