"""A long road to the server: a TCP proxy that delivers everything later, both ways."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.server import free_port


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Deliver what is read `delay` seconds after it came, however much is on its way."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            loop.call_later(delay, writer.write, data)
        await asyncio.sleep(delay)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@dataclass(frozen=True)
class Road:
    """An address, and a way to break every connection that goes there now."""

    address: str
    cut: Callable[[], None]


@contextlib.contextmanager
def long_road(port: int, delay: float) -> Iterator[Road]:
    """A road to `port` of this computer, which is `delay` seconds away."""
    loop = asyncio.new_event_loop()
    own = free_port()
    carrying: set[asyncio.Task[None]] = set()
    writers: set[asyncio.StreamWriter] = set()

    async def comes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        writers.update({writer, there_writer})
        for task in (
            loop.create_task(_carry(reader, there_writer, delay)),
            loop.create_task(_carry(there_reader, writer, delay)),
        ):
            carrying.add(task)
            task.add_done_callback(carrying.discard)

    def cut() -> None:
        for writer in writers:
            writer.transport.abort()
        writers.clear()

    def cut_now() -> None:
        loop.call_soon_threadsafe(cut)

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
        yield Road(f"http://127.0.0.1:{own}", cut_now)
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
