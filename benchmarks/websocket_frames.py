"""Handshake and frames of a WebSocket client (RFC 6455), as far as load clients need them."""

import base64
import os
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

# The bit of the first byte of a compressed frame (RFC 7692).
COMPRESSED = 0x40

# What Chromium offers.
_DEFLATE = "permessage-deflate; client_max_window_bits"

# A masking key of zeros is valid, and masking with it costs nothing.
_NO_MASK = bytes(4)


def handshake_request(port: int, path: str, headers: dict[str, str], *, deflate: bool) -> bytes:
    """The HTTP request that opens a web socket; `deflate` offers compression, as browsers do."""
    lines = {
        "Host": f"127.0.0.1:{port}",
        "Origin": f"http://127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
        "User-Agent": "benchmark",
        **({"Sec-WebSocket-Extensions": _DEFLATE} if deflate else {}),
        **headers,
    }
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"GET {path} HTTP/1.1\r\n{text}\r\n".encode()


def encode_frame(opcode: int, payload: bytes) -> bytes:
    """A masked frame with FIN, which is a whole message."""
    size = len(payload)
    if size < 126:
        header = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        header = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        header = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return header + _NO_MASK + payload


def split_frames(data: bytes) -> tuple[list[tuple[int, int, int]], int]:
    """The complete frames in `data`, and the offset of the rest.

    A frame is (first byte, start, stop); the last two are offsets of its payload.
    """
    frames = []
    at, end = 0, len(data)
    while end - at >= 2:
        size, start = data[at + 1], at + 2
        if size == 126:
            start += 2
            size = int.from_bytes(data[at + 2 : start]) if end >= start else end
        elif size == 127:
            start += 8
            size = int.from_bytes(data[at + 2 : start]) if end >= start else end
        if start + size > end:
            break
        frames.append((data[at], start, start + size))
        at = start + size
    return frames, at
