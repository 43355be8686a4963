"""A member that repeats one expensive request, in a process of its own.

`python -m benchmarks.hostile_member PORT SCENARIO` signs in and says "ready"; after a line
on its standard input it goes on until it is killed. `benchmarks.member_at_full_speed` starts it,
and calls `PREPARE[scenario]` on the data folder before the server starts.
"""

import asyncio
import contextlib
import itertools
import os
import secrets
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from benchmarks import seed
from benchmarks.client_protocols import PageScriptProtocol, flet_frame
from benchmarks.load_clients import LoadClients
from benchmarks.websocket_frames import BINARY, encode_frame
from chat.model.messages import MessageKind, NewMessage
from chat.model.people import Person
from chat.store.sqlite import open_sqlite
from chat.ui.client.page_messages import QuickSwitcherKey, SendKey, ShortcutsKey, encode_event
from tests.app.test_hostile_uploads import slow_jpeg
from tests.harness.client import EVENT, SET
from tests.harness.control_tree import find_all
from tests.harness.user import ChatUser

_LOBBY = 1
_EMOJI = "😀😁😂🤣😃😄😅😆😉😊"
_ALLOWED = 25.0  # requests of a connection a second: a client sends other frames, too


async def _post_texts(folder: Path, texts: list[str], quoted: bool = False) -> None:
    """Store messages of the first person; with `quoted`, each quotes the first of them."""
    store = await open_sqlite(folder)
    try:
        author = Person(1, "P0")
        first = 0
        for n, text in enumerate(texts):
            message = await store.append(
                NewMessage(
                    _LOBBY,
                    author,
                    MessageKind.TEXT,
                    text,
                    f"prepared-{n}",
                    quoted_number=first or None if quoted else None,
                )
            )
            first = first or message.number
    finally:
        await store.close()


def _many_people(folder: Path) -> None:
    async def add() -> None:
        store = await open_sqlite(folder)
        try:
            for n in range(3_000):
                await store.add_person(f"Person {n}")
        finally:
            await store.close()

    asyncio.run(add())


def _many_pins(folder: Path) -> None:
    asyncio.run(_post_texts(folder, [f"rule {n}" for n in range(2_000)]))
    with contextlib.closing(sqlite3.connect(folder / "chat.db")) as connection, connection:
        connection.execute("UPDATE message SET pinned_at = at WHERE text LIKE 'rule %'")


def _prepare_apples(folder: Path) -> None:
    asyncio.run(_post_texts(folder, [f"apple {n} " + "pear " * 200 for n in range(400)]))


def _prepare_emoji(folder: Path) -> None:
    asyncio.run(_post_texts(folder, [_EMOJI * 1_000 for _ in range(40)]))


def _prepare_quotes(folder: Path) -> None:
    asyncio.run(_post_texts(folder, ["quoted", *("an answer" for _ in range(3_000))], quoted=True))


# What the data folder of a scenario has before the server starts.
PREPARE: Mapping[str, Callable[[Path], None]] = {
    "S4 older results": _prepare_apples,
    "S5 a search of 500 emoji": _prepare_emoji,
    "S6 an edit of what 3,000 quote": _prepare_quotes,
    "S7 2,000 pinned messages": _many_pins,
    "S7 3,000 people and an @": _many_people,
}


async def _show_older_results(member: ChatUser) -> None:
    await member.search_dialog.opens()
    for n in itertools.count():
        await member.search_dialog.types("apple" if n % 2 else "apple pear")
        await member.until(lambda: find_all("TextButton", member.dialog.control, visible=None))
        for button in find_all("TextButton", member.dialog.control, content="Show older ones"):
            for _ in range(40):
                await member.fires(button, "click")
                await asyncio.sleep(1 / _ALLOWED)


async def _search_emoji(member: ChatUser) -> None:
    await member.search_dialog.opens()
    for n in itertools.count():
        await member.search_dialog.types((_EMOJI * 50)[: 499 - n % 2])
        await asyncio.sleep(0.2)


async def _edit_quoted(member: ChatUser) -> None:
    number = 51  # the first message after those of `seed`
    for n in itertools.count():
        send = SendKey(secrets.token_hex(16), number, f"quoted, edit {n}")
        await member.page_script.send_event(send)
        await asyncio.sleep(1 / _ALLOWED)


async def _open_pins(member: ChatUser) -> None:
    while True:
        await member.clicks("Pinned messages")
        await member.until(lambda: member.dialog.is_open)
        await member.dialog.closes()


async def _type_at(member: ChatUser) -> None:
    for n in itertools.count():
        await member.composer.types(f"{n} @")
        await asyncio.sleep(1 / _ALLOWED)


async def _toggle_reactions(member: ChatUser) -> None:
    await member.composer.posts("react to me")
    await member.timeline.waits_for_message("react to me")
    while True:
        await member.message_menu.reacts("react to me", "👍")


