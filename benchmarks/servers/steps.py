"""Steps from the tutorial's way to ours; each includes the steps before it.

`list` updates the list, not the page. `inline` has a PubSub hub without threads, whose handlers run
in order on the event loop. `isolated` has rows that Flet does not compare. `once` builds and packs
a row once, and sends the same bytes to all sessions.
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

STEPS = ("list", "inline", "isolated", "once")

# Control ids of rows begin here; each message has 16.
_FIRST_ROW_ID = 1 << 32

# Marks the place of packed bytes in Flet's queue, so that all frames keep their order.
_PLACEHOLDER = Frame(0, None)  # type: ignore[arg-type]
_PACKED_PLACEHOLDER = b"\x00\x92\x00"

_encode = configure_encode_object_for_msgpack(BaseControl)


class IsolatedMessage(ChatMessage):
    """A row that Flet does not compare, because it never changes."""

    def is_isolated(self) -> bool:
        """Exclude the row from Flet's comparison of the list."""
        return True


class PackedMessage:
    """A message whose row is built and packed once, with the same control ids in all sessions."""

    _numbers = itertools.count(1)

    def __init__(self, message: Message) -> None:
        row = ChatMessage(message)
        _assign_ids(row, itertools.count(_FIRST_ROW_ID + next(self._numbers) * 16))
        self.row: bytes = msgpack.packb(row, default=_encode)


def _assign_ids(control: BaseControl, ids: Iterator[int]) -> None:
    control._i = next(ids)
    inner = [getattr(control, "content", None), *(getattr(control, "controls", None) or [])]
    for each in inner:
        if isinstance(each, BaseControl):
            _assign_ids(each, ids)


class SubstitutingSocket(WebSocket):
    """A web socket that sends packed bytes in the place of their placeholders."""

    def __init__(self, socket: WebSocket) -> None:
        super().__init__(socket.scope, socket.receive, socket.send)
        self.packed_frames: deque[bytes] = deque()

    async def send_bytes(self, data: bytes) -> None:
        """Send a frame, or the packed frame that it stands for."""
        await super().send_bytes(
            self.packed_frames.popleft() if data.startswith(_PACKED_PLACEHOLDER) else data
        )


class InlineApp(ff.FletApp):
    """A session on a hub without threads, which all sessions share."""

    hub: PubSubHub | None = None

    def __init__(self, socket: SubstitutingSocket, main: Callable[[ft.Page], None]) -> None:
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


def make_main(step: str) -> Callable[[ft.Page], None]:
    """The page function of this step."""

    def main(page: ft.Page) -> None:
        name = page.route.rpartition("=")[2]
        chat = ft.ListView(expand=True, spacing=10, auto_scroll=True)
        rows = itertools.count()

        async def send(_: ft.Event[ft.TextField]) -> None:
            message = Message(name, field.value)
            page.pubsub.send_all(PackedMessage(message) if step == "once" else message)
            field.value = ""
            field.update()
            await field.focus()

        def add(message: Message) -> None:
            row_type = ChatMessage if step in {"list", "inline"} else IsolatedMessage
            chat.controls.append(row_type(message))
            chat.update()

        def send_packed(packed: PackedMessage) -> None:
            app = page.session.connection
            assert isinstance(app, InlineApp)
            app.socket.packed_frames.append(_row_patch(chat._i, next(rows), packed.row))
            app.send_message(_PLACEHOLDER)

        field = ft.TextField(hint_text="Write a message…", shift_enter=True, expand=True)
        field.on_submit = send
        page.pubsub.subscribe(send_packed if step == "once" else add)
        page.add(chat, ft.Row([field, ft.IconButton(icon=ft.Icons.SEND_ROUNDED)]))

    return main


def _row_patch(list_id: int, index: int, row: bytes) -> bytes:
    """The frame that adds a row to a list; the first row sets the whole list."""
    header: bytes = b"\x00\x92\x02\x82\xa2id" + msgpack.packb(list_id) + b"\xa5patch\x92"
    if index == 0:
        return header + b"\x91\x00\x94\x00\x00\xa8controls\x91" + row
    position: bytes = msgpack.packb(index)
    return header + b"\x92\x00\x81\xa8controls\x91\x01\x94\x01\x01" + position + row


def create_app(step: str) -> Any:
    """The ASGI application of this step."""
    main = make_main(step)
    if step == "list":
        return ff.app(main, no_cdn=True)
    app = ff.FastAPI()

    @app.websocket("/ws")
    async def serve(websocket: WebSocket) -> None:
        socket = SubstitutingSocket(websocket)
        await InlineApp(socket, main).handle(socket)

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(sys.argv[3]),
        port=int(sys.argv[1]),
        loop=sys.argv[2],
        log_level="error",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
    )
