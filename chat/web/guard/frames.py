"""What a client may send: every frame is read once, with limits, before Flet sees it.

A frame is `[0x00][msgpack [action, body]]`: 1 REGISTER {session_id, page_name, page}, 3 EVENT
{target, name, data}, 4 SET {id, props}, 5 RESULT {control_id, call_id, result, error}. Frames that
begin with 0x7f are the page's own script's.
"""

import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

import msgpack
from flet.messaging.protocol import decode_ext_from_msgpack

from chat.ui.packing.control_ids import FIRST_ID, encode
from chat.web.guard.file_offers import parse_file_offer
from chat.web.guard.rate_limit import AGAINST_RULES, NONSENSE, TOO_LARGE, WRONG_KIND, Pace, Refused

FLET = b"\x00"
SCRIPT = b"\x7f"

# In bytes. The longest message, four bytes a character, fits three times.
FRAME = 128 * 1024

# How deep and how large a value may be: the deepest that Flet's client sends has five levels.
DEPTH = 8
ITEMS = 256
NODES = 4096


# A client that does not register in this time, in seconds, is none.
SILENCE = 5.0

REGISTER, EVENT, SET, RESULT = 1, 3, 4, 5

_FIELDS = {
    REGISTER: {"session_id", "page_name", "page"},
    EVENT: {"target", "name", "data"},
    SET: {"id", "props"},
    RESULT: {"control_id", "call_id", "result", "error"},
}

# What the page's script says (`script.py` hears it): words without more, `s` with a text, some with
# places in the field, `o` with a path of the chat's own, `f` with files that were chosen, and the
# answers yes and no.
_KNOWN = frozenset(b"h u x k ? m l v b i a0 a1 gu gd gx lu ld ru rd wu wd".split())
_WITH_TEXT = b"s"
_WITH_PLACE = re.compile(rb"g[et]\d{1,6} |p\d{1,6} \d{1,6}\Z")
_OPEN = b"o"
_FILES = b"f"
_YES_OR_NO = {b"y", b"n"}

# In characters.
_PATH = 200


Body = dict[str, Any]


class Rights(Protocol):
    """What a client may do to the session that it is connected to."""

    def attaches(self, session: str) -> bool:
        """Whether it may go on with this session."""

    def page_told(self, page: Body) -> Body:
        """What of its page a client that registers may tell."""

    def sets(self, control: int, props: Body) -> Body:
        """What of `props` it may set."""

    def triggers(self, control: int, name: str, data: object) -> bool:
        """Whether this event may have happened."""

    def answers(self, control: int, result: object) -> bool:
        """Whether it may answer a call to this control so."""


