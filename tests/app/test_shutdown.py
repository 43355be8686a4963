"""Shutdown: the process ends in time and loses no message, with active and dead clients."""

import asyncio
import contextlib
import itertools
import signal
import socket
import sqlite3
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from tests.harness.hostile_clients import REGISTER_FRAME, non_reading_socket
from tests.harness.process import ServerProcess
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.usefixtures("no_sessions")


async def test_sigterm_with_active_and_dead_clients_ends_in_time_and_loses_nothing(
    tmp_path: Path,
) -> None:
    server = ServerProcess(tmp_path / "data", "--web", "--no-browser").start()
    url = server.address.replace("http", "ws", 1) + "/ws"
    dead_sockets: list[socket.socket] = []
    try:
        people = [ChatUser(server.address) for _ in range(8)]
        for n, person in enumerate(people):
            await person.opens_as(f"P{n}")
            await person.waits_until(lambda user: user.timeline.texts)
        clients = [await connect(url, proxy=None) for _ in range(40)]
        for each in clients:
            await each.send(REGISTER_FRAME)
            await each.recv()
        dead_sockets += [socket.create_connection(("127.0.0.1", server.port)) for _ in range(10)]
        dead_sockets += [await non_reading_socket(server.port) for _ in range(10)]
        dead_sockets += [
            open_incomplete_request(server.port, request) for request in INCOMPLETE_REQUESTS * 3
        ]
        acknowledged: list[str] = []
        posting = [asyncio.create_task(post_until_cut(person, acknowledged)) for person in people]
        await wait_until(lambda: len(acknowledged) > 40)
        assert await asyncio.to_thread(server.stop, signal.SIGTERM) == 0
        for each in clients:
            await each.wait_closed()
        assert {each.close_code for each in clients} == {1012}
        assert {await person.waits_until_disconnected() for person in people} == {1012}
        for task in posting:
            task.cancel()
        await asyncio.gather(*posting, return_exceptions=True)
        # Each acknowledged message (its field was emptied) and each displayed one is stored.
        displayed = {
            text for person in people for text in person.timeline.texts if text.startswith("text ")
        }
        assert len(displayed) >= len(acknowledged) > 40
        with contextlib.closing(sqlite3.connect(tmp_path / "data" / "chat.db")) as database:
            stored_texts = {row[0] for row in database.execute("SELECT text FROM message")}
        assert {*acknowledged, *displayed} - stored_texts == set()
    finally:
        server.kill_if_running()
        for dead_socket in dead_sockets:
            dead_socket.close()


# A request without its body, and a request whose response is not read.
INCOMPLETE_REQUESTS = [
    b"PUT /words HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
    b"GET /main.dart.wasm HTTP/1.1\r\nHost: x\r\n\r\n",
]


def open_incomplete_request(port: int, request: bytes) -> socket.socket:
    """Open a connection with a request that the server cannot finish."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    connection.sendall(request)
    return connection


async def post_until_cut(person: ChatUser, acknowledged: list[str]) -> None:
    """Post texts until cancelled; `acknowledged` gets those that the server took from the field."""
    for n in itertools.count():
        text = f"text {n} by {id(person)}"
        await person.composer.types(text)
        try:
            await person.composer.sends()
            await person.until(lambda: person.composer.text == "")
        finally:
            if person.composer.text == "":
                acknowledged.append(text)
