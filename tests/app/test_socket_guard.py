"""The frame guard: invalid frames, floods and refused connections."""

import asyncio
import contextlib
import gc
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgpack
import pytest
from flet.messaging.session import Session

from chat.server.app import ChatServer
from chat.ui.client.page_messages import PageEvent, parse_event
from chat.web.guard.frames import MAX_FRAME_SIZE, REGISTER_TIMEOUT, FrameGuard, parse_frame
from chat.web.guard.rate_limit import BURST, FRAMES_PER_SECOND, FrameRateLimit, ProtocolViolation
from chat.web.socket import endpoint
from chat.web.socket.connection import ChatConnection
from chat.web.socket.fast_writer import BatchingWebSocketProtocol
from chat.web.socket.websocket import GuardedSocket
from tests.harness.client import EVENT, INVOKE, REGISTER, SET
from tests.harness.flet_internals import expire_sessions, flet_sessions
from tests.harness.hostile_clients import (
    REGISTER_BODY,
    REGISTER_FRAME,
    close_code_after,
    encode_frame,
    non_reading_client,
    raw_socket,
    wait_until_disconnected,
)
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.usefixtures("no_sessions")


EVENT_BODY = {"target": 1, "name": "resize", "data": None}
TOO_DEEP: Any = None
for _ in range(9):
    TOO_DEEP = [TOO_DEEP]


async def test_each_kind_of_invalid_frame_closes_with_its_code(chat: ChatServer) -> None:
    table: dict[str, tuple[int, list[bytes | str]]] = {
        "text": (1003, ["hello"]),
        "text after registering": (1003, [REGISTER_FRAME, "hello"]),
        "empty": (1003, [b""]),
        "unknown kind": (1003, [b"\x02abc"]),
        "a data channel": (1003, [REGISTER_FRAME, b"\x01\x01\x00\x00\x00abc"]),
        "unknown page frame": (1002, [b"\x7fzz"]),
        "empty page frame": (1002, [b"\x7f"]),
        "a key with an argument": (1002, [b"\x7fk1"]),
        "a visibility with an argument": (1002, [b"\x7fll"]),
        "an unknown completion key": (1002, [b"\x7fgk"]),
        "no completion key": (1002, [b"\x7fg"]),
        "a completion Enter without a cursor": (1002, [b"\x7fgehello"]),
        "a completion Enter with a negative cursor": (1002, [b"\x7fge-1 hello"]),
        "a cursor of three numbers": (1002, [b"\x7fp1 2 3"]),
        "a cursor that is too large": (1002, [b"\x7fp1 " + b"9" * 7]),
        "a permission without a value": (1002, [b"\x7fa"]),
        "a permission of 2": (1002, [b"\x7fa2"]),
        "a frame of the server": (1002, [b"\x7fq"]),
        "a notification click without a path": (1002, [b"\x7fo"]),
        "a notification click with a URL": (1002, [b"\x7fohttps://a.example/"]),
        "a notification click to another host": (1002, [b"\x7fo//a.example"]),
        "a notification click with two slashes": (1002, [b"\x7fo/room//lobby"]),
        "a notification click with broken utf-8": (1002, [b"\x7fo/\xff"]),
        "a notification click that is too long": (1002, [b"\x7fo/" + b"x" * 200]),
        "broken msgpack": (1002, [b"\x00\xc1"]),
        "cut msgpack": (1002, [REGISTER_FRAME[:-5]]),
        "two values": (1002, [REGISTER_FRAME + b"\xc0"]),
        "not a pair": (1002, [b"\x00" + bytes(msgpack.packb(5))]),
        "no map": (1002, [encode_frame(REGISTER, [1])]),
        "broken utf-8": (1002, [b"\x00\x92\x01\x81\xa1\xff\xc0"]),
        "broken date": (1002, [b"\x00\x92\x01\x81\xa1a\xd4\x01a"]),
        "too deep": (1002, [REGISTER_FRAME, encode_frame(EVENT, {**EVENT_BODY, "data": TOO_DEEP})]),
        "very deep": (1002, [b"\x00" + b"\x91" * 100_000]),
        "a huge array": (1002, [b"\x00\xdd\xff\xff\xff\xff"]),
        "unknown action": (1002, [encode_frame(99, {})]),
        "an action of the server": (
            1002,
            [REGISTER_FRAME, encode_frame(2, {"id": 1, "patch": []})],
        ),
        "an action of a wrong type": (1002, [encode_frame(True, REGISTER_BODY)]),
        "a field left out": (1002, [encode_frame(REGISTER, {"session_id": None, "page_name": ""})]),
        "a field too many": (1002, [encode_frame(REGISTER, {**REGISTER_BODY, "more": 1})]),
        "a page of a wrong type": (1002, [encode_frame(REGISTER, {**REGISTER_BODY, "page": 1})]),
        "a target of a wrong type": (
            1002,
            [REGISTER_FRAME, encode_frame(EVENT, {**EVENT_BODY, "target": "1"})],
        ),
        "a name of a wrong type": (
            1002,
            [REGISTER_FRAME, encode_frame(EVENT, {**EVENT_BODY, "name": None})],
        ),
        "props of a wrong type": (
            1002,
            [REGISTER_FRAME, encode_frame(SET, {"id": 1, "props": [1]})],
        ),
        "an event before registering": (1008, [encode_frame(EVENT, EVENT_BODY)]),
        "a value before registering": (1008, [encode_frame(SET, {"id": 1, "props": {}})]),
        "registers twice": (1008, [REGISTER_FRAME, REGISTER_FRAME]),
        "too large": (1009, [b"\x00" * (MAX_FRAME_SIZE + 1)]),
        "too large for the script": (1009, [b"\x7fs" + b"x" * MAX_FRAME_SIZE]),
        "too large to be read": (1009, [b"\x00" * 2 * 1024 * 1024]),
    }
    async with asyncio.timeout(20):
        codes = await asyncio.gather(
            *(close_code_after(chat, *frames) for _, frames in table.values())
        )
    assert dict(zip(table, codes, strict=True)) == {k: code for k, (code, _) in table.items()}


