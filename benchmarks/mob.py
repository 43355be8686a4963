"""Clients that no browser is, as a process of its own: `python -m benchmarks.mob PORT COUNT`.

It prints, as JSON, how the connections of each kind ended.
"""

import asyncio
import contextlib
import json
import random
import socket
import struct
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgpack

from benchmarks import wire
from benchmarks.flags import open_files
from benchmarks.voices import Flet

# How many there are at the same time, and how many come in a second.
_AT_ONCE = 400
_A_SECOND = 100.0

# Nobody is waited for longer than this, in seconds.
_PATIENCE = 30.0

REGISTERS = Flet("/").begins()

Manners = Callable[[int], Awaitable[str]]


def flet(action: int, body: Any) -> bytes:
    """A frame of Flet's protocol."""
    return wire.frame(wire.BINARY, b"\x00" + msgpack.packb([action, body]))


def says(*frames: bytes, origin: str | None = None) -> Manners:
    """Opens a socket, sends this, and listens to how it ends."""

    async def manners(port: int) -> str:
        async with connected(port) as (reader, writer):
            headers = {} if origin is None else {"Origin": origin}
            writer.write(wire.knock(port, "/ws", headers, deflate=False))
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 101 " not in head:
                return str(head.split(b" ")[1], "ascii")
            writer.write(b"".join(frames))
            return await end_of(reader)

    return manners


def sends(request: bytes) -> Manners:
    """Opens a connection, sends half a request, and waits."""

    async def manners(port: int) -> str:
        async with connected(port) as (reader, writer):
            writer.write(request)
            return await end_of(reader)

    return manners


async def goes_at_once(port: int) -> str:
    """Opens a socket and closes it."""
    async with connected(port) as (reader, writer):
        writer.write(wire.knock(port, "/ws", {}, deflate=False))
        await reader.readuntil(b"\r\n\r\n")
    return "went"


async def vanishes(port: int) -> str:
    """Registers, and is gone with a RST while the page is sent."""
    async with connected(port) as (reader, writer):
        writer.write(wire.knock(port, "/ws", {}, deflate=False))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(REGISTERS)
        await reader.read(100)
        own = writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    return "went"


_DEEP: Any = None
for _ in range(20):
    _DEEP = [_DEEP]
_EVENT = {"target": 1, "name": "resize", "data": None}
_EMPTY = bytes([0x00, 0x80]) + bytes(4)
_PING = bytes([0x89, 0x80]) + bytes(4)

KINDS: dict[str, Manners] = {
    "says nothing at all": sends(b""),
    "half a request": sends(b"GET / HTTP/1.1\r\nHost: x\r\n"),
    "no request": sends(b"\x16\x03\x01\r\n\r\n"),
    "another page's": says(REGISTERS, origin="http://evil.example"),
    "a socket that says nothing": says(),
    "a socket that goes at once": goes_at_once,
    "text": says(wire.frame(wire.TEXT, b"hello")),
    "an empty frame": says(wire.frame(wire.BINARY, b"")),
    "an unknown type": says(wire.frame(wire.BINARY, b"\x02abc")),
    "broken msgpack": says(wire.frame(wire.BINARY, b"\x00\xc1")),
    "an unknown action": says(flet(99, {})),
    "an event first": says(flet(3, _EVENT)),
    "fields left out": says(flet(1, {"session_id": None})),
    "too deep": says(REGISTERS, flet(3, {**_EVENT, "data": _DEEP})),
    "registers twice": says(REGISTERS, REGISTERS),
    "too large": says(REGISTERS, wire.frame(wire.BINARY, b"\x00" * 200_000)),
    "1000 frames": says(REGISTERS, flet(4, {"id": 1, "props": {"width": 800}}) * 1000),
    "1000 empty pieces": says(REGISTERS, bytes([0x02, 0x80]) + bytes(4), _EMPTY * 1000),
    "1000 pings": says(REGISTERS, _PING * 1000),
    "vanishes": vanishes,
}


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection, and nothing left of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def end_of(reader: asyncio.StreamReader) -> str:
    """The close code; "closed" where there is none, "kept" where there is no end."""
    heard = b""
    try:
        async with asyncio.timeout(_PATIENCE):
            while more := await reader.read(65536):
                heard += more
    except TimeoutError:
        return "kept"
    except OSError:
        pass
    if heard.startswith(b"HTTP"):
        return heard.split(b" ")[1].decode()
    for first, start, _ in wire.split(heard)[0]:
        if first & 15 == wire.CLOSE:
            return str(int.from_bytes(heard[start : start + 2]))
    return "closed"


async def come(port: int, count: int) -> dict[str, Counter[str]]:
    """So many strangers, each kind as often as the others, in no order."""
    room = asyncio.Semaphore(_AT_ONCE)
    ends: dict[str, Counter[str]] = defaultdict(Counter)

    async def comes(kind: str) -> None:
        async with room:
            try:
                ends[kind][await KINDS[kind](port)] += 1
            except (OSError, EOFError) as failure:
                ends[kind][type(failure).__name__] += 1

    names = [list(KINDS)[n % len(KINDS)] for n in range(count)]
    random.shuffle(names)
    coming = []
    for name in names:
        await room.acquire()
        room.release()
        coming.append(asyncio.create_task(comes(name)))
        await asyncio.sleep(1 / _A_SECOND)
    await asyncio.gather(*coming)
    return {kind: ends[kind] for kind in KINDS}


if __name__ == "__main__":
    open_files()
    print(json.dumps(asyncio.run(come(int(sys.argv[1]), int(sys.argv[2])))))
