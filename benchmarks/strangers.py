"""What strangers, slow readers and a SIGTERM cost those who talk.

`python -m benchmarks.strangers`: thousands of bad clients come to a real server while two people
talk; then readers of 1 kB/s and clients that read nothing; then a SIGTERM in the midst of talk.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks import seed, wire
from benchmarks.crowd import Crowd
from benchmarks.flags import begin
from benchmarks.measure import Gathering
from benchmarks.process import ROOT, Server, free_port
from benchmarks.systems import OURS
from benchmarks.table import markdown
from benchmarks.tally import Tally
from benchmarks.voices import Flet, Talker, Voice

# Seconds that a session waits for its client, and until Flet has looked for those that are over.
_TIMEOUT = 5
_FORGOTTEN = 25.0

# Long messages, so that what the kernel keeps for a slow reader is full before long.
_LONG = 9000

_SLOW = 10


class LongTalker(Talker):
    """A person whose messages are long."""

    def says(self, text: str) -> bytes:
        return super().says(text.ljust(_LONG, "x"))


class House:
    """A server that tells what it holds, and people who were there before."""

    def __init__(self, folder: Path, people: int) -> None:
        seed.fill(folder, people, 50)
        self.folder = folder
        self.people = people
        self._tells = free_port()
        self.port = free_port()
        serve = ["-m", "benchmarks.servers.counted", str(self.port), str(folder)]
        self.command = [sys.executable, *serve, str(self._tells), str(_TIMEOUT)]

    def holds(self) -> dict[str, int]:
        """Its tasks, sessions, connected sessions, open files and memory."""
        with socket.create_connection(("127.0.0.1", self._tells), timeout=30) as asking:
            told = b""
            while some := asking.recv(4096):
                told += some
        return dict(json.loads(told))


@contextlib.contextmanager
def gathered(people: int, talker: type[Talker] = Talker) -> Iterator[tuple[House, Gathering]]:
    """A fresh server on which so many people are in the room. Raises ServerFailed."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        house = House(Path(name), people)
        with Server(house.command, house.port, house.folder) as server:
            crowd = Crowd(house.port, deflate=False)
            them = Gathering(server, crowd, people)
            system = replace(
                OURS, voices=lambda port, n: [_as(talker, each) for each in OURS.voices(port, n)]
            )
            if not them.comes_together(system, 120.0):
                raise RuntimeError("not everybody could come in")
            try:
                yield house, them
            finally:
                crowd.goes()


def _as(talker: type[Talker], voice: Voice) -> Talker:
    assert isinstance(voice, Flet)
    return talker("/", voice.headers()["Cookie"])


def p99(them: Gathering, rate: float, seconds: float) -> float:
    """In ms, of some seconds of talk."""
    found = them.talks(round(rate * seconds), rate, 10.0).p99
    if them.crowd.closed:
        raise RuntimeError(f"people who read were cut: {dict(them.crowd.closed)}")
    return found.ms if found else 0.0


