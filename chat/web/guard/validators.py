"""What a value that a client sends may look like."""

import math
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], bool]

# A page larger than this, in logical pixels, would be sent history without end.
_LARGEST = 8192

# The longest name of a key has some twenty characters.
_KEY = 40


def switch(value: object) -> bool:
    """On or off."""
    return isinstance(value, bool)


def nothing(value: object) -> bool:
    """No data."""
    return value is None


def number(value: object) -> bool:
    """A finite number."""
    return type(value) in {int, float} and math.isfinite(value) and abs(value) < 1 << 53  # type: ignore[arg-type]


def extent(value: object) -> bool:
    """A width or a height of a screen."""
    return number(value) and 0 <= value <= _LARGEST  # type: ignore[operator]


def text(value: object) -> bool:
    """A text that can be stored and sent on; its length is the domain's to judge."""
    return isinstance(value, str)


def one_of(*values: object) -> Check:
    """Exactly one of these."""
    return lambda value: any(value is each or value == each for each in values)


def record(**fields: Check) -> Check:
    """A dictionary of some of these fields, and no others."""

    def check(value: object) -> bool:
        if not isinstance(value, dict):
            return False
        return all(name in fields and fields[name](inner) for name, inner in value.items())

    return check


def address(value: object) -> bool:
    """A path with its query."""
    return isinstance(value, str) and len(value) <= 2048


def key(value: object) -> bool:
    """The name of a key."""
    return isinstance(value, str) and 0 < len(value) <= _KEY


def harmless(data: object) -> bool:
    """Data that cannot pass for another control's or another event's."""
    mixed_up = isinstance(data, dict) and data.keys() & {"control", "name", "target", "page"}
    return not mixed_up and not names_a_file(data)


def names_a_file(value: object) -> bool:
    """No browser tells where a file lies: a path would be one of the server's own disk."""
    if isinstance(value, list):
        return any(map(names_a_file, value))
    if not isinstance(value, dict):
        return False
    return value.get("path") is not None or any(map(names_a_file, value.values()))
