"""Lets Flet's comparison visit only the properties that a control has set.

For each added control, Flet walks through all of its properties, some sixty, to find the controls
in them. Nearly all have their default value, which is no control: the walk took more than half of
the time in which a dialog was drawn. Flet itself keeps the names of those that are set.
"""

import dataclasses
import weakref
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from flet.controls import object_patch
from flet.controls.base_control import BaseControl
from flet.controls.object_patch import DiffBuilder

from chat.ui.flet.value_kinds import ValueKind, kind_of_type

_Field = dataclasses.Field[Any]

_flet_configure = DiffBuilder._configure_dataclass

# The attribute of a control that was prepared before it is added: it and the controls in it.
_EARLY_CONTROLS = "_early_controls"

_NOT_DATACLASSES = (ValueKind.LEAF, ValueKind.LIST, ValueKind.DICT)


class SparseDataclasses:
    """Stands in for the module `dataclasses` in Flet's comparison: the two functions it uses."""

    @staticmethod
    def is_dataclass(value: object) -> bool:
        """As `dataclasses.is_dataclass`."""
        value_type: type = value if isinstance(value, type) else type(value)
        return kind_of_type[value_type] not in _NOT_DATACLASSES

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
def _fields_of(value_type: Any) -> tuple[dict[str, _Field], tuple[_Field, ...]]:
    """The fields of a control type by their names, and those that Flet does not keep sparsely."""
    by_name = {each.name: each for each in dataclasses.fields(value_type)}
    return by_name, tuple(by_name[name] for name in sorted(value_type._structural_fields))


@cache
def _structural_names(value_type: Any) -> tuple[str, ...]:
    """The names of the fields that Flet does not keep sparsely, sorted."""
    # Flet looks up the type of controls with this name, wherever a value is changed later.
    if getattr(value_type, "__flet_control_cls__", None) is None:
        value_type.__flet_control_cls__ = BaseControl
    return tuple(sorted(value_type._structural_fields - {"_i", "_c"}))


def configure_dataclass(
    builder: DiffBuilder,
    item: Any,
    parent: Any,
    frozen: bool,
    configure_setattr_only: bool = False,
) -> Iterable[BaseControl]:
    """As `DiffBuilder._configure_dataclass`: prepare an added value, and return its controls.

    Flet's own is a generator for each property of each control.
    """
    if frozen or configure_setattr_only:
        return _flet_configure(builder, item, parent, frozen, configure_setattr_only)
    added: list[BaseControl] = []
    _configure(builder, item, parent, added)
    return added


def _configure(builder: DiffBuilder, item: Any, parent: Any, added: list[BaseControl]) -> None:
    kind = kind_of_type[type(item)]
    if kind is ValueKind.LIST or kind is ValueKind.DICT:
        for each in item if kind is ValueKind.LIST else item.values():
            if kind_of_type[type(each)]:
                _configure(builder, each, parent, added)
        return
    if not kind:
        return
    if kind is ValueKind.PLAIN or parent is item or hasattr(item, "_frozen"):
        added.extend(_flet_configure(builder, item, parent, False))
        return
    if parent is None:
        reference = getattr(item, "_parent", None)
        parent = reference() if reference is not None else None
    if parent is not None:
        item._parent = weakref.ref(parent)
    if (early := vars(item).pop(_EARLY_CONTROLS, None)) is not None:
        added.extend(early)
        return
    names = _structural_names(type(item))  # type: ignore[arg-type]
    if kind is ValueKind.CONTROL:
        item.build()
        item._before_update_safe()
        item._initialized = True
        added.append(item)
        parent = item
    for name in names:
        value = getattr(item, name)
        if kind_of_type[type(value)]:
            _configure(builder, value, parent, added)
    for value in list(item._values.values()):
        if kind_of_type[type(value)]:
            _configure(builder, value, parent, added)
    item._dirty.clear()


def configure_early(control: BaseControl) -> None:
    """Prepare a control that is added later: it is not visited then."""
    added: list[BaseControl] = []
    _configure(DiffBuilder(None, None, control_cls=BaseControl), control, None, added)
    setattr(control, _EARLY_CONTROLS, added)


def child_controls(control: BaseControl) -> list[BaseControl]:
    """The controls in a control, in its lists and dictionaries, but not those in these."""
    children: list[BaseControl] = []
    for name in _structural_names(type(control)):  # type: ignore[arg-type]
        _find_controls(getattr(control, name), children)
    for value in control._values.values():
        _find_controls(value, children)
    return children


def _find_controls(value: Any, found: list[BaseControl]) -> None:
    kind = kind_of_type[type(value)]
    if kind is ValueKind.CONTROL:
        found.append(value)
    elif kind is ValueKind.LIST or kind is ValueKind.DICT:
        for each in value if kind is ValueKind.LIST else value.values():
            _find_controls(each, found)


def install() -> None:
    """Use it from now on, in all of the process."""
    vars(object_patch)["dataclasses"] = SparseDataclasses
    DiffBuilder._configure_dataclass = configure_dataclass  # type: ignore[method-assign, assignment]
