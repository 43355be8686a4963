"""What a value that a client sends may look like."""

import math
from collections.abc import Callable
from typing import Any

Validator = Callable[[Any], bool]

# A page larger than this, in logical pixels, would be sent history without end.
_MAX_EXTENT = 8192

# The longest name of a key has some twenty characters.
_MAX_KEY_LENGTH = 40


def is_bool(value: object) -> bool:
    """On or off."""
    return isinstance(value, bool)


def is_none(value: object) -> bool:
    """No data."""
    return value is None


def is_number(value: object) -> bool:
    """A finite number."""
    return type(value) in {int, float} and math.isfinite(value) and abs(value) < 1 << 53  # type: ignore[arg-type]


def is_extent(value: object) -> bool:
    """A width or a height of a screen."""
    return is_number(value) and 0 <= value <= _MAX_EXTENT  # type: ignore[operator]


def is_text(value: object) -> bool:
    """A text that can be stored and sent on; its length is the domain's to judge."""
    return isinstance(value, str)


def one_of(*values: object) -> Validator:
    """Exactly one of these."""
    return lambda value: any(value is each or value == each for each in values)


def dict_of(**fields: Validator) -> Validator:
    """A dictionary of some of these fields, and no others."""

    def validate(value: object) -> bool:
        if not isinstance(value, dict):
            return False
        return all(name in fields and fields[name](inner) for name, inner in value.items())

    return validate


def is_route(value: object) -> bool:
    """A path with its query."""
    return isinstance(value, str) and len(value) <= 2048


def is_key_name(value: object) -> bool:
    """The name of a key."""
    return isinstance(value, str) and 0 < len(value) <= _MAX_KEY_LENGTH


def is_safe_data(data: object) -> bool:
    """Data that cannot pass for another control's or another event's."""
    is_ambiguous = isinstance(data, dict) and data.keys() & {"control", "name", "target", "page"}
    return not is_ambiguous and not has_file_path(data)


def has_file_path(value: object) -> bool:
    """No browser tells where a file lies: a path would be one of the server's own disk."""
    if isinstance(value, list):
        return any(map(has_file_path, value))
    if not isinstance(value, dict):
        return False
    return value.get("path") is not None or any(map(has_file_path, value.values()))
