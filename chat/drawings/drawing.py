"""A drawing: a document of controls, checked, as a tree of nodes.

A control is a JSON object: `type` names its type, the rest are its properties. Controls are
numbered from 0 in the order in which the document names them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from chat.drawings.control_types import (
    ANYWHERE,
    COMMON,
    CONTROL_TYPES,
    PART_TYPES,
    ControlType,
    value_properties,
)
from chat.drawings.limits import (
    MAX_CONTROLS,
    MAX_DEPTH,
    MAX_DRAWING_BYTES,
    MAX_HEIGHT,
)
from chat.drawings.sizes import height_of
from chat.drawings.value_kinds import NAME
from chat.errors import BadView

# Drawings that are kept as nodes: those of the rows that are drawn at the moment.
KEPT_DRAWINGS = 64

_NO_NODES: Mapping[str, "tuple[Node, ...]"] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One control of a drawing: its type, its number, its values and the controls within it.

    A property that holds one control has a tuple of one.
    """

    type: str
    number: int
    values: Mapping[str, Any]
    parts: Mapping[str, "tuple[Node, ...]"] = field(default_factory=lambda: _NO_NODES)

    @property
    def kind(self) -> ControlType:
        """What is known of its type."""
        return CONTROL_TYPES[self.type]

    @property
    def field_name(self) -> str | None:
        """The name of its value, if a person edits one that has a name."""
        return self.values.get("key") if self.kind.is_field else None

    @property
    def actions(self) -> dict[str, str]:
        """The names of the program's functions, by the event that calls them: `on_click`."""
        return {name: each for name, each in self.values.items() if name in self.kind.actions}

    def all(self) -> Iterator["Node"]:
        """This control and all within it, in the order of their numbers."""
        yield self
        for nodes in self.parts.values():
            for each in nodes:
                yield from each.all()


class Drawing:
    """The controls of a view."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.nodes = tuple(root.all())
        self.fields = {each.field_name: each for each in self.nodes if each.field_name is not None}

    def node(self, number: int) -> Node | None:
        """The control with this number."""
        return self.nodes[number] if 0 <= number < len(self.nodes) else None

    @property
    def file_names(self) -> frozenset[str]:
        """The files of the message that it draws as pictures."""
        return frozenset(each.values["src"] for each in self.nodes if each.type == "Image")


@lru_cache(KEPT_DRAWINGS)
def parse_drawing(stored: str) -> Drawing:
    """The drawing of a stored document. Raises BadView, as for that of a newer version."""
    return check_drawing(json.loads(stored))


def check_drawing(document: object) -> Drawing:
    """The drawing of a document. Raises BadView for what a row cannot show."""
    root = _Checker().node(document, "a view", "drawing", ANYWHERE)
    if encoded_size(document) > MAX_DRAWING_BYTES:
        raise BadView("The drawing is too large: {limit} KiB fit.", limit=MAX_DRAWING_BYTES // 1024)
    drawing = Drawing(root)
    if (height := height_of(root.type, root.values, root.parts)) > MAX_HEIGHT:
        raise BadView(
            "The drawing is about {height} pixels high; {limit} fit. Post a file for the rest.",
            height=round(height),
            limit=MAX_HEIGHT,
        )
    return drawing


def encoded_size(value: object) -> int:
    """Bytes of a value as JSON. Raises BadView for halves of characters, which have no code."""
    try:
        return len(encoded(value).encode())
    except UnicodeEncodeError:
        raise BadView("There is half of a character in a text. Leave it out.") from None


def encoded(value: object) -> str:
    """A value as JSON, as short as possible."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Checker:
    """Reads one document. Each method raises BadView."""

    def __init__(self) -> None:
        self._count = 0
        self._names = set[str]()
        self._outer: list[str] = []

    def node(self, document: object, parent: str, slot: str, allowed: frozenset[str]) -> Node:
        """The control of a document."""
        if not isinstance(document, dict) or not isinstance(type_ := document.get("type"), str):
            raise BadView(
                "{control}.{property} has to be a control: an object with a type.",
                control=parent,
                property=slot,
            )
        if type_ not in CONTROL_TYPES:
            raise BadView(
                "There is no control {control} in a view. docs/live-controls.md lists those that "
                "there are.",
                control=type_[:50],
            )
        if type_ not in (allowed or ANYWHERE):
            raise BadView(
                "{control} cannot be in {parent}.{property}.",
                control=type_,
                parent=parent,
                property=slot,
            )
        self._count += 1
        if self._count > MAX_CONTROLS:
            raise BadView(
                "There are too many controls: {limit} fit. Show less, or post a file.",
                limit=MAX_CONTROLS,
            )
        if len(self._outer) >= MAX_DEPTH:
            raise BadView(
                "The controls are too deep within each other: {limit} levels fit.", limit=MAX_DEPTH
            )
        if type_ == "Radio" and "RadioGroup" not in self._outer:
            raise BadView("A Radio has to be in a RadioGroup.")
        number = self._count - 1
        values, parts = self._properties(type_, document)
        if (check := _CHECKS.get(type_)) is not None:
            check(type_, values, parts)
        name = values.get("key")
        if name is not None and CONTROL_TYPES[type_].is_field:
            if name in self._names:
                raise BadView("Two fields are called {name}. Give each its own key.", name=name)
            self._names.add(name)
        return Node(type_, number, values, parts)

    def _properties(
        self, type_: str, document: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, tuple[Node, ...]]]:
        kind = CONTROL_TYPES[type_]
        values, parts = dict[str, Any](), dict[str, tuple[Node, ...]]()
        self._outer.append(type_)
        for name, value in document.items():
            if name == "type" or value is None:
                continue
            if name in kind.slots:
                parts[name] = (self.node(value, type_, name, kind.slots[name]),)
            elif name in kind.lists:
                if not isinstance(value, list):
                    raise _wrong(type_, name, "a list of controls")
                parts[name] = tuple(
                    self.node(each, type_, name, kind.lists[name]) for each in value
                )
            else:
                values[name] = _checked(type_, kind, name, value)
        self._outer.pop()
        for name in sorted(kind.required):
            if name not in values and name not in parts:
                raise BadView("{control}.{property} is missing.", control=type_, property=name)
        return values, parts


