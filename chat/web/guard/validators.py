"""Validators of the values that a client sends. Each returns whether the value is allowed."""

import math
from collections.abc import Callable
from datetime import datetime, time
from typing import Any

Validator = Callable[[Any], bool]

# Logical pixels. A larger page would request history without end.
_MAX_EXTENT = 8192

# The longest name of a key has about twenty characters.
_MAX_KEY_LENGTH = 40

# The years of a calendar. Near the first and the last year that Python knows, a moment has no day
# in some time zones.
FIRST_YEAR, LAST_YEAR = 1900, 2200


def is_bool(value: object) -> bool:
    """A boolean."""
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
    """A string of any length: the domain has the limits of length."""
    return isinstance(value, str)


def text_up_to(length: int) -> Validator:
    """A string of at most `length` characters."""
    return lambda value: isinstance(value, str) and len(value) <= length


def is_date_time(value: object) -> bool:
    """A moment that is one in every time zone."""
    return isinstance(value, datetime) and FIRST_YEAR <= value.year <= LAST_YEAR


def is_time_of_day(value: object) -> bool:
    """A time of day."""
    return isinstance(value, time)


def is_list_of_texts(value: object) -> bool:
    """A list of strings."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def one_of(*values: object) -> Validator:
    """Exactly one of these values."""
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
    """Data that cannot replace the control or the name of its event, and names no file."""
    is_ambiguous = isinstance(data, dict) and data.keys() & {"control", "name", "target", "page"}
    return not is_ambiguous and not has_file_path(data)


def has_file_path(value: object) -> bool:
    """Whether `value` has a path in it. Browsers send none; it would name a file of the server."""
    if isinstance(value, list):
        return any(map(has_file_path, value))
    if not isinstance(value, dict):
        return False
    return value.get("path") is not None or any(map(has_file_path, value.values()))
