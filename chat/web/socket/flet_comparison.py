"""Lets Flet's comparison visit only the properties that a control has set.

For each added control, Flet walks through all of its properties, some sixty, to find the controls
in them. Nearly all have their default value, which is no control: the walk took more than half of
the time in which a dialog was drawn. Flet itself keeps the names of those that are set.
"""

import dataclasses
from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any

from flet.controls import object_patch

_Field = dataclasses.Field[Any]


class SparseDataclasses:
    """Stands in for the module `dataclasses` in Flet's comparison: the two functions it uses."""

    @staticmethod
    def is_dataclass(value: object) -> bool:
        """As `dataclasses.is_dataclass`."""
        value_type: Hashable = value if isinstance(value, type) else type(value)
        return _is_dataclass(value_type)

    @staticmethod
    def fields(value: Any) -> Sequence[_Field]:
        """The fields that may hold a control, or have changed since the last comparison."""
        set_values = getattr(value, "_values", None)
        if set_values is None:
            return dataclasses.fields(value)
        by_name, always = _fields_of(type(value))  # type: ignore[arg-type]
        changed = (name for name in value._dirty if name not in set_values)
        return [*always, *map(by_name.__getitem__, set_values), *map(by_name.__getitem__, changed)]


@cache
def _is_dataclass(value_type: Hashable) -> bool:
    return dataclasses.is_dataclass(value_type)


@cache
def _fields_of(value_type: Any) -> tuple[dict[str, _Field], tuple[_Field, ...]]:
    """The fields of a control type by their names, and those that Flet does not keep sparsely."""
    by_name = {each.name: each for each in dataclasses.fields(value_type)}
    return by_name, tuple(by_name[name] for name in sorted(value_type._structural_fields))


def install() -> None:
    """Use it from now on, in all of the process."""
    vars(object_patch)["dataclasses"] = SparseDataclasses
