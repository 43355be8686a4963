"""Many clients on one epoll loop.

A client takes less CPU than any server, because it searches frames for messages and unpacks none.
"""

import re
import select
import socket
import time
import zlib
from collections import Counter
from collections.abc import Iterable

from benchmarks.client_protocols import ClientProtocol
from benchmarks.delivery_counter import DeliveryCounter
from benchmarks.websocket_frames import (
    BINARY,
    CLOSE,
    COMPRESSED,
    PING,
    PONG,
    encode_frame,
    handshake_request,
    split_frames,
)
from chat.ui.client.page_messages import PREFIX

# Each posted message begins with its number, in characters that no encoding changes.
_NUMBER_PATTERN = re.compile(rb"~m(\d{8})\.")

_DEFLATE_TAIL = b"\x00\x00\xff\xff"
_READ_SIZE = 1 << 18


def numbered_text(number: int) -> str:
    """The text of the message with this number; its length is ordinary."""
    return f"~m{number:08d}. The quick brown fox jumps over the lazy dog."


class ClientSocket:
    """The web socket of one client."""

    __slots__ = (
        "close_reason",
        "decompressor",
        "index",
        "is_open",
        "protocol",
        "receive_buffer",
        "send_buffer",
        "socket",
    )

    def __init__(self, index: int, protocol: ClientProtocol, port: int) -> None:
        self.index = index
        self.protocol = protocol
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.is_open = False
        self.close_reason = ""
        self.receive_buffer = b""
        self.send_buffer = b""
        # None unless the server accepts compression.
        self.decompressor: zlib._Decompress | None = None


class NotAllConnected(Exception):
    """Some clients could not connect; the message says how many could, and what happened."""


