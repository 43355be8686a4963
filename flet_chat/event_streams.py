"""Events as they come, with a thread or with asyncio: one connection, opened again when it ends."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Generator, Iterator

import httpx

from flet_chat.calls import Place, address_of
from flet_chat.connection import AsyncConnection, Connection
from flet_chat.events import Event, EventReading


class Events:
    """`for event in chat.events()`: does not end, unless the chat refuses the program.

    `cursor` is the place after all events that were taken. It goes on there after a lost connection
    and after a restart of the chat: nothing is missed, and nothing comes twice.
    """

    def __init__(
        self, connection: Connection, reading: EventReading, places: Collection[Place]
    ) -> None:
        self._connection = connection
        self._reading = reading
        self._places = places
        self._events = self._read()

    @property
    def cursor(self) -> str | None:
        """The cursor for `after`, None before the first connection."""
        return self._reading.cursor

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        return next(self._events)

    def close(self) -> None:
        """End the connection."""
        self._events.close()

    def _read(self) -> Generator[Event]:
        reading = self._reading
        reading.slugs = [self._connection.run(address_of(each)) for each in self._places]
        while True:
            query, headers = reading.begin()
            try:
                with self._connection.stream_events(
                    query, headers, reading.silence_seconds
                ) as response:
                    if response.is_error:
                        content = response.read()
                        wait = reading.check(response.status_code, content, _retry_after(response))
                    else:
                        for chunk in response.iter_raw():
                            yield from reading.feed(chunk)
                        wait = reading.pause()
            except httpx.TransportError:
                wait = reading.pause()
            time.sleep(wait)


class AsyncEvents:
    """The same with asyncio: `async for event in chat.events()`."""

    def __init__(
        self, connection: AsyncConnection, reading: EventReading, places: Collection[Place]
    ) -> None:
        self._connection = connection
        self._reading = reading
        self._places = places
        self._events = self._read()

    @property
    def cursor(self) -> str | None:
        """The cursor for `after`, None before the first connection."""
        return self._reading.cursor

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await anext(self._events)

    async def aclose(self) -> None:
        """End the connection."""
        await self._events.aclose()

    async def _read(self) -> AsyncGenerator[Event]:
        reading = self._reading
        reading.slugs = [await self._connection.run(address_of(each)) for each in self._places]
        while True:
            query, headers = reading.begin()
            try:
                async with self._connection.stream_events(
                    query, headers, reading.silence_seconds
                ) as response:
                    if response.is_error:
                        content = await response.aread()
                        wait = reading.check(response.status_code, content, _retry_after(response))
                    else:
                        async for chunk in response.aiter_raw():
                            for event in reading.feed(chunk):
                                yield event
                        wait = reading.pause()
            except httpx.TransportError:
                wait = reading.pause()
            await asyncio.sleep(wait)


def _retry_after(response: httpx.Response) -> str:
    return str(response.headers.get("retry-after", ""))