async def test_silent_connection_is_closed(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert REGISTER_TIMEOUT <= 5
    monkeypatch.setattr(endpoint, "REGISTER_TIMEOUT", 0.2)
    assert await close_code_after(chat) == 1008
    assert await close_code_after(chat, b"\x7fh") == 1008


async def test_frame_flood_is_closed_with_1008(chat: ChatServer) -> None:
    each = encode_frame(SET, {"id": 1, "props": {"width": 800}})
    assert await close_code_after(chat, REGISTER_FRAME, *[each] * 2000) == 1008
    for frame in (b"\x7fy", b"\x7fk", b"\x7fgd", b"\x7fb", b"\x7fa1", b"\x7fo/"):
        assert await close_code_after(chat, *[frame] * 2000) == 1008, frame


# WebSocket frames that are no message: an empty fragment, a ping and a pong, each with mask 0.
EMPTY_FRAGMENT, PING, PONG = (bytes([first, 0x80]) + bytes(4) for first in (0x00, 0x89, 0x8A))
FIRST_FRAGMENT = bytes([0x02, 0x80]) + bytes(4)


for_each_flood = pytest.mark.parametrize(
    "flood", [EMPTY_FRAGMENT, PING, PONG], ids=["fragments", "pings", "pongs"]
)


@for_each_flood
async def test_floods_of_fragments_pings_and_pongs_are_closed(
    chat: ChatServer, flood: bytes
) -> None:
    async with raw_socket(chat) as websocket:
        await websocket.send(REGISTER_FRAME)
        websocket.transport.write(
            FIRST_FRAGMENT + flood * 5000 if flood is EMPTY_FRAGMENT else flood * 5000
        )
        async with asyncio.timeout(10):
            await websocket.wait_closed()
        assert websocket.close_code == 1008


# A whole message: PageReady of the page script.
SHORT_MESSAGE = bytes([0x82, 0x82]) + bytes(4) + b"\x7fh"


@pytest.mark.parametrize(
    "flood",
    [EMPTY_FRAGMENT, PING, PONG, SHORT_MESSAGE],
    ids=["fragments", "pings", "pongs", "messages"],
)
async def test_flood_of_tiny_frames_does_not_block_the_event_loop(
    chat: ChatServer, flood: bytes
) -> None:
    raw, connection = await non_reading_client(chat)
    loop = asyncio.get_running_loop()
    # Seconds of CPU between two turns of another task. (A busy machine adds to the time of day.)
    delays: list[float] = []

    async def measure_delays() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.001)
            delays.append(time.thread_time() - before)

    measurement = asyncio.create_task(measure_delays())
    with raw:
        if flood is EMPTY_FRAGMENT:
            await loop.sock_sendall(raw, FIRST_FRAGMENT)
        # The server closes the connection before it has read the whole flood.
        async with asyncio.timeout(20):
            with contextlib.suppress(OSError):
                for _ in range(20):
                    await loop.sock_sendall(raw, flood * 40_000)
            await asyncio.shield(connection.socket.closed)
        await wait_until_disconnected(chat)
    measurement.cancel()
    assert max(delays) < 0.2


