"""A program with views: it reads the actions of people through HTTP, and answers each."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from chat.server.app import ChatServer
from tests.harness.event_client import Event, EventClient
from tests.harness.http import http_client

Answer = dict[str, Any]
Document = dict[str, Any]

COUNTER_TEXT = "Clicks: {count}"


def counter(count: int) -> Document:
    """The drawing of a form: a counter, fields, and the buttons that submit them."""
    return {
        "type": "Column",
        "controls": [
            {"type": "Text", "value": COUNTER_TEXT.format(count=count)},
            {"type": "TextField", "key": "why", "label": "Why"},
            {"type": "Slider", "key": "share", "min": 0, "max": 100, "value": 20},
            {"type": "Switch", "label": "Loud", "on_change": "toggle"},
            {"type": "FilledButton", "content": "Add", "on_click": "add", "data": 1},
            {"type": "TextButton", "content": "Check", "on_click": "check"},
        ],
    }


def counter_view(count: int) -> Answer:
    """The view of the form."""
    return {"name": "counter", "state": {"count": count}, "drawing": counter(count)}


class ViewBot:
    """Answers actions with `answer(event)`, until the block ends."""

    def __init__(self, chat: ChatServer, secret: str) -> None:
        self._url = chat.url.rstrip("/")
        self._headers = {"authorization": f"Bearer {secret}"}
        self._events = EventClient(self._url, secret)
        self.events = list[Event]()
        self.statuses = list[int]()

    async def posts(self, text: str, view: Answer, room: str = "lobby") -> int:
        """Post a message with a view; returns its number."""
        async with http_client(base_url=f"{self._url}/api", headers=self._headers) as http:
            body = {"text": text, "view": view}
            response = await http.post(f"/rooms/{room}/messages", json=body)
            response.raise_for_status()
            number: int = response.json()["number"]
            return number

    async def deletes(self, number: int, room: str = "lobby") -> None:
        """Delete a message."""
        async with http_client(base_url=f"{self._url}/api", headers=self._headers) as http:
            (await http.delete(f"/rooms/{room}/messages/{number}")).raise_for_status()

    @asynccontextmanager
    async def running(self, answer: Callable[[Event], Answer | None]) -> AsyncIterator[None]:
        """Read actions and answer them; None is no answer."""
        ready = asyncio.Event()
        task = asyncio.create_task(self._run(answer, ready))
        await ready.wait()
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, answer: Callable[[Event], Answer | None], ready: asyncio.Event) -> None:
        async with (
            self._events.stream(types="action") as stream,
            http_client(base_url=f"{self._url}/api", headers=self._headers, timeout=60) as http,
        ):
            ready.set()
            while True:
                event = await stream.event()
                self.events.append(event)
                if (body := answer(event)) is None:
                    continue
                response = await http.post(f"/actions/{event['id']}", json=body)
                while response.status_code == 429:
                    await asyncio.sleep(float(response.headers["retry-after"]))
                    response = await http.post(f"/actions/{event['id']}", json=body)
                self.statuses.append(response.status_code)


class Counter:
    """The function of the form: it keeps the state that it wrote last."""

    def __init__(self) -> None:
        self.count = 0

    def answer(self, event: Event) -> Answer:
        """Count the clicks; refuse to add without a reason."""
        if event["action"] == "check" and not event["values"]["why"]:
            return {"errors": {"why": "Say why."}}
        self.count = max(self.count, event["state"]["count"])
        self.count += event["data"] or 0
        view = counter_view(self.count)
        text = COUNTER_TEXT.format(count=self.count)
        return {"say": f"{event['action']} is done.", "view": view, "text": text}