def _checked(type_: str, kind: ControlType, name: object, value: Any) -> Any:
    if name in kind.actions:
        value_kind = NAME
    elif name in kind.properties:
        value_kind = kind.properties[name]  # type: ignore[index]
    elif name in COMMON and type_ not in PART_TYPES:
        value_kind = COMMON[name]  # type: ignore[index]
    else:
        raise BadView(
            "{control} has no property {property} in a view.",
            control=type_,
            property=str(name)[:50],
        )
    if not value_kind.accepts(value):
        raise _wrong(type_, str(name), value_kind.description)
    return value


def _wrong(control: str, name: str, kind: str) -> BadView:
    return BadView(
        "{control}.{property} has to be {kind}.", control=control, property=name, kind=kind
    )


Values = Mapping[str, Any]
Parts = Mapping[str, tuple[Node, ...]]


def _check_order(type_: str, values: Values, *names: str) -> None:
    """Refuse values that are not in rising order, as far as they are given."""
    found = [name for name in names if values.get(name) is not None]
    for one, other in pairwise(found):
        if values[one] > values[other]:
            raise _wrong(type_, other, f"at least {one}")


def _check_range(type_: str, values: Values, low: str, high: str, *between: str) -> None:
    _check_order(type_, {low: 0, high: 1, **values}, low, *between, high)
    if values.get(low, 0) >= values.get(high, 1):
        raise _wrong(type_, high, f"more than {low}")


def _check_slider(type_: str, values: Values, parts: Parts) -> None:
    _check_range(type_, values, "min", "max", *value_properties(type_))


def _check_text_field(type_: str, values: Values, parts: Parts) -> None:
    _check_order(type_, values, "min_lines", "max_lines")
    limit = values.get("max_length")
    if limit is not None and len(values.get("value", "")) > limit:
        raise _wrong(type_, "value", f"a text of at most {limit} characters")


def _check_date(type_: str, values: Values, parts: Parts) -> None:
    _check_order(type_, values, "first_date", "value", "last_date")


def _check_choices(type_: str, values: Values, parts: Parts) -> None:
    slot, key = ("segments", "value") if type_ == "SegmentedButton" else ("options", "key")
    choices = [each.values[key] for each in parts[slot]]
    if not choices or len(set(choices)) < len(choices):
        raise _wrong(type_, slot, f"a list of choices, each with its own {key}")
    chosen = values.get("selected", [values["value"]] if "value" in values else [])
    (name,) = value_properties(type_)
    if not set(chosen) <= set(choices) or len(set(chosen)) < len(chosen):
        raise _wrong(type_, name, "one of the choices")
    if type_ == "SegmentedButton":
        if len(chosen) > 1 and not values.get("allow_multiple_selection"):
            raise _wrong(type_, name, "one choice without allow_multiple_selection")
        if not chosen and not values.get("allow_empty_selection"):
            raise _wrong(type_, name, "a choice without allow_empty_selection")


def _check_radios(type_: str, values: Values, parts: Parts) -> None:
    radios = [each.values["value"] for each in parts["content"][0].all() if each.type == "Radio"]
    if not radios or len(set(radios)) < len(radios):
        raise _wrong(type_, "content", "Radios, each with its own value")
    if "value" in values and values["value"] not in radios:
        raise _wrong(type_, "value", "that of one of its Radios")


def _check_table(type_: str, values: Values, parts: Parts) -> None:
    columns = len(parts["columns"])
    if not columns:
        raise _wrong(type_, "columns", "at least one column")
    if any(len(row.parts.get("cells", ())) != columns for row in parts.get("rows", ())):
        raise _wrong("DataRow", "cells", f"as many as there are columns: {columns}")
    if values.get("sort_column_index", 0) >= columns:
        raise _wrong(type_, "sort_column_index", "the index of a column")


def _check_chart(type_: str, values: Values, parts: Parts) -> None:
    for low, high in (("min_x", "max_x"), ("min_y", "max_y")):
        if low in values and high in values:
            _check_range(type_, values, low, high)


_CHECKS = {
    "Slider": _check_slider,
    "RangeSlider": _check_slider,
    "TextField": _check_text_field,
    "DatePicker": _check_date,
    "Dropdown": _check_choices,
    "SegmentedButton": _check_choices,
    "RadioGroup": _check_radios,
    "DataTable": _check_table,
    "BarChart": _check_chart,
    "LineChart": _check_chart,
    "ScatterChart": _check_chart,
}
