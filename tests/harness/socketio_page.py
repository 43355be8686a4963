"""A page that speaks Socket.IO, with python-socketio's own client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import socketio

from tests.harness.waiting import wait_until

EVENTS = ("message", "new_message", "message_changed", "message_deleted", "signed_in", "refused")


class SocketIOPage:
    """One connection, and the events that it got."""

    def __init__(self) -> None:
        # The client would leave its own session open if it is refused.
        self._http = aiohttp.ClientSession()
        self.client = socketio.AsyncClient(reconnection=False, http_session=self._http)
        self.client.on("connect_error", self._recorder("connect_error"))
        self.events = list[tuple[str, Any]]()
        for each in EVENTS:
            self.client.on(each, self._recorder(each))

    async def connects(self, url: str, auth: object = None, *, polling: bool = False) -> None:
        """Connect to an address, such as `http://host?username=Ann&room=garden`."""
        transports = ["polling"] if polling else ["websocket"]
        await self.client.connect(url, auth=auth, transports=transports)

    def received(self, event: str) -> list[Any]:
        """What came with this event, in order."""
        return [data for name, data in self.events if name == event]

    @property
    def lines(self) -> list[str]:
        """The texts that a page shows: those of `message`."""
        return self.received("message")

    async def waits_for(self, event: str, data: object = None) -> Any:
        """Wait for an event, with this data if it is named; returns the data of the last one."""

        def has_come() -> bool:
            return data in self.received(event) if data is not None else bool(self.received(event))

        await wait_until(has_come, description=f"{event} {data}; got {self.events[-5:]}")
        return self.received(event)[-1]

    async def asks(self, event: str, data: object = None) -> Any:
        """Emit an event, and return its answer."""
        return await self.client.call(event, data, timeout=20)

    async def leaves(self) -> None:
        """Close the page."""
        await self.client.disconnect()
        await self._http.close()

    def _recorder(self, event: str) -> Any:
        async def record(data: Any = None) -> None:
            self.events.append((event, data))

        return record


@asynccontextmanager
async def opened_page(
    url: str, auth: object = None, *, polling: bool = False
) -> AsyncIterator[SocketIOPage]:
    """A page that is connected until the end of the block."""
    page = SocketIOPage()
    try:
        await page.connects(url, auth, polling=polling)
        yield page
    finally:
        await asyncio.shield(page.leaves())


async def refusal_of(url: str, **options: Any) -> str:
    """The sentence with which a page is refused; "" if it is not answered at all.

    `options` are those of python-socketio's `connect`.
    """
    page = SocketIOPage()
    try:
        await page.client.connect(url, transports=["websocket"], **options)
    except socketio.exceptions.ConnectionError:
        answers = page.received("connect_error")
        return str(answers[-1]["message"]) if answers and isinstance(answers[-1], dict) else ""
    finally:
        await page.leaves()
    raise AssertionError("it was let in")
