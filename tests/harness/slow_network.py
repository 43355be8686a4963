"""A road to the server: a TCP proxy that delivers later, as slowly as a line does, and counts."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.harness.process import free_port


@dataclass
class Road:
    """Where it begins, and how many bytes have come over it from the server.

    `cut` breaks every connection that goes there now; while it `is_closed` there are no others.
    """

    address: str
    bytes: int = 0
    cut: Callable[[], None] = lambda: None
    is_closed: bool = False


class _Lane:
    """One direction of the road, which all connections share."""

    def __init__(self, delay: float, rate: float | None) -> None:
        self._delay = delay
        self._rate = rate
        self._free = 0.0

    def arrives(self, now: float, size: int) -> float:
        """When the last of `size` bytes is there that are sent now."""
        if self._rate is not None:
            now = self._free = max(now, self._free) + size / self._rate
        return now + self._delay


@contextlib.contextmanager
def a_road(port: int, delay: float = 0, rate: float | None = None) -> Iterator[Road]:
    """A road to `port` of this computer: `delay` seconds long, and `rate` bytes a second wide."""
    loop = asyncio.new_event_loop()
    own = free_port()
    road = Road(f"http://127.0.0.1:{own}")
    there, back = _Lane(delay, rate), _Lane(delay, rate)
    carrying: set[asyncio.Task[None]] = set()
    writers: set[asyncio.StreamWriter] = set()

    async def carry(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lane: _Lane
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(16_384):
                road.bytes += len(data) * (lane is back)
                loop.call_at(lane.arrives(loop.time(), len(data)), writer.write, data)
            await asyncio.sleep(lane.arrives(loop.time(), 0) - loop.time())
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def comes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The handshake goes there and back.
        await asyncio.sleep(2 * delay)
        if road.is_closed:
            writer.close()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            writer.close()
            return
        writers.update({writer, there_writer})
        for task in (
            loop.create_task(carry(reader, there_writer, there)),
            loop.create_task(carry(there_reader, writer, back)),
        ):
            carrying.add(task)
            task.add_done_callback(carrying.discard)

    def abort() -> None:
        for writer in writers:
            writer.transport.abort()
        writers.clear()

    def cut() -> None:
        loop.call_soon_threadsafe(abort)

    road.cut = cut

    async def close() -> None:
        server.close()
        for task in carrying:
            task.cancel()
        await asyncio.gather(*list(carrying), return_exceptions=True)
        for writer in writers:
            writer.close()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    starting = asyncio.start_server(comes, "127.0.0.1", own)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result(5)
    try:
        yield road
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
