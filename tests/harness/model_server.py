"""A server that speaks the API of OpenAI as far as chats need it: its answers come word by word."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class ModelServer:
    """What it answers next, and what it was asked.

    `refusals` are statuses of the next answers, each with the seconds of `Retry-After`. An answer
    has `tokens`, one every `pace` seconds; after `breaks_after` of them an error comes.
    """

    tokens: list[str] = field(default_factory=lambda: ["Good ", "morning."])
    pace: float = 0.0
    key: str = ""
    refusals: list[tuple[int, str]] = field(default_factory=list)
    breaks_after: int | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and end the connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split()[0])
        body = json.loads(await reader.readexactly(length))
        if self.key and f"authorization: bearer {self.key}".lower() not in head:
            await self._refuse(writer, 401, "")
        elif self.refusals:
            await self._refuse(writer, *self.refusals.pop(0))
        else:
            self.asked.append(body)
            await self._stream(writer)
        writer.close()
        await writer.wait_closed()

    async def _refuse(self, writer: asyncio.StreamWriter, status: int, wait: str) -> None:
        content = json.dumps({"error": {"message": "The model is loading."}})
        retry = f"retry-after: {wait}\r\n" if wait else ""
        writer.write(
            f"HTTP/1.1 {status} Refused\r\n{retry}content-length: {len(content)}\r\n"
            f"connection: close\r\n\r\n{content}".encode()
        )
        await writer.drain()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
        writer.write(b"connection: close\r\n\r\n")
        for number, token in enumerate(self.tokens):
            if number == self.breaks_after:
                writer.write(b'data: {"error": "out of memory"}\n\n')
                break
            choice = {"index": 0, "delta": {"content": token}}
            writer.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
            await writer.drain()
            if self.pace:
                await asyncio.sleep(self.pace)
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()


@asynccontextmanager
async def model_server() -> AsyncIterator[ModelServer]:
    """A running one; `url` is its address."""
    model = ModelServer()
    server = await asyncio.start_server(model.answer, "127.0.0.1", 0)
    async with server:
        model.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        yield model
