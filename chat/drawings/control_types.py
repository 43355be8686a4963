"""The types of controls that may be in a drawing, and their properties. Everything else is refused.

The names are those of Flet. A property that names a function of the program begins with `on_`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from chat.drawings.limits import FIELD_TEXT_LIMIT
from chat.drawings.value_kinds import (
    BOOL,
    COLOR,
    DATE,
    FILE_NAME,
    ICON,
    JSON,
    LABEL,
    NAME,
    PADDING,
    PIXELS,
    SOME_LABEL,
    TEXT,
    TIME,
    VALUE,
    WEB_ADDRESS,
    ValueKind,
    integer,
    list_of,
    number,
    one_of,
    text,
)


@dataclass(frozen=True, slots=True)
class ControlType:
    """A type of controls.

    `properties` are its values, `slots` the names of properties that hold one control or a list of
    controls, with their types; without types, any control of the chat (`ANYWHERE`). `required` are
    properties and slots that it cannot do without. A `field` has a value that a person edits.
    """

    properties: Mapping[str, ValueKind] = field(default_factory=dict)
    slots: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)
    actions: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    is_field: bool = False


_ALIGNMENT = one_of("start", "end", "center", "spaceBetween", "spaceAround", "spaceEvenly")
_CROSS_ALIGNMENT = one_of("start", "end", "center", "stretch")
_ROW_CROSS_ALIGNMENT = one_of("start", "end", "center")
_WEIGHT = one_of("normal", "bold", *(f"w{n}00" for n in range(1, 10)))
_WIDTH, _HEIGHT = number(8, 720), number(8, 600)
_CHART_HEIGHT = number(60, 600)

# What every control may have.
COMMON: Mapping[str, ValueKind] = {
    "tooltip": LABEL,
    "disabled": BOOL,
    "visible": BOOL,
    "expand": ValueKind(
        "true, false, or a whole number from 1 to 20",
        lambda value: isinstance(value, bool) or (type(value) is int and 1 <= value <= 20),
    ),
    "width": _WIDTH,
    "height": _HEIGHT,
    "data": JSON,
}

_FLAT_BUTTON = ControlType(
    {"content": SOME_LABEL, "icon": ICON, "icon_color": COLOR, "url": WEB_ADDRESS},
    actions=frozenset({"on_click"}),
    required=frozenset({"content"}),
)
_BUTTON = replace(
    _FLAT_BUTTON, properties={**_FLAT_BUTTON.properties, "color": COLOR, "bgcolor": COLOR}
)
_SWITCH = ControlType(
    {"key": NAME, "label": LABEL, "value": BOOL}, actions=frozenset({"on_change"}), is_field=True
)
_AXES = {
    each: frozenset({"ChartAxis"})
    for each in ("left_axis", "top_axis", "right_axis", "bottom_axis")
}
_Y_RANGE = {"min_y": VALUE, "max_y": VALUE}
_X_RANGE = {"min_x": VALUE, "max_x": VALUE}
_CHART = {"height": _CHART_HEIGHT, "semantics_label": LABEL}

_ANYWHERE: dict[str, ControlType] = {
    "Text": ControlType(
        {
            "value": TEXT,
            "size": number(8, 48),
            "weight": _WEIGHT,
            "italic": BOOL,
            "color": COLOR,
            "text_align": one_of("left", "right", "center", "justify", "start", "end"),
            "max_lines": integer(1, 50),
        },
        required=frozenset({"value"}),
    ),
    "Markdown": ControlType({"value": TEXT}, required=frozenset({"value"})),
    "Icon": ControlType(
        {"icon": ICON, "color": COLOR, "size": number(8, 96), "semantics_label": LABEL},
        required=frozenset({"icon"}),
    ),
    "Image": ControlType(
        {"src": FILE_NAME, "semantics_label": LABEL, "border_radius": PIXELS},
        required=frozenset({"src"}),
    ),
    "Row": ControlType(
        {
            "spacing": PIXELS,
            "run_spacing": PIXELS,
            "wrap": BOOL,
            "alignment": _ALIGNMENT,
            "vertical_alignment": _ROW_CROSS_ALIGNMENT,
        },
        lists={"controls": frozenset()},
    ),
    "Column": ControlType(
        {"spacing": PIXELS, "horizontal_alignment": _CROSS_ALIGNMENT},
        lists={"controls": frozenset()},
    ),
    "Container": ControlType(
        {"padding": PADDING, "bgcolor": COLOR, "border_radius": PIXELS},
        slots={"content": frozenset()},
    ),
    "Card": ControlType({"bgcolor": COLOR}, slots={"content": frozenset()}),
    "Divider": ControlType({"color": COLOR}),
    "Button": _BUTTON,
    "FilledButton": _BUTTON,
    "FilledTonalButton": _BUTTON,
    "OutlinedButton": _FLAT_BUTTON,
    "TextButton": _FLAT_BUTTON,
    "IconButton": ControlType(
        {
            "icon": ICON,
            "icon_color": COLOR,
            "bgcolor": COLOR,
            "icon_size": number(12, 48),
            "tooltip": SOME_LABEL,
            "url": WEB_ADDRESS,
        },
        actions=frozenset({"on_click"}),
        # A screen reader reads the tooltip.
        required=frozenset({"icon", "tooltip"}),
    ),
    "Chip": ControlType(
        {"key": NAME, "label": SOME_LABEL, "selected": BOOL, "bgcolor": COLOR},
        actions=frozenset({"on_click", "on_select"}),
        required=frozenset({"label"}),
        is_field=True,
    ),
    "TextField": ControlType(
        {
            "key": NAME,
            "label": LABEL,
            "value": text(FIELD_TEXT_LIMIT),
            "hint_text": LABEL,
            "helper": LABEL,
            "error": LABEL,
            "multiline": BOOL,
            "min_lines": integer(1, 10),
            "max_lines": integer(1, 10),
            "max_length": integer(1, FIELD_TEXT_LIMIT),
            "keyboard_type": one_of("text", "multiline", "number", "phone", "email", "url"),
            "read_only": BOOL,
        },
        actions=frozenset({"on_submit"}),
        is_field=True,
    ),
    "Checkbox": _SWITCH,
    "Switch": _SWITCH,
    "RadioGroup": ControlType(
        {"key": NAME, "value": LABEL},
        slots={"content": frozenset()},
        actions=frozenset({"on_change"}),
        required=frozenset({"content"}),
        is_field=True,
    ),
    "Radio": ControlType(
        {"label": LABEL, "value": SOME_LABEL}, required=frozenset({"value", "label"})
    ),
    "Dropdown": ControlType(
        {
            "key": NAME,
            "label": LABEL,
            "value": LABEL,
            "hint_text": LABEL,
            "helper_text": LABEL,
            "error_text": LABEL,
        },
        lists={"options": frozenset({"DropdownOption"})},
        actions=frozenset({"on_select"}),
        required=frozenset({"options"}),
        is_field=True,
    ),
    "SegmentedButton": ControlType(
        {
            "key": NAME,
            "selected": list_of(SOME_LABEL, 20),
            "allow_multiple_selection": BOOL,
            "allow_empty_selection": BOOL,
        },
        lists={"segments": frozenset({"Segment"})},
        actions=frozenset({"on_change"}),
        required=frozenset({"segments", "selected"}),
        is_field=True,
    ),
    "Slider": ControlType(
        {
            "key": NAME,
            "value": VALUE,
            "min": VALUE,
            "max": VALUE,
            "divisions": integer(1, 1000),
            "round": integer(0, 6),
            "label": LABEL,
        },
        actions=frozenset({"on_change"}),
        is_field=True,
    ),
    "RangeSlider": ControlType(
        {
            "key": NAME,
            "start_value": VALUE,
            "end_value": VALUE,
            "min": VALUE,
            "max": VALUE,
            "divisions": integer(1, 1000),
            "round": integer(0, 6),
            "label": LABEL,
        },
        actions=frozenset({"on_change"}),
        required=frozenset({"start_value", "end_value"}),
        is_field=True,
    ),
    "DatePicker": ControlType(
        {
            "key": NAME,
            "label": LABEL,
            "value": DATE,
            "first_date": DATE,
            "last_date": DATE,
            "error": LABEL,
        },
        actions=frozenset({"on_change"}),
        is_field=True,
    ),
    "TimePicker": ControlType(
        {"key": NAME, "label": LABEL, "value": TIME, "error": LABEL},
        actions=frozenset({"on_change"}),
        is_field=True,
    ),
    "AutoComplete": ControlType(
        {"key": NAME, "value": LABEL},
        lists={"suggestions": frozenset({"AutoCompleteSuggestion"})},
        actions=frozenset({"on_select"}),
        required=frozenset({"suggestions"}),
        is_field=True,
    ),
    "ProgressBar": ControlType(
        {"value": number(0, 1), "color": COLOR, "bgcolor": COLOR, "semantics_label": LABEL}
    ),
    "ProgressRing": ControlType(
        {
            "value": number(0, 1),
            "color": COLOR,
            "bgcolor": COLOR,
            "stroke_width": number(1, 16),
            "semantics_label": LABEL,
        }
    ),
    "DataTable": ControlType(
        {"sort_column_index": integer(0, 50), "sort_ascending": BOOL},
        lists={"columns": frozenset({"DataColumn"}), "rows": frozenset({"DataRow"})},
        required=frozenset({"columns"}),
    ),
    "BarChart": ControlType(
        {**_CHART, **_Y_RANGE},
        slots=_AXES,
        lists={"groups": frozenset({"BarChartGroup"})},
        required=frozenset({"groups"}),
    ),
    "LineChart": ControlType(
        {**_CHART, **_X_RANGE, **_Y_RANGE},
        slots=_AXES,
        lists={"data_series": frozenset({"LineChartData"})},
        required=frozenset({"data_series"}),
    ),
    "PieChart": ControlType(
        {**_CHART, "center_space_radius": number(0, 200), "sections_space": PIXELS},
        lists={"sections": frozenset({"PieChartSection"})},
        required=frozenset({"sections"}),
    ),
    "ScatterChart": ControlType(
        {**_CHART, **_X_RANGE, **_Y_RANGE},
        slots=_AXES,
        lists={"spots": frozenset({"ScatterChartSpot"})},
        required=frozenset({"spots"}),
    ),
}

# The controls that may be wherever a control may be.
ANYWHERE = frozenset(_ANYWHERE)

_PARTS: dict[str, ControlType] = {
    "DropdownOption": ControlType(
        {"key": SOME_LABEL, "text": SOME_LABEL}, required=frozenset({"key"})
    ),
    "Segment": ControlType(
        {"value": SOME_LABEL, "label": SOME_LABEL, "icon": ICON},
        required=frozenset({"value", "label"}),
    ),
    "AutoCompleteSuggestion": ControlType({"value": SOME_LABEL}, required=frozenset({"value"})),
    "DataColumn": ControlType(
        {"label": LABEL, "numeric": BOOL},
        actions=frozenset({"on_sort"}),
        required=frozenset({"label"}),
    ),
    "DataRow": ControlType(lists={"cells": frozenset({"DataCell"})}),
    "DataCell": ControlType(slots={"content": frozenset()}, required=frozenset({"content"})),
    "ChartAxis": ControlType(
        {"label_size": number(8, 120), "show_labels": BOOL, "title": LABEL},
        lists={"labels": frozenset({"ChartAxisLabel"})},
    ),
    "ChartAxisLabel": ControlType(
        {"value": VALUE, "label": LABEL}, required=frozenset({"value", "label"})
    ),
    "BarChartGroup": ControlType(
        {"x": integer(-1_000_000, 1_000_000)},
        lists={"rods": frozenset({"BarChartRod"})},
        required=frozenset({"x", "rods"}),
    ),
    "BarChartRod": ControlType(
        {
            "from_y": VALUE,
            "to_y": VALUE,
            "color": COLOR,
            "width": number(1, 80),
            "border_radius": PIXELS,
        },
        required=frozenset({"to_y"}),
    ),
    "LineChartData": ControlType(
        {
            "color": COLOR,
            "curved": BOOL,
            "stroke_width": number(1, 16),
            "below_line_bgcolor": COLOR,
        },
        lists={"points": frozenset({"LineChartDataPoint"})},
        required=frozenset({"points"}),
    ),
    "LineChartDataPoint": ControlType({"x": VALUE, "y": VALUE}, required=frozenset({"x", "y"})),
    "PieChartSection": ControlType(
        {"value": number(0, 1e12), "title": LABEL, "color": COLOR, "radius": number(1, 200)},
        required=frozenset({"value"}),
    ),
    "ScatterChartSpot": ControlType(
        {"x": VALUE, "y": VALUE, "radius": number(1, 40), "color": COLOR},
        required=frozenset({"x", "y"}),
    ),
}

CONTROL_TYPES: Mapping[str, ControlType] = MappingProxyType({**_ANYWHERE, **_PARTS})

# The types whose own properties say all about them.
PART_TYPES = frozenset(_PARTS)

# The properties of a control that hold the value which a person edits; the first one is that of its
# action, too.
VALUE_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "SegmentedButton": ("selected",),
    "Chip": ("selected",),
    "RangeSlider": ("start_value", "end_value"),
}


def value_properties(type_name: str) -> tuple[str, ...]:
    """The properties that hold the value of a field of this type."""
    return VALUE_PROPERTIES.get(type_name, ("value",))
