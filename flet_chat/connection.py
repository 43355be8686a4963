"""Connections to the chat: they run the steps of a call, with asyncio or without."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from flet_chat.address import Address
from flet_chat.requests import Pause, Reply, Request, Steps, Unreachable

Result = TypeVar("Result")

# In seconds; an answer may take longer than a connection.
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)

_CHUNK_BYTES = 64 * 1024


class Connection:
    """A connection for programs without asyncio. Several threads may share it."""

    def __init__(self, address: Address) -> None:
        path = address.socket_path
        transport = None if path is None else httpx.HTTPTransport(uds=str(path))
        self._http = httpx.Client(transport=transport, **_options(address))

    def run(self, steps: Steps[Result]) -> Result:
        """Run the steps of a call, and return its result. Raises as the call."""
        outcome: Reply | Unreachable | None = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as end:
                result: Result = end.value
                return result
            if isinstance(step, Pause):
                time.sleep(step.seconds)
                outcome = None
            else:
                outcome = self._reply(step)

    def stream_events(
        self, query: Mapping[str, str], headers: Mapping[str, str], silence_seconds: float
    ) -> AbstractContextManager[httpx.Response]:
        """A response that lasts. One that is silent for so long raises httpx.ReadTimeout."""
        timeout = httpx.Timeout(_TIMEOUT.connect, read=silence_seconds)
        return self._http.stream(
            "GET", "/events", params=dict(query), headers=dict(headers), timeout=timeout
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _reply(self, request: Request) -> Reply | Unreachable:
        body = _file_pieces(request.content) if isinstance(request.content, Path) else None
        try:
            with self._http.stream(**_arguments(request, body)) as response:
                if request.save_to is None or response.is_error:
                    response.read()
                    return _reply(response)
                with request.save_to.open("wb") as file:
                    for piece in response.iter_bytes(_CHUNK_BYTES):
                        file.write(piece)
                return Reply(response.status_code, response.headers, b"")
        except httpx.TransportError as failure:
            return _failure(failure)


class AsyncConnection:
    """A connection for programs with asyncio."""

    def __init__(self, address: Address) -> None:
        path = address.socket_path
        transport = None if path is None else httpx.AsyncHTTPTransport(uds=str(path))
        self._http = httpx.AsyncClient(transport=transport, **_options(address))

    async def run(self, steps: Steps[Result]) -> Result:
        """Run the steps of a call, and return its result. Raises as the call."""
        outcome: Reply | Unreachable | None = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as end:
                result: Result = end.value
                return result
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
                outcome = None
            else:
                outcome = await self._reply(step)

    def stream_events(
        self, query: Mapping[str, str], headers: Mapping[str, str], silence_seconds: float
    ) -> AbstractAsyncContextManager[httpx.Response]:
        """A response that lasts. One that is silent for so long raises httpx.ReadTimeout."""
        timeout = httpx.Timeout(_TIMEOUT.connect, read=silence_seconds)
        return self._http.stream(
            "GET", "/events", params=dict(query), headers=dict(headers), timeout=timeout
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def _reply(self, request: Request) -> Reply | Unreachable:
        body = _async_file_pieces(request.content) if isinstance(request.content, Path) else None
        try:
            async with self._http.stream(**_arguments(request, body)) as response:
                if request.save_to is None or response.is_error:
                    await response.aread()
                    return _reply(response)
                with await asyncio.to_thread(request.save_to.open, "wb") as file:
                    async for piece in response.aiter_bytes(_CHUNK_BYTES):
                        await asyncio.to_thread(file.write, piece)
                return Reply(response.status_code, response.headers, b"")
        except httpx.TransportError as failure:
            return _failure(failure)


def _options(address: Address) -> dict[str, Any]:
    """The options of an httpx client."""
    headers = {} if address.token is None else {"authorization": f"Bearer {address.token}"}
    return {
        "base_url": f"{address.url}/api",
        "headers": headers,
        "timeout": _TIMEOUT,
        # Certificates take a moment to load, and are for https only.
        "verify": address.url.startswith("https:"),
    }


def _arguments(request: Request, file_pieces: object) -> dict[str, Any]:
    """The arguments of a request for httpx."""
    headers = dict[str, str]()
    content: object = request.encoded_body()
    if content is not None:
        headers["content-type"] = "application/json"
    if request.key is not None:
        headers["idempotency-key"] = request.key
    if request.content is not None:
        headers["content-type"] = "application/octet-stream"
        content = request.content
        if isinstance(request.content, Path):
            headers["content-length"] = str(request.content.stat().st_size)
            content = file_pieces
    return {
        "method": request.method,
        "url": request.path,
        "params": dict(request.query) or None,
        "headers": headers,
        "content": content,
    }


def _reply(response: httpx.Response) -> Reply:
    headers: Mapping[str, str] = response.headers
    return Reply(response.status_code, headers, response.content)


def _failure(failure: httpx.TransportError) -> Unreachable:
    return Unreachable(str(failure).rstrip(".") or type(failure).__name__)


def _file_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            yield piece


async def _async_file_pieces(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _CHUNK_BYTES):
            yield piece
