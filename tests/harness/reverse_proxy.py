"""A small reverse proxy: it removes a path prefix, and names its client, as Caddy and nginx do."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future

_HEAD_END = b"\r\n\r\n"


@contextlib.contextmanager
def reverse_proxy(
    port: int, prefix: str = "", *, client: str = "203.0.113.7", protocol: str = "http"
) -> Iterator[str]:
    """The address of a proxy in front of the server on `port` of this computer, with the prefix.

    Every request comes from `client`, it says, over `protocol`.
    """
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()

    async def run() -> None:
        forwarded = f"X-Forwarded-For: {client}\r\nX-Forwarded-Proto: {protocol}\r\n".encode()

        open_tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            open_tasks.add(task)
            try:
                with contextlib.suppress(
                    OSError, asyncio.IncompleteReadError, asyncio.CancelledError
                ):
                    await _serve(reader, writer, port, prefix.encode(), forwarded)
            finally:
                open_tasks.discard(task)
                await _end(writer)

        stop = asyncio.Event()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            started.set_result(
                (asyncio.get_running_loop(), stop, server.sockets[0].getsockname()[1])
            )
            await stop.wait()
            tasks = list(open_tasks)
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    loop, stop, own_port = started.result(20)
    try:
        yield f"http://127.0.0.1:{own_port}{prefix}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)


async def _serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    port: int,
    prefix: bytes,
    forwarded: bytes,
) -> None:
    """Pass one request on, or a web socket until its end."""
    line, _, headers = (await reader.readuntil(_HEAD_END)).partition(b"\r\n")
    method, path, version = line.split(b" ")
    if not path.startswith(prefix + b"/"):
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return
    if b"upgrade: websocket" not in headers.lower():
        kept = [each for each in headers.split(b"\r\n") if each[:11].lower() != b"connection:"]
        headers = b"Connection: close\r\n" + b"\r\n".join(kept)
    server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
    line = b" ".join((method, path.removeprefix(prefix), version)) + b"\r\n"
    server_writer.write(line + forwarded + headers)
    to_server = asyncio.create_task(_pass_on(reader, server_writer))
    try:
        await _pass_on(server_reader, writer)
    finally:
        to_server.cancel()
        await _end(server_writer)


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
