"""The steps from the tutorial's way to ours, each on top of the one before it.

`list`: update the list, not the page. `inline`: a hub without threads, whose handlers run in order
on the loop. `isolated`: rows that Flet need not compare. `once`: rows that are built and packed
once, and sent to everyone as the same bytes.
"""

import asyncio
import itertools
import sys
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import flet as ft
import flet_web.fastapi as ff
import msgpack
import uvicorn
from fastapi import WebSocket
from flet.controls.base_control import BaseControl
from flet.messaging.protocol import Message as Frame
from flet.messaging.protocol import configure_encode_object_for_msgpack
from flet.pubsub import PubSubHub

from benchmarks.servers.tutorial import ChatMessage, Message

WAYS = ("list", "inline", "isolated", "once")

# Ids from here on are a row's: 16 for each message.
_ROWS = 1 << 32

# Stands in Flet's queue for bytes that are ready, so that all frames keep one order.
_PLACE = Frame(0, None)  # type: ignore[arg-type]
_PACKED_PLACE = b"\x00\x92\x00"

_encode = configure_encode_object_for_msgpack(BaseControl)


class IsolatedMessage(ChatMessage):
    """A row that never changes by itself."""

    def is_isolated(self) -> bool:
        """Flet's comparison of the list stops here."""
        return True


class Packed:
    """A message whose row is built once, with ids that are the same in every session."""

    _numbers = itertools.count(1)

    def __init__(self, message: Message) -> None:
        row = ChatMessage(message)
        _number(row, itertools.count(_ROWS + next(self._numbers) * 16))
        self.row: bytes = msgpack.packb(row, default=_encode)


def _number(control: BaseControl, ids: Iterator[int]) -> None:
    control._i = next(ids)
    inner = [getattr(control, "content", None), *(getattr(control, "controls", None) or [])]
    for each in inner:
        if isinstance(each, BaseControl):
            _number(each, ids)


class Socket(WebSocket):
    """Puts the bytes that are ready where their place in the queue is."""

    def __init__(self, socket: WebSocket) -> None:
        super().__init__(socket.scope, socket.receive, socket.send)
        self.ready: deque[bytes] = deque()

    async def send_bytes(self, data: bytes) -> None:
        """Send a frame."""
        await super().send_bytes(self.ready.popleft() if data.startswith(_PACKED_PLACE) else data)


class InlineApp(ff.FletApp):
    """A session on the one hub that has no threads."""

    hub: PubSubHub | None = None

    def __init__(self, socket: Socket, main: Callable[[ft.Page], None]) -> None:
        self.socket = socket
        loop = asyncio.get_running_loop()
        InlineApp.hub = InlineApp.hub or PubSubHub(loop=loop)
        super().__init__(loop=loop, executor=ff.app_manager.executor, main=main, before_main=None)

    @property
    def pubsubhub(self) -> Any:
        """The hub of the process."""
        return InlineApp.hub

    @pubsubhub.setter
    def pubsubhub(self, _: Any) -> None:
        pass


def main_of(way: str) -> Callable[[ft.Page], None]:
    """The page of one person, in this way."""

    def main(page: ft.Page) -> None:
        name = page.route.rpartition("=")[2]
        chat = ft.ListView(expand=True, spacing=10, auto_scroll=True)
        rows = itertools.count()

        async def send(_: ft.Event[ft.TextField]) -> None:
            message = Message(name, field.value)
            page.pubsub.send_all(Packed(message) if way == "once" else message)
            field.value = ""
            field.update()
            await field.focus()

        def add(message: Message) -> None:
            kind = ChatMessage if way in {"list", "inline"} else IsolatedMessage
            chat.controls.append(kind(message))
            chat.update()

        def send_packed(packed: Packed) -> None:
            app = page.session.connection
            assert isinstance(app, InlineApp)
            app.socket.ready.append(_patch(chat._i, next(rows), packed.row))
            app.send_message(_PLACE)

        field = ft.TextField(hint_text="Write a message…", shift_enter=True, expand=True)
        field.on_submit = send
        page.pubsub.subscribe(send_packed if way == "once" else add)
        page.add(chat, ft.Row([field, ft.IconButton(icon=ft.Icons.SEND_ROUNDED)]))

    return main


def _patch(into: int, at: int, row: bytes) -> bytes:
    """The frame that adds a row; a list that was empty is set whole."""
    head: bytes = b"\x00\x92\x02\x82\xa2id" + msgpack.packb(into) + b"\xa5patch\x92"
    if at == 0:
        return head + b"\x91\x00\x94\x00\x00\xa8controls\x91" + row
    position: bytes = msgpack.packb(at)
    return head + b"\x92\x00\x81\xa8controls\x91\x01\x94\x01\x01" + position + row


def application(way: str) -> Any:
    """The application that uvicorn runs."""
    main = main_of(way)
    if way == "list":
        return ff.app(main, no_cdn=True)
    app = ff.FastAPI()

    @app.websocket("/ws")
    async def talk(websocket: WebSocket) -> None:
        socket = Socket(websocket)
        await InlineApp(socket, main).handle(socket)

    return app


if __name__ == "__main__":
    uvicorn.run(
        application(sys.argv[3]),
        port=int(sys.argv[1]),
        loop=sys.argv[2],
        log_level="error",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
    )
