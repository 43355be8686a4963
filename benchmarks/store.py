"""Cost of a large chat: a thousand rooms, and a million messages in one of them.

`python -m benchmarks.store` fills a folder, opens its workspace in this process, and measures what
sessions do with it: open a room, search, count unread messages, post. Then it starts the real
server on the folder and connects people to it. `--messages 20000` is a quick trial.
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
from typing import Any

import structlog

from benchmarks import large_workspace, seed
from benchmarks.command_line import start_report, write_report
from benchmarks.load_clients import LoadClients
from benchmarks.page_files import compress_page_files
from benchmarks.room_lists import RoomLists
from benchmarks.server_process import Server, free_port
from benchmarks.systems import OURS
from benchmarks.table import markdown_table
from benchmarks.targets import Target
from chat.model.events import person_topic
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.activity import MANY_ACTS

_PEOPLE = 20
_POSTER_COUNT = 50

# Clients that connect to the real server at the same time, and the seconds until all are connected.
_CONCURRENT_CONNECTS = 5
_CONNECT_TIMEOUT = 120.0

# How often a room is opened, and how often each query is searched.
_ROUNDS = 40

# Seconds between two posts of each poster.
_PAUSE = 1.0

EventHandler = Callable[[str, object], None]


@dataclass(frozen=True, slots=True)
class Timing:
    """Percentiles of the durations of an operation, in ms."""

    label: str
    p50: float
    p95: float
    p99: float
    maximum: float

    @classmethod
    def from_seconds(cls, label: str, seconds: Sequence[float]) -> "Timing":
        """The percentiles of these durations."""
        ms = sorted(1000 * each for each in seconds)
        return cls(label, *(ms[min(len(ms) - 1, int(p * len(ms)))] for p in (0.5, 0.95, 0.99, 1)))

    def row(self) -> tuple[str, ...]:
        """The cells of the operation's row."""
        return (
            self.label,
            *(f"{each:,.2f}" for each in (self.p50, self.p95, self.p99, self.maximum)),
        )


class LocalWorkspace:
    """A workspace on a large folder, in this process; `people` are members of every room."""

    def __init__(
        self, workspace: Workspace, people: list[Person], event_handlers: list[EventHandler]
    ) -> None:
        self.workspace = workspace
        self.people = people
        # Called with each event of a person's topic.
        self.event_handlers = event_handlers

    @classmethod
    async def open(cls, folder: Path) -> "LocalWorkspace":
        """Open the workspace of this folder, without sessions."""
        event_handlers: list[EventHandler] = []

        def publish(topic: str, event: object) -> None:
            for handle in event_handlers if topic.startswith(_PERSON_TOPIC_PREFIX) else ():
                handle(topic, event)

        timings = Timings(activity=MANY_ACTS)
        workspace = await Workspace.open(folder, publish, timings=timings)
        accounts = [
            await workspace.identity.person_for_token(seed.token(n)) for n in range(_PEOPLE)
        ]
        return cls(workspace, [each for each in accounts if each is not None], event_handlers)


_PERSON_TOPIC_PREFIX = person_topic(0)[:-1]


