"""A client that records the frames of Flet and of the chat, identical in every process.

Flet numbers its controls by a counter of the process. The recording numbers them in the order in
which a drawing names them instead. The ids of packed controls stay as they are.
"""

import asyncio
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from unittest.mock import patch

import flet as ft
import msgpack
from flet.controls.base_control import BaseControl
from flet.messaging.connection import Connection
from flet.messaging.protocol import Message, MessageAction, configure_encode_object_for_msgpack
from flet.messaging.session import Session
from flet.pubsub import PubSubHub

from chat.people.presence import Visibility
from chat.ui.client.connection import ClientConnection, EventListener
from chat.ui.client.list_keys import KeyArea
from chat.ui.client.notification_state import NotificationState
from tests.harness.client import PATCH, page_properties
from tests.harness.control_tree import ControlTree

# The time of the frozen clock: a Thursday.
NOW = datetime(2026, 10, 15, 9, 41, 30, tzinfo=UTC)

# Flet's own counter gives ids below this; the ids of packed controls are above it.
_FIRST_PACKED_ID = 1 << 27

_encode = configure_encode_object_for_msgpack(BaseControl)


class _FrozenDatetime(datetime):
    """A `datetime` whose `now` is always the same."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "_FrozenDatetime":
        local = NOW.astimezone(tz)
        return cls.combine(local.date(), local.timetz())


@contextmanager
def frozen_clock() -> Iterator[None]:
    """Freeze the clock at `NOW` in all imported modules of the chat, and set the zone to UTC."""
    package = ClientConnection.__module__.partition(".")[0]
    with ExitStack() as stack:
        stack.callback(_set_zone)
        stack.enter_context(patch.dict(os.environ, TZ="UTC"))
        _set_zone()
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] == package and vars(module).get("datetime") is datetime:
                stack.enter_context(patch.object(module, "datetime", _FrozenDatetime))
        yield


def _set_zone() -> None:
    """Set the machine's zone from the environment, where the system supports it."""
    if sys.platform != "win32":
        time.tzset()


