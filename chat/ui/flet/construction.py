"""Creates controls without assigning the properties that keep their defaults.

A control has some sixty properties. The `__init__` that `dataclasses` generates assigns all of
them, and Flet drops each value that is the default again: this took most of the time in which a
control was created. Here only the given ones are assigned.
"""

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from flet.controls import base_control
from flet.controls.base_control import BaseControl

_flet_install_props = vars(base_control)["_install_props"]

# The file name of functions that `dataclasses` generates.
_GENERATED = "<string>"


def _sparse_init(control_type: Any, flet_init: Callable[..., None]) -> Callable[..., None]:
    """An `__init__` with the effect of `flet_init`, which `dataclasses` has generated."""
    parameters = list(inspect.signature(flet_init).parameters.values())[1:]
    names = frozenset(each.name for each in parameters)
    positional = tuple(
        each.name for each in parameters if each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    )
    required = frozenset(
        each.name for each in parameters if each.default is inspect.Parameter.empty
    )
    fields = dataclasses.fields(control_type)
    # Flet keeps nothing for the default of a property. Other fields have a value in each control.
    factories = tuple(
        (each.name, each.default_factory)
        for each in fields
        if each.default_factory is not dataclasses.MISSING
    )
    plain_defaults = tuple(
        (each.name, each.default)
        for each in fields
        if each.default is not dataclasses.MISSING and each.name not in control_type._prop_defaults
    )
    # Arguments that are no fields go to `__post_init__`, in the order in which they are declared.
    field_names, order = {each.name for each in fields}, list(control_type.__dataclass_fields__)
    init_only = tuple(
        (each.name, each.default)
        for each in sorted(parameters, key=lambda each: order.index(each.name))
        if each.name not in field_names
    )

    def init(self: Any, *args: Any, **named: Any) -> None:
        given = dict(zip(positional, args, strict=False)) | named if args else named
        if len(given) != len(args) + len(named) or not required <= given.keys() <= names:
            # A mistake: it is refused as before.
            flet_init(self, *args, **named)
            return
        for name, factory in factories:
            if name not in given:
                setattr(self, name, factory())
        for name, default in plain_defaults:
            if name not in given:
                setattr(self, name, default)
        rest = [given.pop(name, default) for name, default in init_only]
        for name, value in given.items():
            setattr(self, name, value)
        self.__post_init__(*rest)

    init.__wrapped__ = flet_init  # type: ignore[attr-defined]
    return init


def _make_sparse(control_type: Any) -> None:
    flet_init = vars(control_type).get("__init__")
    if getattr(getattr(flet_init, "__code__", None), "co_filename", "") == _GENERATED:
        control_type.__init__ = _sparse_init(control_type, flet_init)


def _install_props(control_type: type) -> None:
    """In place of Flet's, which is the last step in which a class of controls is made."""
    _flet_install_props(control_type)
    _make_sparse(control_type)


def _control_types(control_type: Any) -> Iterator[Any]:
    for each in control_type.__subclasses__():
        yield each
        yield from _control_types(each)


def install() -> None:
    """Use it from now on, in all of the process, also for classes that are made later."""
    vars(base_control)["_install_props"] = _install_props
    for each in set(_control_types(BaseControl)):
        if "_prop_defaults" in vars(each):
            _make_sparse(each)
