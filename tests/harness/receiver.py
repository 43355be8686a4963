"""A receiver of outgoing webhooks: a real HTTP server that checks each signature."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

from tests.harness.waiting import wait_until

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One request: its first line, its headers in lower case, and its body."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The id by which a receiver drops repeats."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        """The event in the body."""
        event: dict[str, Any] = json.loads(self.body)
        return event

    @property
    def text(self) -> str:
        """The text of the message of the event."""
        return str(self.event["message"]["text"])

    def verify(self, secret: str) -> None:
        """Check the signature as other programs do. Raises WebhookVerificationError."""
        Webhook(secret).verify(self.body, self.headers)


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A raw answer; `_` in the name of a header stands for `-`."""
    lines = [f"HTTP/1.1 {status} Answer", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def json_answer(value: object) -> bytes:
    """A raw answer with JSON."""
    return answer(200, json.dumps(value).encode(), content_type="application/json")


# What is answered to a request: raw bytes, or what writes them.
Write = Callable[[asyncio.StreamWriter], Awaitable[None]]
Respond = Callable[[Request], "Awaitable[bytes | Write]"]


@dataclass
class Receiver:
    """What arrived, and what is answered to it; each connection carries one request."""

    url: str
    requests: list[Request] = field(default_factory=list)
    respond: Respond | None = None
    # Answers that are given first, each once.
    queued: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def texts(self) -> list[str]:
        """The texts of the messages that arrived."""
        return [each.text for each in self.requests]

    async def waits_for(self, count: int, seconds: float = 20) -> None:
        """Wait until so many requests have arrived."""
        await wait_until(lambda: len(self.requests) >= count, seconds)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, and answer it."""
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *fields = head.strip().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            request = Request(line, headers, body)
            self.requests.append(request)
            response: bytes | Write = OK
            if self.queued:
                response = self.queued.pop(0)
            elif self.respond is not None:
                response = await self.respond(request)
            if isinstance(response, bytes):
                writer.write(response)
                await writer.drain()
            else:
                await response(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(context: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on this computer."""
    receiver = Receiver("")
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/chat"
    try:
        yield receiver
    finally:
        server.close()
