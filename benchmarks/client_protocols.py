"""The client side of each server's protocol: the frames to connect, to reply and to post."""

import json
import secrets
from typing import Any, Protocol

import msgpack

from benchmarks.websocket_frames import BINARY, TEXT, encode_frame
from chat.ui.client.page_messages import (
    PageEvent,
    PageReady,
    RemovePrefix,
    RemovePrefixReply,
    SendKey,
    encode_command,
    encode_event,
)
from tests.harness.client import EVENT, INVOKE, REGISTER, SET, page_properties

# The first bytes of a Flet frame that calls a method of the client and waits for its result.
_INVOKE_PREFIX = bytes([0, 0x92, INVOKE])

# The first bytes of each command of this kind: those of the shortest one without its texts.
_REMOVE_PREFIX_COMMAND = encode_command(RemovePrefix("", "")).rstrip()

_FIELD_HINT = ("hint_text", "Write a message…")
_NAME_LABEL = ("label", "Enter your name to join the chat")


class ClientProtocol(Protocol):
    """The protocol of one client; frames are masked WebSocket frames, ready to be sent."""

    path: str
    is_ready: bool

    def headers(self) -> dict[str, str]:
        """Headers of the opening request, besides those of every WebSocket client."""

    def opening_frames(self) -> bytes:
        """The frames to send as soon as the web socket is open."""

    def handle(self, payload: bytes) -> bytes:
        """The frames that answer a payload without messages; sets `is_ready` when it may post."""

    def post_frames(self, text: str) -> bytes:
        """The frames that post `text`."""


class PlainProtocol:
    """A bare web socket: the server sends what it receives to all clients."""

    path = "/ws"

    def __init__(self, name: str) -> None:
        self.is_ready = False
        self._name = name

    def headers(self) -> dict[str, str]:
        return {}

    def opening_frames(self) -> bytes:
        self.is_ready = True
        return b""

    def handle(self, payload: bytes) -> bytes:
        return b""

    def post_frames(self, text: str) -> bytes:
        message = json.dumps({"name": self._name, "text": text})
        return encode_frame(BINARY, message.encode())


class SocketIoProtocol:
    """Socket.IO 5 on Engine.IO 4, with WebSocket as the only transport."""

    path = "/socket.io/?EIO=4&transport=websocket"

    def __init__(self, name: str) -> None:
        self.is_ready = False
        self._name = name

    def headers(self) -> dict[str, str]:
        return {}

    def opening_frames(self) -> bytes:
        return b""

    def handle(self, payload: bytes) -> bytes:
        if payload[:1] == b"0":
            return encode_frame(TEXT, b"40")
        if payload[:2] == b"40":
            self.is_ready = True
        return encode_frame(TEXT, b"3") if payload == b"2" else b""

    def post_frames(self, text: str) -> bytes:
        message = json.dumps(["post", {"name": self._name, "text": text}])
        return encode_frame(TEXT, b"42" + message.encode())


class FletProtocol:
    """Flet 1.0.5: register, press Enter in the dialog that has the name of the address, find the
    message field, fill it and press Enter."""

    path = "/ws"

    def __init__(self, route: str, cookie: str = "") -> None:
        self.is_ready = False
        self._route = route
        self._cookie = cookie
        self._field_id = 0

    def headers(self) -> dict[str, str]:
        return {"Cookie": self._cookie} if self._cookie else {}

    def opening_frames(self) -> bytes:
        page = page_properties(self._route, 1280.0, 800.0)
        return flet_frame(REGISTER, {"session_id": None, "page_name": "", "page": page})

    def handle(self, payload: bytes) -> bytes:
        if payload.startswith(_INVOKE_PREFIX):
            return _result_frame(payload)
        if not self.is_ready:
            frame = _unpack(payload)
            self._field_id = _find_field_id(frame, *_FIELD_HINT) or 0
            self.is_ready = bool(self._field_id)
            if name_field_id := _find_field_id(frame, *_NAME_LABEL):
                return flet_frame(EVENT, {"target": name_field_id, "name": "submit", "data": None})
        return b""

    def post_frames(self, text: str) -> bytes:
        submit = flet_frame(EVENT, {"target": self._field_id, "name": "submit", "data": text})
        return self._fill_frame(text) + submit

    def _fill_frame(self, text: str) -> bytes:
        return flet_frame(SET, {"id": self._field_id, "props": {"value": text}})


class PageScriptProtocol(FletProtocol):
    """Flet with the page script, as in a browser of this chat.

    The script sends the text of the field with the key, and removes it when the chat commands
    that. Without the script, a chat loses the first of two messages that arrive together.
    """

    def opening_frames(self) -> bytes:
        return _event_frame(PageReady()) + super().opening_frames()

    def handle(self, payload: bytes) -> bytes:
        if payload.startswith(_REMOVE_PREFIX_COMMAND):
            change = flet_frame(EVENT, {"target": self._field_id, "name": "change", "data": ""})
            return self._fill_frame("") + change + _event_frame(RemovePrefixReply(True))
        return super().handle(payload)

    def post_frames(self, text: str) -> bytes:
        return self._fill_frame(text) + self.send_frame(text)

    def send_frame(self, text: str) -> bytes:
        """The frame of the key that sends this text; each has a client id of its own."""
        return _event_frame(SendKey(secrets.token_hex(16), 0, text))


def flet_frame(action: int, body: Any) -> bytes:
    """A WebSocket frame of Flet's protocol: a zero byte, then `[action, body]` in msgpack."""
    return encode_frame(BINARY, b"\x00" + msgpack.packb([action, body]))


def _event_frame(event: PageEvent) -> bytes:
    return encode_frame(BINARY, encode_event(event))


def _unpack(payload: bytes) -> Any:
    return msgpack.unpackb(payload[1:], strict_map_key=False) if payload[:1] == b"\x00" else None


def _result_frame(payload: bytes) -> bytes:
    _, body = _unpack(payload)
    reply = {"control_id": body["control_id"], "call_id": body["call_id"]}
    return flet_frame(INVOKE, {**reply, "result": None, "error": None})


def _find_field_id(value: Any, name: str, text: str) -> int | None:
    """The control id of the field whose property `name` is `text`; None if a frame lacks it."""
    if isinstance(value, dict):
        if value.get("_c") == "TextField" and value.get(name) == text:
            return int(value["_i"])
        value = list(value.values())
    if isinstance(value, list):
        return next((found for each in value if (found := _find_field_id(each, name, text))), None)
    return None
