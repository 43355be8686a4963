"""The guard: what strangers and broken clients try at the socket, and what must hold."""

import asyncio
import contextlib
import gc
import itertools
import re
import signal
import socket
import sqlite3
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import flet as ft
import msgpack
import pytest
import structlog
from flet.messaging.session import Session
from flet_web.fastapi import app_manager
from httpx import AsyncClient
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from chat.app import Chat
from chat.errors import CannotStart
from chat.people import Visitor
from chat.settings import Settings, Surroundings
from chat.web import door, outbox, pieces
from chat.web.connection import ChatConnection
from chat.web.guard import BURST, FRAME, RATE, SILENCE, Guard, Pace, Refused, read
from chat.web.origin import Origins
from chat.web.protocol import Protocol
from chat.web.rights import SessionRights
from chat.web.sessions import Sessions
from chat.web.socket import Socket
from tests.conftest import Knock
from tests.person import EVENT, INVOKE, REGISTER, SET, Person, browser_page
from tests.server import Server
from tests.waiting import until

Send = Callable[[ClientConnection], Awaitable[None]]

PAGE = browser_page("/", 1280, 800)
HELLO = {"session_id": None, "page_name": "", "page": PAGE}


def frame(action: int, body: Any) -> bytes:
    """A frame of Flet's protocol."""
    return b"\x00" + bytes(msgpack.packb([action, body]))


HELLO_FRAME = frame(REGISTER, HELLO)


@contextlib.asynccontextmanager
async def stranger(chat: Chat, host: str = "", **more: Any) -> AsyncIterator[ClientConnection]:
    """A raw socket; `host` is the name that it was sent to."""
    port = int(chat.address.rsplit(":", 1)[1])
    url = f"ws://{host or '127.0.0.1'}:{port}/ws"
    async with connect(url, host="127.0.0.1", port=port, proxy=None, **more) as there:
        yield there


async def code_after(chat: Chat, *frames: bytes | str) -> int | None:
    """The close code that these frames are answered with."""
    async with stranger(chat) as there:
        with contextlib.suppress(Exception):
            for each in frames:
                await there.send(each)
        async with asyncio.timeout(20):
            await there.wait_closed()
        return there.close_code


def sessions() -> dict[str, Session]:
    """All sessions that Flet has, by their id."""
    kept: dict[str, Session] = vars(app_manager)["_FletAppManager__sessions"]
    return {str(session.id): session for session in kept.values()}


def page_of(person: Person) -> ft.Page:
    """The server's side of a person's session."""
    assert person.session is not None
    page: ft.Page = sessions()[person.session].page
    return page


async def settled(person: Person) -> None:
    """Everything that the person sent has been read: an answer to something later came."""
    page = page_of(person)
    await person.resizes(person.width - 1)
    await person.until(lambda: page.width == person.width)


@pytest.fixture(autouse=True)
def no_sessions() -> Iterator[None]:
    """Sessions of other tests are not of this one."""
    vars(app_manager)["_FletAppManager__sessions"].clear()
    yield
    gc.enable()


# Foreign pages.

ELSEWHERE = {
    "null": "null",
    "empty": "",
    "other host": "http://evil.example",
    "same port elsewhere": "http://evil.example:{port}",
    "prefix": "http://127.0.0.1:{port}.evil.example",
    "suffix": "http://evil127.0.0.1:{port}",
    "subdomain": "http://sub.localhost:{port}",
    "no port": "http://127.0.0.1",
    "other port": "http://127.0.0.1:1",
    "longer port": "http://127.0.0.1:{port}0",
    "scheme": "https://127.0.0.1:{port}",
    "socket scheme": "ws://127.0.0.1:{port}",
    "case": "HTTP://127.0.0.1:{port}",
    "idn": "http://xn--127-9o0a.0.0.1:{port}",
    "userinfo": "http://127.0.0.1:{port}@evil.example",
    "userinfo before": "http://evil.example@127.0.0.1:{port}",
    "trailing dot": "http://127.0.0.1.:{port}",
    "slash": "http://127.0.0.1:{port}/",
    "other name of this computer": "http://localhost:{port}",
    "two": "http://127.0.0.1:{port} http://evil.example",
}


async def test_foreign_pages_get_403_before_the_socket_is_accepted(chat: Chat) -> None:
    port = chat.address.rsplit(":", 1)[1]
    for name, origin in ELSEWHERE.items():
        headers = {"Origin": origin.format(port=port)}
        with pytest.raises(InvalidStatus) as refused:
            async with stranger(chat, additional_headers=headers):
                raise AssertionError(f"{name} was let in")
        assert refused.value.response.status_code == 403, name
    twice = [("Origin", chat.address), ("Origin", "http://evil.example")]
    with pytest.raises(InvalidStatus):
        async with stranger(chat, additional_headers=twice):
            pass
    assert sessions() == {}


async def test_the_own_page_is_let_in_by_each_of_its_names(chat: Chat) -> None:
    port = chat.address.rsplit(":", 1)[1]
    for host in ("127.0.0.1", "localhost"):
        headers = {"Origin": f"http://{host}:{port}"}
        async with stranger(chat, host, additional_headers=headers) as there:
            await there.send(HELLO_FRAME)
            assert isinstance(await there.recv(), bytes)
    async with stranger(chat) as there:
        await there.send(HELLO_FRAME)
        assert isinstance(await there.recv(), bytes)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.", "chat"])
async def test_a_foreign_name_that_leads_here_is_not_ours(chat: Chat, host: str) -> None:
    port = chat.address.rsplit(":", 1)[1]
    with pytest.raises(InvalidStatus) as refused:
        async with stranger(chat, host, additional_headers={"Origin": f"http://{host}:{port}"}):
            pass
    assert refused.value.response.status_code == 403


