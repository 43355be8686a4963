"""About how high a control of a drawing is, so that a row stays a row."""

import math
from collections.abc import Mapping
from typing import Any, Protocol

# Pixels: of a line of text in the usual size, of the controls that a person uses, and of the rows
# of a table. A line of text has about so many characters.
_LINE, _FIELD, _TABLE_ROW, _CHARACTERS = 1.4, 56, 48, 70
_TEXT_SIZE, _SPACING, _BAR = 14, 10, 16
CHART_HEIGHT, IMAGE_HEIGHT = 220, 300

_CHARTS = {"BarChart", "LineChart", "PieChart", "ScatterChart"}


class SizedNode(Protocol):
    """A control of a drawing."""

    @property
    def type(self) -> str:
        """The name of its type."""

    @property
    def values(self) -> Mapping[str, Any]:
        """Its properties."""

    @property
    def parts(self) -> "Mapping[str, tuple[SizedNode, ...]]":
        """The controls within it."""


def height_of(
    type_: str, values: Mapping[str, Any], parts: "Mapping[str, tuple[SizedNode, ...]]"
) -> float:
    """About the height of a control with these properties, in pixels."""
    if "height" in values:
        return float(values["height"])
    within = [height_of(each.type, each.values, each.parts) for each in _within(parts)]
    if type_ == "Column":
        return float(sum(within) + values.get("spacing", _SPACING) * max(0, len(within) - 1))
    if type_ == "Row":
        # In several lines, on a phone.
        lines = sum(within) / 2 if values.get("wrap") else 0
        return float(max([lines, *within]))
    if type_ in {"Text", "Markdown"}:
        return _text_height(values)
    if type_ == "DataTable":
        return _TABLE_ROW * (1 + len(parts.get("rows", ())))
    if type_ in _CHARTS:
        return CHART_HEIGHT
    if type_ == "Image":
        return IMAGE_HEIGHT
    if type_ in {"Divider", "ProgressBar"}:
        return _BAR
    if type_ == "Icon":
        return float(values.get("size", 24))
    lines = values.get("max_lines", 5) if values.get("multiline") else 1
    return max([_FIELD + 20 * (lines - 1), *within]) + 2 * _padding(values)


def _within(parts: "Mapping[str, tuple[SizedNode, ...]]") -> list["SizedNode"]:
    return [each for name in ("controls", "content") for each in parts.get(name, ())]


def _text_height(values: Mapping[str, Any]) -> float:
    lines = sum(max(1, math.ceil(len(each) / _CHARACTERS)) for each in values["value"].split("\n"))
    size = values.get("size", _TEXT_SIZE)
    return float(min(lines, values.get("max_lines", lines)) * size * _LINE)


def _padding(values: Mapping[str, Any]) -> float:
    padding = values.get("padding", 0)
    return float(max(padding.values(), default=0) if isinstance(padding, dict) else padding)