async def test_flood_is_read_in_small_slices_and_not_beyond_the_limit(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    data_received = BatchingWebSocketProtocol.data_received

    def count_bytes(self: BatchingWebSocketProtocol, data: bytes) -> None:
        read.append(len(data))
        data_received(self, data)

    raw, _ = await non_reading_client(chat)
    (protocol,) = chat.connections
    assert isinstance(protocol, BatchingWebSocketProtocol)
    monkeypatch.setattr(BatchingWebSocketProtocol, "data_received", count_bytes)
    with raw:
        protocol.data_received(PING * 40_000)
        assert max(read) < 10_000
        assert sum(read) < 20_000


async def test_fragmented_message_is_accepted(chat: ChatServer) -> None:
    async with raw_socket(chat) as websocket:
        await websocket.send(
            [REGISTER_FRAME[index : index + 2] for index in range(0, len(REGISTER_FRAME), 2)]
        )
        assert isinstance(await websocket.recv(), bytes)
        for _ in range(20):
            await (await websocket.ping())


def test_rate_limit_allows_a_held_key_and_stops_faster_senders() -> None:
    now = [0.0]
    rate_limit = FrameRateLimit(clock=lambda: now[0])

    def seconds_until_refused(frames_per_second: float) -> float:
        started = now[0]
        with contextlib.suppress(ProtocolViolation):
            while now[0] - started < 300:
                rate_limit.consume()
                now[0] += 1 / frames_per_second
        return now[0] - started

    assert seconds_until_refused(FRAMES_PER_SECOND) >= 300
    # 33 letters a second, of two frames each.
    assert seconds_until_refused(66) > 120
    now[0] += 100
    assert seconds_until_refused(2 * FRAMES_PER_SECOND) < 21
    now[0] += 100
    assert seconds_until_refused(10_000) < 1
    assert BURST <= 20 * FRAMES_PER_SECOND


class AllPermissions:
    """Permissions that allow everything."""

    def may_resume(self, session_id: str) -> bool:
        """Allow it."""
        return True

    async def wait_for_release(self, session_id: str) -> None:
        """No other connection."""

    def initial_page(self, page: dict[str, Any]) -> dict[str, Any]:
        """Allow all."""
        return page

    def settable(self, control_id: int, props: dict[str, Any]) -> dict[str, Any]:
        """Allow all."""
        return props

    def may_fire(self, control_id: int, name: str, data: object) -> bool:
        """Allow it."""
        return True

    def may_answer(self, control_id: int, result: object) -> bool:
        """Allow it."""
        return True


def test_set_and_change_frames_of_one_key_count_once() -> None:
    guarded = FrameGuard(AllPermissions(), clock=lambda: 0.0)
    guarded.check(REGISTER_FRAME)
    for _ in range(int(BURST) - 1):
        guarded.check(encode_frame(SET, {"id": 7, "props": {"value": "a"}}))
        guarded.check(encode_frame(EVENT, {"target": 7, "name": "change", "data": "a"}))
    with pytest.raises(ProtocolViolation, match="too many"):
        guarded.check(encode_frame(SET, {"id": 7, "props": {"value": "a"}}))


def test_expected_replies_do_not_count_against_the_rate_limit() -> None:
    guarded = FrameGuard(AllPermissions(), clock=lambda: 0.0)
    guarded.check(REGISTER_FRAME)
    reply = {"control_id": 7, "call_id": "a", "result": None, "error": None}
    for _ in range(2000):
        guarded.expect_reply("a")
        guarded.check(encode_frame(INVOKE, reply))
        guarded.expect_reply()
        guarded.check(b"\x7fy")
    with pytest.raises(ProtocolViolation, match="too many"):
        for _ in range(int(BURST)):
            guarded.check(encode_frame(INVOKE, reply))


def test_accepted_frames_pass_unchanged() -> None:
    guarded = FrameGuard(AllPermissions())
    assert guarded.check(REGISTER_FRAME) == REGISTER_FRAME
    for each in (
        encode_frame(SET, {"id": 7, "props": {"value": "a"}}),
        encode_frame(EVENT, EVENT_BODY),
        encode_frame(INVOKE, {"control_id": 7, "call_id": "a", "result": None, "error": None}),
    ):
        assert guarded.check(each) == each


def test_accepted_page_frames_are_handed_on_as_events_and_never_to_flet() -> None:
    guarded = FrameGuard(AllPermissions())
    assert guarded.check(REGISTER_FRAME) == REGISTER_FRAME
    events = list[PageEvent]()
    guarded.on_page_event = events.append
    payloads = (
        "h",
        "k",
        "l",
        "v",
        "b",
        "i",
        "a0",
        "a1",
        "gu",
        "gd",
        "gt2 @b",
        "gec1 - 0 ",
        "gec1 /room/lobby 0 ",
        "sa1 0 /room/lobby x",
        "p3 5",
        "gx",
    )
    for each in (
        *(f"\x7f{payload}".encode() for payload in payloads),
        b"\x7fo/",
        b"\x7fo/" + "é".encode() * 199,
    ):
        assert guarded.check(each) is None
        assert events.pop() == parse_event(each)
        assert events == []


def test_value_with_too_many_parts_is_refused() -> None:
    wide = {**EVENT_BODY, "data": [[0] * 200] * 200}
    with pytest.raises(ProtocolViolation):
        parse_frame(encode_frame(EVENT, wide)[1:])


async def test_refused_connections_leave_no_objects_or_tasks(
    chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {id(each) for each in live_objects()}  # objects of earlier tests
    monkeypatch.setattr(endpoint, "REGISTER_TIMEOUT", 0.2)

    async def disconnect_at_once() -> None:
        async with raw_socket(chat):
            pass

    async def abort() -> None:
        async with raw_socket(chat) as websocket:
            await websocket.send(REGISTER_FRAME)
            websocket.transport.abort()

    clients: dict[str, Callable[[], Awaitable[object]]] = {
        "disconnects at once": disconnect_at_once,
        "sends nothing": lambda: close_code_after(chat),
        "sends text": lambda: close_code_after(chat, "text"),
        "sends nonsense": lambda: close_code_after(chat, b"\x00\xc1"),
        "registers twice": lambda: close_code_after(chat, REGISTER_FRAME, REGISTER_FRAME),
        "aborts": abort,
    }
    await asyncio.gather(*(client() for client in clients.values()))
    await wait_until_disconnected(chat)
    tasks = len(asyncio.all_tasks())
    gc.disable()  # a collection would hide leaked objects
    for client in clients.values():
        for _ in range(6):
            await asyncio.gather(*(client() for _ in range(50)))
    await wait_until_disconnected(chat)
    await wait_until(lambda: len(asyncio.all_tasks()) <= tasks)
    gc.enable()
    sessions = flet_sessions().values()
    assert all(each.connection is None and each.expires_at for each in sessions)
    await expire_sessions(*sessions)
    del sessions
    await wait_until(lambda: all(id(each) in before for each in live_objects()))


def live_objects() -> list[object]:
    """The connections and sessions in memory; closing one may take three seconds."""
    gc.collect()
    clients = {ChatConnection, GuardedSocket, Session}
    return [each for each in gc.get_objects() if type(each) in clients]