def opened(origin: str | None, host: str, client: str, server: str, scheme: str = "ws") -> bool:
    """Whether a page is let in from `client` to the address `server`."""
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    ends = {"client": (client, 5), "server": (server, 8550)}
    others = Settings(origin="HTTPS://Bücher.example:443/, http://[::1]:9").origins
    return Origins(others).let_in({"scheme": scheme, "headers": headers, **ends})


@pytest.mark.parametrize(
    ("origin", "host", "client", "server", "scheme", "right"),
    [
        (None, "10.0.0.2:8550", "10.0.0.7", "10.0.0.2", "ws", False),
        (None, "127.0.0.1:8550", "::ffff:127.0.0.1", "127.0.0.1", "ws", True),
        ("http://10.0.0.2:8550", "10.0.0.2:8550", "10.0.0.7", "10.0.0.2", "ws", True),
        ("http://laptop.local:8550", "laptop.local:8550", "10.0.0.7", "10.0.0.2", "ws", True),
        ("http://evil.example:8550", "evil.example:8550", "10.0.0.7", "10.0.0.2", "ws", False),
        ("https://10.0.0.2", "10.0.0.2:443", "10.0.0.7", "10.0.0.2", "wss", True),
        ("http://10.0.0.2", "10.0.0.2", "10.0.0.7", "10.0.0.2", "wss", False),
        ("http://[fd00::2]:8550", "[fd00::2]:8550", "fd00::7", "fd00::2", "ws", True),
        ("https://xn--bcher-kva.example", "x", "127.0.0.1", "127.0.0.1", "ws", True),
        ("http://[::1]:9", "anything", "10.0.0.7", "10.0.0.2", "ws", True),
        ("http://xn--bcher-kva.example", "x", "127.0.0.1", "127.0.0.1", "ws", False),
    ],
)
def test_who_is_let_in_on_a_network_and_behind_a_proxy(
    origin: str | None, host: str, client: str, server: str, scheme: str, right: bool
) -> None:
    assert opened(origin, host, client, server, scheme) is right