class LoadClients:
    """All clients of one load test."""

    def __init__(self, port: int, *, deflate: bool) -> None:
        self.sockets: list[ClientSocket] = []
        self.close_reasons: Counter[str] = Counter()
        self.received_bytes = 0
        self.is_compressed = False
        self.deliveries = DeliveryCounter(0, 0, 0)
        self._port = port
        self._deflate = deflate
        self._poll = select.epoll()
        self._by_fileno: dict[int, ClientSocket] = {}

    def connect_all(
        self, protocols: Iterable[ClientProtocol], concurrency: int, timeout: float
    ) -> None:
        """Connect clients and wait until each may post; `concurrency` of them at the same time.

        Raises NotAllConnected if a client is disconnected, or after `timeout` seconds.
        """
        waiting = list(protocols)[::-1]
        connecting: list[ClientSocket] = []
        deadline = time.monotonic() + timeout
        while (waiting or connecting) and time.monotonic() < deadline:
            while waiting and len(connecting) < concurrency:
                connecting.append(self._connect(waiting.pop()))
            self.poll_once(0.05)
            if any(each.close_reason for each in connecting):
                break
            connecting = [each for each in connecting if not each.protocol.is_ready]
        if waiting or connecting:
            raise NotAllConnected(self._connect_summary(len(waiting), timeout))

    def close_summary(self) -> str:
        """Why clients were disconnected; empty if all are connected."""
        return ", ".join(f"{count} × {reason}" for reason, count in self.close_reasons.items())

    def wait_until_quiet(self, quiet: float, timeout: float) -> None:
        """Read until nothing is received for `quiet` seconds, at most for `timeout` seconds."""
        deadline = time.monotonic() + timeout
        last_change, size = time.monotonic(), self.received_bytes
        while (now := time.monotonic()) < deadline and now - last_change < quiet:
            self.poll_once(0.05)
            if self.received_bytes != size:
                last_change, size = now, self.received_bytes

    def post(self, index: int, number: int) -> None:
        """Post the message with this number, counted from 0, from the client at `index`."""
        client = self.sockets[index]
        frames = client.protocol.post_frames(numbered_text(self.deliveries.first + number))
        self.deliveries.mark_sent(number)
        self._send(client, frames)

    def poll_once(self, timeout: float) -> None:
        """Wait at most `timeout` seconds for sockets that are ready, and read and write on them."""
        for fileno, event in self._poll.poll(timeout, 4096):
            client = self._by_fileno[fileno]
            if event & select.EPOLLOUT:
                self._send(client, b"")
            if event & ~select.EPOLLOUT:
                self._read(client)

    def close(self) -> None:
        """Close all sockets."""
        for each in self.sockets:
            each.socket.close()
        self._poll.close()

    def _connect_summary(self, waiting_count: int, timeout: float) -> str:
        ready_count = sum(each.protocol.is_ready for each in self.sockets)
        open_count = sum(each.is_open and not each.close_reason for each in self.sockets)
        return (
            f"{ready_count} of {len(self.sockets) + waiting_count} clients were ready; "
            f"{open_count} web sockets were open; "
            f"disconnected: {self.close_summary() or 'none'}; timeout {timeout:.0f} s"
        )

    def _connect(self, protocol: ClientProtocol) -> ClientSocket:
        client = ClientSocket(len(self.sockets), protocol, self._port)
        self.sockets.append(client)
        fileno = client.socket.fileno()
        self._by_fileno[fileno] = client
        self._poll.register(fileno, select.EPOLLIN)
        headers = protocol.headers()
        self._send(
            client,
            handshake_request(self._port, protocol.path, headers, deflate=self._deflate),
        )
        return client

    def _send(self, client: ClientSocket, data: bytes) -> None:
        data = client.send_buffer + data
        if not data or client.close_reason:
            return
        try:
            sent = client.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._close(client, error.strerror or "error")
            return
        had, client.send_buffer = client.send_buffer, data[sent:]
        if bool(had) != bool(client.send_buffer):
            events = select.EPOLLIN | (select.EPOLLOUT if client.send_buffer else 0)
            self._poll.modify(client.socket.fileno(), events)

    def _close(self, client: ClientSocket, reason: str) -> None:
        if not client.close_reason:
            client.close_reason = reason
            self.close_reasons[reason] += 1
            self._poll.unregister(client.socket.fileno())

    def _read(self, client: ClientSocket) -> None:
        try:
            data = client.socket.recv(_READ_SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            self._close(client, error.strerror or "error")
            return
        now = time.perf_counter_ns()
        if not data:
            self._close(client, "closed")
            return
        self.received_bytes += len(data)
        if client.receive_buffer:
            data = client.receive_buffer + data
        if not client.is_open:
            data = self._handle_handshake(client, data)
            if not client.is_open:
                client.receive_buffer = data
                return
        frames, rest = split_frames(data)
        for first, start, stop in frames:
            if first & COMPRESSED or first & 15 > BINARY:
                self._handle_special_frame(client, first, data[start:stop], now)
            else:
                self._count_deliveries(client, data, start, stop, now)
        client.receive_buffer = data[rest:]

    def _count_deliveries(
        self, client: ClientSocket, data: bytes, start: int, stop: int, now: int
    ) -> None:
        """Count the deliveries in a frame; a frame without any goes to the protocol."""
        # A command for the page script may contain the text of a message, and is no delivery.
        numbers = (
            () if data.startswith(PREFIX, start) else _NUMBER_PATTERN.findall(data, start, stop)
        )
        for number in numbers:
            self.deliveries.mark_seen(client.index, int(number), now)
        if not numbers:
            self._send(client, client.protocol.handle(data[start:stop]))

    def _handle_special_frame(
        self, client: ClientSocket, first: int, payload: bytes, now: int
    ) -> None:
        """Handle a compressed frame, or a control frame (ping, close)."""
        if first & COMPRESSED:
            assert client.decompressor is not None, (
                "a compressed frame without a negotiated extension"
            )
            payload = client.decompressor.decompress(payload + _DEFLATE_TAIL)
            self._count_deliveries(client, payload, 0, len(payload), now)
        elif first & 15 == PING:
            self._send(client, encode_frame(PONG, payload))
        elif first & 15 == CLOSE:
            self._close(client, f"closed with {int.from_bytes(payload[:2])}")

    def _handle_handshake(self, client: ClientSocket, data: bytes) -> bytes:
        """Read the response to the handshake; returns the data after it."""
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            return data
        status, _, fields = head.partition(b"\r\n")
        if b" 101 " not in status + b" ":
            self._close(client, status.decode("latin-1"))
            return b""
        client.is_open = True
        if b"permessage-deflate" in fields.lower():
            self.is_compressed = True
            client.decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
        self._send(client, client.protocol.opening_frames())
        return rest
