"""How one person speaks to each kind of server: the bytes to come in, to answer and to say."""

import json
from typing import Any, Protocol

import msgpack

from benchmarks.websocket_frames import BINARY, TEXT, encode_frame
from tests.harness.client import page_properties

# Flet's wire: [0x00][msgpack [action, body]].
_REGISTER, _EVENT, _SET, _INVOKE = 1, 3, 4, 5

# How a frame begins with which the server calls a method of the client and waits for its result.
_INVOKE_PREFIX = bytes([0, 0x92, _INVOKE])

# How the server asks the page's script to take a text out of the field.
_REMOVE_TEXT_PREFIX = b"\x7fc"

_FIELD_HINT = "Write a message…"


class ClientProtocol(Protocol):
    """One person's side of the protocol."""

    path: str
    is_ready: bool

    def headers(self) -> dict[str, str]:
        """What the opening request says beside the ordinary."""

    def opening_frames(self) -> bytes:
        """The frames that are sent as soon as the socket is open."""

    def handle(self, payload: bytes) -> bytes:
        """Take what is no delivery; return the frames that answer it."""

    def post_frames(self, text: str) -> bytes:
        """The frames that post `text`."""


class PlainProtocol:
    """The bare socket: what is sent is what everyone gets."""

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
    """Engine.IO 4 and Socket.IO 5, straight on a web socket."""

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
    """Flet 1.0.5: register, find the field to write in, fill it and press Enter."""

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
        return _flet_frame(_REGISTER, {"session_id": None, "page_name": "", "page": page})

    def handle(self, payload: bytes) -> bytes:
        if payload.startswith(_INVOKE_PREFIX):
            return _result_frame(payload)
        if not self.is_ready:
            self._field_id = _find_field_id(_unpack(payload)) or 0
            self.is_ready = bool(self._field_id)
        return b""

    def post_frames(self, text: str) -> bytes:
        submit = _flet_frame(_EVENT, {"target": self._field_id, "name": "submit", "data": text})
        return self._fill_frame(text) + submit

    def _fill_frame(self, text: str) -> bytes:
        return _flet_frame(_SET, {"id": self._field_id, "props": {"value": text}})


class PageScriptProtocol(FletProtocol):
    """A person in a browser of ours, where the page's script sends what stood in the field at
    Enter, and takes it out of there when it is asked to.

    (Of two messages that come at once, a server without a script sees the second one only.)
    """

    def opening_frames(self) -> bytes:
        return _script_frame(b"h") + super().opening_frames()

    def handle(self, payload: bytes) -> bytes:
        if payload.startswith(_REMOVE_TEXT_PREFIX):
            change = _flet_frame(_EVENT, {"target": self._field_id, "name": "change", "data": ""})
            return self._fill_frame("") + change + _script_frame(b"y")
        return super().handle(payload)

    def post_frames(self, text: str) -> bytes:
        return self._fill_frame(text) + _script_frame(b"s" + text.encode())


def _script_frame(payload: bytes) -> bytes:
    return encode_frame(BINARY, b"\x7f" + payload)


def _flet_frame(action: int, body: Any) -> bytes:
    return encode_frame(BINARY, b"\x00" + msgpack.packb([action, body]))


def _unpack(payload: bytes) -> Any:
    return msgpack.unpackb(payload[1:], strict_map_key=False) if payload[:1] == b"\x00" else None


def _result_frame(payload: bytes) -> bytes:
    _, body = _unpack(payload)
    reply = {"control_id": body["control_id"], "call_id": body["call_id"]}
    return _flet_frame(_INVOKE, {**reply, "result": None, "error": None})


def _find_field_id(value: Any) -> int | None:
    """The id of the field that messages are written in."""
    if isinstance(value, dict):
        if value.get("_c") == "TextField" and value.get("hint_text") == _FIELD_HINT:
            return int(value["_i"])
        value = list(value.values())
    if isinstance(value, list):
        return next((found for each in value if (found := _find_field_id(each))), None)
    return None
