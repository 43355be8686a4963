"""What a large chat costs: a thousand rooms, and a million messages in one of them.

`python -m benchmarks.store` fills a folder, asks the house in this process what its sessions ask it
(to post, to open a room, to search, to count what is unread), and then starts the real server on
the folder, with people in it. `--messages 20000` is a quick try.
"""

import argparse
import asyncio
import gc
import logging
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, cast

import structlog

from benchmarks import large, seed
from benchmarks.crowd import LoadClients
from benchmarks.flags import start_report, write_report
from benchmarks.goals import Target
from benchmarks.lists import Lists
from benchmarks.process import Server, free_port
from benchmarks.systems import OURS
from benchmarks.table import markdown_table
from chat.model.events import person_topic
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.workspace.workspace import Workspace

_PEOPLE = 20
_POSTERS = 50

# What is not open yet is opened so often, and what is searched for is searched so often.
_TIMES = 40

# How long each of the posters rests between two messages, in seconds.
_REST = 1.0

Drawing = Callable[[str, object], None]


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took each time, in ms."""

    words: str
    p50: float
    p95: float
    p99: float
    most: float

    @classmethod
    def of(cls, words: str, seconds: Sequence[float]) -> "Took":
        """The percentiles of some times."""
        ms = sorted(1000 * each for each in seconds)
        return cls(words, *(ms[min(len(ms) - 1, int(p * len(ms)))] for p in (0.5, 0.95, 0.99, 1)))

    def row(self) -> tuple[str, ...]:
        """A line of a table."""
        return (self.words, *(f"{each:,.2f}" for each in (self.p50, self.p95, self.p99, self.most)))


class Searching(Protocol):
    """A house that can be searched."""

    async def search(self, person: Person, text: str, zone: object) -> object:
        """What `person` may read of what they search for."""


class Inside:
    """A house on a large folder, in this process, with people who are in every room."""

    def __init__(self, house: Workspace, people: list[Person], heard: list[Drawing]) -> None:
        self.house = house
        self.people = people
        # What is done with each thing that is announced to a person.
        self.heard = heard

    @classmethod
    async def open(cls, folder: Path) -> "Inside":
        """Open it, with nobody connected."""
        heard: list[Drawing] = []

        def announce(topic: str, event: object) -> None:
            for draw in heard if topic.startswith(_PERSON) else ():
                draw(topic, event)

        house = await Workspace.open(folder, announce)
        known = [await house.people.person_for_token(seed.token(n)) for n in range(_PEOPLE)]
        return cls(house, [each for each in known if each is not None], heard)


_PERSON = person_topic(0)[:-1]


async def _timed(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def posting(them: Inside, rest: float, seconds: float) -> list[float]:
    """Each of the posters posts, waits until it is stored, and rests."""
    room = await them.house.rooms.by_slug(them.people[0], large.SLUG)
    until, took = time.perf_counter() + seconds, list[float]()

    async def poster(index: int) -> None:
        person, count = them.people[index % len(them.people)], 0
        await asyncio.sleep(rest * random.random())
        while time.perf_counter() < until:
            key = f"{rest} {index} {(count := count + 1)}"
            took.append(await _timed(room.post(person, f"This is said now, {key}.", key)))
            await asyncio.sleep(rest)

    await asyncio.gather(*(poster(index) for index in range(_POSTERS)))
    return took


async def opening(folder: Path) -> list[Took]:
    """A room is opened at its end, in its middle, and where somebody read last.

    Each time in a house that was opened for it, so that nothing of the room is known yet.
    """
    took: dict[str, list[float]] = {}
    for number in range(_TIMES):
        where = list(_WHERE)[number % len(_WHERE)]
        them = await Inside.open(folder)
        person = them.people[number % len(them.people)]
        arriving = await _timed(them.house.memberships.session_connected(person, "tab"))
        took.setdefault("all places of a person", []).append(arriving)
        took.setdefault(where, []).append(await _timed(_WHERE[where](them.house, person)))
        await them.house.close()
        # What is left of this house is not the next one's to clear away.
        gc.collect()
    return [Took.of(words, seconds) for words, seconds in took.items()]


async def _at_end(house: Workspace, person: Person) -> None:
    room = await house.rooms.enter(person, large.SLUG)
    await room.newest(person)


async def _in_middle(house: Workspace, person: Person) -> None:
    room = await house.rooms.enter(person, large.SLUG)
    await room.around(person, random.randrange(1, room.last_number))


async def _at_mark(house: Workspace, person: Person) -> None:
    room = await house.rooms.enter(person, large.SLUG)
    seat = house.memberships.get(person, room.info.id)
    assert seat is not None, "everybody is in every room"
    await room.around(person, seat.last_read)


_WHERE = {
    "the room at its end": _at_end,
    "the room in its middle": _in_middle,
    "the room at the unread mark": _at_mark,
}


async def counting(them: Inside, rooms: int) -> float:
    """What one message in one of many rooms costs each session, in ms of this process: to count
    it, to tell of it, and to draw the line in its list."""
    house, heard = them.house, 0

    def hear(topic: str, event: object) -> None:
        nonlocal heard
        heard += 1
        lists.draw(topic, event)

    for person in them.people:
        await house.memberships.session_connected(person, f"tab of {person.name}")
    seats = house.memberships.for_person(them.people[0])[-rooms:]
    lists = Lists(house, them.people)
    them.heard.append(hear)
    gc.collect()
    began = time.process_time()
    for seat in seats:
        house.memberships.on_messages((_said(them.people[0], seat.room.id, seat.last_number + 1),))
    await asyncio.sleep(0.5)  # Counts are told a moment later.
    spent = time.process_time() - began
    them.heard.remove(hear)
    for person in them.people:
        house.memberships.session_disconnected(person, f"tab of {person.name}")
    words = f"{heard:,} announcements to {len(them.people)} people of {len(seats):,} messages"
    print(f"{words}: {lists.bytes / heard:.0f} bytes each")
    return 1000 * spent / (len(seats) * len(them.people))


def _said(author: Person, room: int, number: int) -> Message:
    return Message(room, number, author, MessageKind.TEXT, "hello", datetime.now(UTC), number)


QUERIES = {
    "a rare word": large.RARE,
    "a word of every message": large.EVERY,
    "two common words": " ".join(large.COMMON),
    "two letters": "qu",
    "two Chinese characters": large.CHINESE,
    "by somebody, with a word": f"from:P3 {large.COMMON[0]}",
    "one word without another": f"{large.COMMON[0]} -{large.COMMON[1]}",
}


async def searching(them: Inside) -> list[Took]:
    """Each query is asked by everybody in turn."""
    house = cast("Searching", them.house)
    asked: dict[str, list[float]] = {words: [] for words in QUERIES}
    for number in range(_TIMES):
        person = them.people[number % len(them.people)]
        for words, text in QUERIES.items():
            asked[words].append(await _timed(house.search(person, text, None)))
    return [Took.of(f"search: {words}", seconds) for words, seconds in asked.items()]


def living(folder: Path) -> tuple[float, float]:
    """MB of the real server on this folder: alone, and with people in it. Raises ServerFailed."""
    port = free_port()
    command = OURS.command(port, folder, "auto")
    with tempfile.TemporaryDirectory() as place, Server(command, port, Path(place)) as server:
        server.wait_until_idle()
        alone = server.memory_bytes()
        crowd = LoadClients(port, deflate=True)
        try:
            if not crowd.connect_all(OURS.make_protocols(port, _PEOPLE), 5, 60.0):
                raise RuntimeError(f"not everybody could come in: {dict(crowd.close_reasons)}")
            crowd.wait_until_quiet(1.0, 10.0)
            return alone / 1e6, server.memory_bytes() / 1e6
        finally:
            crowd.close()


async def _in_this_process(folder: Path, seconds: float) -> tuple[list[Took], list[Target]]:
    """What is read is measured before anything is said."""
    read = await opening(folder)
    them = await Inside.open(folder)
    try:
        if hasattr(them.house, "search"):
            read += await searching(them)
        cost = await counting(them, large.ROOMS)
        said = [
            Took.of("a post of 50, one a second each", await posting(them, _REST, seconds)),
            Took.of("a post of 50, without a rest", await posting(them, 0.0, seconds)),
        ]
    finally:
        await them.house.close()
    words = f"an event costs a session with {large.ROOMS:,} rooms ≤ 1 ms, drawn"
    goals = [
        *(Target(f"{e.words}: p95 ≤ 100 ms", f"{e.p95:.1f} ms", e.p95 <= 100) for e in read),
        Target(f"{said[0].words}: p99 ≤ 10 ms", f"{said[0].p99:.1f} ms", said[0].p99 <= 10),
        Target(words, f"{cost:.4f} ms", cost <= 1),
    ]
    return [*read, *said], goals


def run(argv: Sequence[str] | None = None) -> None:
    """The command."""
    given = _flags().parse_args(argv)
    kept: dict[str, Any] = start_report()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="flet-chat-") as place:
        folder = Path(place)
        began = time.monotonic()
        large.build(folder, given.messages, _PEOPLE)
        size = (folder / "chat.db").stat().st_size / 1e6
        words = f"{given.messages:,} messages, {large.ROOMS:,} rooms: {size:,.0f} MB"
        print(f"{words}, built in {time.monotonic() - began:.0f} s\n", flush=True)
        took, goals = asyncio.run(_in_this_process(folder, given.seconds))
        alone, full = living(folder)
        goals.append(Target(f"memory with {_PEOPLE} people < 250 MB", f"{full:.0f} MB", full < 250))
    head = ("what", "p50 ms", "p95 ms", "p99 ms", "most ms")
    print(f"\n{markdown_table(head, [each.row() for each in took])}\n")
    print(f"The server alone has {alone:.0f} MB in memory, with {_PEOPLE} people {full:.0f} MB.\n")
    print("\n".join(map(str, goals)))
    write_report(given, kept | {"took": [asdict(each) for each in took], "memory": [alone, full]})


def _flags() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000, help="%(default)s")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="how long people post (%(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there too")
    return parser


if __name__ == "__main__":
    run()
