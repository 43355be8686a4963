"""Hostile clients of twenty kinds, in a process of their own.

`python -m benchmarks.hostile_swarm PORT COUNT` prints, as JSON, how the connections of each kind
ended.
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

from benchmarks.client_protocols import FletProtocol, flet_frame
from benchmarks.command_line import raise_open_file_limit
from benchmarks.websocket_frames import (
    BINARY,
    CLOSE,
    TEXT,
    encode_frame,
    handshake_request,
    split_frames,
)
from tests.harness.client import EVENT, REGISTER, SET

# Connections at the same time, and new connections a second.
_MAX_CONCURRENT = 400
_CONNECTIONS_PER_SECOND = 100.0

# Seconds until a connection that the server keeps open is given up.
_END_TIMEOUT = 30.0

REGISTER_FRAMES = FletProtocol("/").opening_frames()

# Connects to a port, misbehaves, and returns how the connection ended.
Behaviour = Callable[[int], Awaitable[str]]


def sending_frames(*frames: bytes, origin: str | None = None) -> Behaviour:
    """Opens a web socket, sends these frames, and waits for the end."""

    async def behave(port: int) -> str:
        async with open_connection(port) as (reader, writer):
            headers = {} if origin is None else {"Origin": origin}
            writer.write(handshake_request(port, "/ws", headers, deflate=False))
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 101 " not in head:
                return str(head.split(b" ")[1], "ascii")
            writer.write(b"".join(frames))
            return await wait_for_end(reader)

    return behave


def sending_bytes(request: bytes) -> Behaviour:
    """Opens a TCP connection, sends these bytes, and waits for the end."""

    async def behave(port: int) -> str:
        async with open_connection(port) as (reader, writer):
            writer.write(request)
            return await wait_for_end(reader)

    return behave


async def close_at_once(port: int) -> str:
    """Opens a web socket and closes the connection."""
    async with open_connection(port) as (reader, writer):
        writer.write(handshake_request(port, "/ws", {}, deflate=False))
        await reader.readuntil(b"\r\n\r\n")
    return "closed by client"


async def reset_while_loading(port: int) -> str:
    """Registers, and resets the connection while the page is sent."""
    async with open_connection(port) as (reader, writer):
        writer.write(handshake_request(port, "/ws", {}, deflate=False))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(REGISTER_FRAMES)
        await reader.read(100)
        tcp_socket = writer.get_extra_info("socket")
        tcp_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    return "closed by client"


_DEEP: Any = None
for _ in range(20):
    _DEEP = [_DEEP]
_EVENT = {"target": 1, "name": "resize", "data": None}
_EMPTY_FRAGMENT = bytes([0x00, 0x80]) + bytes(4)
_PING_FRAME = bytes([0x89, 0x80]) + bytes(4)

BEHAVIOURS: dict[str, Behaviour] = {
    "no bytes": sending_bytes(b""),
    "half an HTTP request": sending_bytes(b"GET / HTTP/1.1\r\nHost: x\r\n"),
    "TLS instead of HTTP": sending_bytes(b"\x16\x03\x01\r\n\r\n"),
    "foreign origin": sending_frames(REGISTER_FRAMES, origin="http://evil.example"),
    "no frames": sending_frames(),
    "closed at once": close_at_once,
    "text frame": sending_frames(encode_frame(TEXT, b"hello")),
    "empty frame": sending_frames(encode_frame(BINARY, b"")),
    "unknown frame type": sending_frames(encode_frame(BINARY, b"\x02abc")),
    "broken msgpack": sending_frames(encode_frame(BINARY, b"\x00\xc1")),
    "unknown action": sending_frames(flet_frame(99, {})),
    "event before register": sending_frames(flet_frame(EVENT, _EVENT)),
    "register without fields": sending_frames(flet_frame(REGISTER, {"session_id": None})),
    "value nested too deep": sending_frames(
        REGISTER_FRAMES, flet_frame(EVENT, {**_EVENT, "data": _DEEP})
    ),
    "registered twice": sending_frames(REGISTER_FRAMES, REGISTER_FRAMES),
    "frame too large": sending_frames(REGISTER_FRAMES, encode_frame(BINARY, b"\x00" * 200_000)),
    "1000 frames": sending_frames(
        REGISTER_FRAMES, flet_frame(SET, {"id": 1, "props": {"width": 800}}) * 1000
    ),
    "1000 empty fragments": sending_frames(
        REGISTER_FRAMES, bytes([0x02, 0x80]) + bytes(4), _EMPTY_FRAGMENT * 1000
    ),
    "1000 pings": sending_frames(REGISTER_FRAMES, _PING_FRAME * 1000),
    "reset while loading": reset_while_loading,
}


@contextlib.asynccontextmanager
async def open_connection(
    port: int,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A TCP connection, which is aborted afterwards."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def wait_for_end(reader: asyncio.StreamReader) -> str:
    """The close code or HTTP status; "closed" without a code, "still open" after the timeout."""
    received = b""
    try:
        async with asyncio.timeout(_END_TIMEOUT):
            while more := await reader.read(65536):
                received += more
    except TimeoutError:
        return "still open"
    except OSError:
        pass
    if received.startswith(b"HTTP"):
        return received.split(b" ")[1].decode()
    for first, start, _ in split_frames(received)[0]:
        if first & 15 == CLOSE:
            return str(int.from_bytes(received[start : start + 2]))
    return "closed"


async def run_swarm(port: int, count: int) -> dict[str, Counter[str]]:
    """Run `count` clients, the same number of each kind, in random order.

    Returns how often each kind ended in which way.
    """
    slots = asyncio.Semaphore(_MAX_CONCURRENT)
    ends: dict[str, Counter[str]] = defaultdict(Counter)

    async def run_client(kind: str) -> None:
        async with slots:
            try:
                ends[kind][await BEHAVIOURS[kind](port)] += 1
            except (OSError, EOFError) as error:
                ends[kind][type(error).__name__] += 1

    names = [list(BEHAVIOURS)[n % len(BEHAVIOURS)] for n in range(count)]
    random.shuffle(names)
    tasks = []
    for name in names:
        await slots.acquire()
        slots.release()
        tasks.append(asyncio.create_task(run_client(name)))
        await asyncio.sleep(1 / _CONNECTIONS_PER_SECOND)
    await asyncio.gather(*tasks)
    return {kind: ends[kind] for kind in BEHAVIOURS}


if __name__ == "__main__":
    raise_open_file_limit()
    print(json.dumps(asyncio.run(run_swarm(int(sys.argv[1]), int(sys.argv[2])))))
