"""Many people on one epoll loop, lighter than any server: frames are searched, not unpacked."""

import re
import select
import socket
import time
import zlib
from collections import Counter
from collections.abc import Iterable

from benchmarks import wire
from benchmarks.tally import Tally
from benchmarks.voices import Voice

# Every benchmarked message begins with its number, in letters that no encoding changes.
_MARK = re.compile(rb"~m(\d{8})\.")

# How a frame of ours begins that is for the page's script.
_SCRIPT = b"\x7f"

_TAIL_OF_DEFLATE = b"\x00\x00\xff\xff"
_READ = 1 << 18


def marked(number: int) -> str:
    """A message of an ordinary length that bears `number`."""
    return f"~m{number:08d}. The quick brown fox jumps over the lazy dog."


class Member:
    """One person's socket."""

    __slots__ = ("closed", "index", "inflate", "is_open", "rest", "socket", "unsent", "voice")

    def __init__(self, index: int, voice: Voice, port: int) -> None:
        self.index = index
        self.voice = voice
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.is_open = False
        self.closed = ""
        self.rest = b""
        self.unsent = b""
        # Made if the server accepts compression.
        self.inflate: zlib._Decompress | None = None


class Crowd:
    """All people of one benchmark."""

    def __init__(self, port: int, *, deflate: bool) -> None:
        self.members: list[Member] = []
        self.closed: Counter[str] = Counter()
        self.received = 0
        self.compressed = False
        self.tally = Tally(0, 0, 0)
        self._port = port
        self._deflate = deflate
        self._poll = select.epoll()
        self._by_number: dict[int, Member] = {}

    def brings_in(self, voices: Iterable[Voice], at_once: int, seconds: float) -> bool:
        """Connect everybody, a few at a time; False if not all are in by then."""
        waiting = list(voices)[::-1]
        coming: list[Member] = []
        until = time.monotonic() + seconds
        while (waiting or coming) and time.monotonic() < until:
            while waiting and len(coming) < at_once:
                coming.append(self._connect(waiting.pop()))
            self.turn(0.05)
            if any(each.closed for each in coming):
                return False
            coming = [each for each in coming if not each.voice.ready]
        return not waiting and not coming

    def settles(self, quiet: float, at_most: float) -> None:
        """Read on until nothing has come for `quiet` seconds."""
        until = time.monotonic() + at_most
        last, size = time.monotonic(), self.received
        while (now := time.monotonic()) < until and now - last < quiet:
            self.turn(0.05)
            if self.received != size:
                last, size = now, self.received

    def posts(self, index: int, number: int) -> None:
        """A person says the message that bears `number` of the tally, counted from 0."""
        member = self.members[index]
        said = member.voice.says(marked(self.tally.first + number))
        self.tally.sends(number)
        self._send(member, said)

    def turn(self, timeout: float) -> None:
        """Wait at most `timeout` seconds, and read all that came."""
        for number, event in self._poll.poll(timeout, 4096):
            member = self._by_number[number]
            if event & select.EPOLLOUT:
                self._send(member, b"")
            if event & ~select.EPOLLOUT:
                self._read(member)

    def goes(self) -> None:
        """Everybody closes their tab."""
        for member in self.members:
            member.socket.close()
        self._poll.close()

    def _connect(self, voice: Voice) -> Member:
        member = Member(len(self.members), voice, self._port)
        self.members.append(member)
        number = member.socket.fileno()
        self._by_number[number] = member
        self._poll.register(number, select.EPOLLIN)
        headers = voice.headers()
        self._send(member, wire.knock(self._port, voice.path, headers, deflate=self._deflate))
        return member

    def _send(self, member: Member, data: bytes) -> None:
        data = member.unsent + data
        if not data or member.closed:
            return
        try:
            sent = member.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as failure:
            self._close(member, failure.strerror or "error")
            return
        had, member.unsent = member.unsent, data[sent:]
        if bool(had) != bool(member.unsent):
            events = select.EPOLLIN | (select.EPOLLOUT if member.unsent else 0)
            self._poll.modify(member.socket.fileno(), events)

    def _close(self, member: Member, why: str) -> None:
        if not member.closed:
            member.closed = why
            self.closed[why] += 1
            self._poll.unregister(member.socket.fileno())

    def _read(self, member: Member) -> None:
        try:
            data = member.socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError as failure:
            self._close(member, failure.strerror or "error")
            return
        now = time.perf_counter_ns()
        if not data:
            self._close(member, "closed")
            return
        self.received += len(data)
        if member.rest:
            data = member.rest + data
        if not member.is_open:
            data = self._opened(member, data)
            if not member.is_open:
                member.rest = data
                return
        frames, rest = wire.split(data)
        for first, start, stop in frames:
            if first & wire.COMPRESSED or first & 15 > wire.BINARY:
                self._take_apart(member, first, data[start:stop], now)
            else:
                self._search(member, data, start, stop, now)
        member.rest = data[rest:]

    def _search(self, member: Member, data: bytes, start: int, stop: int, now: int) -> None:
        """Count a frame's deliveries; only a frame without any is looked into."""
        # What the page's script is asked for may name a message, and is none.
        marks = () if data.startswith(_SCRIPT, start) else _MARK.findall(data, start, stop)
        for mark in marks:
            self.tally.sees(member.index, int(mark), now)
        if not marks:
            self._send(member, member.voice.hears(data[start:stop]))

    def _take_apart(self, member: Member, first: int, payload: bytes, now: int) -> None:
        """A frame that is compressed, or that is about the socket itself."""
        if first & wire.COMPRESSED:
            assert member.inflate is not None, "compressed, but that was not agreed"
            payload = member.inflate.decompress(payload + _TAIL_OF_DEFLATE)
            self._search(member, payload, 0, len(payload), now)
        elif first & 15 == wire.PING:
            self._send(member, wire.frame(wire.PONG, payload))
        elif first & 15 == wire.CLOSE:
            self._close(member, f"closed with {int.from_bytes(payload[:2])}")

    def _opened(self, member: Member, data: bytes) -> bytes:
        """The answer to the knock; what is left of `data` after it."""
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            return data
        status, _, fields = head.partition(b"\r\n")
        if b" 101 " not in status + b" ":
            self._close(member, status.decode("latin-1"))
            return b""
        member.is_open = True
        if b"permessage-deflate" in fields.lower():
            self.compressed = True
            member.inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._send(member, member.voice.begins())
        return rest