async def _seconds_for(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


async def measure_posting(local: LocalWorkspace, pause: float, seconds: float) -> list[float]:
    """Seconds of each post, of 50 posters that pause between two posts.

    A post ends when the message is stored.
    """
    room = await local.workspace.rooms.by_slug(local.people[0], large_workspace.SLUG)
    deadline, durations = time.perf_counter() + seconds, list[float]()

    async def poster(index: int) -> None:
        person, count = local.people[index % len(local.people)], 0
        await asyncio.sleep(pause * random.random())
        while time.perf_counter() < deadline:
            key = f"{pause} {index} {(count := count + 1)}"
            durations.append(
                await _seconds_for(room.post(person, f"This is a new message, {key}.", key))
            )
            await asyncio.sleep(pause)

    await asyncio.gather(*(poster(index) for index in range(_POSTER_COUNT)))
    return durations


async def measure_opening(folder: Path) -> list[Timing]:
    """Open the long room at its end, in its middle, and at the first unread message.

    Each time in a new workspace, so that nothing of the room is in a cache.
    """
    durations: dict[str, list[float]] = {}
    for number in range(_ROUNDS):
        position = list(_OPENINGS)[number % len(_OPENINGS)]
        local = await LocalWorkspace.open(folder)
        person = local.people[number % len(local.people)]
        loading = await _seconds_for(local.workspace.memberships.session_connected(person, "tab"))
        durations.setdefault("all memberships of a person", []).append(loading)
        durations.setdefault(position, []).append(
            await _seconds_for(_OPENINGS[position](local.workspace, person))
        )
        await local.workspace.close()
        # The next workspace must not pay for the garbage of this one.
        gc.collect()
    return [Timing.from_seconds(label, seconds) for label, seconds in durations.items()]


async def _open_at_end(workspace: Workspace, person: Person) -> None:
    room = await workspace.rooms.enter(person, large_workspace.SLUG)
    await room.newest(person)


async def _open_in_middle(workspace: Workspace, person: Person) -> None:
    room = await workspace.rooms.enter(person, large_workspace.SLUG)
    await room.around(person, random.randrange(1, room.last_number))


async def _open_at_first_unread(workspace: Workspace, person: Person) -> None:
    room = await workspace.rooms.enter(person, large_workspace.SLUG)
    membership = workspace.memberships.get(person, room.info.id)
    assert membership is not None, "people are members of every room"
    await room.around(person, membership.last_read)


_OPENINGS = {
    "the room at its end": _open_at_end,
    "the room in its middle": _open_in_middle,
    "the room at the unread mark": _open_at_first_unread,
}


async def measure_counting(local: LocalWorkspace, rooms: int) -> float:
    """CPU in ms that a message in one of many rooms costs each session.

    It is counted as unread, published to the session, and drawn in its room list.
    """
    workspace, event_count = local.workspace, 0

    def handle(topic: str, event: object) -> None:
        nonlocal event_count
        event_count += 1
        room_lists.draw(topic, event)

    for person in local.people:
        await workspace.memberships.session_connected(person, f"tab of {person.name}")
    memberships = workspace.memberships.for_person(local.people[0])[-rooms:]
    room_lists = RoomLists(workspace, local.people)
    local.event_handlers.append(handle)
    gc.collect()
    started = time.process_time()
    for membership in memberships:
        workspace.memberships.on_messages(
            (_message(local.people[0], membership.room.id, membership.last_number + 1),)
        )
    await asyncio.sleep(0.5)  # Unread counts are published after a delay.
    spent = time.process_time() - started
    local.event_handlers.remove(handle)
    for person in local.people:
        workspace.memberships.session_disconnected(person, f"tab of {person.name}")
    messages, people = len(memberships), len(local.people)
    summary = f"{event_count:,} events to {people} people of {messages:,} messages"
    print(f"{summary}: {room_lists.bytes / event_count:.0f} bytes each")
    return 1000 * spent / (len(memberships) * len(local.people))


def _message(author: Person, room: int, number: int) -> Message:
    return Message(room, number, author, MessageKind.TEXT, "hello", datetime.now(UTC), number)


SEARCHES = {
    "a rare word": large_workspace.RARE_WORD,
    "a word of every message": large_workspace.WORD_IN_EVERY_MESSAGE,
    "two common words": " ".join(large_workspace.COMMON_WORDS),
    "two letters": "qu",
    "two Chinese characters": large_workspace.CHINESE_WORD,
    "an author and a word": f"from:P3 {large_workspace.COMMON_WORDS[0]}",
    "one word without another": " -".join(large_workspace.COMMON_WORDS),
}


async def measure_searching(local: LocalWorkspace) -> list[Timing]:
    """Search for each query, as each person in turn."""
    durations: dict[str, list[float]] = {label: [] for label in SEARCHES}
    for number in range(_ROUNDS):
        person = local.people[number % len(local.people)]
        for label, text in SEARCHES.items():
            durations[label].append(await _seconds_for(local.workspace.search(person, text, None)))
    return [
        Timing.from_seconds(f"search: {label}", seconds) for label, seconds in durations.items()
    ]


def measure_server_memory(folder: Path) -> tuple[float, float]:
    """MB of the real server on this folder: without sessions, and with them.

    Raises ServerFailed, NotAllConnected.
    """
    compress_page_files()
    port = free_port()
    command = OURS.command(port, folder, "auto")
    with (
        tempfile.TemporaryDirectory() as log_folder,
        Server(command, port, Path(log_folder)) as server,
    ):
        server.wait_until_idle()
        idle_memory = server.memory_bytes()
        clients = LoadClients(port, deflate=True)
        try:
            clients.connect_all(
                OURS.make_protocols(port, _PEOPLE), _CONCURRENT_CONNECTS, _CONNECT_TIMEOUT
            )
            clients.wait_until_quiet(1.0, 10.0)
            return idle_memory / 1e6, server.memory_bytes() / 1e6
        finally:
            clients.close()


async def _measure_in_process(folder: Path, seconds: float) -> tuple[list[Timing], list[Target]]:
    """Measure reads first, because posts fill caches."""
    timings = await measure_opening(folder)
    local = await LocalWorkspace.open(folder)
    try:
        timings += await measure_searching(local)
        cost = await measure_counting(local, large_workspace.ROOMS)
        post_timings = [
            Timing.from_seconds(
                "a post of 50, one a second each", await measure_posting(local, _PAUSE, seconds)
            ),
            Timing.from_seconds(
                "a post of 50, without a pause", await measure_posting(local, 0.0, seconds)
            ),
        ]
    finally:
        await local.workspace.close()
    label = f"an event costs a session with {large_workspace.ROOMS:,} rooms ≤ 1 ms, drawn"
    targets = [
        *(Target(f"{e.label}: p95 ≤ 100 ms", f"{e.p95:.1f} ms", e.p95 <= 100) for e in timings),
        Target(
            f"{post_timings[0].label}: p99 ≤ 10 ms",
            f"{post_timings[0].p99:.1f} ms",
            post_timings[0].p99 <= 10,
        ),
        Target(label, f"{cost:.4f} ms", cost <= 1),
    ]
    return [*timings, *post_timings], targets


def run(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    args = _argument_parser().parse_args(argv)
    report: dict[str, Any] = start_report()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="flet-chat-") as folder_name:
        folder = Path(folder_name)
        started = time.monotonic()
        large_workspace.build(folder, args.messages, _PEOPLE)
        size = (folder / "chat.db").stat().st_size / 1e6
        summary = f"{args.messages:,} messages, {large_workspace.ROOMS:,} rooms: {size:,.0f} MB"
        print(f"{summary}, built in {time.monotonic() - started:.0f} s\n", flush=True)
        timings, targets = asyncio.run(_measure_in_process(folder, args.seconds))
        idle_memory, full_memory = measure_server_memory(folder)
        targets.append(
            Target(
                f"memory with {_PEOPLE} people < 250 MB", f"{full_memory:.0f} MB", full_memory < 250
            )
        )
    header = ("operation", "p50 ms", "p95 ms", "p99 ms", "most ms")
    print(f"\n{markdown_table(header, [each.row() for each in timings])}\n")
    print(
        f"The server has {idle_memory:.0f} MB in memory without sessions, "
        f"{full_memory:.0f} MB with {_PEOPLE} people.\n"
    )
    print("\n".join(map(str, targets)))
    write_report(
        args,
        report
        | {"timings": [asdict(each) for each in timings], "memory": [idle_memory, full_memory]},
    )


def _argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000, help="%(default)s")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="how long people post (%(default)s)"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write all numbers to this file, too"
    )
    return parser


if __name__ == "__main__":
    run()
