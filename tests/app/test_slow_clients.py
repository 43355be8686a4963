"""Slow clients: those that do not read, or too slowly, are cut off."""

import asyncio
import contextlib
import socket
import struct

import pytest

from chat.server.app import ChatServer
from chat.web.socket import outbox, uvicorn_protocol
from tests.conftest import NewUser
from tests.harness.client import SET
from tests.harness.flet_internals import flet_sessions
from tests.harness.hostile_clients import (
    REGISTER_FRAME,
    encode_frame,
    masked_frame,
    non_reading_client,
    page_of,
    wait_until_disconnected,
)
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.usefixtures("no_sessions")


async def test_client_that_never_reads_is_cut_at_the_outbox_limit(chat: ChatServer) -> None:
    raw, connection = await non_reading_client(chat)
    max_queued = 0
    with raw:
        async with asyncio.timeout(8):
            while not connection.socket.closed.done():
                connection.send_frame(b"\x7f", b"x" * 50_000)
                max_queued = max(max_queued, connection.queued_bytes)
                await asyncio.sleep(0)
            assert 1_000_000 < max_queued <= 2 * 1024 * 1024
            await wait_until_disconnected(chat)
        assert connection.queued_bytes == 0
        connection.send_frame(b"late")
        assert connection.queued_bytes == 0
        (session,) = flet_sessions().values()
        assert session.expires_at is not None


async def test_client_that_reads_nothing_is_cut_after_the_timeout(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outbox.MAX_WAIT_SECONDS <= 10
    monkeypatch.setattr(outbox, "MAX_WAIT_SECONDS", 0.3)
    raw, connection = await non_reading_client(chat)
    with raw:
        for _ in range(2):
            connection.send_frame(b"\x7f", b"x" * 6_000_000)
            await asyncio.sleep(0)
            monkeypatch.setattr(outbox, "MAX_WAITING_BYTES", 1e9)
        async with asyncio.timeout(20):
            await asyncio.shield(connection.socket.closed)
            # The transport is aborted although its buffer is full.
            await wait_until_disconnected(chat)


async def test_client_that_reads_a_kilobyte_a_second_is_cut_after_the_timeout(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MAX_WAIT_SECONDS", 1.0)
    raw, connection = await non_reading_client(chat)
    loop = asyncio.get_running_loop()
    read = 0

    async def read_slowly() -> None:
        nonlocal read
        while received := await loop.sock_recv(raw, 100):
            read += len(received)
            await asyncio.sleep(0.1)

    with raw:
        reading = asyncio.create_task(read_slowly())
        started = loop.time()
        for _ in range(100):
            connection.send_frame(b"\x7f", b"x" * 70_000)
            await asyncio.sleep(0)
            if connection.busy:
                break
        async with asyncio.timeout(20):
            await asyncio.shield(connection.socket.closed)
        assert loop.time() - started > 0.9
        assert 0 < read < 100_000, "most of seven megabytes was not read"
        await wait_until_disconnected(chat)
        reading.cancel()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await reading
    (session,) = flet_sessions().values()
    assert session.expires_at is not None


async def test_client_that_resets_midway_leaves_only_a_session(
    chat: ChatServer,
) -> None:
    raw, connection = await non_reading_client(chat)
    while connection.queued_bytes < 1_000_000:
        connection.send_frame(b"\x7f", b"x" * 50_000)
        await asyncio.sleep(0)
    tasks = len(asyncio.all_tasks())
    # With SO_LINGER 0 the close sends a RST, like a rebooted machine.
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.close()
    await wait_until_disconnected(chat)
    await wait_until(lambda: len(asyncio.all_tasks()) < tasks, 5)
    assert connection.queued_bytes == 0
    (session,) = flet_sessions().values()
    assert session.connection is None
    assert session.expires_at is not None


async def test_frames_of_a_client_that_does_not_read_are_still_handled(chat: ChatServer) -> None:
    raw, connection = await non_reading_client(chat)
    with raw:
        while connection.queued_bytes < 1_000_000:
            connection.send_frame(b"\x7f", b"x" * 50_000)
            await asyncio.sleep(0)
        body = {"id": 1, "props": {"width": 777.0}}
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(raw, masked_frame(encode_frame(SET, body)))
        (session,) = flet_sessions().values()
        await wait_until(lambda: session.page.width == 777.0, 2)
        # A refused frame closes the connection although the client does not read.
        await loop.sock_sendall(raw, masked_frame(REGISTER_FRAME))
        await wait_until_disconnected(chat)


async def test_client_without_pong_is_dropped_despite_a_full_buffer(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uvicorn_protocol, "CLOSE_READ_TIMEOUT", 0.1)
    raw, connection = await non_reading_client(chat)
    (protocol,) = chat.connections
    assert isinstance(protocol, uvicorn_protocol.RateLimitedProtocol)
    with raw:
        # The kernel's buffer is full, and the rest is below the limit of the outbox.
        while not protocol.transport.get_write_buffer_size():
            connection.send_frame(b"\x7f", b"x" * 20_000)
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        assert not connection.busy
        protocol.keepalive_timeout()
        await wait_until_disconnected(chat)


async def test_burst_of_12_megabytes_does_not_cut_a_reading_client(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    workspace = chat.workspace
    (person,) = (each for each in workspace.presence.online.people if each.name == "Ann")
    page = page_of(bob)
    connection = page.session.connection
    lobby = await workspace.resolve(person, "/")
    for n in range(1200):
        await lobby.post(person, f"{n} " + "x" * 9_990, f"burst-{n}")
    await bob.until(lambda: any(text.startswith("1199 ") for text in bob.timeline.texts), 10)
    assert page.session.connection is connection
    assert connection is not None
    await ann.composer.posts("and on")
    await bob.timeline.waits_for_message("and on")
