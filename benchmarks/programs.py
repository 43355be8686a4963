"""Programs beside people: posts by the API and by webhooks, a growing message, a bot that hears.

`python -m benchmarks.programs` connects people to a real server, and lets the same number of
messages a second reach all of them three ways: typed by people, posted with tokens, and sent to
webhooks. Then one program writes a message piece by piece for the same people. At last people post
alone and beside a bot in the room, in turn, in the same sitting.
"""

import argparse
import asyncio
import http.client
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.command_line import start_report
from benchmarks.hostile_clients import running_resource_load_test
from benchmarks.load_clients import LoadClients, numbered_text
from benchmarks.load_test import LoadTest, Measurement
from benchmarks.server_process import ROOT
from benchmarks.table import markdown_table
from chat.files.storage import FolderStorage
from chat.model.programs import Scope
from chat.programs.rate_limits import REQUESTS_PER_SECOND, ROOM_MESSAGES_PER_SECOND
from chat.store.sqlite import open_sqlite
from chat.workspace.workspace import Workspace

# As many programs as one room has messages a second for, each at its own pace.
_PROGRAMS = round(ROOM_MESSAGES_PER_SECOND / REQUESTS_PER_SECOND)
_RATE = ROOM_MESSAGES_PER_SECOND * 0.9

_WARM_UP_MESSAGES = 20
_DELIVERY_TIMEOUT = 10.0

# Pieces of the growing message a second, and characters of each.
_PIECES_PER_SECOND = 20.0
_PIECE = "word "

# Turns of people alone, and of people beside a bot.
_TURNS = 5

# Hears every message of the lobby, and says once that it does.
_BOT_FILE = '''"""Hears everything, and answers nothing."""

from flet_chat import Bot

bot = Bot("listener")


@bot.hears("a word that nobody says")
def answer(event):
    event.reply("here")
'''