async def _upload_slow_pictures(member: ChatUser) -> None:
    data = await asyncio.to_thread(slow_jpeg)
    for n in itertools.count():
        await member.page_script.chooses_files((f"slow{n}.jpg", data))
        await asyncio.sleep(2)


async def _put_unfinished_drafts(member: ChatUser) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        await asyncio.sleep(3)

    async def put() -> None:
        async with httpx.AsyncClient(cookies=member.cookies) as http:
            with contextlib.suppress(httpx.HTTPError):
                await http.put(member.address + "/words", content=body())

    while True:
        await asyncio.gather(*(put() for _ in range(100)))


SCENARIOS: Mapping[str, Callable[[ChatUser], Awaitable[None]]] = {
    "S4 older results": _show_older_results,
    "S5 a search of 500 emoji": _search_emoji,
    "S6 an edit of what 3,000 quote": _edit_quoted,
    "S7 2,000 pinned messages": _open_pins,
    "S7 3,000 people and an @": _type_at,
    "S8 a reaction": _toggle_reactions,
    "S9 slow pictures": _upload_slow_pictures,
    "S11 unfinished drafts": _put_unfinished_drafts,
}


# Frames of the member each second: a connection may send 600 at once, and 30 a second from then on.
_FRAMES_PER_SECOND = 30.0
_BURST = 300


class MemberProtocol(PageScriptProtocol):
    """A member whose frames a scenario makes."""

    def say(self, text: str) -> bytes:
        """The frames that send a text."""
        return self.send_frame(text)

    def fill(self, text: str) -> bytes:
        """The frames of a text that is pasted into the field."""
        change = flet_frame(EVENT, {"target": self._field_id, "name": "change", "data": text})
        return flet_frame(SET, {"id": self._field_id, "props": {"value": text}}) + change


def _key(event: Any) -> bytes:
    return encode_frame(BINARY, encode_event(event))


def _frame_scenarios(member: MemberProtocol) -> dict[str, Iterator[bytes]]:
    """The frames of each scenario, without end."""
    numbers = itertools.count()
    return {
        "S1 2,000 shortcodes": (member.fill(":a:" * 2000 + str(n)) for n in itertools.count()),
        "S2 a text of repeated atoms": (
            member.say(f"[{'1.' * 4900}](https://e.example/{n})") for n in itertools.count()
        ),
        "S3 Ctrl+K": itertools.repeat(_key(QuickSwitcherKey())),
        "S3 Ctrl+K and Ctrl+/": itertools.cycle((_key(QuickSwitcherKey()), _key(ShortcutsKey()))),
        "S7 /dm with 1,600 names": (
            member.say("/dm " + " ".join(f"n{each}" for each in range(1600)))
            for _ in itertools.count()
        ),
        "S7 @ in the field": (member.fill(f"{n} @") for n in itertools.count()),
        "S8 /nick": (member.say(f"/nick Mallory {n}") for n in numbers),
        "long messages": (member.say(f"{n} " + "x" * 9000) for n in itertools.count()),
    }


SCENARIO_NAMES = (*_frame_scenarios(MemberProtocol("/")), *SCENARIOS)


def _run_frames(port: int, scenario: str) -> None:
    """Send frames without a client behind them, and read everything."""
    member = MemberProtocol("/chat?username=Mallory")
    clients = LoadClients(port, deflate=False)
    clients.connect_all([member], 1, 60.0)
    print("ready", flush=True)
    sys.stdin.readline()
    _send(clients, _frame_scenarios(member)[scenario])


def _send(clients: LoadClients, frames: Iterator[bytes]) -> None:
    """Send a burst at first, then as many frames as the rate limit allows; read everything."""
    member, started = clients.sockets[0], time.monotonic()
    sent, data = 0, memoryview(b"")
    while not member.close_reason:
        allowed = _BURST + (time.monotonic() - started) * _FRAMES_PER_SECOND
        if not data and sent < allowed:
            data, sent = memoryview(next(frames)), sent + 1
        with contextlib.suppress(BlockingIOError):
            data = data[member.socket.send(data) :] if data else data
        clients.poll_once(0.0 if sent < allowed else 0.01)


async def _run(port: int, scenario: str) -> None:
    member = ChatUser(f"http://127.0.0.1:{port}")
    async with httpx.AsyncClient() as http:
        response = await http.get(member.address)
    name = next(iter(response.cookies))
    member.cookies[name] = seed.token(0)
    await member.opens("/")
    await member.until(lambda: member.composer.control is not None)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    while True:
        # A dialog that another answer has closed, or a wait that took too long: go on.
        with contextlib.suppress(AssertionError, LookupError):
            await SCENARIOS[scenario](member)


if __name__ == "__main__":
    os.nice(10)  # the clients that measure come first
    port, scenario = int(sys.argv[1]), sys.argv[2]
    if scenario in SCENARIOS:
        asyncio.run(_run(port, scenario))
    else:
        _run_frames(port, scenario)
