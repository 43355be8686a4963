"""The kinds of values that a property of a drawn control may have."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from chat.drawings.limits import (
    LABEL_LIMIT,
    MAX_DATA_BYTES,
    NAME_LIMIT,
    TEXT_LIMIT,
    URL_LIMIT,
)


@dataclass(frozen=True, slots=True)
class ValueKind:
    """What a property may be: a sentence's end that says it, and the check."""

    description: str
    accepts: Callable[[Any], bool]


def is_number(value: object) -> bool:
    """A finite number, and not a boolean."""
    if type(value) is int:
        return abs(value) < 1 << 53
    return type(value) is float and math.isfinite(value)


def text(limit: int, *, allows_empty: bool = True) -> ValueKind:
    """A text of at most `limit` characters."""
    least = 0 if allows_empty else 1
    return ValueKind(
        f"a text of {least} to {limit} characters",
        lambda value: isinstance(value, str) and least <= len(value) <= limit,
    )


def number(least: float, most: float) -> ValueKind:
    """A number in this range."""
    return ValueKind(
        f"a number from {least:g} to {most:g}",
        lambda value: is_number(value) and least <= value <= most,
    )


def integer(least: int, most: int) -> ValueKind:
    """A whole number in this range."""
    return ValueKind(
        f"a whole number from {least} to {most}",
        lambda value: type(value) is int and least <= value <= most,
    )


def one_of(*values: str) -> ValueKind:
    """One of these words."""
    return ValueKind(
        "one of " + ", ".join(values), lambda value: isinstance(value, str) and value in values
    )


def list_of(kind: ValueKind, most: int) -> ValueKind:
    """A list of at most `most` values."""
    return ValueKind(
        f"a list of at most {most}, each {kind.description}",
        lambda value: (
            isinstance(value, list) and len(value) <= most and all(map(kind.accepts, value))
        ),
    )


_SIDES = {"left", "top", "right", "bottom"}
_COLOR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?|[a-zA-Z0-9]{2,40}(,(0?\.\d{1,3}|1|0))?")
_ICON = re.compile(r"[A-Z0-9_]{1,64}")
_NAME = re.compile(rf"[A-Za-z_][A-Za-z0-9_]{{0,{NAME_LIMIT - 1}}}")
_FILE = re.compile(r"[^/\\\x00-\x1f]{1,200}")


def _is_padding(value: object) -> bool:
    if isinstance(value, dict):
        return value.keys() <= _SIDES and all(map(_PIXELS.accepts, value.values()))
    return _PIXELS.accepts(value)


def _is_web_address(value: object) -> bool:
    if not isinstance(value, str) or len(value) > URL_LIMIT or not value.isprintable():
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in value


def _is_json(value: object) -> bool:
    try:
        return len(json.dumps(value, ensure_ascii=False).encode()) <= MAX_DATA_BYTES
    except (ValueError, TypeError, RecursionError):
        return False


def is_date(value: object) -> bool:
    """A day from 1900 on, as `2026-11-30`."""
    try:
        return isinstance(value, str) and len(value) == 10 and date.fromisoformat(value).year > 1899
    except ValueError:
        return False


def is_time(value: object) -> bool:
    """A time of day, as `09:41`."""
    try:
        return isinstance(value, str) and len(value) == 5 and bool(time.fromisoformat(value) or 1)
    except ValueError:
        return False


_PIXELS = number(0, 64)

TEXT = text(TEXT_LIMIT)
LABEL = text(LABEL_LIMIT)
SOME_LABEL = text(LABEL_LIMIT, allows_empty=False)
BOOL = ValueKind("true or false", lambda value: isinstance(value, bool))
PIXELS = _PIXELS
PADDING = ValueKind(
    "a number from 0 to 64, or such numbers for left, top, right, bottom", _is_padding
)
# The values of charts and sliders.
VALUE = number(-1e12, 1e12)
COLOR = ValueKind(
    "a colour, as primary or #3f51b5",
    lambda value: isinstance(value, str) and _COLOR.fullmatch(value) is not None,
)
ICON = ValueKind(
    "the name of an icon, as ROCKET_LAUNCH",
    lambda value: isinstance(value, str) and _ICON.fullmatch(value) is not None,
)
NAME = ValueKind(
    f"a name of letters, digits and _, at most {NAME_LIMIT} characters",
    lambda value: isinstance(value, str) and _NAME.fullmatch(value) is not None,
)
WEB_ADDRESS = ValueKind("an address that begins with http:// or https://", _is_web_address)
FILE_NAME = ValueKind(
    "the name of a file of the message",
    lambda value: (
        isinstance(value, str) and _FILE.fullmatch(value) is not None and ":" not in value
    ),
)
JSON = ValueKind(f"JSON of at most {MAX_DATA_BYTES} bytes", _is_json)
DATE = ValueKind("a day, as 2026-11-30", is_date)
TIME = ValueKind("a time of day, as 09:41", is_time)
