"""Live controls: Flet controls as the document that the chat stores and draws.

The chat draws the document with its own controls: `docs/live-controls.md` lists what may be in it.
What is in this module works without Flet; who has made the controls has loaded it.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any

Document = dict[str, Any]

# The packages whose classes name the types of controls.
_CONTROL_PACKAGES = ("flet", "flet_charts")

# Other names of what the chat calls so.
_NAMES = {
    ("Slider", "on_change_end"): "on_change",
    ("RangeSlider", "on_change_end"): "on_change",
    ("DatePicker", "help_text"): "label",
    ("TimePicker", "help_text"): "label",
}

# Properties that are set by Flet itself, and say nothing to the chat.
_LEFT_OUT = {"ref", "parent", "current_date"}

# Values that are written although they are what Flet takes without them.
_ALWAYS = {"value", "x", "y", "to_y"}

# Controls whose property is a text, although Flet also takes a control for it.
_LABELLED = {
    *("Button", "FilledButton", "FilledTonalButton", "OutlinedButton", "TextButton", "Chip"),
    *("DataColumn", "Segment", "ChartAxisLabel", "ChartAxis"),
}


@dataclass(frozen=True, slots=True)
class LiveView:
    """Live controls for a message: the function that drew them, its argument, and the document."""

    name: str
    state: Any
    drawing: Document

    def body(self) -> dict[str, Any]:
        """The field of a request."""
        return {"name": self.name, "state": self.state, "drawing": self.drawing}


def document_of(control: object, name_of: Callable[[object], str] | None = None) -> Document:
    """The document of a Flet control and all within it.

    `name_of(function)` is the name of the action that a handler stands for. Raises ValueError for a
    value that no document has.
    """
    type_ = _type_name(control)
    document: Document = {"type": type_}
    for each in dataclasses.fields(control):  # type: ignore[arg-type]
        name = each.name
        if name.startswith("_") or name in _LEFT_OUT:
            continue
        value = getattr(control, name, None)
        if value is None or (name not in _ALWAYS and _is_default(each, value)):
            continue
        written = _NAMES.get((type_, name), name)
        if name.startswith("on_"):
            document[written] = (name_of or _function_name)(value)
        else:
            document[written] = _value(type_, name, value, name_of)
    return document


def _is_default(field: "dataclasses.Field[Any]", value: object) -> bool:
    if field.default is not dataclasses.MISSING:
        return type(value) is type(field.default) and bool(value == field.default)
    if field.default_factory is not dataclasses.MISSING and not _is_control(value):
        return bool(value == field.default_factory())
    return False


def _type_name(control: object) -> str:
    for each in type(control).__mro__:
        package = each.__module__.partition(".")[0]
        if package in _CONTROL_PACKAGES and dataclasses.is_dataclass(each):
            return each.__name__
    raise ValueError(f"{control!r} is no control of Flet. Return one from the view: ft.Column(…).")


def _is_control(value: object) -> bool:
    return hasattr(value, "_c") and hasattr(value, "_i")


def _value(type_: str, name: str, value: Any, name_of: Callable[[object], str] | None) -> Any:
    """A value of a property as JSON."""
    if isinstance(value, list | tuple):
        return [_value(type_, name, each, name_of) for each in value]
    if _is_control(value):
        if type_ in _LABELLED and type(value).__name__ == "Text":
            return value.value
        return document_of(value, name_of)
    if type(value).__name__ == "AutoCompleteSuggestion":
        return {"type": "AutoCompleteSuggestion", "value": value.value}
    if isinstance(value, Enum):
        is_icon = isinstance(value.value, int)
        return value.name if is_icon else value.value
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if type(value).__name__ == "Url":
        return value.url
    if dataclasses.is_dataclass(value):
        return _sides(value)
    return value


def _sides(value: Any) -> Any:
    """The sides of a padding, or the radius of a border, as one number if they are equal."""
    sides = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    sides = {name: each for name, each in sides.items() if isinstance(each, int | float)}
    if not sides:
        raise ValueError(f"{type(value).__name__} cannot be in a view. Use a number.")
    return next(iter(sides.values())) if len(set(sides.values())) == 1 else sides


def _function_name(function: object) -> str:
    name: str = getattr(function, "__name__", "")
    return name
