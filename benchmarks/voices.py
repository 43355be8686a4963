"""How one person speaks to each kind of server: the bytes to come in, to answer and to say."""

import json
from typing import Any, Protocol

import msgpack

from benchmarks import wire
from tests.harness.client import browser_page

# Flet's wire: [0x00][msgpack [action, body]].
_REGISTER, _EVENT, _SET, _INVOKE = 1, 3, 4, 5

# How a frame begins with which the server calls a method of the client and waits for its result.
_CALLS = bytes([0, 0x92, _INVOKE])

# How the server asks the page's script to take a text out of the field.
_CUT = b"\x7fc"

_HINT = "Write a message…"


class Voice(Protocol):
    """One person's side of the protocol."""

    path: str
    ready: bool

    def headers(self) -> dict[str, str]:
        """What the opening request says beside the ordinary."""

    def begins(self) -> bytes:
        """The frames that are sent as soon as the socket is open."""

    def hears(self, payload: bytes) -> bytes:
        """Take what is no delivery; return the frames that answer it."""

    def says(self, text: str) -> bytes:
        """The frames that post `text`."""


class Plain:
    """The bare socket: what is sent is what everyone gets."""

    path = "/ws"

    def __init__(self, name: str) -> None:
        self.ready = False
        self._name = name

    def headers(self) -> dict[str, str]:
        return {}

    def begins(self) -> bytes:
        self.ready = True
        return b""

    def hears(self, payload: bytes) -> bytes:
        return b""

    def says(self, text: str) -> bytes:
        said = json.dumps({"name": self._name, "text": text})
        return wire.frame(wire.BINARY, said.encode())


class SocketIo:
    """Engine.IO 4 and Socket.IO 5, straight on a web socket."""

    path = "/socket.io/?EIO=4&transport=websocket"

    def __init__(self, name: str) -> None:
        self.ready = False
        self._name = name

    def headers(self) -> dict[str, str]:
        return {}

    def begins(self) -> bytes:
        return b""

    def hears(self, payload: bytes) -> bytes:
        if payload[:1] == b"0":
            return wire.frame(wire.TEXT, b"40")
        if payload[:2] == b"40":
            self.ready = True
        return wire.frame(wire.TEXT, b"3") if payload == b"2" else b""

    def says(self, text: str) -> bytes:
        said = json.dumps(["say", {"name": self._name, "text": text}])
        return wire.frame(wire.TEXT, b"42" + said.encode())


class Flet:
    """Flet 1.0.5: register, find the field to write in, fill it and press Enter."""

    path = "/ws"

    def __init__(self, route: str, cookie: str = "") -> None:
        self.ready = False
        self._route = route
        self._cookie = cookie
        self._field = 0

    def headers(self) -> dict[str, str]:
        return {"Cookie": self._cookie} if self._cookie else {}

    def begins(self) -> bytes:
        page = browser_page(self._route, 1280.0, 800.0)
        return _flet(_REGISTER, {"session_id": None, "page_name": "", "page": page})

    def hears(self, payload: bytes) -> bytes:
        if payload.startswith(_CALLS):
            return _result_of(payload)
        if not self.ready:
            self._field = _field_in(_unpacked(payload)) or 0
            self.ready = bool(self._field)
        return b""

    def says(self, text: str) -> bytes:
        submits = _flet(_EVENT, {"target": self._field, "name": "submit", "data": text})
        return self._types(text) + submits

    def _types(self, text: str) -> bytes:
        return _flet(_SET, {"id": self._field, "props": {"value": text}})


class Talker(Flet):
    """A person in a browser of ours, where the page's script sends what stood in the field at
    Enter, and takes it out of there when it is asked to.

    (Of two messages that come at once, a server without a script sees the second one only.)
    """

    def begins(self) -> bytes:
        return _script(b"h") + super().begins()

    def hears(self, payload: bytes) -> bytes:
        if payload.startswith(_CUT):
            changes = _flet(_EVENT, {"target": self._field, "name": "change", "data": ""})
            return self._types("") + changes + _script(b"y")
        return super().hears(payload)

    def says(self, text: str) -> bytes:
        return self._types(text) + _script(b"s" + text.encode())


def _script(said: bytes) -> bytes:
    return wire.frame(wire.BINARY, b"\x7f" + said)


def _flet(action: int, body: Any) -> bytes:
    return wire.frame(wire.BINARY, b"\x00" + msgpack.packb([action, body]))


def _unpacked(payload: bytes) -> Any:
    return msgpack.unpackb(payload[1:], strict_map_key=False) if payload[:1] == b"\x00" else None


def _result_of(payload: bytes) -> bytes:
    _, body = _unpacked(payload)
    call = {"control_id": body["control_id"], "call_id": body["call_id"]}
    return _flet(_INVOKE, {**call, "result": None, "error": None})


def _field_in(value: Any) -> int | None:
    """The id of the field that messages are written in."""
    if isinstance(value, dict):
        if value.get("_c") == "TextField" and value.get("hint_text") == _HINT:
            return int(value["_i"])
        value = list(value.values())
    if isinstance(value, list):
        return next((found for each in value if (found := _field_in(each))), None)
    return None