class Client(Connection):
    """A client on a socket of Flet: it records the frames of Flet."""

    def __init__(self, hub: PubSubHub | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.loop = asyncio.get_running_loop()
        self.pubsubhub = hub or PubSubHub(loop=self.loop)
        self.frames: list[bytes] = []
        self._screen: dict[str, Any] = {}
        self._unapplied: list[bytes] = []
        self._tree = ControlTree()
        self.session = Session(self)
        self.page = self.session.page

    def open(self, route: str = "/", width: float = 1280) -> "Client":
        """Register as a browser does, and record the frames from then on."""
        self.session.apply_page_patch(page_properties(route, width, 800.0))
        self._screen = _unpacked(_packed(self.session.get_page_patch()))
        self._tree.register(self._screen)
        return self

    @property
    def screen(self) -> dict[str, Any]:
        """The tree of controls that the client shows now."""
        unapplied, self._unapplied = self._unapplied, []
        for frame in unapplied:
            action, body = _unpacked(frame[1:])
            if action == PATCH and (root := self._tree.controls_by_id.get(body["id"])) is not None:
                self._tree.apply_patch(root, body["patch"])
        return self._screen

    def show(self, *controls: ft.Control) -> "Client":
        """Put controls on the page, and record the frames from then on."""
        self.page.controls = list(controls)
        self.page.update()
        self.frames.clear()
        return self

    def send_message(self, message: Message) -> None:
        """Record a message of Flet. A call of the client is answered with None."""
        if message.action is MessageAction.INVOKE_METHOD:
            result = (message.body.control_id, message.body.call_id, None, None)
            self.loop.call_soon(self.session.handle_invoke_method_results, *result)
            return
        self.record(b"\x00" + _packed([message.action, message.body]))

    def record(self, frame: bytes) -> None:
        """Record a frame of Flet or of the chat."""
        self.frames.append(frame)
        self._unapplied.append(frame)


class PackedClient(Client, ClientConnection):
    """A client on the chat's own socket: it records the packed frames, too."""

    @property
    def busy(self) -> bool:
        return False

    def send_frame(self, *parts: bytes) -> None:
        self.record(b"".join(parts))

    def try_send(self, frame: bytes) -> bool:
        self.record(frame)
        return True

    def when_idle(self, call: Callable[[], None]) -> None:
        call()

    def set_listener(self, listener: EventListener | None, *, is_stranger: bool = False) -> None:
        pass

    async def remove_prefix(self, client_id: str, text: str) -> bool:
        return False

    def settle_send(self, client_id: str) -> None:
        pass

    def press_send(self, text: str) -> bool:
        return False

    def report_context(
        self, path: str, edited: int, quoted: int, uploads: Sequence[str] | None
    ) -> None:
        pass

    def answer_back(self, *, has_closed: bool) -> None:
        pass

    def replace_path(self, path: str) -> None:
        pass

    def forget_keys(self) -> None:
        pass

    def replace_text(self, at: int, old: str, new: str) -> bool:
        return False

    def replace_input_text(self, at: int, old: str, new: str) -> bool:
        return False

    def select_input_text(self) -> bool:
        return False

    @property
    def visibility(self) -> Visibility:
        return Visibility.ACTIVE

    @property
    def notification_state(self) -> NotificationState:
        return NotificationState.UNSUPPORTED

    def capture_completion_keys(self, on: bool) -> None:
        pass

    def capture_choice_keys(self, on: bool) -> None:
        """The page reports keys of its own accord only."""

    def capture_list_arrows(self, on: bool) -> None:
        pass

    def capture_list_keys(self, area: KeyArea) -> bool:
        return True

    def announce(self, text: str) -> None:
        pass

    def focus_field(self, *, allow_virtual_keyboard: bool = True) -> bool:
        return True

    def notify(self, title: str, body: str, path: str, tag: str, sound: bool) -> None:
        pass

    def close_notifications(self, tags: Sequence[str], *, close_others: bool = False) -> None:
        pass

    def switch_notifications(self, enabled: bool) -> None:
        pass

    def show_unread(self, count: int) -> None:
        pass

    def set_preferences(self, theme: str, send_key: str) -> None:
        pass

    def pick_files(self) -> bool:
        return False

    def accept_files(self, on: bool) -> None:
        pass

    def send_file(self, number: int, address: str) -> None:
        pass

    def forget_file(self, number: int) -> None:
        pass

    def save_file(self, address: str) -> bool:
        return False


class Drawings:
    """The drawings by name: bytes that are the same in every process."""

    def __init__(self) -> None:
        self.packed: dict[str, bytes] = {}

    def add(self, name: str, client: Client) -> None:
        """Add a drawing: the frames that a client received since the last call."""
        assert client.frames, f"{name} drew no frame"
        self._add(name, [_unpacked(each[1:]) for each in client.frames])
        client.frames.clear()

    def add_screen(self, name: str, client: Client) -> None:
        """Add a drawing: the whole screen of a client."""
        self._add(name, client.screen)

    def _add(self, name: str, drawing: Any) -> None:
        assert name not in self.packed, f"two drawings have the name {name}"
        self.packed[name] = msgpack.packb(_IdNormaliser().value(drawing))

    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each drawing."""
        return {name: hashlib.sha256(packed).hexdigest() for name, packed in self.packed.items()}

    def dump(self, folder: Path) -> None:
        """Write each drawing as JSON into a folder."""
        for name, packed in self.packed.items():
            path = folder / f"{name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_readable(_unpacked(packed)), "utf-8")


class _IdNormaliser:
    """Replaces Flet's own ids in a drawing."""

    def __init__(self) -> None:
        self._new_ids: dict[int, int] = {}

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, dict):
            ids = {"_i", "id"} if "patch" in value else {"_i"}
            return {
                key: self._id(each) if key in ids and isinstance(each, int) else self.value(each)
                for key, each in sorted(value.items(), key=lambda item: str(item[0]))
                # (The id of Flet's service registry, which differs in each session.)
                if key != "uid"
            }
        return value

    def _id(self, number: int) -> int:
        if number >= _FIRST_PACKED_ID:
            return number
        return self._new_ids.setdefault(number, len(self._new_ids))


def _packed(value: Any) -> bytes:
    return bytes(msgpack.packb(value, default=_encode))


def _unpacked(packed: bytes) -> Any:
    return msgpack.unpackb(packed, strict_map_key=False)


def _readable(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=repr) + "\n"


def before(**ago: float) -> datetime:
    """A time before `NOW`."""
    return NOW - timedelta(**ago)
