"""A member, or all people of one address, who post as fast as they can, in a process of its own.

`python -m benchmarks.hostile_strangers PORT PART` connects and says "ready"; after a line on its
standard input it goes on until it is killed. `benchmarks.strangers` starts it, and calls
`add_people` on the data folder before the server starts.
"""

import asyncio
import itertools
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import seed
from benchmarks.hostile_member import MemberProtocol
from benchmarks.load_clients import ClientSocket, LoadClients
from chat.store.sqlite import open_sqlite

# Frames that a connection may send at once, and each second from then on.
_BURST, _FRAMES_PER_SECOND = 300, 30.0

# The first index of the tokens of these people: those of the ordinary ones begin at 0.
_FIRST_INDEX = 100_000

_CONNECT_TIMEOUT = 60.0


@dataclass(frozen=True)
class Part:
    """People of one address (empty: this computer), and the tabs that each of them has open."""

    people: int
    tabs: int
    address: str = ""


# An address may have 64 web sockets. The second is one of RFC 5737, for documentation.
PARTS = {
    "one member": Part(1, 10),
    "one address": Part(32, 2, "203.0.113.7"),
}


class StrangerProtocol(MemberProtocol):
    """A client behind the proxy that names its address."""

    def __init__(self, cookie: str, address: str) -> None:
        super().__init__("/", cookie)
        self._address = address

    def headers(self) -> dict[str, str]:
        forwarded = {"X-Forwarded-For": self._address} if self._address else {}
        return {**super().headers(), **forwarded}


def add_people(folder: Path, part: Part) -> None:
    """Add the people of a part, each with a token."""

    async def add() -> None:
        store = await open_sqlite(folder)
        try:
            for n in range(part.people):
                added = await store.add_person(f"Mallory {n}")
                await store.add_token(seed.token_hash(_FIRST_INDEX + n), added.person.id)
        finally:
            await store.close()

    asyncio.run(add())


def _protocols(port: int, part: Part) -> list[StrangerProtocol]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
        name = page.headers["Set-Cookie"].partition("=")[0]
    return [
        StrangerProtocol(f"{name}={seed.token(_FIRST_INDEX + n)}", part.address)
        for n in range(part.people)
        for _ in range(part.tabs)
    ]


def _frames(protocol: StrangerProtocol, first: int) -> Iterator[bytes]:
    """Long messages without end, each of which is another one."""
    return (protocol.say(f"~M{first}.{n} " + "x" * 9000) for n in itertools.count())


class _Sender:
    """Sends what one connection may send."""

    def __init__(self, client: ClientSocket, frames: Iterator[bytes]) -> None:
        self._client = client
        self._frames = frames
        self._sent = 0
        self._data = memoryview(b"")

    def send(self, allowed: float) -> None:
        """Send until the connection takes no more, or as many frames as are allowed."""
        while not self._client.close_reason:
            if not self._data:
                if self._sent >= allowed:
                    return
                self._data, self._sent = memoryview(next(self._frames)), self._sent + 1
            try:
                self._data = self._data[self._client.socket.send(self._data) :]
            except OSError:
                return


def _run(port: int, part: Part) -> None:
    clients, protocols = LoadClients(port, deflate=False), _protocols(port, part)
    clients.connect_all(protocols, 4, _CONNECT_TIMEOUT)
    senders = [
        _Sender(client, _frames(protocol, n))
        for n, (client, protocol) in enumerate(zip(clients.sockets, protocols, strict=True))
    ]
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.monotonic()
    while True:
        allowed = _BURST + (time.monotonic() - started) * _FRAMES_PER_SECOND
        for each in senders:
            each.send(allowed)
        clients.poll_once(0.02)


if __name__ == "__main__":
    os.nice(10)  # the clients that measure come first
    _run(int(sys.argv[1]), PARTS[sys.argv[2]])
