"""Raw sockets that send any bytes, and the server's side of a session."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import flet as ft
import msgpack
from websockets.asyncio.client import ClientConnection, connect

from chat.server.app import ChatServer
from chat.web.socket.connection import ChatConnection
from tests.harness.client import REGISTER, page_properties
from tests.harness.flet_internals import flet_sessions
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

PAGE_PROPERTIES = page_properties("/", 1280, 800)
REGISTER_BODY = {"session_id": None, "page_name": "", "page": PAGE_PROPERTIES}


def encode_frame(action: int, body: Any) -> bytes:
    """A frame of Flet's protocol."""
    return b"\x00" + bytes(msgpack.packb([action, body]))


REGISTER_FRAME = encode_frame(REGISTER, REGISTER_BODY)


@contextlib.asynccontextmanager
async def raw_socket(
    chat: ChatServer, host: str = "", **options: Any
) -> AsyncIterator[ClientConnection]:
    """A raw socket; `host` is the name that it was sent to."""
    port = int(chat.url.rsplit(":", 1)[1])
    url = f"ws://{host or '127.0.0.1'}:{port}/ws"
    async with connect(url, host="127.0.0.1", port=port, proxy=None, **options) as websocket:
        yield websocket


async def close_code_after(chat: ChatServer, *frames: bytes | str) -> int | None:
    """The close code with which the server answers these frames."""
    async with raw_socket(chat) as websocket:
        with contextlib.suppress(Exception):
            for each in frames:
                await websocket.send(each)
        async with asyncio.timeout(20):
            await websocket.wait_closed()
        return websocket.close_code


def page_of(person: ChatUser) -> ft.Page:
    """The server's side of a person's session."""
    assert person.session_id is not None
    page: ft.Page = flet_sessions()[person.session_id].page
    return page


async def wait_until_processed(person: ChatUser) -> None:
    """Wait until the server has handled all frames of a user: it has answered a later one."""
    page = page_of(person)
    await person.resizes(person.width - 1)
    await person.until(lambda: page.width == person.width)


async def wait_until_disconnected(chat: ChatServer) -> None:
    """Wait until the server has no connection, and every session knows it."""
    await wait_until(
        lambda: (
            not connection_count(chat) and not any(e.connection for e in flet_sessions().values())
        )
    )


def connection_count(chat: ChatServer) -> int:
    """The number of open connections of the server."""
    return len(chat.connections)


async def non_reading_socket(port: int) -> socket.socket:
    """A socket that registers, and then reads nothing."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", port))
    await loop.sock_sendall(sock, handshake_request(port))
    assert b" 101 " in await loop.sock_recv(sock, 4096)
    await loop.sock_sendall(sock, masked_frame(REGISTER_FRAME))
    return sock


def handshake_request(port: int) -> bytes:
    """The request that opens a socket."""
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    request = (
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    return request.encode()


async def non_reading_client(chat: ChatServer) -> tuple[socket.socket, ChatConnection]:
    """A client that reads nothing, and the server's side of it."""
    before = set(flet_sessions())
    sock = await non_reading_socket(int(chat.url.rsplit(":", 1)[1]))
    await wait_until(lambda: set(flet_sessions()) - before)
    (session_id,) = set(flet_sessions()) - before
    connection = flet_sessions()[session_id].connection
    assert isinstance(connection, ChatConnection)
    return sock, connection


def masked_frame(data: bytes) -> bytes:
    """A binary frame with the mask 0."""
    return b"\x82\xfe" + len(data).to_bytes(2, "big") + b"\0\0\0\0" + data