class Guard:
    """Reads the frames of one connection; `touch` hears events first, and says if it took one."""

    def __init__(self, rights: Rights, clock: Callable[[], float] = time.monotonic) -> None:
        self._rights = rights
        self.touch: Callable[[int, str, object], bool] = lambda control, name, data: False
        self._pace = Pace(clock)
        self._was_set: int | None = None
        self._asked: Counter[str] = Counter()
        self.registered = False

    def check(self, frame: bytes) -> bytes | None:
        """The frame as Flet may have it, None to drop it. Raises Refused."""
        if len(frame) > FRAME:
            raise Refused(TOO_LARGE, "a frame is too large")
        if frame.startswith(SCRIPT):
            return self._script(frame)
        if not frame.startswith(FLET):
            raise Refused(WRONG_KIND, "a frame of an unknown kind")
        action, body = read(frame[1:])
        self._count(action, body)
        if (action == REGISTER) is self.registered:
            raise Refused(
                AGAINST_RULES, "registered twice" if self.registered else "not registered"
            )
        return self._checked(action, body, frame)

    def asked(self, call: str = "") -> None:
        """The client was called, or its script was asked: the answer does not count."""
        self._asked[call] += 1

    def _count(self, action: int, body: Body) -> None:
        """A key that is pressed is a SET and an EVENT of one field: they count as one."""
        if action == RESULT:
            self._count_answer(str(body["call_id"]))
            return
        follows = action == EVENT and self._was_set is not None and body["target"] == self._was_set
        self._was_set = body["id"] if action == SET else None
        if not follows:
            self._pace.count()

    def _count_answer(self, call: str) -> None:
        if self._asked[call] < 1:
            self._pace.count()
            return
        self._asked[call] -= 1
        self._asked += Counter()  # lets go of what is 0

    def _script(self, frame: bytes) -> bytes:
        said = frame[1:]
        if said in _YES_OR_NO:
            self._count_answer("")
            return frame
        with_more = said.startswith(_WITH_TEXT) or _WITH_PLACE.match(said) is not None
        _need(said in _KNOWN or with_more or _opens(said) or _offers(said))
        self._pace.count()
        return frame

    def _checked(self, action: int, body: Body, frame: bytes) -> bytes | None:
        if action == REGISTER:
            return self._register(body)
        if action == SET:
            return self._set(body, frame)
        if action == EVENT:
            return self._event(body, frame)
        return self._result(body, frame)

    def _register(self, body: Body) -> bytes:
        session = body["session_id"]
        _need(session is None or _is_text(session, 64))
        _need(_is_text(body["page_name"], 256) and isinstance(body["page"], dict))
        if session and not self._rights.attaches(session):
            body["session_id"] = None
        body["page"] = self._rights.page_told(body["page"])
        self.registered = True
        return packed(REGISTER, body)

    def _set(self, body: Body, frame: bytes) -> bytes | None:
        _need(_is_number(body["id"]) and isinstance(body["props"], dict))
        kept = self._rights.sets(body["id"], body["props"])
        if not kept:
            return None
        return frame if len(kept) == len(body["props"]) else packed(SET, {**body, "props": kept})

    def _event(self, body: Body, frame: bytes) -> bytes | None:
        _need(_is_number(body["target"]) and _is_text(body["name"], 64))
        target, name = body["target"], body["name"]
        # Of packed controls Flet does not know.
        if target < FIRST_ID and not self._rights.triggers(target, name, body["data"]):
            return None
        if self.touch(target, name, body["data"]) or target >= FIRST_ID:
            return None
        return frame

    def _result(self, body: Body, frame: bytes) -> bytes | None:
        _need(_is_number(body["control_id"]) and _is_text(body["call_id"], 64))
        _need(body["error"] is None or _is_text(body["error"], FRAME))
        return frame if self._rights.answers(body["control_id"], body["result"]) else None


def read(packed: bytes) -> tuple[int, Body]:
    """The action and the body of a frame. Raises Refused for anything that is not one."""
    try:
        message = msgpack.unpackb(
            packed,
            ext_hook=decode_ext_from_msgpack,
            max_array_len=ITEMS,
            max_map_len=ITEMS,
            max_ext_len=64,
        )
    except Exception as failure:  # of whatever kind: msgpack and Flet's own decoder raise many
        raise Refused(NONSENSE, "a frame that cannot be read") from failure
    _need(isinstance(message, list) and len(message) == 2)
    action, body = message
    _need(type(action) is int and isinstance(body, dict))
    _need(_FIELDS.get(action) == body.keys())
    _measure(body)
    return action, body


def packed(action: int, body: Body) -> bytes:
    """A frame for Flet."""
    return FLET + bytes(msgpack.packb([action, body], default=encode))


def _measure(value: object) -> None:
    """Raises Refused for a value that is too deep or has too many parts."""
    parts = 0
    level = [value]
    for _ in range(DEPTH):
        level = [part for each in level for part in _parts(each)]
        parts += len(level)
        _need(parts <= NODES)
        if not level:
            return
    raise Refused(NONSENSE, "a value is too deep")


def _parts(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _opens(said: bytes) -> bool:
    """Whether the script says that a notification was clicked which leads to a path of ours."""
    try:
        path = said.removeprefix(_OPEN).decode()
    except UnicodeDecodeError:
        return False
    right = path.startswith("/") and "//" not in path and len(path) <= _PATH
    return said.startswith(_OPEN) and right


def _offers(said: bytes) -> bool:
    """Whether the script says that files were chosen, or that one of them cannot be sent."""
    return said.startswith(_FILES) and parse_file_offer(said[1:]) is not None


def _is_text(value: object, length: int) -> bool:
    return isinstance(value, str) and len(value) <= length


def _is_number(value: object) -> bool:
    return type(value) is int and value >= 0


def _need(right: bool) -> None:
    if not right:
        raise Refused(NONSENSE, "a frame that makes no sense")
