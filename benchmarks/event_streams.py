"""Cost of programs that read events: memory of an idle stream, heartbeats, and one post for all.

`python -m benchmarks.event_streams` connects clients of server-sent events to the real server, each
with a socket and nothing else. A person then posts in a room that all of them may read.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from benchmarks.client_protocols import PageScriptProtocol
from benchmarks.command_line import start_report
from benchmarks.page_files import compress_page_files
from benchmarks.server_process import Server, free_port
from benchmarks.table import markdown_table
from benchmarks.websocket_frames import handshake_request, split_frames
from chat.model.programs import Scope
from chat.programs.api_tokens import TOKEN_LIMIT
from chat.programs.bots import MAX_NEW_BOTS
from chat.workspace.program_events import READERS_PER_TOKEN
from chat.workspace.workspace import Workspace

_CONCURRENT_CONNECTS = 50
_TIMEOUT = 120.0
_TEXT = "to all programs"


class StreamClients:
    """Clients of server-sent events, as sockets."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._clients: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def connect_all(self, tokens: Sequence[str]) -> None:
        """Open a stream with each of these tokens."""
        slots = asyncio.Semaphore(_CONCURRENT_CONNECTS)

        async def connect(token: str) -> None:
            async with slots:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                lines = (
                    "GET /api/events HTTP/1.1",
                    f"Host: 127.0.0.1:{self._port}",
                    "Accept: text/event-stream",
                    f"Authorization: Bearer {token}",
                )
                writer.write("\r\n".join([*lines, "", ""]).encode())
                await reader.readuntil(b'"hello"')
                self._clients.append((reader, writer))

        await asyncio.gather(*map(connect, tokens))

    async def wait_for(self, text: str) -> list[float]:
        """The time at which each client had received a text."""

        async def wait(reader: asyncio.StreamReader) -> float:
            await reader.readuntil(text.encode())
            return time.perf_counter()

        return await asyncio.gather(*(wait(reader) for reader, _ in self._clients))

    async def wait_for_heartbeats(self) -> None:
        """Wait until each client has received a heartbeat."""
        await self.wait_for('"heartbeat"')

    def close(self) -> None:
        """Close all sockets."""
        for _, writer in self._clients:
            writer.transport.abort()


class Poster:
    """A person at a page, who posts."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._protocol = PageScriptProtocol("/chat?username=Ann")

    async def connect(self) -> None:
        """Sign in."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        protocol = self._protocol
        writer.write(
            handshake_request(self._port, protocol.path, protocol.headers(), deflate=False)
        )
        await reader.readuntil(b"\r\n\r\n")
        writer.write(protocol.opening_frames())
        self._writer = writer
        ready = asyncio.Event()
        self._answering = asyncio.create_task(self._answer(reader, ready))
        await ready.wait()

    def post(self, text: str) -> None:
        """Send a text."""
        self._writer.write(self._protocol.post_frames(text))

    def close(self) -> None:
        """Close the socket."""
        self._answering.cancel()
        self._writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, ready: asyncio.Event) -> None:
        received = b""
        while more := await reader.read(65536):
            received += more
            frames, rest = split_frames(received)
            self._writer.writelines(
                self._protocol.handle(received[start:stop]) for _, start, stop in frames
            )
            received = received[rest:]
            if self._protocol.is_ready:
                ready.set()


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.event_streams", description=__doc__)
    parser.add_argument("--streams", type=int, default=1000, help="clients (%(default)s)")
    args = parser.parse_args(argv)
    start_report()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    compress_page_files()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        tokens = asyncio.run(_make_tokens(folder / "data", args.streams))
        port = free_port()
        command = [sys.executable, "main.py", "--web", "--no-browser", f"--port={port}"]
        with Server([*command, f"--data={folder / 'data'}"], port, folder) as server:
            asyncio.run(_measure(server, tokens))


async def _make_tokens(folder: Path, streams: int) -> list[str]:
    """A token for each stream; each token has as many streams as it may have."""
    workspace = await Workspace.open(folder, lambda topic, event: None)
    tokens = list[str]()
    owner = None
    for n in range(-(-streams // (READERS_PER_TOKEN * TOKEN_LIMIT))):
        if n % MAX_NEW_BOTS == 0:
            owner = await workspace.identity.sign_in(f"Owner {n}", f"token {n}", is_local=True)
            await workspace.on_signed_in(owner)
        assert owner is not None, "the first bot has an owner"
        bot = await workspace.bots.create(owner, f"bot {n}")
        for number in range(TOKEN_LIMIT):
            secret, _ = await workspace.api_tokens.create(bot, f"{number}", [Scope.READ])
            tokens += [secret] * READERS_PER_TOKEN
    await workspace.close()
    return tokens[:streams]


async def _measure(server: Server, tokens: Sequence[str]) -> None:
    poster, clients = Poster(server.port), StreamClients(server.port)
    async with asyncio.timeout(10 * _TIMEOUT):
        await asyncio.to_thread(server.wait_until_idle)
        memory, cpu = server.memory_bytes(), server.cpu_seconds()
        await clients.connect_all(tokens)
        connect_cpu = server.cpu_seconds() - cpu
        idle_memory = server.memory_bytes()
        await clients.wait_for_heartbeats()
        cpu, began = server.cpu_seconds(), time.perf_counter()
        await clients.wait_for_heartbeats()
        share = (server.cpu_seconds() - cpu) / (time.perf_counter() - began)
        # The poster answers no pings: it comes last.
        await asyncio.gather(poster.connect(), clients.wait_for('"member_joined"'))
        own_cpu = time.process_time()
        cpu, began = server.cpu_seconds(), time.perf_counter()
        poster.post(_TEXT)
        times = sorted(each - began for each in await clients.wait_for(_TEXT))
        post_cpu = server.cpu_seconds() - cpu
        client_cpu = time.process_time() - own_cpu
    clients.close()
    poster.close()
    count = len(tokens)
    rows = [
        ("KB of an idle stream", f"{(idle_memory - memory) / count / 1024:.1f}"),
        ("ms of CPU to connect one", f"{connect_cpu / count * 1000:.2f}"),
        ("% of a CPU for heartbeats", f"{share * 100:.1f}"),
        ("µs of CPU for one event to one stream", f"{post_cpu / count * 1e6:.0f}"),
        ("ms until half have a post", f"{times[count // 2] * 1000:.0f}"),
        ("ms until all have it", f"{times[-1] * 1000:.0f}"),
        ("ms of CPU that all clients needed for it", f"{client_cpu * 1000:.0f}"),
    ]
    print(markdown_table((f"{count} streams", "measured"), rows))


if __name__ == "__main__":
    run()