class _Secrets:
    """The tokens and the keys of webhooks that the server knows."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.keys: list[str] = []

    def prepare(self, folder: Path) -> None:
        """Make them in a data folder."""
        asyncio.run(self._make(folder))

    async def _make(self, folder: Path) -> None:
        store = await open_sqlite(folder)
        storage = await FolderStorage.open(folder / "files")
        workspace = await Workspace.start(store, storage, lambda topic, event: None)
        owner = await workspace.identity.sign_in("Owner", "token of the owner")
        await workspace.on_signed_in(owner)
        lobby = await workspace.rooms.by_slug(owner, "lobby")
        for n in range(_PROGRAMS):
            bot = await workspace.bots.create(owner, f"bot {n}")
            await workspace.rooms.enter(bot, "lobby")
            secret, _ = await workspace.api_tokens.create(bot, "benchmark", [*Scope])
            self.tokens.append(secret)
        for n in range(_PROGRAMS):
            self.keys.append((await workspace.hooks.create(owner, lobby, f"hook {n}")).key)
        await workspace.close()


class _Requests:
    """Sends requests in threads, one connection in each, and counts the answers that refuse."""

    def __init__(self, port: int, count: int) -> None:
        self.refused = 0
        self._port = port
        self._queues = [
            queue.SimpleQueue[tuple[str, str, dict[str, str]] | None]() for _ in range(count)
        ]
        self._threads = [threading.Thread(target=self._run, args=(each,)) for each in self._queues]
        for each in self._threads:
            each.start()

    def send(self, index: int, path: str, body: str, headers: dict[str, str]) -> None:
        """Send a request on the connection with this index, after the ones before it."""
        self._queues[index].put((path, body, headers))

    def close(self) -> None:
        """Wait for all answers."""
        for each in self._queues:
            each.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self, requests: "queue.SimpleQueue[tuple[str, str, dict[str, str]] | None]") -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while (request := requests.get()) is not None:
            path, body, headers = request
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            self.refused += answer.status >= 300


@contextmanager
def _posting(clients: LoadClients, post: Callable[[int, str], None]) -> Iterator[None]:
    """Let a function post in place of the people, who still receive."""
    own = clients.post

    def post_as_program(index: int, number: int) -> None:
        text = numbered_text(clients.deliveries.first + number)
        clients.deliveries.mark_sent(number)
        post(number, text)

    clients.post = post_as_program  # type: ignore[method-assign]
    try:
        yield
    finally:
        clients.post = own  # type: ignore[method-assign]


def _measure_ways(load_test: LoadTest, secrets: _Secrets, seconds: float) -> None:
    messages = round(_RATE * seconds)
    load_test.measure_posts(_WARM_UP_MESSAGES, _RATE, _DELIVERY_TIMEOUT)
    rows = [_row("people", load_test.measure_posts(messages, _RATE, _DELIVERY_TIMEOUT), 0)]
    port = load_test.server.port
    requests = _Requests(port, len(secrets.tokens))

    def by_api(number: int, text: str) -> None:
        index = number % len(secrets.tokens)
        headers = {
            "authorization": f"Bearer {secrets.tokens[index]}",
            "content-type": "application/json",
        }
        body = json.dumps({"text": text})
        requests.send(index, "/api/rooms/lobby/messages", body, headers)

    with _posting(load_test.clients, by_api):
        measured = load_test.measure_posts(messages, _RATE, _DELIVERY_TIMEOUT)
    requests.close()
    rows.append(_row("API", measured, requests.refused))
    requests = _Requests(port, len(secrets.keys))

    def by_hook(number: int, text: str) -> None:
        index = number % len(secrets.keys)
        requests.send(index, f"/hooks/{secrets.keys[index]}", text, {"content-type": "text/plain"})

    with _posting(load_test.clients, by_hook):
        measured = load_test.measure_posts(messages, _RATE, _DELIVERY_TIMEOUT)
    requests.close()
    rows.append(_row("webhooks", measured, requests.refused))
    print(f"{_RATE:g} messages a second, each to {load_test.people} people:\n")
    header = ("messages by", "p50 ms", "p99 ms", "CPU µs a delivery", "refused")
    print(markdown_table(header, rows), "\n", flush=True)


def _row(name: str, measured: Measurement, refused: int) -> tuple[str, ...]:
    p50, p99 = measured.p50, measured.p99
    return (
        name,
        f"{p50.ms:.1f}" if p50 else "-",
        f"{p99.ms:.1f}" if p99 else "-",
        f"{measured.server_cpu:.0f}",
        f"{measured.expected - measured.seen} lost, {refused} refused",
    )


def _measure_stream(load_test: LoadTest, secret: str, seconds: float) -> None:
    """One message grows before the eyes of all people."""
    connection = http.client.HTTPConnection("127.0.0.1", load_test.server.port, timeout=60)
    headers = {"authorization": f"Bearer {secret}", "content-type": "application/json"}

    def call(path: str, **fields: object) -> dict[str, int]:
        connection.request("POST", f"/api/rooms/lobby/{path}", json.dumps(fields), headers)
        answer: dict[str, int] = json.loads(connection.getresponse().read())
        return answer

    clients, size = load_test.clients, load_test.clients.received_bytes
    clients.wait_until_quiet(0.5, 5.0)
    cpu, pieces = load_test.server.cpu_seconds(), round(seconds * _PIECES_PER_SECOND)
    number = call("streams")["number"]
    started = time.monotonic()
    for n in range(pieces):
        call(f"messages/{number}/append", at=n * len(_PIECE), text=_PIECE)
        while (left := started + (n + 1) / _PIECES_PER_SECOND - time.monotonic()) > 0:
            clients.poll_once(left)
    call(f"messages/{number}/finish")
    clients.wait_until_quiet(0.5, 5.0)
    cpu = load_test.server.cpu_seconds() - cpu
    received = clients.received_bytes - size
    watched = load_test.people * seconds
    print(
        f"A message of {pieces} pieces in {seconds:g} s, watched by {load_test.people} people: "
        f"{cpu / seconds * 100:.0f} % of a core, {cpu / watched * 1e6:.0f} µs and "
        f"{received / watched / 1000:.1f} KB a person and second\n",
        flush=True,
    )


@contextmanager
def _running_bot(port: int, secret: str) -> Iterator[None]:
    """A bot file in a process of its own, which hears the lobby from the first line on."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        path = Path(name) / "listener.py"
        path.write_text(_BOT_FILE, "utf-8")
        command = [sys.executable, "-m", "chat", "bot", str(path), f"--url=http://127.0.0.1:{port}"]
        with subprocess.Popen(
            [*command, f"--token={secret}"], cwd=ROOT, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            if not any("is running" in line for line in process.stderr):
                raise RuntimeError("the bot did not begin")
            try:
                yield
            finally:
                process.terminate()


def _measure_beside_a_bot(load_test: LoadTest, secret: str, seconds: float) -> None:
    """People post alone, and beside a bot, in turn; the medians count."""
    messages = round(_RATE * seconds)
    alone, beside = list[Measurement](), list[Measurement]()
    for _ in range(_TURNS):
        alone.append(load_test.measure_posts(messages, _RATE, _DELIVERY_TIMEOUT))
        with _running_bot(load_test.server.port, secret):
            beside.append(load_test.measure_posts(messages, _RATE, _DELIVERY_TIMEOUT))
    rows = [_medians("people alone", alone), _medians("people beside a bot", beside)]
    print(f"{_RATE:g} messages a second, each to {load_test.people} people, {_TURNS} turns:\n")
    print(markdown_table(("", "p50 ms", "p99 ms", "CPU µs a delivery"), rows), "\n", flush=True)


def _medians(name: str, measured: Sequence[Measurement]) -> tuple[str, ...]:
    p50 = median(each.p50.ms for each in measured if each.p50)
    p99 = median(each.p99.ms for each in measured if each.p99)
    cpu = median(each.server_cpu for each in measured)
    return name, f"{p50:.1f}", f"{p99:.1f}", f"{cpu:.1f}"


def run(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.programs", description=__doc__)
    parser.add_argument("--people", type=int, default=200, help="who watch (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each part (%(default)s)")
    options = parser.parse_args(argv)
    start_report()
    secrets = _Secrets()
    with running_resource_load_test(options.people, prepare=secrets.prepare) as (_, load_test):
        _measure_ways(load_test, secrets, options.seconds)
        _measure_stream(load_test, secrets.tokens[0], options.seconds)
        _measure_beside_a_bot(load_test, secrets.tokens[0], options.seconds)


if __name__ == "__main__":
    run(sys.argv[1:])
