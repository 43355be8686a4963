"""A slow network: a TCP proxy with a delay and a byte rate, which counts the received bytes."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.harness.process import free_port


@dataclass
class SlowNetwork:
    """The address of the proxy, and the number of bytes received from the server through it.

    `cut_connections` aborts all current connections. While `refuses_connections` is true, new ones
    are refused.
    """

    address: str
    received_bytes: int = 0
    cut_connections: Callable[[], None] = lambda: None
    refuses_connections: bool = False


class _Link:
    """One direction of the network, which all connections share."""

    def __init__(self, delay: float, rate: float | None) -> None:
        self._delay = delay
        self._rate = rate
        self._free_at = 0.0

    def arrival_time(self, now: float, size: int) -> float:
        """The time at which the last of `size` bytes arrives that are sent now."""
        if self._rate is not None:
            now = self._free_at = max(now, self._free_at) + size / self._rate
        return now + self._delay


@contextlib.contextmanager
def slow_network(port: int, delay: float = 0, rate: float | None = None) -> Iterator[SlowNetwork]:
    """A proxy to `port` of this computer, with a delay in seconds and a rate in bytes a second."""
    loop = asyncio.new_event_loop()
    listen_port = free_port()
    network = SlowNetwork(f"http://127.0.0.1:{listen_port}")
    upstream, downstream = _Link(delay, rate), _Link(delay, rate)
    forward_tasks: set[asyncio.Task[None]] = set()
    writers: set[asyncio.StreamWriter] = set()

    async def forward(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(16_384):
                network.received_bytes += len(data) * (link is downstream)
                loop.call_at(link.arrival_time(loop.time(), len(data)), writer.write, data)
            await asyncio.sleep(link.arrival_time(loop.time(), 0) - loop.time())
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def on_connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The handshake goes there and back.
        await asyncio.sleep(2 * delay)
        if network.refuses_connections:
            writer.close()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            writer.close()
            return
        writers.update({writer, there_writer})
        for task in (
            loop.create_task(forward(reader, there_writer, upstream)),
            loop.create_task(forward(there_reader, writer, downstream)),
        ):
            forward_tasks.add(task)
            task.add_done_callback(forward_tasks.discard)

    def abort() -> None:
        for writer in writers:
            writer.transport.abort()
        writers.clear()

    def cut_connections() -> None:
        loop.call_soon_threadsafe(abort)

    network.cut_connections = cut_connections

    async def close() -> None:
        server.close()
        for task in forward_tasks:
            task.cancel()
        await asyncio.gather(*list(forward_tasks), return_exceptions=True)
        for writer in writers:
            writer.close()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    start_server = asyncio.start_server(on_connect, "127.0.0.1", listen_port)
    server = asyncio.run_coroutine_threadsafe(start_server, loop).result(5)
    try:
        yield network
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
