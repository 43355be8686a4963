"""The guard of one connection: every frame is parsed once, with limits, before Flet gets it.

A frame of Flet is `[0x00][msgpack [action, body]]`: 1 REGISTER {session_id, page_name, page},
3 EVENT {target, name, data}, 4 SET {id, props}, 5 RESULT {control_id, call_id, result, error}.
Frames of the page script begin with 0x7f.
"""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

import msgpack
from flet.messaging.protocol import decode_ext_from_msgpack

from chat.ui.client.page_messages import PREFIX, PageEvent, RemovePrefixReply, parse_event
from chat.ui.flet.encoding import encode_control
from chat.ui.packing.control_ids import FIRST_ROW_ID
from chat.web.guard.permissions import packed_values
from chat.web.guard.rate_limit import (
    MESSAGE_TOO_BIG,
    POLICY_VIOLATION,
    PROTOCOL_ERROR,
    UNSUPPORTED_DATA,
    FrameRateLimit,
    ProtocolViolation,
)

FLET_PREFIX = b"\x00"

# In bytes. Three times the longest message, at four bytes a character.
MAX_FRAME_SIZE = 128 * 1024

# Levels of a value, entries of one list or dictionary, and parts in all. The deepest value that
# Flet's client sends has five levels.
MAX_DEPTH = 8
MAX_ITEMS = 256
MAX_NODES = 4096


# Seconds. A client that has not registered by then is disconnected.
REGISTER_TIMEOUT = 5.0

REGISTER, EVENT, SET, RESULT = 1, 3, 4, 5

_FIELDS = {
    REGISTER: {"session_id", "page_name", "page"},
    EVENT: {"target", "name", "data"},
    SET: {"id", "props"},
    RESULT: {"control_id", "call_id", "result", "error"},
}


Body = dict[str, Any]


class Permissions(Protocol):
    """The rights of a client over the session that it is connected to."""

    def may_resume(self, session_id: str) -> bool:
        """Whether the client may resume this session."""

    async def wait_for_release(self, session_id: str) -> None:
        """Wait, not for long, while another connection of this client holds this session."""

    def initial_page(self, page: Body) -> Body:
        """The properties of `page` that a client may set when it registers."""

    def settable(self, control_id: int, props: Body) -> Body:
        """The part of `props` that the client may set."""

    def may_fire(self, control_id: int, name: str, data: object) -> bool:
        """Whether the client may send this event."""

    def may_answer(self, control_id: int, result: object) -> bool:
        """Whether the client may return `result` from a call to this control."""