def strangers(count: int) -> None:
    """A mob, while two people talk."""
    with gathered(2) as (house, them):
        first = _mob(house, count // 10)
        while first.poll() is None:
            them.crowd.turn(0.1)
        them.crowd.settles(_FORGOTTEN, _FORGOTTEN)
        before = house.holds()
        quiet = [p99(them, 20, 5) for _ in range(3)]
        mob, began = _mob(house, count), time.monotonic()
        noisy = []
        while mob.poll() is None:
            noisy.append(p99(them, 20, 5))
        took = time.monotonic() - began
        ends = json.loads(mob.communicate()[0])
        them.crowd.settles(_FORGOTTEN, _FORGOTTEN)
        after = house.holds()
    print(f"{count:,} strangers in {took:.0f} s; how they ended:\n")
    said = [(kind, ", ".join(f"{n} × {end}" for end, n in c.items())) for kind, c in ends.items()]
    print(markdown(("kind", "end"), said), "\n")
    lines = [(name, f"{n:,}", f"{after[name]:,}") for name, n in before.items()]
    print(markdown(("the server holds", "before", "after"), lines), "\n")
    print(
        "p99 of two people, ms:", _told(quiet), "before;", _told(noisy), "meanwhile\n", flush=True
    )


def _mob(house: House, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.mob", str(house.port), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def slow_readers(seconds: float) -> None:
    """Ten who read 1 kB/s and ten who read nothing, while ten people say much."""
    with gathered(10, LongTalker) as (house, them):
        before = house.holds()
        quiet = [p99(them, 20, 5) for _ in range(round(seconds / 5))]
        slow = [_slow(house.port) for _ in range(2 * _SLOW)]
        them.crowd.settles(1.0, 5.0)
        here = house.holds()["connected"]
        dripping = threading.Event()
        drip = threading.Thread(target=_drip, args=(slow[:_SLOW], dripping))
        drip.start()
        began = time.monotonic()
        noisy, most, gone = [], 0, 0.0
        while not gone and time.monotonic() - began < 120:
            noisy.append(p99(them, 20, 5))
            now = house.holds()
            most = max(most, now["KB"])
            if now["connected"] == before["connected"]:
                gone = time.monotonic() - began
        again = [p99(them, 20, 5) for _ in range(round(seconds / 5))]
        dripping.set()
        drip.join()
        for each in slow:
            each.close()
    came = here - before["connected"]
    print(f"{came} of {2 * _SLOW} slow readers; 20 messages of {_LONG:,} letters a second.")
    print(f"All were cut after {gone:.0f} s." if gone else "NOT all were cut in 120 s.")
    print(f"memory: {before['KB']:,} KB before, {most:,} KB at the most")
    told = f"{_told(quiet)} before; {_told(noisy)} meanwhile; {_told(again)} afterwards"
    print(f"p99 of ten people, ms: {told}")
    print(f"ratio of the medians: {median(noisy) / median(quiet):.2f}\n", flush=True)


def _slow(port: int) -> socket.socket:
    """A person who has come in, and whose own kernel keeps little for them."""
    here = socket.socket()
    here.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    here.connect(("127.0.0.1", port))
    here.sendall(wire.knock(port, "/ws", {}, deflate=False))
    here.recv(4096)
    name = f"S{here.fileno()}"
    here.sendall(Flet(f"/chat?username={name}").begins())
    return here


def _drip(slow: Sequence[socket.socket], done: threading.Event) -> None:
    """Read 100 bytes from each, ten times a second."""
    for each in slow:
        each.setblocking(False)
    while not done.wait(0.1):
        for each in slow:
            with contextlib.suppress(OSError):
                each.recv(100)


def sigterm(people: int, zombies: int) -> None:
    """A SIGTERM while people talk, with many more connections that do not answer."""
    with gathered(people) as (house, them):
        dead = [_slow(house.port) for _ in range(zombies // 2)]
        dead += [
            socket.create_connection(("127.0.0.1", house.port)) for _ in range(zombies - len(dead))
        ]
        crowd = them.crowd
        crowd.settles(1.0, 10.0)
        tally = crowd.tally = Tally(0, 2000, people)
        said, began = 0, time.monotonic()
        told = 0.0
        while them.server.code is None and time.monotonic() - began < 30:
            now = time.monotonic()
            if said < 2000 and now - began > said / 20:
                crowd.posts(said % people, said)
                said += 1
            if not told and said > 60:
                os.kill(them.server.pid, signal.SIGTERM)
                told = now
            crowd.turn(0.01)
        took = time.monotonic() - told
        crowd.settles(0.5, 5.0)
        with contextlib.closing(sqlite3.connect(house.folder / "chat.db")) as database:
            rows = database.execute("SELECT text FROM message WHERE text LIKE '~m%'")
            kept = {int(text[2:10]) for (text,) in rows}
        seen = tally.seen_by_anybody()
        for each in dead:
            each.close()
    print(f"SIGTERM with {people} people and {zombies} zombies: ", end="")
    print(f"exit code {them.server.code} after {took:.1f} s; ", end="")
    print(", ".join(f"{n} × {why}" for why, n in crowd.closed.items()))
    lost = sorted(set(seen) - kept)
    print(
        f"{len(seen)} messages were seen, {len(kept)} are kept, lost: {lost or 'none'}", flush=True
    )


def _told(waits: Sequence[float]) -> str:
    if not waits:
        return "–"
    return f"{median(waits):.1f} ({min(waits):.1f} to {max(waits):.1f})"


def run(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strangers", description=__doc__)
    parser.add_argument("--strangers", type=int, default=10_000, help="%(default)s")
    parser.add_argument("--seconds", type=float, default=20.0, help="of quiet talk (%(default)s)")
    parser.add_argument("--people", type=int, default=500, help="at the SIGTERM (%(default)s)")
    parser.add_argument("--zombies", type=int, default=50, help="at the SIGTERM (%(default)s)")
    given = parser.parse_args(argv)
    begin()
    if given.strangers:
        strangers(given.strangers)
    if given.seconds:
        slow_readers(given.seconds)
    if given.people:
        sigterm(given.people, given.zombies)


if __name__ == "__main__":
    run()
