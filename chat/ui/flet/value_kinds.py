"""Which values can hold controls, by their type."""

import dataclasses
from enum import IntEnum

from flet.controls.base_control import BaseControl


class ValueKind(IntEnum):
    """What a value is for Flet's comparison. (A LEAF is false.)

    A SPARSE value is a value object, such as a text style, that keeps only what was set. PLAIN is
    any other dataclass.
    """

    LEAF = 0
    CONTROL = 1
    SPARSE = 2
    PLAIN = 3
    LIST = 4
    DICT = 5


class ValueKinds(dict[type, ValueKind]):
    """The kind of each type, found once. (Reading a dictionary is faster than calling a cache.)"""

    def __missing__(self, value_type: type) -> ValueKind:
        kind = self[value_type] = _find_kind(value_type)
        return kind


def _find_kind(value_type: type) -> ValueKind:
    if dataclasses.is_dataclass(value_type):
        if issubclass(value_type, BaseControl):
            return ValueKind.CONTROL
        is_sparse = getattr(value_type, "_is_flet_value", False)
        return ValueKind.SPARSE if is_sparse else ValueKind.PLAIN
    if issubclass(value_type, list):
        return ValueKind.LIST
    return ValueKind.DICT if issubclass(value_type, dict) else ValueKind.LEAF


kind_of_type = ValueKinds()
