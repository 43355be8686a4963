"""The end of the process, whatever its clients do."""

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
    zombies: list[socket.socket] = []
    try:
        people = [ChatUser(server.address) for _ in range(8)]
        for n, person in enumerate(people):
            await person.opens(f"/chat?username=P{n}")
            await person.timeline.waits_for_message(f"P{n} has joined the chat.")
        clients = [await connect(url, proxy=None) for _ in range(40)]
        for each in clients:
            await each.send(REGISTER_FRAME)
            await each.recv()
        zombies += [socket.create_connection(("127.0.0.1", server.port)) for _ in range(10)]
        zombies += [await non_reading_socket(server.port) for _ in range(10)]
        zombies += [
            open_incomplete_request(server.port, request) for request in INCOMPLETE_REQUESTS * 3
        ]
        stored: list[str] = []
        talking = [asyncio.create_task(post_until_cut(person, stored)) for person in people]
        await wait_until(lambda: len(stored) > 40)
        assert await asyncio.to_thread(server.stop, signal.SIGTERM) == 0
        for each in clients:
            await each.wait_closed()
        assert {each.close_code for each in clients} == {1012}
        assert {await person.waits_until_disconnected() for person in people} == {1012}
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        # Whoever's field was emptied, and whoever saw a message: it is there.
        seen = {
            text for person in people for text in person.timeline.texts if text.startswith("said ")
        }
        assert len(seen) >= len(stored) > 40
        with contextlib.closing(sqlite3.connect(tmp_path / "data" / "chat.db")) as database:
            kept = {row[0] for row in database.execute("SELECT text FROM message")}
        assert {*stored, *seen} - kept == set()
    finally:
        server.kill_if_running()
        for zombie in zombies:
            zombie.close()


# One whose body does not come, and one whose answer nobody takes.
INCOMPLETE_REQUESTS = [
    b"PUT /words HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
    b"GET /main.dart.wasm HTTP/1.1\r\nHost: x\r\n\r\n",
]


def open_incomplete_request(port: int, request: bytes) -> socket.socket:
    """A connection on which the server is at work, for as long as it likes to be."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", port))
    raw.sendall(request)
    return raw


async def post_until_cut(person: ChatUser, stored: list[str]) -> None:
    """Say one thing after another, and remember what the server took out of the field."""
    for n in itertools.count():
        text = f"said {n} by {id(person)}"
        await person.composer.types(text)
        try:
            await person.composer.sends()
            await person.until(lambda: person.composer.text == "")
        finally:
            if person.composer.text == "":
                stored.append(text)