class FrameGuard:
    """Checks the frames of one connection, and routes those that are not for Flet.

    `on_event` gets the events of controls before Flet, and returns True for an event that it
    handles. `on_edit` gets the values of packed controls that a person has changed.
    `on_page_event` gets the events of the page script.
    """

    def __init__(
        self,
        permissions: Permissions,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._permissions = permissions
        self.on_event: Callable[[int, str, object], bool] = lambda control, name, data: False
        self.on_edit: Callable[[int, Body], None] = lambda control, values: None
        self.on_page_event: Callable[[PageEvent], None] = lambda event: None
        self._rate_limit = FrameRateLimit(clock=clock)
        self._last_set_control: int | None = None
        self._expected_replies: Counter[str] = Counter()
        self.is_registered = False

    def check(self, frame: bytes) -> bytes | None:
        """The frame without what is not allowed; None if nothing of it is for Flet.

        Raises ProtocolViolation.
        """
        if len(frame) > MAX_FRAME_SIZE:
            raise ProtocolViolation(MESSAGE_TOO_BIG, "a frame is too large")
        if frame.startswith(PREFIX):
            self._handle_page_frame(frame)
            return None
        if not frame.startswith(FLET_PREFIX):
            raise ProtocolViolation(UNSUPPORTED_DATA, "a frame of an unknown kind")
        action, body = parse_frame(frame[1:])
        self._count_frame(action, body)
        if (action == REGISTER) is self.is_registered:
            raise ProtocolViolation(
                POLICY_VIOLATION, "registered twice" if self.is_registered else "not registered"
            )
        return self._check_body(action, body, frame)

    def session_to_resume(self, frame: bytes) -> str:
        """The session that `frame` registers for; empty if there is none.

        Raises ProtocolViolation.
        """
        if self.is_registered or len(frame) > MAX_FRAME_SIZE or not frame.startswith(FLET_PREFIX):
            return ""
        action, body = parse_frame(frame[1:])
        session_id = body["session_id"] if action == REGISTER else None
        return session_id if isinstance(session_id, str) else ""

    async def wait_for_release(self, session_id: str) -> None:
        """Wait, not for long, while another connection of this client holds this session."""
        await self._permissions.wait_for_release(session_id)

    def expect_reply(self, call_id: str = "") -> None:
        """Exempt the reply to a call of the client, or of its page script, from the rate limit."""
        self._expected_replies[call_id] += 1

    def may_fire(self, target: int, name: str, data: object) -> bool:
        """Whether the client may still send this event of a control that Flet knows."""
        return self._permissions.may_fire(target, name, data)

    def _count_frame(self, action: int, body: Body) -> None:
        """Count a frame. The SET and the EVENT of a pressed key, of one field, count as one."""
        if action == RESULT:
            self._count_reply(str(body["call_id"]))
            return
        is_same_key = (
            action == EVENT
            and self._last_set_control is not None
            and body["target"] == self._last_set_control
        )
        self._last_set_control = body["id"] if action == SET else None
        if not is_same_key:
            self._rate_limit.consume()

    def _count_reply(self, call_id: str) -> None:
        if self._expected_replies[call_id] < 1:
            self._rate_limit.consume()
            return
        self._expected_replies[call_id] -= 1
        self._expected_replies += Counter()  # removes entries of 0

    def _handle_page_frame(self, frame: bytes) -> None:
        try:
            event = parse_event(frame)
        except ValueError as error:
            raise ProtocolViolation(PROTOCOL_ERROR, "a frame that makes no sense") from error
        if isinstance(event, RemovePrefixReply):
            self._count_reply("")
        else:
            self._rate_limit.consume()
        self.on_page_event(event)

    def _check_body(self, action: int, body: Body, frame: bytes) -> bytes | None:
        if action == REGISTER:
            return self._check_register(body)
        if action == SET:
            return self._check_set(body, frame)
        if action == EVENT:
            return self._check_event(body, frame)
        return self._check_result(body, frame)

    def _check_register(self, body: Body) -> bytes:
        session_id = body["session_id"]
        _require(session_id is None or _is_text(session_id, 64))
        _require(_is_text(body["page_name"], 256) and isinstance(body["page"], dict))
        if session_id and not self._permissions.may_resume(session_id):
            body["session_id"] = None
        body["page"] = self._permissions.initial_page(body["page"])
        self.is_registered = True
        return encode_frame(REGISTER, body)

    def _check_set(self, body: Body, frame: bytes) -> bytes | None:
        _require(_is_natural(body["id"]) and isinstance(body["props"], dict))
        # Flet does not know packed controls.
        if body["id"] >= FIRST_ROW_ID:
            if values := packed_values(body["props"]):
                self.on_edit(body["id"], values)
            return None
        allowed = self._permissions.settable(body["id"], body["props"])
        if not allowed:
            return None
        return (
            frame
            if len(allowed) == len(body["props"])
            else encode_frame(SET, {**body, "props": allowed})
        )

    def _check_event(self, body: Body, frame: bytes) -> bytes | None:
        _require(_is_natural(body["target"]) and _is_text(body["name"], 64))
        target, name = body["target"], body["name"]
        # Flet does not know packed controls.
        if target < FIRST_ROW_ID and not self._permissions.may_fire(target, name, body["data"]):
            return None
        if self.on_event(target, name, body["data"]) or target >= FIRST_ROW_ID:
            return None
        return frame

    def _check_result(self, body: Body, frame: bytes) -> bytes | None:
        _require(_is_natural(body["control_id"]) and _is_text(body["call_id"], 64))
        _require(body["error"] is None or _is_text(body["error"], MAX_FRAME_SIZE))
        return frame if self._permissions.may_answer(body["control_id"], body["result"]) else None


def parse_frame(payload: bytes) -> tuple[int, Body]:
    """The action and the body of a frame. Raises ProtocolViolation if it is malformed."""
    try:
        message = msgpack.unpackb(
            payload,
            ext_hook=decode_ext_from_msgpack,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_ITEMS,
            max_ext_len=64,
        )
    except Exception as error:  # msgpack and Flet's decoder raise many kinds
        raise ProtocolViolation(PROTOCOL_ERROR, "a frame that cannot be read") from error
    _require(isinstance(message, list) and len(message) == 2)
    action, body = message
    _require(type(action) is int and isinstance(body, dict))
    _require(_FIELDS.get(action) == body.keys())
    _require_bounded(body)
    return action, body


def encode_frame(action: int, body: Body) -> bytes:
    """A frame of Flet's protocol with this action and body."""
    return FLET_PREFIX + bytes(msgpack.packb([action, body], default=encode_control))


def _require_bounded(value: object) -> None:
    """Raises ProtocolViolation for a value that is too deep or has too many parts."""
    count = 0
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [part for each in level for part in _children(each)]
        count += len(level)
        _require(count <= MAX_NODES)
        if not level:
            return
    raise ProtocolViolation(PROTOCOL_ERROR, "a value is too deep")


def _children(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _is_text(value: object, max_length: int) -> bool:
    return isinstance(value, str) and len(value) <= max_length


def _is_natural(value: object) -> bool:
    return type(value) is int and value >= 0


def _require(condition: bool) -> None:
    if not condition:
        raise ProtocolViolation(PROTOCOL_ERROR, "a frame that makes no sense")