def test_two_origins_or_hosts_are_none() -> None:
    own, host = (b"origin", b"http://localhost"), (b"host", b"localhost")
    ends = {"client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80)}
    for right, headers in (
        (True, [own, host]),
        (False, [own, own, host]),
        (False, [own, host, host]),
    ):
        scope = {"scheme": "ws", "headers": headers, **ends}
        assert Origins(frozenset()).let_in(scope) is right


@pytest.mark.parametrize(
    "wrong", ["chat.example", "ftp://a.example", "https://a@b.example", "http://a/b", "http://:x"]
)
def test_what_is_no_address_of_a_page_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(CannotStart):
        Settings(origin=wrong)


@pytest.mark.parametrize("seconds", [0, -1, 10**9])
def test_a_session_cannot_wait_for_ever_or_not_at_all(seconds: int) -> None:
    with pytest.raises(CannotStart):
        Settings(session_timeout=seconds)


# Broken clients.

EVENT_BODY = {"target": 1, "name": "resize", "data": None}
DEEP: Any = None
for _ in range(9):
    DEEP = [DEEP]


async def test_each_kind_of_broken_frame_closes_with_its_code(chat: Chat) -> None:
    table: dict[str, tuple[int, list[bytes | str]]] = {
        "text": (1003, ["hello"]),
        "text after registering": (1003, [HELLO_FRAME, "hello"]),
        "empty": (1003, [b""]),
        "unknown kind": (1003, [b"\x02abc"]),
        "a data channel": (1003, [HELLO_FRAME, b"\x01\x01\x00\x00\x00abc"]),
        "unknown word of the script": (1002, [b"\x7fz"]),
        "no word of the script": (1002, [b"\x7f"]),
        "a key with more": (1002, [b"\x7fk1"]),
        "a look with more": (1002, [b"\x7fll"]),
        "a key that is not captured": (1002, [b"\x7fgk"]),
        "no captured key": (1002, [b"\x7fg"]),
        "neither allowed nor not": (1002, [b"\x7fa"]),
        "more than allowed": (1002, [b"\x7fa2"]),
        "a frame of the server's": (1002, [b"\x7fq"]),
        "a click that leads nowhere": (1002, [b"\x7fo"]),
        "a click that leads elsewhere": (1002, [b"\x7fohttps://a.example/"]),
        "a click to another host": (1002, [b"\x7fo//a.example"]),
        "a click with two slashes": (1002, [b"\x7fo/room//lobby"]),
        "a click to broken utf-8": (1002, [b"\x7fo/\xff"]),
        "a click too long": (1002, [b"\x7fo/" + b"x" * 200]),
        "broken msgpack": (1002, [b"\x00\xc1"]),
        "cut msgpack": (1002, [HELLO_FRAME[:-5]]),
        "two values": (1002, [HELLO_FRAME + b"\xc0"]),
        "not a pair": (1002, [b"\x00" + bytes(msgpack.packb(5))]),
        "no map": (1002, [frame(REGISTER, [1])]),
        "broken utf-8": (1002, [b"\x00\x92\x01\x81\xa1\xff\xc0"]),
        "broken date": (1002, [b"\x00\x92\x01\x81\xa1a\xd4\x01a"]),
        "too deep": (1002, [HELLO_FRAME, frame(EVENT, {**EVENT_BODY, "data": DEEP})]),
        "very deep": (1002, [b"\x00" + b"\x91" * 100_000]),
        "a huge array": (1002, [b"\x00\xdd\xff\xff\xff\xff"]),
        "unknown action": (1002, [frame(99, {})]),
        "an action of the server": (1002, [HELLO_FRAME, frame(2, {"id": 1, "patch": []})]),
        "an action that is none": (1002, [frame(True, HELLO)]),
        "a field left out": (1002, [frame(REGISTER, {"session_id": None, "page_name": ""})]),
        "a field too many": (1002, [frame(REGISTER, {**HELLO, "more": 1})]),
        "a page that is none": (1002, [frame(REGISTER, {**HELLO, "page": 1})]),
        "a target that is none": (1002, [HELLO_FRAME, frame(EVENT, {**EVENT_BODY, "target": "1"})]),
        "a name that is none": (1002, [HELLO_FRAME, frame(EVENT, {**EVENT_BODY, "name": None})]),
        "props that are none": (1002, [HELLO_FRAME, frame(SET, {"id": 1, "props": [1]})]),
        "an event before registering": (1008, [frame(EVENT, EVENT_BODY)]),
        "a value before registering": (1008, [frame(SET, {"id": 1, "props": {}})]),
        "registers twice": (1008, [HELLO_FRAME, HELLO_FRAME]),
        "too large": (1009, [b"\x00" * (FRAME + 1)]),
        "too large for the script": (1009, [b"\x7fe" + b"x" * FRAME]),
        "too large to be read": (1009, [b"\x00" * 2 * 1024 * 1024]),
    }
    async with asyncio.timeout(5):
        codes = await asyncio.gather(*(code_after(chat, *frames) for _, frames in table.values()))
    assert dict(zip(table, codes, strict=True)) == {k: code for k, (code, _) in table.items()}


async def test_who_says_nothing_is_closed(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SILENCE <= 5
    monkeypatch.setattr(door, "SILENCE", 0.2)
    assert await code_after(chat) == 1008
    assert await code_after(chat, b"\x7fh") == 1008


async def test_more_frames_than_anybody_types_are_closed(chat: Chat) -> None:
    each = frame(SET, {"id": 1, "props": {"width": 800}})
    assert await code_after(chat, HELLO_FRAME, *[each] * 1000) == 1008
    for said in (b"\x7fy", b"\x7fk", b"\x7fgd", b"\x7fb", b"\x7fa1", b"\x7fo/"):
        assert await code_after(chat, *[said] * 1000) == 1008, said


# What is no message: an empty piece of one, a ping, a pong nobody asked for; each with the mask 0.
PIECE, PING, PONG = (bytes([first, 0x80]) + bytes(4) for first in (0x00, 0x89, 0x8A))
BEGINS = bytes([0x02, 0x80]) + bytes(4)


FLOODS = pytest.mark.parametrize("flood", [PIECE, PING, PONG], ids=["pieces", "pings", "pongs"])


@FLOODS
async def test_what_the_guard_does_not_see_is_counted_too(chat: Chat, flood: bytes) -> None:
    async with stranger(chat) as there:
        await there.send(HELLO_FRAME)
        there.transport.write(BEGINS + flood * 5000 if flood is PIECE else flood * 5000)
        async with asyncio.timeout(10):
            await there.wait_closed()
        assert there.close_code == 1008


# A whole message: the script's hello.
SHORT = bytes([0x82, 0x82]) + bytes(4) + b"\x7fh"


@pytest.mark.parametrize(
    "flood", [PIECE, PING, PONG, SHORT], ids=["pieces", "pings", "pongs", "messages"]
)
async def test_a_flood_of_the_smallest_frames_keeps_nobody_waiting(
    chat: Chat, flood: bytes
) -> None:
    raw, connection = await deaf_client(chat)
    loop = asyncio.get_running_loop()
    waits: list[float] = []

    async def looks_at_the_clock() -> None:
        while True:
            before = loop.time()
            await asyncio.sleep(0.001)
            waits.append(loop.time() - before)

    looking = asyncio.create_task(looks_at_the_clock())
    with raw:
        if flood is PIECE:
            await loop.sock_sendall(raw, BEGINS)
        # Over soon, and before all that was sent is read.
        async with asyncio.timeout(5):
            with contextlib.suppress(OSError):
                for _ in range(20):
                    await loop.sock_sendall(raw, flood * 40_000)
            await asyncio.shield(connection.socket.gone)
        await is_quiet(chat)
    looking.cancel()
    assert max(waits) < 0.2


async def test_a_flood_is_read_in_slices_and_no_further_than_it_counts(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    reads = Protocol.data_received

    def counts(self: Protocol, data: bytes) -> None:
        read.append(len(data))
        reads(self, data)

    raw, _ = await deaf_client(chat)
    assert chat._server is not None
    (protocol,) = chat._server.server_state.connections
    assert isinstance(protocol, Protocol)
    monkeypatch.setattr(Protocol, "data_received", counts)
    with raw:
        protocol.data_received(PING * 40_000)
        assert max(read) < 10_000
        assert sum(read) < 20_000


async def test_a_message_may_come_in_pieces(chat: Chat) -> None:
    async with stranger(chat) as there:
        await there.send([HELLO_FRAME[at : at + 2] for at in range(0, len(HELLO_FRAME), 2)])
        assert isinstance(await there.recv(), bytes)
        for _ in range(20):
            await (await there.ping())


def test_the_pace_of_a_held_key_is_kept_for_minutes_and_more_is_not() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])

    def lasts(a_second: float) -> float:
        begun = now[0]
        with contextlib.suppress(Refused):
            while now[0] - begun < 300:
                pace.count()
                now[0] += 1 / a_second
        return now[0] - begun

    assert lasts(RATE) >= 300
    assert lasts(33) > 120
    now[0] += 100
    assert lasts(60) < 20
    now[0] += 100
    assert lasts(10_000) < 1
    assert BURST <= 20 * RATE


class Everything:
    """Rights to everything."""

    def attaches(self, session: str) -> bool:
        """Yes."""
        return True

    def page_told(self, page: dict[str, Any]) -> dict[str, Any]:
        """All."""
        return page

    def sets(self, control: int, props: dict[str, Any]) -> dict[str, Any]:
        """All."""
        return props

    def triggers(self, control: int, name: str, data: object) -> bool:
        """Yes."""
        return True

    def answers(self, control: int, result: object) -> bool:
        """Yes."""
        return True


def test_a_key_counts_once_though_it_is_two_frames() -> None:
    guarded = Guard(Everything(), lambda: 0.0)
    guarded.check(HELLO_FRAME)
    for _ in range(int(BURST) - 1):
        guarded.check(frame(SET, {"id": 7, "props": {"value": "a"}}))
        guarded.check(frame(EVENT, {"target": 7, "name": "change", "data": "a"}))
    with pytest.raises(Refused, match="too many"):
        guarded.check(frame(SET, {"id": 7, "props": {"value": "a"}}))


def test_an_answer_does_not_count_once() -> None:
    guarded = Guard(Everything(), lambda: 0.0)
    guarded.check(HELLO_FRAME)
    answer = {"control_id": 7, "call_id": "a", "result": None, "error": None}
    for _ in range(2000):
        guarded.asked("a")
        guarded.check(frame(INVOKE, answer))
        guarded.asked()
        guarded.check(b"\x7fy")
    with pytest.raises(Refused, match="too many"):
        for _ in range(int(BURST)):
            guarded.check(frame(INVOKE, answer))


def test_what_passes_is_passed_on_unchanged() -> None:
    guarded = Guard(Everything())
    assert guarded.check(HELLO_FRAME) == HELLO_FRAME
    words = ("h", "k", "l", "b", "i", "a0", "a1", "gu", "gd", "gt", "ge", "gx")
    for each in (
        *(f"\x7f{word}".encode() for word in words),
        b"\x7fo/",
        b"\x7fo/" + "é".encode() * 199,
        frame(SET, {"id": 7, "props": {"value": "a"}}),
        frame(EVENT, EVENT_BODY),
        frame(INVOKE, {"control_id": 7, "call_id": "a", "result": None, "error": None}),
    ):
        assert guarded.check(each) == each


def test_a_value_with_very_many_parts_is_refused() -> None:
    wide = {**EVENT_BODY, "data": [[0] * 200] * 200}
    with pytest.raises(Refused):
        read(frame(EVENT, wide)[1:])


async def test_nothing_is_left_of_those_who_come_and_are_refused(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {id(each) for each in kept()}  # of other tests of this run
    monkeypatch.setattr(door, "SILENCE", 0.2)

    async def goes_at_once() -> None:
        async with stranger(chat):
            pass

    async def vanishes() -> None:
        async with stranger(chat) as there:
            await there.send(HELLO_FRAME)
            there.transport.abort()

    kinds: dict[str, Callable[[], Awaitable[object]]] = {
        "goes at once": goes_at_once,
        "says nothing": lambda: code_after(chat),
        "sends text": lambda: code_after(chat, "text"),
        "sends nonsense": lambda: code_after(chat, b"\x00\xc1"),
        "registers twice": lambda: code_after(chat, HELLO_FRAME, HELLO_FRAME),
        "vanishes": vanishes,
    }
    await asyncio.gather(*(kind() for kind in kinds.values()))
    await is_quiet(chat)
    tasks = len(asyncio.all_tasks())
    gc.disable()  # it would find what nobody ended, and hide it
    for kind in kinds.values():
        for _ in range(6):
            await asyncio.gather(*(kind() for _ in range(50)))
    await is_quiet(chat)
    await until(lambda: len(asyncio.all_tasks()) <= tasks)
    gc.enable()
    left = sessions().values()
    assert all(each.connection is None and each.expires_at for each in left)
    await forget(*left)
    del left
    await until(lambda: all(id(each) in before for each in kept()))


def kept() -> list[object]:
    """What of connections and sessions is still in memory; a farewell may take three seconds."""
    gc.collect()
    kinds = {ChatConnection, Socket, Session}
    return [each for each in gc.get_objects() if type(each) in kinds]


async def is_quiet(chat: Chat) -> None:
    """Wait until the server has no connection, and every session knows it."""
    await until(
        lambda: not connections(chat) and not any(e.connection for e in sessions().values())
    )


async def forget(*those: Session) -> None:
    """What Flet does every ten seconds with sessions whose time is over."""
    for key, session in list(vars(app_manager)["_FletAppManager__sessions"].items()):
        if session in those:
            await app_manager.delete_session(key)


def connections(chat: Chat) -> int:
    """How many transports the server holds."""
    server = chat._server
    assert server is not None
    return len(server.server_state.connections)


# What a client may write and touch.


async def test_only_what_a_person_edits_is_taken(knock: Knock) -> None:
    ann = await knock("Ann")
    page = page_of(ann)
    style = ft.TextStyle(size=10)
    field = ft.TextField(value="mine", text_style=style)
    fixed = ft.TextField(value="fixed", read_only=True)
    off = ft.TextField(value="off", disabled=True)
    hidden = ft.Column([ft.TextField(value="hidden")], visible=False)
    box = ft.Checkbox(value=False)
    gone = ft.TextField(value="gone")
    page.add(field, fixed, off, hidden, box, gone)
    page.remove(gone)
    inside = hidden.controls[0]
    assert isinstance(inside, ft.TextField)

    async def writes(control: ft.BaseControl, **props: Any) -> None:
        await ann._send(SET, {"id": control._i, "props": props})

    before = (page.client_ip, page.title, page.theme, list(page.views))
    await writes(
        page, client_ip="6.6.6.6", title="mine", theme={"color_scheme_seed": "red"}, views=[]
    )
    await writes(page, data=1, on_login=True, web=False, platform="ios", height=1e12, width="x")
    await writes(field, visible=False, data="x", on_submit=1, read_only=True, error="x", _i=5)
    await writes(field, text_style={"size": 99}, value=["a"], label="x", _values={})
    await writes(field, value="edited", disabled=True)
    await writes(box, value="yes")
    await writes(box, value=True)
    for locked in (fixed, off, inside, gone):
        await writes(locked, value="broken in")
    await ann._send(SET, {"id": 999_999_999, "props": {"value": "x"}})
    await ann._send(SET, {"id": 2**40, "props": {"value": "x"}})
    await settled(ann)

    assert (page.client_ip, page.title, page.theme, list(page.views)) == before
    assert (page.web, page.platform, page.height, page.data) == (
        True,
        ft.PagePlatform.LINUX,
        800.0,
        None,
    )
    assert page.on_login is None
    assert (field.value, field.visible, field.read_only, field.error) == (
        "edited",
        True,
        False,
        None,
    )
    assert (field.data, field.on_submit, field.label, field.disabled) == (None, None, None, False)
    assert style.size == 10
    assert box.value is True
    assert [each.value for each in (fixed, off, inside, gone)] == ["fixed", "off", "hidden", "gone"]


async def test_a_page_that_registers_tells_only_what_browsers_tell(chat: Chat) -> None:
    lies: dict[str, Any] = {
        "client_ip": "6.6.6.6",
        "title": "x",
        "platform": "toaster",
        "platform_brightness": "purple",
        "height": 1e15,
        "width": float("nan"),
        "media": {"padding": {"top": "x"}},
        "_i": 77,
        "route": 5,
        "window": {"visible": False},
        "on_close": True,
    }
    async with stranger(chat) as there:
        await there.send(frame(REGISTER, {**HELLO, "page": {**PAGE, **lies}}))
        await there.recv()
        (session,) = sessions().values()
        page = session.page
        assert page.client_ip == "127.0.0.1"
        assert page.get_control(1) is page
        assert (page.platform, page.on_close) == (None, None)
        assert not page.height
        assert page.window.visible is True


async def test_only_what_can_be_touched_is_heard(knock: Knock) -> None:
    ann = await knock("Ann")
    page = page_of(ann)
    heard: list[str] = []

    def button(name: str, **props: Any) -> ft.Button:
        return ft.Button(name, on_click=lambda: heard.append(name), **props)

    fine, off, hidden, gone = (
        button("fine"),
        button("off", disabled=True),
        button("hidden", visible=False),
        button("gone"),
    )
    deaf = ft.Button("deaf")
    in_hidden = button("in hidden")
    in_off = button("in off")
    in_closed = button("in closed")
    dialog = ft.AlertDialog(content=in_closed, on_dismiss=lambda: heard.append("dismissed"))
    row = ft.Row([in_hidden], visible=False)
    page.add(fine, off, hidden, gone, deaf, row, ft.Row([in_off], disabled=True))
    page.remove(gone)
    page.show_dialog(dialog)
    page.pop_dialog()
    # Taken away, and the client does not know it yet; and one that never stood anywhere.
    going, nowhere = button("going"), button("nowhere")
    page.add(going)
    page.controls.remove(going)
    page.session.index[nowhere._i] = nowhere
    rights = SessionRights(lambda: page, lambda _: False)
    assert rights.triggers(fine._i, "click", None)
    assert not any(rights.triggers(b._i, "click", None) for b in (deaf, going, nowhere))

    async def event(control: ft.BaseControl | int, name: str, data: Any = None) -> None:
        target = control if isinstance(control, int) else control._i
        await ann._send(EVENT, {"target": target, "name": name, "data": data})

    for each in (off, hidden, gone, going, deaf, in_hidden, in_off, in_closed, fine):
        await event(each, "click")
    for name in ("hover", "nothing", "__class__", "click ", ""):
        await event(fine, name)
    for target in (0, 424_242, 2**28, 2**32, 2**52, 2**63):
        await event(target, "click")
    await event(fine, "click", {"control": 1, "name": "x"})
    await event(dialog, "dismiss")
    await ann.until(lambda: "dismissed" in heard)
    assert heard == ["fine", "dismissed"]
    assert ann.crashes == []


async def test_a_choice_is_one_of_the_choices(knock: Knock) -> None:
    ann = await knock("Ann")
    page = page_of(ann)
    heard: list[object] = []
    options = [ft.DropdownOption(key="a", text="A"), ft.DropdownOption(text="B")]
    box = ft.Dropdown(value="a", options=options, on_select=lambda event: heard.append(event.data))
    page.add(box)
    for value in ("z", "A", "", 5, None, ["a"], {"a": 1}, True):
        await ann._send(SET, {"id": box._i, "props": {"value": value, "text": "z"}})
        if value is not None:
            await ann._send(EVENT, {"target": box._i, "name": "select", "data": value})
    await settled(ann)
    assert (box.value, box.text, heard) == ("a", None, [])
    await ann._send(SET, {"id": box._i, "props": {"value": "B"}})
    await ann._send(EVENT, {"target": box._i, "name": "select", "data": "B"})
    await ann.until(lambda: heard == ["B"])
    assert box.value == "B"


async def test_a_browser_names_no_file_of_the_server(knock: Knock) -> None:
    ann = await knock("Ann")
    page = page_of(ann)
    heard: list[object] = []
    pickers: list[ft.FilePicker] = []

    async def picks() -> list[ft.FilePickerFile]:
        picker = ft.FilePicker(
            on_upload=lambda event: heard.append(event.data),
            on_result=lambda event: heard.append(event.data),
        )
        pickers.append(picker)
        return await picker.pick_files()

    ann.answers = False
    picking = page.run_task(picks)
    await ann.until(lambda: b"pick_files" in ann.received)
    (picker,) = pickers
    (call,) = re.findall(rb"call_id[^a-zA-Z0-9]+(\w+?)\xa4name\xaapick_files", ann.received)
    file = {"id": 0, "name": "a", "size": 1, "path": "/etc/passwd", "bytes": None}
    for control in (picker._i, 1):
        answer = {"control_id": control, "call_id": call.decode(), "error": None}
        await ann._send(INVOKE, {**answer, "result": [file]})
        await ann._send(INVOKE, {**answer, "result": file})
    for name, data in (
        ("result", {"files": [file]}),
        ("upload", {"file_name": "a", "progress": 1.0, "error": None}),
    ):
        await ann._send(EVENT, {"target": picker._i, "name": name, "data": data})
    await settled(ann)
    assert heard == []
    assert not picking.done()
    await ann._send(INVOKE, {**answer, "result": [{**file, "path": None}]})
    (picked,) = await asyncio.wrap_future(picking)
    assert (picked.name, picked.path) == ("a", None)


async def test_page_events_that_only_the_server_may_cause_are_dropped(knock: Knock) -> None:
    ann, bob = await knock("Ann"), await knock("Bob")
    page = page_of(ann)
    heard: list[str] = []
    names = ("login", "logout", "close", "error", "views_pop_until", "view_pop", "multi_view_add")
    for name in names:
        setattr(page, f"on_{name}", lambda name=name: heard.append(name))
    page.on_route_change = lambda event: heard.append(event.route)
    page.on_keyboard_event = lambda event: heard.append(event.key)
    for name in (*names, "connect", "disconnect"):
        for forged in (None, {"error": "", "error_description": ""}, "x"):
            await ann._send(EVENT, {"target": 1, "name": name, "data": forged})
    odd: list[Any] = [None, 5, {"route": 5}, {"route": "/x", "control": 1}, {"route": "/" * 3000}]
    for data in odd:
        await ann._send(EVENT, {"target": 1, "name": "route_change", "data": data})
    await ann._send(EVENT, {"target": 1, "name": "resize", "data": {"width": "x", "height": 1}})
    await ann._send(EVENT, {"target": 1, "name": "route_change", "data": {"route": "/seen"}})
    await ann.until(lambda: "/seen" in heard)
    assert heard == ["/seen"]
    await bob.is_shown("2 here")
    assert ann.crashes == []
    assert not ann.sees_any("Something went wrong")


async def test_an_answer_to_a_control_that_is_not_there_ends_nothing(knock: Knock) -> None:
    ann = await knock("Ann")
    body = {"control_id": 999_999, "call_id": "a", "result": None, "error": None}
    await ann._send(INVOKE, body)
    await ann.says("still here")


# Sessions.


async def test_a_session_goes_on_only_for_whom_it_was(chat: Chat, knock: Knock) -> None:
    ann = await knock("Ann")
    assert ann.session is not None
    page = page_of(ann)
    kept = Sessions()
    kept.began(page, Visitor("token"))
    assert kept.to_go_on_with(ann.session, Visitor("token")) is None
    # While it is connected: somebody else, and the same browser.
    thief, tab = Person(chat.address), Person(chat.address)
    thief.session, tab.session, tab.cookies = ann.session, ann.session, ann.cookies
    for each in (thief, tab):
        await each.opens()
        assert each.session != ann.session
        await each.disconnects()
    # While it waits: somebody else, without a cookie or with another.
    await ann.disconnects()
    no_cookies: dict[str, str] = {}
    for cookies in (no_cookies, thief.cookies):
        thief.session, thief.cookies = ann.session, cookies
        await thief.connects()
        assert thief.session != ann.session
        await thief.until(lambda: thief.sees("Start chat"))
        await thief.disconnects()
    assert page.session.connection is None
    # The browser itself.
    before = ann.session
    await ann.opens()
    assert ann.session == before
    await ann.says("I am back")


async def test_two_hundred_registrations_are_one_session(chat: Chat) -> None:
    assert await code_after(chat, *[HELLO_FRAME] * 200) == 1008
    assert len(sessions()) == 1
    await is_quiet(chat)
    (left,) = sessions().values()
    assert left.expires_at is not None


@pytest.mark.parametrize("of_flet", [None, "7000", "soon"])
async def test_a_session_ends_at_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_flet: str | None
) -> None:
    if of_flet is not None:
        monkeypatch.setenv("FLET_SESSION_TIMEOUT", of_flet)
        monkeypatch.setenv("FLET_OAUTH_STATE_TIMEOUT", of_flet)
    settings = Settings(web=True, no_browser=True, port=0, data=tmp_path, session_timeout=30)
    chat = Chat(settings, Surroundings(screen=False))
    running = asyncio.create_task(chat.run())
    await chat.ready.wait()
    async with stranger(chat) as there:
        await there.send(HELLO_FRAME)
        await there.recv()
        there.transport.abort()
    await is_quiet(chat)
    (left,) = sessions().values()
    assert left.expires_at is not None
    assert 20 < left.expires_at.timestamp() - time.time() <= 30
    chat.stop()
    await running


# Slow clients.


async def deaf_socket(port: int) -> socket.socket:
    """A socket that is accepted and registers, and then reads nothing."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", port))
    await loop.sock_sendall(raw, handshake(port))
    assert b" 101 " in await loop.sock_recv(raw, 4096)
    await loop.sock_sendall(raw, masked(HELLO_FRAME))
    return raw


def handshake(port: int) -> bytes:
    """The request that opens a socket."""
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    request = (
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    return request.encode()


async def deaf_client(chat: Chat) -> tuple[socket.socket, ChatConnection]:
    """Such a client, and the server's side of it."""
    before = set(sessions())
    raw = await deaf_socket(int(chat.address.rsplit(":", 1)[1]))
    await until(lambda: set(sessions()) - before)
    (new,) = set(sessions()) - before
    connection = sessions()[new].connection
    assert isinstance(connection, ChatConnection)
    return raw, connection


def masked(data: bytes) -> bytes:
    """A binary frame with the mask 0."""
    return b"\x82\xfe" + len(data).to_bytes(2, "big") + b"\0\0\0\0" + data


async def test_who_does_not_read_is_cut_before_much_waits(chat: Chat) -> None:
    raw, connection = await deaf_client(chat)
    most = 0
    with raw:
        async with asyncio.timeout(8):
            while not connection.socket.gone.done():
                connection.send_frame(b"\x7f", b"x" * 50_000)
                most = max(most, connection._outbox.waiting)
                await asyncio.sleep(0)
            assert 1_000_000 < most <= 2 * 1024 * 1024
            await is_quiet(chat)
        assert connection._outbox.waiting == 0
        connection._outbox.put(b"late")
        assert connection._outbox.waiting == 0
        (left,) = sessions().values()
        assert left.expires_at is not None


async def test_who_reads_too_slowly_is_cut_after_its_time(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outbox.SECONDS <= 10
    monkeypatch.setattr(outbox, "SECONDS", 0.3)
    raw, connection = await deaf_client(chat)
    with raw:
        for _ in range(2):
            connection.send_frame(b"\x7f", b"x" * 6_000_000)
            await asyncio.sleep(0)
            monkeypatch.setattr(outbox, "BYTES", 1e9)
        async with asyncio.timeout(2):
            await asyncio.shield(connection.socket.gone)
            # The transport is let go of, though its buffer is full.
            await is_quiet(chat)


async def test_who_reads_a_kilobyte_a_second_is_cut_after_its_time(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SECONDS", 1.0)
    raw, connection = await deaf_client(chat)
    loop = asyncio.get_running_loop()
    read = 0

    async def reads() -> None:
        nonlocal read
        while some := await loop.sock_recv(raw, 100):
            read += len(some)
            await asyncio.sleep(0.1)

    with raw:
        reading = asyncio.create_task(reads())
        begun = loop.time()
        for _ in range(100):
            connection.send_frame(b"\x7f", b"x" * 70_000)
            await asyncio.sleep(0)
            if connection.busy:
                break
        async with asyncio.timeout(5):
            await asyncio.shield(connection.socket.gone)
        assert 0.9 < loop.time() - begun < 3
        assert 0 < read < 10_000
        await is_quiet(chat)
        reading.cancel()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await reading
    (left,) = sessions().values()
    assert left.expires_at is not None


async def test_who_vanishes_while_much_is_sent_leaves_nothing_but_a_session(chat: Chat) -> None:
    raw, connection = await deaf_client(chat)
    while connection._outbox.waiting < 1_000_000:
        connection.send_frame(b"\x7f", b"x" * 50_000)
        await asyncio.sleep(0)
    tasks = len(asyncio.all_tasks())
    # Closed so, it sends a RST, as a machine does that was started anew.
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.close()
    await is_quiet(chat)
    await until(lambda: len(asyncio.all_tasks()) < tasks, 5)
    assert connection._outbox.waiting == 0
    (left,) = sessions().values()
    assert left.connection is None
    assert left.expires_at is not None


async def test_who_does_not_read_is_still_read(chat: Chat) -> None:
    raw, connection = await deaf_client(chat)
    with raw:
        while connection._outbox.waiting < 1_000_000:
            connection.send_frame(b"\x7f", b"x" * 50_000)
            await asyncio.sleep(0)
        body = {"id": 1, "props": {"width": 777.0}}
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(raw, masked(frame(SET, body)))
        (session,) = sessions().values()
        await until(lambda: session.page.width == 777.0, 2)
        # A refusal does not wait for it either.
        await loop.sock_sendall(raw, masked(HELLO_FRAME))
        await is_quiet(chat)


async def test_who_answers_no_ping_is_let_go_of_though_its_buffer_is_full(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_FAREWELL", 0.1)
    raw, connection = await deaf_client(chat)
    assert chat._server is not None
    (protocol,) = chat._server.server_state.connections
    assert isinstance(protocol, pieces.Counted)
    with raw:
        # Its kernel takes no more, and what is left is too little to be noticed elsewhere.
        while not protocol.transport.get_write_buffer_size():
            connection.send_frame(b"\x7f", b"x" * 20_000)
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        assert not connection.busy
        protocol.keepalive_timeout()
        await is_quiet(chat)


async def test_a_burst_of_12_megabytes_does_not_cut_who_reads(chat: Chat, knock: Knock) -> None:
    ann, bob = await knock("Ann"), await knock("Bob")
    house = chat._the_house()
    (person,) = (each for each in house.people.here.people if each.name == "Ann")
    page = page_of(bob)
    connection = page.session.connection
    lobby = await house.room_at(person, "/")
    for n in range(1200):
        await lobby.post(person, f"{n} " + "x" * 9_990, f"burst-{n}")
    await bob.until(lambda: any(text.startswith("1199 ") for text in bob.talk), 10)
    assert page.session.connection is connection
    assert connection is not None
    await ann.says("and on")
    await bob.reads("and on")


# What is served.

HARDENED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
}


async def test_every_answer_is_hardened_and_no_other_page_may_read_it(chat: Chat) -> None:
    words = {"path": "/", "text": "x"}
    preflight = {"access-control-request-method": "PUT"}
    table: dict[tuple[str, str, int], dict[str, Any]] = {
        ("GET", "/", 200): {},
        ("HEAD", "/", 200): {},
        ("GET", "/chat?username=", 200): {},
        ("GET", "/favicon.png", 200): {},
        ("GET", "/favicon.png", 206): {"headers": {"range": "bytes=0-9"}},
        ("GET", "/favicon.png", 416): {"headers": {"range": "bytes=99999999-"}},
        ("GET", "/main.dart.wasm", 200): {},
        ("GET", "/nothing.js", 404): {},
        ("GET", "/openapi.json", 404): {},
        ("GET", "/..%2f..%2fetc%2fpasswd.txt", 404): {},
        ("GET", "/%00.js", 404): {},
        ("POST", "/", 405): {},
        ("OPTIONS", "/", 405): {"headers": preflight},
        ("OPTIONS", "/words", 405): {"headers": preflight},
        ("GET", "/healthz", 200): {},
        ("DELETE", "/healthz", 405): {},
        ("PUT", "/words", 401): {"json": words},
        ("PUT", "/words", 422): {"content": b"\xff"},
    }
    async with AsyncClient(base_url=chat.address, trust_env=False) as http:
        tag = (await http.get("/favicon.png")).headers["etag"]
        table["GET", "/favicon.png", 304] = {"headers": {"if-none-match": tag}}
        for (method, path, status), more in table.items():
            headers = {"origin": "http://evil.example", **more.pop("headers", {})}
            answer = await http.request(method, path, headers=headers, **more)
            said = f"{method} {path} was answered with {answer.status_code}"
            assert answer.status_code == status, said
            assert HARDENED.items() <= dict(answer.headers).items(), said
            policy = answer.headers["content-security-policy"]
            for each in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'"):
                assert each in policy, said
            assert not [name for name in answer.headers if name.startswith("access-control")], said
            # Nobody is told what it runs on, nor what was sent.
            assert "server" not in answer.headers, said
        for path in ("/docs", "/redoc"):
            page = (await http.get(path)).text.lower()
            assert "swagger" not in page
            assert "redoc" not in page


# Failures.


async def test_a_handler_that_raises_is_a_sentence_and_a_number(knock: Knock) -> None:
    ann, bob = await knock("Ann"), await knock("Bob")
    page = page_of(ann)

    def fails() -> None:
        raise ValueError("/secret/path")

    button = ft.Button("fail", on_click=fails)
    page.add(button)
    with structlog.testing.capture_logs() as logs:
        await ann._send(EVENT, {"target": button._i, "name": "click", "data": None})
        await ann.until(lambda: ann.sees_any("Something went wrong"))
    (words,) = (s.get("content") for s in ann.find("SnackBar"))
    (number,) = re.findall(r"failure ([0-9a-f]{6})", str(words))
    (line,) = (each for each in logs if each.get("failure") == number)
    assert "/secret/path" in line["what"]
    assert "Traceback" in line["what"]
    for person in (ann, bob):
        assert b"secret" not in person.received
        assert b"Traceback" not in person.received
    assert not bob.sees_any("Something went wrong")


async def test_a_failure_is_told_on_the_page_where_it_happened(knock: Knock) -> None:
    ann, bob = await knock("Ann"), await knock("Bob")
    # As in a handler of PubSub, which runs with the page of whoever published.
    page_of(bob).session.error("one of Bob's")
    await bob.until(lambda: bob.sees_any("Something went wrong"))
    await ann.says("fine here")
    assert not ann.sees_any("Something went wrong")


# The end.


async def test_sigterm_ends_in_time_with_clients_and_zombies(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", "--web", "--no-browser").starts()
    url = server.address.replace("http", "ws", 1) + "/ws"
    zombies: list[socket.socket] = []
    try:
        people = [Person(server.address) for _ in range(8)]
        for n, person in enumerate(people):
            await person.opens(f"/chat?username=P{n}")
            await person.reads(f"P{n} has joined the chat.")
        clients = [await connect(url, proxy=None) for _ in range(40)]
        for each in clients:
            await each.send(HELLO_FRAME)
            await each.recv()
        zombies += [socket.create_connection(("127.0.0.1", server.port)) for _ in range(10)]
        zombies += [await deaf_socket(server.port) for _ in range(10)]
        zombies += [half_a_request(server.port, request) for request in HALVES * 3]
        stored: list[str] = []
        talking = [asyncio.create_task(talks_on(person, stored)) for person in people]
        await until(lambda: len(stored) > 40)
        assert await asyncio.to_thread(server.ends, signal.SIGTERM) == 0
        sockets = [*clients, *(p._socket for p in people if p._socket is not None)]
        for each in sockets:
            await each.wait_closed()
        assert {each.close_code for each in sockets} == {1012}
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        # Whoever's field was emptied, and whoever saw a message: it is there.
        seen = {text for person in people for text in person.talk if text.startswith("said ")}
        assert len(seen) >= len(stored) > 40
        with contextlib.closing(sqlite3.connect(tmp_path / "data" / "chat.db")) as database:
            kept = {row[0] for row in database.execute("SELECT text FROM message")}
        assert {*stored, *seen} - kept == set()
    finally:
        server.is_cleared_away()
        for zombie in zombies:
            zombie.close()


# One whose body does not come, and one whose answer nobody takes.
HALVES = [
    b"PUT /words HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
    b"GET /main.dart.wasm HTTP/1.1\r\nHost: x\r\n\r\n",
]


def half_a_request(port: int, request: bytes) -> socket.socket:
    """A connection on which the server is at work, for as long as it likes to be."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", port))
    raw.sendall(request)
    return raw


async def talks_on(person: Person, stored: list[str]) -> None:
    """Say one thing after another, and remember what the server took out of the field."""
    for n in itertools.count():
        text = f"said {n} by {id(person)}"
        await person.types(text)
        try:
            await person.sends()
            await person.until(lambda: person.words == "")
        finally:
            if person.words == "":
                stored.append(text)
