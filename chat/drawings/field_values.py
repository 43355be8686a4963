"""The values of fields: what a drawing says, and what a person chose."""

from collections.abc import Mapping
from typing import Any

from chat.drawings.drawing import Drawing, Node, encoded_size
from chat.drawings.limits import FIELD_TEXT_LIMIT, LABEL_LIMIT, MAX_VALUES_BYTES
from chat.drawings.value_kinds import is_date, is_number, is_time
from chat.errors import BadFieldValue, ValuesTooLarge

# The value of a field: a text, a choice or a list of them, a number or two of a range, or whether
# it is on; a day as 2026-11-30, a time as 09:41. None is no choice.
FieldValue = Any


def default_value(node: Node) -> FieldValue:
    """The value of a field as its drawing has it."""
    values = node.values
    match node.type:
        case "Checkbox" | "Switch":
            return values.get("value", False)
        case "Chip":
            return values.get("selected", False)
        case "TextField" | "AutoComplete":
            return values.get("value", "")
        case "Slider":
            return values.get("value", values.get("min", 0))
        case "RangeSlider":
            return [values["start_value"], values["end_value"]]
        case "SegmentedButton":
            return list(values["selected"])
    return values.get("value")


def is_valid(node: Node, value: object) -> bool:
    """Whether a person can have chosen this value in a field."""
    values = node.values
    match node.type:
        case "Checkbox" | "Switch" | "Chip":
            return isinstance(value, bool)
        case "TextField":
            limit = values.get("max_length", FIELD_TEXT_LIMIT)
            return isinstance(value, str) and len(value) <= limit and not values.get("read_only")
        case "AutoComplete":
            return isinstance(value, str) and len(value) <= LABEL_LIMIT
        case "Slider":
            return _is_between(values, value)
        case "RangeSlider":
            return (
                isinstance(value, list)
                and len(value) == 2
                and all(_is_between(values, each) for each in value)
                and value[0] <= value[1]
            )
        case "DatePicker":
            first, last = values.get("first_date", ""), values.get("last_date", "9999-12-31")
            return is_date(value) and first <= value <= last
        case "TimePicker":
            return is_time(value)
        case "Dropdown":
            return value in [each.values["key"] for each in node.parts["options"]]
        case "RadioGroup":
            return value in [each.values["value"] for each in node.all() if each.type == "Radio"]
        case "SegmentedButton":
            return _is_choice(node, value)
    return False


def _is_between(values: Mapping[str, Any], value: object) -> bool:
    # A client computes with 32 bits.
    low, high = values.get("min", 0), values.get("max", 1)
    slack = (high - low) * 1e-6
    return is_number(value) and low - slack <= value <= high + slack


def _is_choice(node: Node, value: object) -> bool:
    choices = [each.values["value"] for each in node.parts["segments"]]
    if not isinstance(value, list) or any(each not in choices for each in value):
        return False
    if len(set(value)) < len(value):
        return False
    if not value:
        return bool(node.values.get("allow_empty_selection"))
    return len(value) == 1 or bool(node.values.get("allow_multiple_selection"))


def submitted_values(drawing: Drawing, edited: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """The values of all fields that have a name: those that a person edited, else the drawing's.

    A value of a field that is not there any more is left out. Raises BadFieldValue and
    ValuesTooLarge.
    """
    values = dict[str, FieldValue]()
    for name, node in drawing.fields.items():
        values[name] = default_value(node)
        if name in edited and edited[name] != values[name]:
            if not is_valid(node, edited[name]):
                raise BadFieldValue(node.values.get("label") or name)
            values[name] = edited[name]
    if encoded_size(values) > MAX_VALUES_BYTES:
        raise ValuesTooLarge(MAX_VALUES_BYTES // 1024)
    return values
